"""What all pages share is rendered once, and never out of date."""

from __future__ import annotations

from blog.editorial import site_settings
from blog.editorial.actors import Person
from blog.models import Page, SiteSettings
from tests.base import PublicTestCase
from tests.make import NOON, make_chief, make_post


class ChromeTests(PublicTestCase):
    def test_every_setting_that_it_shows_is_seen_at_once(self) -> None:
        make_post()
        before = self.html("/")
        chief = Person(make_chief())
        for name, value, seen in (
            ("name", "別の雑誌", '<p class="imprint-name">別の雑誌</p>'),
            ("tagline", "別の言葉", "<p>別の言葉</p>"),
            ("publisher", "別の会社", "<small>© 別の会社</small>"),
            ("contact", "desk@example.jp", 'href="mailto:desk@example.jp"'),
            ("menu", "特集 | /collections/", '<li><a href="/collections/">特集</a></li>'),
            ("footer", "別の**足**", "別の<strong>足</strong>"),
        ):
            with self.subTest(name):
                self.assertNotIn(seen, before)
                site_settings.save(SiteSettings.objects.current(NOON), by=chief, now=NOON, **{name: value})
                self.assertIn(seen, self.html("/"))
        Page.objects.create(path="/about/", title="この雑誌", is_public=True)
        self.assertIn('<li><a href="/about/">この雑誌</a></li>', self.html("/"))

    def test_the_link_to_the_page_itself_is_marked_and_no_other(self) -> None:
        for path, label in (("/archive/", "アーカイブ"), ("/search/", "検索"), ("/category/", "カテゴリ")):
            with self.subTest(path):
                html = self.html(path)
                header = html[: html.index("</header>")]
                self.assertEqual(header.count("aria-current"), 1)
                self.assertIn(f'href="{path}" aria-current="page">{label}</a>', header)
        self.assertNotIn("aria-current", self.html("/").partition("</header>")[0])

    def test_a_path_cannot_put_anything_into_it(self) -> None:
        html = self.get('/"><b>x/').content.decode()
        self.assertNotIn("<b>x", html)
