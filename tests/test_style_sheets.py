"""The style sheets as files: sizes and colours come from tokens, no rule waits for a class that nobody writes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import django
import markdownx
from django.conf import settings
from django.test import SimpleTestCase

BASE = settings.BASE_DIR
FOLDER = BASE / "static/css"
SHEETS = {
    path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.css")
}
SAMPLES = BASE / "templates/admin/blog/style.html"
"""It shows parts to the desk; a part that it alone has is dead."""
DJANGO = Path(django.__file__).parent

COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\("
    r"|\b(?:white|black|gr[ae]y|silver|red|green|blue|yellow|orange|navy|maroon|purple)\b"
)
SIZE = re.compile(r"(?<![\w-])\d*\.?\d+(?:rem|em|px|pt|ch|vw|vh|%)")
SPACE = re.compile(r"(?<![\w.-])-?(?!0|1px)\d*\.?\d+(?:rem|px|pt)")
"""Spaces in `em` stand in proportion to their letters, and a line of 1 px is what it is."""
LITERALS = {
    r"font(-size)?": SIZE,
    r"(margin|padding)(-[a-z]+)*|(row-|column-)?gap|scroll-.*|inset(-[a-z]+)*": SPACE,
    r"border(-[a-z]+)*-radius": SPACE,
    r".*": COLOUR,
}


def joined(name: str) -> str:
    """The sheet `name` with its parts in it, as browsers get it."""
    return re.sub(r'@import "(.+)";', lambda part: SHEETS[part[1]], SHEETS[name])


def bare(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def declarations(css: str) -> Iterator[tuple[str, str]]:
    yield from re.findall(r"(?<=[{;])\s*(-{0,2}[a-z][a-z0-9-]*)\s*:\s*([^;{}]*);", bare(css))


def classes(css: str) -> set[str]:
    """The classes in the selectors; not those of code, whose names are Pygments'."""
    selectors = re.sub(r"\{[^{}]*\}|^pre .*$", "{}", bare(css), flags=re.MULTILINE)
    return set(re.findall(r"\.([a-z][\w-]*)", selectors))


class Written:
    """The classes that templates, scripts and Python write. `prefixes`: of those whose end is computed."""

    def __init__(self, *paths: Path) -> None:
        self.names: set[str] = set()
        self.prefixes: set[str] = set()
        for path in paths:
            text = path.read_text(encoding="utf-8")
            for value in getattr(self, f"_of_{path.suffix[1:]}")(text):
                self.prefixes |= set(re.findall(r"([\w-]+-)(?:\{|%s)", value))
                self.names |= set(re.findall(r"[\w-]+", re.sub(r"{%.*?%}|{{.*?}}", " ", value)))

    def __contains__(self, name: str) -> bool:
        ends = [name.removeprefix(prefix) for prefix in self.prefixes if name.startswith(prefix)]
        return name in self.names or any(end.isdigit() or end in self.names for end in ends)

    @staticmethod
    def _of_html(text: str) -> Iterator[str]:
        text = re.sub(r"{#.*?#}", "", text)
        text = re.sub(r"{%.*?%}", lambda tag: tag[0].replace('"', "'"), text)
        yield from re.findall(r'\bclass="([^"]*)"', text)
        yield from re.findall(r"{% block (?:bodyclass|kind) %}(.*?){% endblock %}", text)

    @staticmethod
    def _of_js(text: str) -> Iterator[str]:
        yield from re.findall(r'\bclass(?:Name = |=|List\.(?:add|remove|toggle)\()\\?"([^"\\]*)', text)

    @staticmethod
    def _of_py(text: str) -> Iterator[str]:
        tree = ast.parse(text)
        spoken = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spoken:
                yield node.value


def files(folder: Path, pattern: str) -> list[Path]:
    return [path for path in sorted(folder.rglob(pattern)) if path != SAMPLES]


class TokenTests(SimpleTestCase):
    def test_sizes_spaces_and_colours_stand_in_tokens_only(self) -> None:
        self.assertIn("site/tokens.css", SHEETS)
        found = [
            (name, f"{what}: {value}")
            for name, css in sorted(SHEETS.items())
            if not name.endswith("tokens.css")
            for what, value in declarations(css)
            for properties, literal in LITERALS.items()
            if re.fullmatch(properties, what) and literal.search(value)
        ]
        self.assertEqual(found, [])

    def test_a_literal_is_seen(self) -> None:
        for css in (
            "a { font-size: .9em; }",
            "a { font: 1rem/1.8 serif; }",
            "a { margin: 0 auto .4rem; }",
            "a { border-radius: 4px; }",
            "a { background: linear-gradient(#fff, var(--paper)); }",
            "a { color: white; }",
        ):
            with self.subTest(css):
                [(what, value)] = declarations(css)
                self.assertTrue(
                    any(re.fullmatch(names, what) and one.search(value) for names, one in LITERALS.items())
                )

    def test_every_token_that_is_used_is_one_and_every_one_is_used(self) -> None:
        django_css = "".join(
            path.read_text(encoding="utf-8")
            for path in (DJANGO / "contrib/admin/static/admin/css").glob("*.css")
        )
        for sheets, others in ((("site.css", "feed.css", "specimens.css"), ""), (("desk.css",), django_css)):
            css = "".join(joined(name) for name in sheets)
            made = {what for what, _ in declarations(css) if what.startswith("--")}
            used = set(re.findall(r"var\((--[\w-]+)", css))
            with self.subTest(sheets):
                known = made | set(re.findall(r"(--[\w-]+):", others))
                self.assertEqual(used - known, set())
                self.assertEqual(made - used, set())


class RuleTests(SimpleTestCase):
    def test_every_class_of_a_reader_s_page_is_written_by_one(self) -> None:
        pages = [path for path in files(BASE / "templates", "*.html") if "admin" not in path.parts]
        written = Written(*pages, *files(BASE / "blog/text", "*.py"), *files(BASE / "static/js", "*.js"))
        self.assertIn("card-line", written)
        self.assertNotIn("swatches", written)
        self.assertEqual({name for name in classes(joined("site.css")) if name not in written}, set())

    def test_every_class_of_the_style_page_is_written_by_it(self) -> None:
        written = Written(SAMPLES, BASE / "blog/admin/style.py")
        self.assertEqual({name for name in classes(SHEETS["specimens.css"]) if name not in written}, set())

    def test_every_class_of_the_desk_is_written_by_us_or_django(self) -> None:
        written = Written(
            *files(BASE / "templates", "*.html"),
            *files(BASE / "blog/admin", "*.py"),
            *files(BASE / "static/admin", "*.js"),
            *files(DJANGO / "contrib/admin/templates", "*.html"),
            *files(DJANGO / "contrib/admin/templatetags", "*.py"),
            *files(DJANGO / "forms", "*.py"),
            *files(Path(markdownx.__file__).parent / "templates", "*.html"),
        )
        self.assertEqual({name for name in classes(joined("desk.css")) if name not in written}, set())

    def test_no_selector_opens_two_rules_of_a_file(self) -> None:
        for name, css in SHEETS.items():
            outside = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", bare(css))
            opened = [" ".join(one.split()) for one in re.findall(r"([^{};]+)\{", outside)]
            with self.subTest(name):
                self.assertEqual(sorted({one for one in opened if opened.count(one) > 1}), [])

    def test_lines_can_be_read(self) -> None:
        long = [(name, line) for name, css in SHEETS.items() for line in css.splitlines() if len(line) > 130]
        self.assertEqual(long, [])

    def test_nothing_is_fetched_by_a_style_sheet_and_each_part_has_one_place(self) -> None:
        for name in ("site.css", "feed.css", "desk.css", "specimens.css"):
            self.assertNotRegex(bare(joined(name)), r"@import|url\(|@font-face")
        parts = {
            name: re.findall(r'@import "(.+)";', css)
            for name, css in SHEETS.items()
            if name in ("site.css", "desk.css")
        }
        for name, listed in parts.items():
            folder = name.removesuffix(".css")
            self.assertEqual(sorted(listed), sorted(one for one in SHEETS if one.startswith(f"{folder}/")))
