"""Template filters for typography: line breaks of Japanese headlines, dates."""

from __future__ import annotations

from datetime import datetime, time

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.dateformat import format as date_format
from django.utils.timezone import localtime

from blog.text import phrases

register = template.Library()

register.filter("phrased", stringfilter(phrases.phrased))


@register.filter
def to_the_second(at: datetime) -> str:
    """Format a datetime for `<time datetime>`, which allows three decimals: https://html.spec.whatwg.org/#times."""
    return localtime(at).isoformat(timespec="seconds")


@register.filter
def day_and_time(at: datetime) -> str:
    """Format a datetime for readers; midnight as the day alone, since files that name only a day have no other time."""
    local = localtime(at)
    return date_format(local, "Y年n月j日" if local.time() == time.min else "Y年n月j日 H:i")
