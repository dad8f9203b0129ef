"""AI crawlers in robots.txt: which are allowed, by two groups and by exceptions for single names.

The names are the product tokens that their makers publish for robots.txt (RFC 9309, 2.2.1), as of November 2026:
platform.openai.com/docs/bots, support.anthropic.com (ClaudeBot), docs.perplexity.ai/guides/bots,
developers.google.com/search/docs/crawling-indexing/google-common-crawlers, support.apple.com/119829.
"""

from __future__ import annotations

import re
from contextlib import suppress

from blog.models import SiteSettings

SEARCH = (
    "ChatGPT-User",
    "Claude-SearchBot",
    "Claude-User",
    "DuckAssistBot",
    "Meta-ExternalFetcher",
    "MistralAI-User",
    "OAI-SearchBot",
    "Perplexity-User",
    "PerplexityBot",
)
"""Crawlers of AI search: they answer a question and name the page as their source."""
TRAINING = (
    "AI2Bot",
    "Amazonbot",
    "Applebot-Extended",
    "Bytespider",
    "CCBot",
    "ClaudeBot",
    "Diffbot",
    "GPTBot",
    "Google-Extended",
    "Meta-ExternalAgent",
    "Timpibot",
    "cohere-training-data-crawler",
)
"""Crawlers that collect training data for models."""

ALLOW, REFUSE = "許可", "拒否"
_LINE = re.compile(rf"([A-Za-z][A-Za-z0-9_-]*)\s*[|｜]\s*({ALLOW}|{REFUSE})")


def exceptions(text: str) -> dict[str, bool]:
    """Parse exceptions by name, lines of 「GPTBot | 許可」, to name → allowed. Raises ValueError with a sentence on a bad
    line."""
    found = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise ValueError(
                f"{number}行目「{line.strip()}」が読めません。「GPTBot | {ALLOW}」か「Bytespider | {REFUSE}」のように書いてください。"
            )
        found[match[1]] = match[2] == ALLOW
    return found


def disallowed(site: SiteSettings) -> list[str]:
    """Crawlers that robots.txt disallows, sorted."""
    groups = ((SEARCH, site.allow_ai_search), (TRAINING, site.allow_ai_training))
    verdicts = {name: allowed for names, allowed in groups for name in names}
    known = {name.casefold(): name for name in verdicts}
    for line in site.crawlers.splitlines():
        with suppress(ValueError):  # the form rejects a bad line; robots.txt must not fail because of one
            for name, allowed in exceptions(line).items():
                verdicts[known.get(name.casefold(), name)] = allowed
    return sorted((name for name, allowed in verdicts.items() if not allowed), key=str.casefold)


def all_known() -> list[str]:
    return sorted((*SEARCH, *TRAINING), key=str.casefold)
