"""How words are set on a reader's page."""

from __future__ import annotations

from django import template
from django.template.defaultfilters import stringfilter

from blog.text import phrases

register = template.Library()

register.filter("phrased", stringfilter(phrases.phrased))
