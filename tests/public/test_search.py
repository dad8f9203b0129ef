"""/search/: what readers find, in which order, and what they are told when there is nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from blog.editorial import publishing, taxonomy
from blog.editorial.actors import IMPORT
from blog.editorial.content import Credit
from blog.models import MissedSearch, Post, SearchPart, Synonym, Tag
from blog.public import search
from blog.public.search import CANDIDATES, MOST_COUNTED, Filters
from blog.public.search.grams import posts_with
from blog.public.search.missed import MAX_ROWS
from blog.text.grams import fold
from blog.text.query import parse
from tests.base import PublicTestCase, update
from tests.make import NOON, make_author, make_content, make_draft, make_post, make_scheduled

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def url(q: str = "", **filters: object) -> str:
    return "/search/?" + urlencode({"q": q, **filters})


class SearchTestCase(PublicTestCase):
    def found(self, q: str, **filters: object) -> list[str]:
        """Titles of the page of results, in order."""
        return self.titles(self.html(url(q, **filters)))

    def titles(self, html: str) -> list[str]:
        cards = re.findall(r'<h2 class="card-title"><a[^>]*>(.*?)</a></h2>', html, re.S)
        return [re.sub(r"</?mark>|<wbr>", "", title).strip() for title in cards]

    def status(self, q: str, **filters: object) -> str:
        """What the page says about the number of hits."""
        match = re.search(r'role="status">(.*?)</p>', self.html(url(q, **filters)), re.S)
        return " ".join(match[1].split()) if match else ""


class WordsTests(SearchTestCase):
    def test_short_words_are_found(self) -> None:
        make_post(title="投資の話", body="株と債券。")
        make_post(title="別の話", body="猫と犬。")
        for word in ("投資", "株", "投", "債券", "話 株"):
            with self.subTest(word):
                self.assertEqual(self.found(word), ["投資の話"])

    def test_signs_that_carry_meaning_are_found(self) -> None:
        for title in ("C++で書く", "C#で書く", "Cで書く", ".NETで書く", "GPUで計る"):
            make_post(title=title, body="本文。")
        self.assertEqual(self.found("C++"), ["C++で書く"])
        self.assertEqual(self.found("c#"), ["C#で書く"])
        self.assertEqual(self.found(".net"), [".NETで書く"])
        self.assertEqual(self.found("ＧＰＵ"), ["GPUで計る"])

    def test_spelling_does_not_matter(self) -> None:
        make_post(title="カフェの話", body="AI 投資。")
        for word in ("カフェ", "ｶﾌｪ", "かふぇ", "ai投資", "ＡＩ　投資"):
            with self.subTest(word):
                self.assertEqual(self.found(word), ["カフェの話"])

    def test_separators_hyphens_dots_and_old_forms_do_not_matter(self) -> None:
        make_post(title="契約の話", body="契約は3,900億円、人員は12,345人、機種はGPT\u20115である。")
        make_post(
            title="会社の話", body="ソフトバンク・グループ、髙島屋、渡邊氏、葛\U000e0100飾、ヴェネチア。"
        )
        for word in ("3900億円", "３９００億円", "3,900億円", "12345人", "GPT-5", "gpt\u22125"):
            with self.subTest(word):
                self.assertEqual(self.found(word), ["契約の話"])
        for word in ("ソフトバンクグループ", "高島屋", "渡辺", "葛飾", "ベネチア", "ｿﾌﾄﾊﾞﾝｸ･ｸﾞﾙｰﾌﾟ"):
            with self.subTest(word):
                self.assertEqual(self.found(word), ["会社の話"])
        self.assertIn("<mark>3,900億円</mark>", self.html(url("3900億円")))

    def test_long_vowels_do_not_matter_in_words_of_some_length(self) -> None:
        make_post(title="センターの話", body="データセンターとインターフェース。")
        make_post(title="疑問の話", body="そうかどうか。")
        for word in ("データーセンター", "データセンタ", "インタフェース", "データーセンターと"):
            with self.subTest(word):
                self.assertEqual(self.found(word), ["センターの話"])
        self.assertEqual(self.found("カード"), [])
        self.assertEqual(self.found('"データーセンター"'), [])
        self.assertEqual(self.found("話 -データーセンター"), ["疑問の話"])

    def test_all_words_must_be_there_somewhere_in_the_post(self) -> None:
        make_post(title="電力の話", body="半導体。", tags=("投資",))
        make_post(title="電力だけ", body="本文。")
        self.assertEqual(self.found("半導体 電力 投資"), ["電力の話"])

    def test_a_minus_takes_posts_away(self) -> None:
        make_post(title="電力一", body="半導体の値段。")
        make_post(title="電力二", body="風車。")
        self.assertEqual(self.found("電力 -半導体の値段"), ["電力二"])
        self.assertEqual(self.found("電力 -風"), ["電力一"])

    def test_the_lead_is_searched_and_ruby_readings_are_not(self) -> None:
        make_post(title="一", excerpt="値札の話", body="{東京|とう|きょう}です。")
        self.assertEqual(self.found("値札"), ["一"])
        self.assertEqual(self.found("東京です"), ["一"])
        self.assertEqual(self.found("とうきょう"), [])

    def test_titles_and_tags_come_first_then_the_newest(self) -> None:
        make_post(title="本文で新しい", body="電力。", at=NOON - HOUR)
        make_post(title="本文で古い", body="電力。", at=NOON - 3 * HOUR)
        make_post(title="札で", body="本文。", tags=("電力",), at=NOON - 4 * HOUR)
        make_post(title="電力が題で", body="本文。", at=NOON - 5 * HOUR)
        self.assertEqual(self.found("電力"), ["札で", "電力が題で", "本文で新しい", "本文で古い"])

    def test_hits_are_marked_in_the_original_and_escaped(self) -> None:
        make_post(title="<b>ＧＰＵ</b>", body="値段は`<script>`のＧＰＵで決まる。")
        html = self.html(url("gpu"))
        self.assertIn("&lt;b&gt;<mark>ＧＰＵ</mark>&lt;/b&gt;", html)
        self.assertIn("値段は&lt;script&gt;の<mark>ＧＰＵ</mark>で決まる。", html)

    def test_a_tag_that_was_found_is_shown_where_nothing_else_says_why(self) -> None:
        make_post(title="題", body="本文。", tags=("半導体", "電力&熱"))
        self.assertIn("タグ：<span><mark>電力&amp;</mark>熱", self.html(url("電力&")))
        self.assertNotIn("タグ：", self.html(url("本文")))
        make_post(title="電力&の題", body="本文。", tags=("電力&熱",), at=NOON - HOUR)
        self.assertEqual(self.html(url("電力&")).count("タグ："), 1)

    def test_a_noindex_post_is_found_by_readers(self) -> None:
        make_post(title="電力", noindex=True)
        self.assertEqual(self.found("電力"), ["電力"])


class SynonymTests(SearchTestCase):
    def test_the_first_day_knows_common_names(self) -> None:
        make_post(title="NVIDIAの決算")
        self.assertEqual(self.found("エヌビディア"), ["NVIDIAの決算"])
        self.assertIn("<mark>NVIDIA</mark>", self.html(url("エヌビディア")))

    def test_every_name_of_a_tag_finds_its_posts(self) -> None:
        make_post(title="一", tags=("大規模モデル",))
        taxonomy.keep_alias(Tag.objects.get(), "ラージモデル", by=IMPORT, now=NOON)
        make_post(title="二", body="ラージモデルとは。", at=NOON - HOUR)
        self.assertEqual(self.found("ラージモデル"), ["一", "二"])
        self.assertEqual(self.found("大規模モデル"), ["一", "二"])

    def test_a_phrase_in_quotes_is_meant_as_written(self) -> None:
        make_post(title="NVIDIAの決算")
        self.assertEqual(self.found("「エヌビディア」"), [])

    def test_a_name_of_several_words_is_known_by_them(self) -> None:
        make_post(title="データセンターの電力")
        make_post(title="Data in a center", at=NOON - HOUR)
        make_post(title="データだけ", at=NOON - 2 * HOUR)
        self.assertEqual(self.found("data center"), ["データセンターの電力", "Data in a center"])
        self.assertEqual(self.found("電力 data center"), ["データセンターの電力"])
        self.assertEqual(self.found("センター データ"), ["データセンターの電力"])
        self.assertEqual(self.found("center data"), ["Data in a center"])
        self.assertEqual(self.found('data "center"'), ["Data in a center"])

    def test_a_tag_of_several_words_is_known_by_its_other_name(self) -> None:
        make_post(title="一", tags=("機械学習",))
        taxonomy.keep_alias(Tag.objects.get(), "machine learning", by=IMPORT, now=NOON)
        self.assertEqual(self.found("machine learning"), ["一"])

    def test_a_minus_takes_away_what_means_the_same_but_for_a_phrase(self) -> None:
        make_post(title="エヌビディアの決算")
        make_post(title="AMDの決算", body="電力", at=NOON - HOUR)
        make_post(title="GPUの決算", at=NOON - 2 * HOUR)
        make_post(title="画像処理半導体の決算", at=NOON - 3 * HOUR)
        Synonym.objects.create(words="電、電気")
        self.assertEqual(self.found("決算 -NVIDIA"), ["AMDの決算", "GPUの決算", "画像処理半導体の決算"])
        self.assertEqual(self.found("決算 -GPU"), ["エヌビディアの決算", "AMDの決算"])
        self.assertEqual(self.found("決算 -NVIDIA -電気 -「GPU」"), ["画像処理半導体の決算"])

    def test_what_the_desk_writes_counts_at_once(self) -> None:
        make_post(title="計算機の話")
        self.assertEqual(self.found("コンピューター"), [])
        Synonym.objects.create(words="計算機、コンピューター\nコンピュータ")
        self.assertEqual(self.found("ｺﾝﾋﾟｭｰﾀｰ"), ["計算機の話"])


class FilterTests(SearchTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        make_post(title="電力一", category="投資", tags=("札A",), bylines=(Credit("甲"),))
        make_post(
            title="電力二", category="技術", tags=("札B",), bylines=(Credit("乙"),), at=NOON - 400 * DAY
        )
        make_post(title="猫", category="技術", tags=("札A",), bylines=(Credit("甲"),))

    def test_section_tag_author_and_year_narrow(self) -> None:
        for filters, expected in (
            ({"section": "投資"}, ["電力一"]),
            ({"tag": "札B"}, ["電力二"]),
            ({"tag": "札b"}, ["電力二"]),
            ({"author": make_author("甲").slug}, ["電力一"]),
            ({"year": 2025}, ["電力二"]),
            ({"year": 2025, "section": "投資"}, []),
            ({"section": "ない"}, []),
            ({"year": "20x5"}, ["電力一", "電力二"]),
        ):
            with self.subTest(filters):
                self.assertEqual(self.found("電力", **filters), expected)

    def test_the_form_offers_what_there_is_and_keeps_what_was_chosen(self) -> None:
        html = self.html(url("電力", section="技術", year=2025, tag="札B"))
        self.assertIn('<option value="技術" selected>技術</option>', html)
        self.assertIn("<option selected>2025</option>", html)
        self.assertIn('name="tag" value="札B"', html)
        self.assertIn('name="q" value="電力"', html)
        self.assertIn(">甲</option>", html)

    def test_filters_are_named_and_taken_off_beside_the_hits(self) -> None:
        html = self.html(url("電力", section="技術", year=2025, tag="札B"))
        self.assertIn("<summary>絞り込む（技術、2025年、タグ「札B」）</summary>", html)
        self.assertIn(f'<a href="?{urlencode({"q": "電力"})}">絞り込みを外す</a>', html)
        self.assertIn("<summary>絞り込む</summary>", self.html(url("電力")))

    def test_a_search_in_vain_can_be_widened(self) -> None:
        self.assertIn(f'href="?{urlencode({"q": "電力"})}"', self.html(url("電力", section="ない")))


class NothingTests(SearchTestCase):
    def test_an_empty_search_is_a_form_with_a_hint(self) -> None:
        for path in ("/search/", url(""), url("  ")):
            html = self.html(path)
            self.assertIn('<form class="search-form" role="search"', html)
            self.assertIn("空白で区切ると", html)
            self.assertNotIn('role="status"', html)

    def test_any_input_answers_with_a_sentence(self) -> None:
        make_post(title="電力", body="a\"b' c* (d) OR e: ^f {g} %_ \\ 計算")
        for q, sentence in (
            ("%_", "記号だけでは"),
            ("。、", "記号だけでは"),
            ('"', "記号だけでは"),
            ('""', "記号だけでは"),
            ("「」", "記号だけでは"),
            ('"' * 10_000, "記号だけでは"),
            ("\0", "記号だけでは"),
            ("\ufeff", "記号だけでは"),
            ("-電力", "除く言葉だけでは"),
            ("見当たらない", "見つかりませんでした"),
            ("\0電力\0", "1件"),
            ("\ud800電力", "1件"),
            ("a\"b' c* (d) OR e: ^f {g} %_ \\", "1件"),
            ('a" OR "b', "1件"),
            ("電力) OR (x", "見つかりませんでした"),
            ("電力 " * 2500, "1件"),
            ("NEAR/2 AND NOT", "見つかりませんでした"),
            ("%s %(x)s {} ?", "見つかりませんでした"),
        ):
            with self.subTest(q[:30]):
                path = "/search/?q=" + "".join(f"%{byte:02X}" for byte in q.encode("utf-8", "surrogatepass"))
                html = self.html(path)
                self.assertIn(sentence, re.findall(r'role="status">(.*?)</p>', html, re.S)[0])

    def test_a_long_query_says_that_it_was_cut(self) -> None:
        self.assertIn("長すぎるので", self.html(url("電力 " * 2500)))

    def test_ways_on_are_shown(self) -> None:
        make_post(title="電力の記事", tags=("半導体産業", "NVIDIA"))
        html = self.html(url("電力 半導休産業"))
        self.assertIn(f'<a href="?{urlencode({"q": "電力"})}">電力</a>', html)
        self.assertNotIn(f'href="?{urlencode({"q": "半導休産業"})}"', html)
        near, popular = html.index("近いタグ"), html.index("よく使われているタグ")
        self.assertLess(near, html.index(">半導体産業<"))
        self.assertLess(html.index(">半導体産業<"), popular)
        self.assertLess(popular, html.index(">NVIDIA<"))
        self.assertIn("電力の記事", html)

    def test_an_empty_magazine_can_be_searched(self) -> None:
        self.assertEqual(self.status("電力 投資"), "見つかりませんでした。")


class CountTests(SearchTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        for number in range(25):
            make_post(title=f"記事{number:02}", body="半導体の電力。あいあう。", at=NOON - number * HOUR)

    def test_pages_keep_the_query(self) -> None:
        html = self.html(url("電力", section="ai最新ニュース"))
        self.assertEqual(len(self.titles(html)), 20)
        self.assertIn("25件のうち 1–20 件目", html)
        following = re.findall(r'rel="next" href="\?([^"]*)"', html)[0].replace("&amp;", "&")
        html = self.html(f"/search/?{following}")
        self.assertEqual(self.titles(html), [f"記事{number:02}" for number in range(20, 25)])
        self.assertEqual(self.get(url("電力", page=3)).status_code, 404)
        self.assertEqual(self.get(url("電力", page=1)).status_code, 301)
        self.assertEqual(self.get(url("電力", page="x")).status_code, 404)


class ManyTests(SearchTestCase):
    """More posts than are counted, and more than are read."""

    @classmethod
    def setUpTestData(cls) -> None:
        for number in range(3):
            make_post(body="半導体の電力。あいあう。", at=NOON - number * HOUR)
        other = make_content(
            body="半導体の値段、次の電力。あいあう。"
        )  # all pairs of the word, and not the word
        rendered = other.render()
        for start in range(0, CANDIDATES, 500):
            publishing.publish_new(
                [
                    publishing.NewPost(
                        content=replace(other, slug=f"many-{number}"),
                        rendered=rendered,
                        at=NOON - DAY,
                        uuid=(key := uuid4()),
                        guid=key.urn,
                    )
                    for number in range(start, start + 500)
                ],
                by=IMPORT,
                now=NOON,
            )

    def test_counts_are_capped_and_say_so(self) -> None:
        for word in ("電力", "半導体の"):
            with self.subTest(word):
                self.assertTrue(self.status(word).startswith(f"{MOST_COUNTED}件以上"))
                self.assertEqual(len(self.found(word, page=MOST_COUNTED // 20)), 20)
                self.assertEqual(self.get(url(word, page=MOST_COUNTED // 20 + 1)).status_code, 404)

    def test_work_is_capped_and_the_page_says_so(self) -> None:
        self.assertTrue(self.status("半導体の電力").startswith("3件以上"))
        self.assertIn("候補の中には見つかりません", self.status("いあい"))  # all its pairs are there

    def test_what_may_stand_in_a_text_that_was_not_read_is_not_kept_as_missed(self) -> None:
        self.assertIn("候補の中には見つかりません", self.status("いあい"))
        self.assertEqual(list(MissedSearch.objects.all()), [])


class KeptTrueTests(SearchTestCase):
    def test_a_scheduled_post_is_found_from_its_hour_on(self) -> None:
        make_scheduled(at=NOON + HOUR, title="明日の電力")
        self.assertEqual(self.found("電力"), [])
        self.assertEqual(self.titles(self.html(url("電力"), now=NOON + HOUR)), ["明日の電力"])

    def test_drafts_and_withdrawn_posts_are_not_found(self) -> None:
        make_draft(title="電力の下書き")
        gone = make_post(title="電力の誤報", at=NOON - HOUR)
        publishing.withdraw(post=gone, by=IMPORT, now=NOON, reason="誤り")
        self.assertEqual(self.found("電力"), [])

    def test_an_update_is_found_by_its_new_words_alone(self) -> None:
        post = make_post(title="古い題", body="石炭の本文。", tags=("旧札",))
        update(post, now=NOON, title="新しい題", body="風力の本文。", tags=("新札",))
        for word in ("新しい", "風力の本文", "新札", "風"):
            self.assertEqual(self.found(word), ["新しい題"], word)
        for word in ("古い", "石炭の本文", "旧札", "石"):
            self.assertEqual(self.found(word), [], word)

    def test_a_renamed_tag_is_found_by_its_new_name_and_by_the_old(self) -> None:
        make_post(title="一", tags=("旧札",))
        tag = Tag.objects.get()
        tag.name = "改まった札"
        with self.captureOnCommitCallbacks(execute=True):
            taxonomy.save_named(tag, by=IMPORT, now=NOON)
        self.assertEqual(self.found("改まった"), ["一"])
        self.assertEqual(self.found("旧札"), ["一"])  # a name it once had
        self.assertEqual(self.found("「旧札」"), [])

    def test_merged_tags_are_found_by_the_name_that_stays(self) -> None:
        make_post(title="一", tags=("甲札",))
        make_post(title="二", tags=("乙札",), at=NOON - HOUR)
        with self.captureOnCommitCallbacks(execute=True):
            taxonomy.merge(
                sources=[Tag.objects.get(name="乙札")], into=Tag.objects.get(name="甲札"), by=IMPORT, now=NOON
            )
        self.assertEqual(self.found("「甲札」"), ["一", "二"])
        self.assertEqual(self.found("「乙札」"), [])

    def test_unchanged_words_are_not_written_again(self) -> None:
        post = make_post(title="一", body="本文。")
        before = list(SearchPart.objects.values_list("pk", flat=True).order_by("pk"))
        update(post, now=NOON, body="**本文**。", noindex=True)
        self.assertEqual(list(SearchPart.objects.values_list("pk", flat=True).order_by("pk")), before)
        self.assertEqual(search.index_many([Post.objects.get()]), 0)


class PlanTests(SearchTestCase):
    def scans(self) -> int:
        """How often PostgreSQL has read the whole table of texts in this test."""
        if connection.vendor == "sqlite":
            return 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'blog_searchpart'")
            return int(cursor.fetchone()[0])

    def test_posts_are_narrowed_by_an_index_however_few_they_are(self) -> None:
        make_post(title="一", body="電力。")  # what a planner would rather read whole
        make_post(title="電力", body="二。")
        before = self.scans()
        for heads_only, titles in ((False, {"一", "電力"}), (True, {"電力"})):
            found = Post.objects.filter(pk__in=posts_with(["電力", "ない"], heads_only=heads_only))
            self.assertEqual(set(found.values_list("title", flat=True)), titles)
            self.assertNotRegex(found.explain(), "(?i)scan (on )?blog_searchpart")
        self.assertEqual(self.scans(), before)


class MissedTests(SearchTestCase):
    def test_what_nobody_finds_is_counted_by_day(self) -> None:
        self.html(url("ないもの"))
        self.html(url("ナイもの "), now=NOON + DAY)
        [row] = MissedSearch.objects.all()
        self.assertEqual((row.query, row.count, row.last_day), ("ないもの", 2, date(2026, 11, 21)))

    def test_hits_filters_persons_and_long_texts_are_not_kept(self) -> None:
        make_post(title="電力")
        for path in (
            url("電力"),
            url("ないもの", section="x"),
            url("電力 -電力"),
            url("taro@example.com"),
            url("090-1234-5678"),
            url("あ" * 51),
            url("語" * 201),
            url("。。。"),
        ):
            self.html(path)
        self.assertEqual(list(MissedSearch.objects.all()), [])

    def test_the_list_has_an_end(self) -> None:
        first = timezone.localdate(NOON)
        MissedSearch.objects.bulk_create(
            MissedSearch(query=f"ない{number}", count=1, last_day=first + number * DAY)
            for number in range(MAX_ROWS)
        )
        for _ in range(2):
            self.html(url("あふれる"), now=NOON + (MAX_ROWS + 1) * DAY)
        self.assertEqual(
            set(MissedSearch.objects.values_list("query", flat=True)),
            {*(f"ない{number}" for number in range(MAX_ROWS // 2, MAX_ROWS)), "あふれる"},
        )


class PageTests(SearchTestCase):
    def test_only_the_form_itself_is_for_search_engines_and_no_cookie_is_set(self) -> None:
        make_post(title="電力")
        for path, robots in (
            ("/search/", "max-image-preview:large, max-snippet:-1"),
            ("/search/?section=x", "noindex"),
            (url("電力"), "noindex"),
            (url("ない"), "noindex"),
        ):
            response = self.get(path)
            self.assertContains(response, f'<meta name="robots" content="{robots}">', html=True)
            self.assertEqual(response.cookies, {})
            self.assertEqual(response.headers["Vary"], "Accept-Encoding")

    def test_without_the_slash_it_leads_here(self) -> None:
        response = self.get("/search?q=AI")
        self.assertEqual((response.status_code, response.headers["Location"]), (301, "/search/?q=AI"))

    def test_every_page_leads_to_it_and_names_its_description(self) -> None:
        html = self.html("/")
        self.assertIn('href="/search/"', html)
        self.assertIn('type="application/opensearchdescription+xml"', html)
        response = self.get("/opensearch.xml")
        self.assertEqual(
            response.headers["Content-Type"], "application/opensearchdescription+xml; charset=utf-8"
        )
        self.assertContains(response, 'template="http://127.0.0.1:8000/search/?q={searchTerms}"')

    def test_thirty_hits_cost_as_many_queries_as_one(self) -> None:
        self.assert_same_queries(
            url("電力"),
            url("電力の話 -風車の話"),
            url("電力 ない"),
            url("電力", section="ai最新ニュース", tag="札", year=2026),
            "/search/",
            add_row=lambda: make_post(title="電力の話", tags=("札",), body="本文。"),
        )

    def test_counting_what_was_missed_is_one_of_six_statements(self) -> None:
        make_post(title="電力")
        self.html(url("電力 ない"))
        with CaptureQueriesContext(connection) as queries:
            self.html(url("電力 ない"))
        written = [query["sql"] for query in queries if "INSERT" in query["sql"]]
        self.assertEqual((len(written), len(queries)), (1, 6))


COMMON = "あアｱ投資株a AＡ+-。\"'%_*\\ﾞ"
# What changes its length or its neighbours when folded, what no database likes, and anything else.
ODD = (
    "゛\u3099\u0301\u0345\u200d\ufe0f\u00ad\ufeff\ufffd\ud800\udc00\x00\x1f\x85\xa0\u3000\n\t"
    "ßſİıǅﬁᾳΣς㍿℡ﷺ①½ガｶﾞﾟÅ\u212b가\u1100\u1161\u11a8\u3164ヽゝ𠮷👩🇯🇵{}|~^`[]<>!@#$&()=:;,./"
)
LETTERS = st.one_of(st.sampled_from(COMMON), st.sampled_from(ODD), st.characters())
WORDS = st.text(alphabet=LETTERS, max_size=8)


class SameAsSubstringTests(HypothesisTestCase):
    """The index finds what a plain look through all texts finds; in CI on both databases."""

    @classmethod
    def setUpTestData(cls) -> None:
        for number in range(4):
            make_post(at=NOON - number * HOUR)

    @settings(max_examples=100, deadline=None)
    @given(
        texts=st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=4, max_size=4),
        cut=st.tuples(st.integers(0, 11), st.integers(0, 8), st.integers(0, 8)),
        other=WORDS,
        known=st.booleans(),
        minus=st.booleans(),
    )
    def test_search_is_a_plain_substring_search(self, texts, cut, other, known, minus) -> None:
        posts = list(Post.objects.newest_first())
        for post, text in zip(posts, texts, strict=True):
            post.title, post.excerpt, post.plain_text = text
        search.index_many(posts)
        text, start, length = [part for text in texts for part in text][cut[0]], *cut[1:]
        first, second = (text[start:][:length], other) if known else (other, text[start:][:length])
        query = parse(f'"{first}" {"-" if minus else ""}"{second}"')
        found = search.search(query=query, filters=Filters(), page=1, now=NOON)
        expected = sorted(
            (not all(word.text in fold(post.title) for word in query.wanted), number, post.pk)
            for number, post in enumerate(posts)
            if query.wanted
            and all(any(word.text in part for part in self.parts(post)) for word in query.wanted)
            and not any(word.text in part for part in self.parts(post) for word in query.unwanted)
        )
        self.assertEqual(found.ids, [pk for _, _, pk in expected])
        self.assertEqual((found.count, found.at_least), (len(expected), False))

    def parts(self, post: Post) -> list[str]:
        return [fold(post.title), fold(post.excerpt), fold(post.plain_text)]
