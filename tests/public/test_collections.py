"""連載 and 特集 as readers meet them: the box on the article, the page of all parts, and old addresses."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.editorial.taxonomy import merge, save_named
from blog.models import Collection, Post
from blog.views.reader import PAGE_SIZE
from tests.base import PublicTestCase, update
from tests.make import NOON, make_collection, make_draft, make_image, make_post, make_scheduled

HOUR = timedelta(hours=1)
SERIES = "計算の値段"
PATH = f"/collections/{quote(SERIES)}/"


def make_part(number: int, **values: object) -> Post:
    """Part `number` of the series, an hour after the one before it."""
    at = NOON + (number - 10) * HOUR
    return make_post(at=at, slug=f"part-{number}", title=f"値段の話{number}", collection=SERIES, **values)


class ArticleTests(PublicTestCase):
    def box(self, post: Post) -> str:
        html = self.html(post.get_absolute_url())
        start = html.index('<nav class="part"')
        return html[start : html.index("</nav>", start)]

    def test_part_of_a_series_leads_to_the_one_before_the_one_after_and_all_of_them(self) -> None:
        parts = [make_part(number) for number in (1, 2, 3)]
        make_post(at=NOON - HOUR, slug="other", title="別の話")
        box = self.box(parts[1])
        self.assertIn("第2回", box)
        self.assertInHTML(f'<a href="{PATH}">{SERIES}</a>', box)
        self.assertInHTML(
            f'<li><span class="part-label">前回</span> <a href="{parts[0].get_absolute_url()}">値段の話1</a></li>',
            box,
        )
        self.assertInHTML(
            f'<li><span class="part-label">次回</span> <a href="{parts[2].get_absolute_url()}">値段の話3</a></li>',
            box,
        )
        self.assertNotIn("別の話", box)
        self.assertNotIn("前回", self.box(parts[0]))
        self.assertNotIn("次回", self.box(parts[2]))

    def test_part_that_was_withdrawn_leaves_its_number_empty(self) -> None:
        parts = [make_part(number) for number in (1, 2, 3)]
        publishing.withdraw(post=parts[1], by=IMPORT, now=NOON, reason="数字に誤りがありました。")
        box = self.box(parts[2])
        self.assertIn("第3回", box)
        self.assertIn("値段の話1", box)
        self.assertNotIn("値段の話2", box)

    def test_next_part_is_not_announced_before_its_hour(self) -> None:
        first = make_part(1)
        make_scheduled(at=NOON + HOUR, slug="soon", title="次の値段", collection=SERIES)
        self.assertNotIn("次回", self.box(first))

    def test_feature_has_no_numbers(self) -> None:
        make_collection("電力の夏", kind=Collection.Kind.FEATURE)
        first = make_post(at=NOON - HOUR, slug="a", collection="電力の夏")
        make_post(slug="b", title="夏の話", collection="電力の夏")
        box = self.box(first)
        self.assertIn("特集", box)
        self.assertIn("夏の話", box)
        self.assertNotIn("第1回", box)
        self.assertNotIn("次回", box)

    def test_article_of_no_collection_has_no_box(self) -> None:
        self.assertNotIn('class="part"', self.html(make_post().get_absolute_url()))

    def test_article_with_everything_costs_at_most_six_queries_however_long_the_series(self) -> None:
        chosen = make_post(at=NOON - 20 * HOUR)
        post = make_part(1, tags=("一", "二"), hero=make_image().hash, related=(chosen.path,))
        self.assert_same_queries(post.get_absolute_url(), add_row=lambda: make_post(collection=SERIES))


class PageTests(PublicTestCase):
    def test_page_tells_the_parts_in_the_order_in_which_they_came_out(self) -> None:
        picture = make_image(alt="値札")
        make_collection(SERIES, description="計算はいくらか。", picture=picture)
        for number in (1, 2, 3):
            make_part(number)
        html = self.html(PATH)
        self.assertRegex(html, rf"<h1 [^>]*>\s*{SERIES}\s*</h1>")
        self.assertIn("計算はいくらか。", html)
        self.assertIn('alt="値札"', html)
        self.assertIn(f"<title>連載「{SERIES}」 | ALLFORCES</title>", html)
        marks = ("第1回", "/part-1/", "第2回", "/part-2/", "第3回", "/part-3/")
        places = [html.index(mark) for mark in marks]
        self.assertEqual(places, sorted(places))

    def test_next_page_goes_on_counting(self) -> None:
        for number in range(1, PAGE_SIZE + 2):
            make_part(number)
        with_second = NOON + 30 * HOUR
        self.assertIn("第20回", self.html(PATH, now=with_second))
        second = self.html(f"{PATH}?page=2", now=with_second)
        self.assertIn("第21回", second)
        self.assertRegex(second, r'<a rel="prev"\s+href="/collections/')
        self.assertIn("前のページ", second)

    def test_name_alone_tells_nobody_what_is_being_written(self) -> None:
        make_draft(collection=SERIES)
        self.assertEqual(self.get(PATH).status_code, 404)
        self.assertNotIn(SERIES, self.html("/collections/"))
        make_part(1)
        self.assertIn(SERIES, self.html("/collections/"))

    def test_queries_do_not_grow_with_the_series(self) -> None:
        self.assert_same_queries(
            PATH, "/collections/", add_row=lambda: make_post(collection=SERIES, hero=make_image().hash)
        )

    def test_renamed_and_merged_collections_answer_at_their_old_addresses(self) -> None:
        post = make_part(1)
        series = Collection.objects.get()
        series.name, series.slug = "計算の原価", "genka"
        save_named(series, by=IMPORT, now=NOON)
        self.assertRedirects(self.get(PATH), "/collections/genka/", status_code=301)
        update(post, now=NOON)  # the revision still says the old name
        self.assertIn("計算の原価", self.html(post.get_absolute_url()))
        other = make_collection("原価の話", slug="hanashi")
        self.assertEqual(merge(sources=[series], into=other, by=IMPORT, now=NOON), 1)
        self.assertRedirects(self.get(PATH), "/collections/hanashi/", status_code=301)
        self.assertIn("原価の話", self.html(post.get_absolute_url()))
