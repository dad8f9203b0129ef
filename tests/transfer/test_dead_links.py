"""Links of the archive that lead nowhere: each is told with its file and line, and nothing else is."""

import tempfile
from pathlib import Path

from django.test import override_settings

from blog.models import Address, Manuscript, Page, Post
from blog.text.findings import Code
from tests.transfer.base import ImportCase

OLD = "https://old.example.jp"


class DeadLinkTests(ImportCase):
    def told(self, *links, **options):
        """What the command says of the links of one document, each on a line of its own from line 11."""
        self.write("2026-11-04-a.md", body="\n".join(f"[x]({link})" for link in links), tags='["AI", "C++"]')
        said = self.run_import(**options)
        prefix = "注意 2026-11-04-a.md: "
        return [
            line.removeprefix(prefix)
            for line in said.splitlines()
            if line.startswith(prefix) and "リンク先" in line
        ]

    def test_posts_and_pages_that_are_not_there_are_told_with_their_lines(self):
        self.assertEqual(
            self.told(
                *(
                    "/2026/11/01/nai/",
                    "/services/",
                    f"{OLD}/tags/nai/",
                    "/category/nai/",
                    "/collections/nai/",
                ),
                site_url=OLD,
            ),
            [
                "11行目: リンク先の記事がありません: /2026/11/01/nai/",
                "12行目: リンク先のページがありません: /services/",
                f"13行目: リンク先のページがありません: {OLD}/tags/nai/",
                "14行目: リンク先のページがありません: /category/nai/",
                "15行目: リンク先のページがありません: /collections/nai/",
            ],
        )
        [told, *_] = [found for found in Manuscript.objects.get().findings if found.code == Code.DEAD_LINK]
        self.assertEqual((told.line, told.is_blocking), (11, False))

    def test_links_of_every_notation_are_told_and_code_is_not(self):
        self.write(
            "2026-11-05-b.md",
            body=f"{OLD}/services/\n<{OLD}/tags/nai/>\n[x][y] `[z](/nai/)`\n\n[y]: /2026/11/01/nai/",
        )
        said = self.run_import(site_url=OLD)
        told = [line for line in said.splitlines() if line.startswith("注意 ") and "リンク先" in line]
        prefix = "注意 2026-11-05-b.md: "
        self.assertEqual(
            told,
            [
                f"{prefix}11行目: リンク先のページがありません: {OLD}/services/",
                f"{prefix}12行目: リンク先のページがありません: {OLD}/tags/nai/",
                f"{prefix}13行目: リンク先の記事がありません: /2026/11/01/nai/",
            ],
        )

    def test_bare_name_of_a_section_is_told_with_the_path_to_write(self):
        self.assertEqual(
            self.told("/AI最新ニュース/"),
            ["11行目: リンク先は /category/latest/ に書き換えてください: /AI最新ニュース/"],
        )

    def test_what_answers_is_not_told(self):
        links = (
            *("/", "/category/", "/category/latest/", "/category/AI最新ニュース/", "/tags/", "/tags/cpp/"),
            *(
                "/authors/allforces編集部/",
                "/collections/",
                "/archive/",
                "/feed.xml",
                "/feeds/latest.xml",
                "/sitemap.xml",
            ),
            *("/sitemap_index.xml", "/categories/", "/2026/11/", "/page2/", "/robots.txt", "/2026/11/04/a/"),
            *("/assets/images/posts/a-ogp.png", "/media/images/x.webp", "#内", "mailto:a@example.jp"),
            *("https://example.com/services/", "//example.com/services/"),
        )
        self.assertEqual(self.told(*links, site_url=OLD, dry_run=True), [])
        self.assertEqual(self.told(*links, site_url=OLD), [])

    def test_pages_redirects_and_old_files_are_known_and_what_is_gone_is_not(self):
        page = Page.objects.create(path="/about/", title="案内", body="案内。")
        Address.objects.create(path="/about/", kind=Address.Kind.CURRENT, page=page)
        Address.objects.create(path="/company/", kind=Address.Kind.MOVED, target="/about/")
        Address.objects.create(path="/en/", kind=Address.Kind.GONE, reason="終了")
        root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (root / "pricing").mkdir()
        (root / "pricing/index.html").write_text("料金", encoding="utf-8")
        with override_settings(LEGACY_ROOT=root):
            told = self.told("/about/", "/company", "/pricing/", "/en/")
        self.assertEqual(told, ["14行目: リンク先のページがありません: /en/"])
        # They belong to no post: none of them may be taken for another's address.
        self.assertIn("[x](/company)\n[x](/pricing/)\n[x](/en/)", Post.objects.get().body)


class FileNameTests(ImportCase):
    """A hyphen at the end of a file's name: generators drop it, links keep it."""

    def setUp(self):
        super().setUp()
        self.write("2026-11-01-denki-no-nedan-.md", title="電気の値段", date="2026-11-01 20:00:00 +0000")

    def test_every_spelling_of_the_file_name_leads_to_the_article(self):
        self.write("2026-11-03-v2.0.1.md", title="版の話", date="2026-11-03 10:00:00 +0900")
        self.run_import()
        for old, path in (
            ("/2026/11/01/denki-no-nedan-/", "/2026/11/02/denki-no-nedan/"),
            ("/2026/11/01/denki-no-nedan/", "/2026/11/02/denki-no-nedan/"),
            ("/2026/11/02/denki-no-nedan-/", "/2026/11/02/denki-no-nedan/"),
            ("/2026/11/03/v2.0.1/", "/2026/11/03/v201/"),
        ):
            with self.subTest(old):
                self.assertRedirects(self.client.get(old), path, status_code=301)

    def test_links_and_related_lists_with_the_hyphen_end_at_the_article(self):
        link = "/2026/11/01/denki-no-nedan-/"
        self.write(
            "2026-11-05-b.md",
            title="別の記事",
            layout="post",
            reading_time=5,
            body=f"[電気]({link}#hyo)について。\n\n## 関連記事\n\n- [電気の値段]({link})",
        )
        self.assertNotIn("リンク先", self.run_import())
        post = Post.objects.get(slug="b")
        self.assertContains(self.client.get(post.path), 'href="/2026/11/02/denki-no-nedan/#hyo"')
        self.assertEqual(post.related, ["/2026/11/02/denki-no-nedan/"])
