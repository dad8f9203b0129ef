"""Readers' pages keep what docs/design.md promises: contrast in both schemes, one style sheet, every part on the style page."""

from __future__ import annotations

import re
from itertools import pairwise

from django.conf import settings
from django.test import TestCase

from blog.public import share_images
from blog.text.headings import RESERVED
from tests.make import make_chief, make_image, make_post, make_writer
from tests.test_style_sheets import SHEETS, joined

DESIGN = (settings.BASE_DIR / "docs/design.md").read_text(encoding="utf-8")

TEXT, EDGE = 4.5, 3.0
"""WCAG 2.2: 1.4.3 (AA, text of any size, although headlines need less) and 1.4.11 (borders of controls)."""
PAIRS = (
    *(("ink", ground, TEXT) for ground in ("paper", "raised", "accent-soft", "warn-soft")),
    *(("soft", ground, TEXT) for ground in ("paper", "raised", "accent-soft", "warn-soft")),
    *(("accent", ground, TEXT) for ground in ("paper", "raised", "accent-soft", "warn-soft")),
    *(("mark", ground, TEXT) for ground in ("paper", "raised")),
    ("warn", "warn-soft", TEXT),
    *((f"code-{kind}", "raised", TEXT) for kind in ("keyword", "string", "number", "name", "comment")),
    *(("edge", ground, EDGE) for ground in ("paper", "raised")),
)


def schemes(tokens: str = "site/tokens.css") -> tuple[dict[str, str], dict[str, str]]:
    """The colours of the light and of the dark scheme."""
    pairs = re.findall(
        r"--([a-z-]+): var\(--light, (#[0-9a-f]{6})\) var\(--dark, (#[0-9a-f]{6})\);", SHEETS[tokens]
    )
    return {name: light for name, light, _ in pairs}, {name: dark for name, _, dark in pairs}


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def lines() -> list[str]:
    """The table of docs/design.md, as the style sheet has it."""
    light, dark = schemes()
    return [
        f"| {front} | {ground} | {contrast(light[front], light[ground]):.1f} | {contrast(dark[front], dark[ground]):.1f} | {least} |"
        for front, ground, least in PAIRS
    ]


class StyleSheetTests(TestCase):
    def test_contrast_is_enough_in_both_schemes(self) -> None:
        for scheme in schemes():
            for front, ground, least in PAIRS:
                with self.subTest(front=front, ground=ground):
                    self.assertGreaterEqual(contrast(scheme[front], scheme[ground]), least)

    def test_the_documented_figures_are_those_of_the_style_sheet(self) -> None:
        written = [line for line in DESIGN.splitlines() if re.fullmatch(r"\|.*\| (4\.5|3\.0) \|", line)]
        self.assertEqual(written, lines())

    def test_what_is_coloured_without_the_style_sheet_has_its_colours(self) -> None:
        light, dark = schemes()
        html = self.client.get("/").content.decode()
        bars = re.findall(r'<meta name="theme-color" content="(#\w+)"[^>]* data-scheme="(\w+)">', html)
        self.assertEqual(bars, [(light["paper"], "light"), (dark["paper"], "dark")])
        manifest = self.client.get("/site.webmanifest").json()
        self.assertEqual({manifest["theme_color"], manifest["background_color"]}, {light["paper"]})
        self.assertEqual((share_images.PAPER, share_images.MARK), (light["paper"], dark["mark"]))
        icon = (settings.BASE_DIR / "static/img/favicon.svg").read_text(encoding="utf-8")
        self.assertEqual(re.findall(r'fill="(#\w+)"', icon), [light["accent"], light["paper"], dark["mark"]])

    def test_reader_chooses_between_three_schemes(self) -> None:
        html = self.client.get("/").content.decode()
        self.assertEqual(
            re.findall(r'<input type="radio" name="scheme" value="(\w*)"', html), ["", "light", "dark"]
        )

    def test_no_rule_for_every_span_reaches_into_headlines_that_are_broken_at_their_phrases(self) -> None:
        for holder in ("card-title", "post-header", "dek", "related", "neighbours", "titles"):
            self.assertNotRegex(joined("site.css"), rf"(?m)^\s*\.{holder}(?: [a-z0-9]+)* span\b(?!:)")

    def test_pages_fetch_one_style_sheet_and_one_small_script_of_our_own(self) -> None:
        script = settings.BASE_DIR / "static/js/site.js"
        self.assertLess(script.stat().st_size, 10_000)
        for path in (
            "/",
            make_post(hero=make_image().hash).get_absolute_url(),
            "/search/",
            "/nai/",
            "/subscribe/",
        ):
            with self.subTest(path):
                html = self.client.get(path).content.decode()
                self.assertEqual(
                    re.findall(r'rel="stylesheet" href="([^"?]*)"', html), ["/static/css/site.css"]
                )
                self.assertEqual(
                    re.findall(r"<script(?![^>]*ld\+json)[^>]*src=\"([^\"]*)\"", html), ["/static/js/site.js"]
                )
                self.assertNotRegex(html, r'(?:src|srcset)="(?:https?:)?//(?!127\.0\.0\.1)')


class IdTests(TestCase):
    def test_no_heading_of_a_text_can_have_an_id_of_the_page_around_it(self) -> None:
        """Ids of texts hold no colon and none of `RESERVED` (tests/text/test_markdown.py); those of pages either do or
        are one of these. Templates of the admin show no texts, but for the style page."""
        ids = {}
        for path in sorted((settings.BASE_DIR / "templates").rglob("*.html")):
            source = path.read_text(encoding="utf-8")
            inside = path.relative_to(settings.BASE_DIR / "templates").parts
            shows_texts = (
                inside == ("base.html",) or inside[0] == "blog" or '{% extends "base.html" %}' in source
            )
            if shows_texts:
                ids |= dict.fromkeys(re.findall(r"""\sid=["']?([^"'\s>]+)""", source), "/".join(inside))
            else:
                self.assertNotRegex(source, r"(?:\.html|_as_html|\btext) \}\}", path)
        self.assertIn("main", ids)
        self.assertEqual(
            {one: path for one, path in ids.items() if ":" not in one and one not in RESERVED}, {}
        )
        self.assertEqual([one for one in ids if one.startswith(("fn:", "fnref:", "footer:"))], [])


class StylePageTests(TestCase):
    def test_desk_sees_every_part_with_real_templates(self) -> None:
        make_image()
        for user in (make_writer(), make_chief()):
            self.client.force_login(user)
            html = self.client.get("/admin/style/").content.decode()
            for part in (
                *(
                    "front-lead",
                    "card-tile",
                    "card-line",
                    "rubric",
                    "pagination",
                    "empty",
                    "bylines",
                    "author",
                ),
                *(
                    "disclosure",
                    "post-note",
                    "toc",
                    "table-scroll",
                    "note note-note",
                    "note note-warning",
                    "note note-details",
                    "code-file",
                    "footnotes",
                    "tags",
                ),
            ):
                self.assertIn(f'"{part}', html.replace("h-entry card ", ""), part)
            self.assertIn('content="noindex"', html)

    def test_headings_of_the_page_leave_no_gap(self) -> None:
        self.client.force_login(make_writer())
        levels = [
            int(level)
            for level in re.findall(r"<h([1-6])", self.client.get("/admin/style/").content.decode())
        ]
        self.assertTrue(all(after <= before + 1 for before, after in pairwise(levels)), levels)
