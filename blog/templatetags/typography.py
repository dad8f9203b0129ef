"""Template filters for typography: line breaks of Japanese headlines, dates."""

from __future__ import annotations

from datetime import datetime, time

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.safestring import SafeString
from django.utils.timezone import get_default_timezone

from blog.text import phrases

register = template.Library()

register.filter("phrased", stringfilter(phrases.phrased))


@register.filter
def day(at: datetime, kind: str = "") -> SafeString:
    """Render the day as `<time>`, with its class in microformats."""
    local = at.astimezone(get_default_timezone())
    return _time(local, kind, f"{local.year}年{local.month}月{local.day}日")


@register.filter
def moment(at: datetime, kind: str = "") -> SafeString:
    """Render the day and time as `<time>`; midnight as the day alone, since files that name only a day have no other
    time."""
    local = at.astimezone(get_default_timezone())
    clock = "" if local.time() == time.min else f" {local:%H:%M}"
    return _time(local, kind, f"{local.year}年{local.month}月{local.day}日{clock}")


def _time(local: datetime, kind: str, text: str) -> SafeString:
    """`<time>` to the second: it allows three decimals (https://html.spec.whatwg.org/#times)."""
    named = f' class="{kind}"' if kind else ""
    return SafeString(f'<time{named} datetime="{local.isoformat(timespec="seconds")}">{text}</time>')
