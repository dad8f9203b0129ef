"""What an article's text points at, written in any way that Markdown knows, and what of it is only a sample."""

from io import BytesIO

from PIL import Image as Pixels

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.models import Image, Post
from tests.make import NOON, make_category, picture_bytes
from tests.transfer.base import ImportCase
from tests.transfer.documents import document


class TargetTests(ImportCase):
    def test_pictures_in_the_text_are_the_librarys_and_those_in_code_stay_as_written(self):
        code = "```\n![a](x.png)\n```\n\n    ![b](x.png)\n\n`![c](x.png)`\n\n"
        body = f'{code}![d](x.png "題") ![e](<x.png>) [![f](x.png)](/2026/11/04/a/)'
        self.run_import(
            self.zip("a.zip", [("2026-11-04-a.md", document(body=body)), ("x.png", picture_bytes())])
        )
        post = Post.objects.get()
        url = Image.objects.get().url
        self.assertEqual(
            post.body.strip(), f'{code}![d]({url} "題") ![e](<{url}>) [![f]({url})](/2026/11/04/a/)'
        )

    def test_links_in_any_notation_are_led_on_and_told_whole(self):
        self.write("2026-11-04-a.md", date="2026-11-04 17:00:00 +0000")
        body = '[1](</2026/11/04/a/>) [2]( /2026/11/04/a/ "題") [3][r] [4](/2026/11/04/a_(b)/)\n\n[r]: /2026/11/04/a/#x'
        self.write("2026-11-06-b.md", body=body)
        said = self.run_import()
        self.assertEqual(
            Post.objects.get(slug="b").body.strip(),
            '[1](</2026/11/05/a/>) [2]( /2026/11/05/a/ "題") [3][r] [4](/2026/11/04/a_(b)/)\n\n[r]: /2026/11/05/a/#x',
        )
        self.assertIn("2026-11-06-b.md: 11行目: リンク先の記事がありません: /2026/11/04/a_(b)/", said)


class SameNameTests(ImportCase):
    """Folders by year, each with its own `cover.png`."""

    def setUp(self):
        super().setUp()
        for name, colour in (
            ("2025/cover.png", "red"),
            ("2026/cover.png", "blue"),
            ("2027/cover.png", "blue"),
        ):
            data = BytesIO()
            Pixels.new("RGB", (40, 20), colour).save(data, "PNG")
            self.write(f"assets/{name}", data.getvalue())

    def imported(self, **heroes):
        for name, hero in heroes.items():
            self.write(f"p/2026-11-04-{name}.md", hero=hero)
        self.said = self.run_import(self.folder / "p", images=self.folder / "assets")
        return {post.slug: self.colour(post.hero) for post in Post.objects.all()}

    def colour(self, image):
        if not image:
            return None
        with image.file.open() as file, Pixels.open(file) as pixels:
            return {(255, 0, 0): "red", (0, 0, 255): "blue"}[pixels.convert("RGB").getpixel((1, 1))]

    def test_each_article_has_the_picture_of_the_folder_that_it_names(self):
        found = self.imported(a="/assets/2025/cover.png", b="/assets/2026/cover.png", c="2025/cover.png")
        self.assertEqual(found, {"a": "red", "b": "blue", "c": "red"})

    def test_a_name_that_may_mean_two_pictures_means_none_and_is_told(self):
        self.assertEqual(self.imported(a="/assets/cover.png"), {"a": None})
        self.assertIn(
            "画像 /assets/cover.png: 同じ名前の画像が3つあります（2025/cover.png、2026/cover.png、2027/cover.png）。",
            self.said,
        )

    def test_a_picture_that_lies_twice_is_one(self):
        (self.folder / "assets/2025/cover.png").unlink()
        self.assertEqual(self.imported(a="cover.png"), {"a": "blue"})

    def test_the_picture_at_the_top_is_meant_by_its_bare_name(self):
        (self.folder / "assets/2025/cover.png").rename(self.folder / "assets/cover.png")
        self.assertEqual(self.imported(a="/old/cover.png", b="2026/cover.png"), {"a": "red", "b": "blue"})

    def test_zips_that_come_together_do_not_take_each_others_place(self):
        zips = [
            self.zip(f"{name}.zip", [(f"2026-11-04-{name}.md", document(hero="/img/cover.png")),
                                     ("img/cover.png", (self.folder / f"assets/{year}/cover.png").read_bytes())])
            for name, year in (("a", "2025"), ("b", "2026"))
        ]  # fmt: skip
        said = self.run_import(*zips)
        self.assertEqual([post.hero for post in Post.objects.all()], [None, None])
        self.assertEqual(said.count("同じ名前の画像が2つあります"), 2)


class RelatedTests(ImportCase):
    def test_drafts_that_name_each_other_are_told_and_find_each_other_once_they_are_public(self):
        make_category("AI最新ニュース", slug="news")
        raw = [{"slug": "2026-11-05-b", "title": "題"}, "/2026/11/05/none/"]
        for name, said in (("a", str(raw).replace("'", '"')), ("b", '["2026-11-04-a", "2026-11-05-b"]')):
            day = {"a": "04", "b": "05"}[name]
            self.write(f"2026-11-{day}-{name}.md", date=f"2026-11-{day}", related_articles=said)
        said = self.run_import(draft=True)
        for file, name in (
            ("2026-11-04-a", "2026-11-05-b"),
            ("2026-11-04-a", "/2026/11/05/none/"),
            ("2026-11-05-b", "2026-11-04-a"),
        ):
            self.assertIn(f"注意 {file}.md: 関連記事 {name} は、公開した記事にまだありません", said)
        self.assertNotIn("関連記事 2026-11-05-b は", said.partition("注意 2026-11-05-b.md")[2], "itself")
        [first, second] = Post.objects.order_by("import_ref")
        self.assertEqual(first.working.content["extra"]["related_articles"], raw)
        publishing.publish(revision=second.working, by=IMPORT, now=NOON)
        self.assertIn("更新 1、", self.run_import(draft=True))
        first.refresh_from_db()
        second.refresh_from_db()
        self.assertEqual(first.working.content["related"], [second.path])
