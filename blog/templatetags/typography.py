"""Template filters for typography: line breaks of Japanese headlines."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.timezone import localtime

from blog.text import phrases

register = template.Library()

register.filter("phrased", stringfilter(phrases.phrased))


@register.filter
def to_the_second(at: datetime) -> str:
    """Format a datetime for `<time datetime>`, which allows three decimals: https://html.spec.whatwg.org/#times."""
    return localtime(at).isoformat(timespec="seconds")
