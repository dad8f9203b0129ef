"""Syntax highlighting of code with Pygments' CSS classes (no inline style: the CSP forbids it)."""

from functools import cache

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name

# Highlighting costs about 2.5 ms per 1,000 characters; longer code is shown plain.
MAX_LENGTH = 10_000
# Most lexers that hostile input can slow down (quadratically) need one very long line for it.
MAX_LINE = 500

# Languages that the magazine prints, except lexers that hostile input can stop for seconds (of common ones: C#, Java,
# make).
LANGUAGES = frozenset(
    [
        "bash",
        "c",
        "cpp",
        "css",
        "diff",
        "django",
        "docker",
        "go",
        "graphql",
        "html",
        "ini",
        "javascript",
        "json",
        "kotlin",
        "nginx",
        "php",
        "powershell",
        "python",
        "r",
        "ruby",
        "rust",
        "scala",
        "sql",
        "swift",
        "terraform",
        "toml",
        "typescript",
        "xml",
        "yaml",
    ]
)
_ALIASES = {
    "c++": "cpp",
    "console": "bash",
    "dockerfile": "docker",
    "golang": "go",
    "hcl": "terraform",
    "jinja": "django",
    "js": "javascript",
    "py": "python",
    "python3": "python",
    "rb": "ruby",
    "rs": "rust",
    "sh": "bash",
    "shell": "bash",
    "ts": "typescript",
    "yml": "yaml",
    "zsh": "bash",
}
_FORMATTER = HtmlFormatter(nowrap=True)


def language(word: str) -> str:
    """Return the language that `word` names, also by an alias; empty when it is unknown."""
    name = _ALIASES.get(word.lower(), word.lower())
    return name if name in LANGUAGES else ""


def highlighted(code: str, name: str) -> str:
    """Highlight `code` in the language `name` as HTML; empty when it must be shown plain."""
    if not name or len(code) > MAX_LENGTH or max(map(len, code.split("\n"))) > MAX_LINE:
        return ""
    html: str = highlight(code, _lexer(name), _FORMATTER)
    return html if code.endswith("\n") else html.removesuffix("\n")  # the formatter ends every line


@cache
def _lexer(name: str) -> Lexer:
    return get_lexer_by_name(name, stripnl=False, ensurenl=False)
