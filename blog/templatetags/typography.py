"""Template filters for typography: line breaks of Japanese headlines, dates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from functools import lru_cache

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import get_default_timezone

from blog.models import Byline
from blog.text import phrases

register = template.Library()

register.filter("phrased", stringfilter(phrases.phrased))


@register.filter
def names(credits: Iterable[Byline]) -> SafeString:
    """Render the names of by-lines for a card: a filter, since a loop of the template is four times as many calls."""
    authors = ((credit.author.name,) for credit in credits)
    return format_html_join("、", '<span class="p-author h-card">{}</span>', authors)


@register.filter
@lru_cache(maxsize=5_000)  # the same posts are in list after list
def day(at: datetime, kind: str = "") -> SafeString:
    """Render the day as `<time>`, with its class in microformats."""
    local = at.astimezone(get_default_timezone())
    return _time(local, kind, f"{local.year}年{local.month}月{local.day}日")


@register.filter
@lru_cache(maxsize=5_000)
def day_and_time(at: datetime, kind: str = "") -> SafeString:
    """Render the day and time as `<time>`; midnight as the day alone, since files that name only a day have no other
    time."""
    local = at.astimezone(get_default_timezone())
    clock = "" if local.time() == time.min else f" {local:%H:%M}"
    return _time(local, kind, f"{local.year}年{local.month}月{local.day}日{clock}")


def _time(local: datetime, kind: str, text: str) -> SafeString:
    """`<time>` to the second: it allows three decimals (https://html.spec.whatwg.org/#times)."""
    exact = local.isoformat(timespec="seconds")
    if kind:
        return format_html('<time class="{}" datetime="{}">{}</time>', kind, exact, text)
    return format_html('<time datetime="{}">{}</time>', exact, text)
