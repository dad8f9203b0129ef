from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import quote, quote_plus

from django.test import override_settings
from django.utils.timezone import make_aware

from blog.editorial.content import Credit
from blog.models import Author, Byline, Category, Post, SiteSettings
from tests.base import PublicTestCase, running, update
from tests.make import NOON, make_author, make_category, make_draft, make_image, make_post, make_scheduled

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


class PostPageTests(PublicTestCase):
    def test_page_shows_the_post_with_its_facts(self) -> None:
        make_author("山田 花子", kind=Author.Kind.PERSON)
        picture = make_image(alt="青い板", caption="板", credit="編集部")
        post = make_post(
            at=NOON - HOUR,
            title="題は<一つ>",
            excerpt="リードの文。",
            disclosure="広告を含みます。",
            body="本文。\n\n## 一\n\n## 二\n\n### 三\n",
            tags=("C++", "投資"),
            hero=picture.hash,
            bylines=(Credit("ALLFORCES編集部"), Credit("山田 花子", Byline.Role.SUPERVISOR)),
        )
        html = self.html(post.get_absolute_url())
        self.assertEqual(html.count("<h1"), 1)
        self.assertRegex(html, r'<h1[^>]*>題は<wbr><span class="unbroken">&lt;一つ&gt;</span></h1>')
        self.assertInHTML(
            '<time class="dt-published" datetime="2026-11-20T11:00:00+09:00">2026年11月20日 11:00</time>',
            html,
        )
        self.assertNotIn("更新 <time", html)
        self.assertInHTML(
            '<aside class="disclosure" aria-label="読者への開示">広告を含みます。</aside>', html
        )
        self.assertLess(html.index("広告を含みます"), html.index("本文。"))
        self.assertInHTML(
            f'<a class="p-name u-url" rel="author" href="/authors/{quote("山田-花子")}/">山田 花子</a>', html
        )
        self.assertIn("監修", html)
        self.assertInHTML('<a class="p-category" rel="tag" href="/tags/cpp/">C++</a>', html)
        self.assertInHTML('<li class="level-3"><a href="#三">三</a></li>', html)
        size = f'width="{picture.width}" height="30"'
        self.assertIn(f'<img src="{picture.url}" {size} alt="青い板"', html)
        self.assertIn("約1分", html)

    def test_a_post_of_a_day_without_a_time_shows_the_day_alone(self) -> None:
        post = make_post(at=make_aware(datetime(2026, 4, 3)))
        html = self.html(post.get_absolute_url())
        self.assertIn('datetime="2026-04-03T00:00:00+09:00">2026年4月3日</time>', html)

    def test_posts_chosen_by_hand_stand_beside_it_where_they_are_now(self) -> None:
        moved, hidden = (
            make_post(slug="mae", title="移った記事"),
            make_draft(slug="naibu", title="未公開の題"),
        )
        update(moved, now=NOON, slug="ato")
        kept = make_post(slug="sono-mama", title="そのままの記事")
        chosen = (kept.path, "/2026/11/20/mae/", moved.path, "/2026/11/20/naibu/", "/nai/")
        post = make_post(slug="hon", related=(*chosen, "/2026/11/20/hon/"))
        html = running(self.html(post.get_absolute_url()))
        related = html[html.index("関連記事") : html.index("</section>", html.index("関連記事"))]
        self.assertEqual(related.count("<li>"), 2)
        self.assertLess(related.index("そのままの記事"), related.index("移った記事"))
        self.assertIn('href="/2026/11/20/ato/"', related)
        self.assertNotIn(hidden.working_title, html)
        self.assertNotIn("関連記事", self.html(kept.get_absolute_url()))

    def test_summary_that_only_says_the_headline_again_is_not_shown(self) -> None:
        for excerpt, description, shown in (
            (
                "電力の値上げ、その真意は？",
                "電力の値上げ、その真意は？皆さんはどう見ますか。",
                "皆さんはどう見ますか。",
            ),
            ("電力の値上げ、その真意は？", "電力の値上げ、その真意は？", "料金が動いた。"),
            ("家計に効く話。", "", "家計に効く話。"),
            ("", "検索結果の説明。", "検索結果の説明。"),
            ("", "値段の話ですが、 ${{皆さんも}^{{}^{}{}^{}{}^{", "値段の話ですが…"),
            ("", "", "料金が動いた。"),
        ):
            with self.subTest(excerpt=excerpt, description=description):
                post = make_post(
                    title="2026年電力の値上げ、その真意は？の全貌",
                    body="電力の値上げ、その真意は？\n\n料金が動いた。",
                    excerpt=excerpt,
                    description=description,
                    dialect="old-site",
                )
                html = self.html(post.get_absolute_url())
                self.assertInHTML(f'<meta name="description" content="{shown}">', html)
                self.assertEqual("p-summary" in html, shown == excerpt)
                self.assertInHTML(f'<p class="card-excerpt p-summary">{shown}</p>', self.html("/2026/11/20/"))

    def test_summary_that_somebody_has_written_is_shown_as_it_is(self) -> None:
        title = "電力の値上げ、その真意は"
        cases = {"電力の値上げ、その真意は？": True, "電力の値上げ": True, "____{{{{}^{": True, title: False}
        for excerpt, is_shown in cases.items():
            with self.subTest(excerpt):
                typed = make_post(title=title, excerpt=excerpt, body="料金が動いた。")
                self.assertEqual(typed.excerpt, excerpt if is_shown else "")
                edited = make_post(title=title, excerpt="元のリード。", dialect="old-site")
                update(edited, now=NOON, excerpt=excerpt)
                self.assertEqual(Post.objects.get(pk=edited.pk).excerpt, excerpt if is_shown else "")

    def test_a_lead_that_the_text_begins_with_stands_once(self) -> None:
        lead = "電気の値段は、燃料の輸入価格と為替で決まる。"
        for body, is_shown in (
            (f"{lead}ほかの要因もある。", False),
            (f"題\n\n## 概要\n\n{lead}\n\n続き。", False),
            (f"別の文。{lead}", True),
            ("題\n\n燃料の話。", True),
        ):
            with self.subTest(body):
                post = make_post(title="題", excerpt=lead, body=body)
                html = self.html(post.get_absolute_url())
                self.assertEqual('<p class="dek' in html, is_shown)
                self.assertInHTML(f'<meta name="description" content="{lead}">', html)
                self.assertInHTML(f'<p class="card-excerpt p-summary">{lead}</p>', self.html("/2026/11/20/"))
                markdown = self.html(f"{post.get_absolute_url().removesuffix('/')}.md")
                self.assertEqual(f"> {lead}" in markdown, is_shown)

    def test_a_lead_of_headline_and_first_sentence_is_said_by_both_already(self) -> None:
        title, first = "電力の値上げと家計への影響", "電気の値段は、燃料の輸入価格と為替で決まる。"
        post = make_post(title=title, excerpt=f"{title} {first}", body=f"{title}\n\n{first}続き。")
        self.assertNotIn('<p class="dek', self.html(post.get_absolute_url()))

    def test_summary_that_breaks_off_says_so(self) -> None:
        sentence = "電気の値段は燃料の輸入価格と為替と送電網の費用と税とで決まり、このうち最も大きく動くのは燃料の価格で、次に動くのは為替であることを、"
        for excerpt, shown in (
            (sentence, f"{sentence[:-1]}…"),
            (f"{sentence}忘れない。", f"{sentence}忘れない。"),
            ("税とで決まり", "税とで決まり"),
        ):
            with self.subTest(excerpt):
                post = make_post(excerpt=excerpt, body=f"{sentence}忘れない。", dialect="old-site")
                self.assertInHTML(f'<p class="card-excerpt p-summary">{shown}</p>', self.html("/2026/11/20/"))
                self.assertIn(shown, running(self.html(post.get_absolute_url())))

    def test_moments_have_a_fraction_that_html_knows(self) -> None:
        """At most three digits, https://html.spec.whatwg.org/#times; an editor publishes at any microsecond."""
        post = make_post(at=NOON.replace(microsecond=319238))
        update(post, now=NOON + HOUR + timedelta(microseconds=7))
        for path in (post.get_absolute_url(), "/2026/11/20/"):
            moments = re.findall(r'datetime="([^"]*)"', self.html(path, now=NOON + 2 * HOUR))
            self.assertIn("2026-11-20T12:00:00+09:00", moments)
            self.assertEqual([moment for moment in moments if "." in moment], [])

    def test_chosen_share_image_is_the_one_that_is_shared(self) -> None:
        hero, share = make_image(), make_image()
        post = make_post(hero=hero.hash, share_image=share.hash)
        self.assertIn(
            f'property="og:image" content="http://127.0.0.1:8000{share.url}"',
            self.html(post.get_absolute_url()),
        )

    def test_without_a_chosen_one_the_card_of_the_post_is_shared_and_can_be_fetched(self) -> None:
        html = self.html(make_post(hero=make_image().hash).get_absolute_url())
        found = re.search(r'property="og:image" content="http://127.0.0.1:8000(/share/[^"]*)"', html)
        assert found is not None
        self.assertEqual(self.get(found[1]).headers["Content-Type"], "image/png")

    def test_two_headings_need_no_contents(self) -> None:
        post = make_post(body="## 一\n\n## 二\n")
        self.assertNotIn("目次", self.html(post.get_absolute_url()))

    def test_a_long_contents_list_leaves_the_screen_to_the_text(self) -> None:
        for headings, opening in ((6, '<details class="toc" open '), (7, '<details class="toc" data-toc>')):
            post = make_post(body="\n\n".join(f"## 見出し{number}" for number in range(headings)))
            self.assertIn(opening, self.html(post.get_absolute_url()))

    def test_update_told_to_readers_is_dated_and_a_corrected_typo_is_not(self) -> None:
        post = make_post(at=NOON - 2 * HOUR)
        for told, shown in ((False, False), (True, True)):
            with self.subTest(told=told):
                update(post, now=NOON - HOUR, announce=told)
                self.assertIs("更新 " in self.html(post.get_absolute_url()), shown)

    def test_head_tells_machines_what_the_page_is(self) -> None:
        post = make_post(title="題", slug="生成ai", description="検索結果の説明。", excerpt="リード。")
        html = self.html(post.get_absolute_url())
        url = f"http://127.0.0.1:8000/2026/11/20/{quote('生成ai')}/"
        self.assertInHTML("<title>題 | ALLFORCES</title>", html)
        self.assertInHTML('<meta name="description" content="検索結果の説明。">', html)
        self.assertInHTML(f'<link rel="canonical" href="{url}">', html)
        self.assertInHTML(
            '<meta property="article:published_time" content="2026-11-20T12:00:00+09:00">', html
        )
        self.assertInHTML('<meta name="robots" content="max-image-preview:large, max-snippet:-1">', html)
        self.assertInHTML(
            '<link rel="alternate" type="application/rss+xml" title="ALLFORCES" href="/feed.xml">', html
        )

    @override_settings(SITE_URL="https://magazine.example")
    def test_canonical_is_the_original_elsewhere_or_our_own_url(self) -> None:
        own = make_post(slug="own")
        copied = make_post(slug="copied", canonical_url="https://elsewhere.example/a")
        self.assertIn(
            'canonical" href="https://magazine.example/2026/11/20/own/"', self.html(own.get_absolute_url())
        )
        self.assertIn('canonical" href="https://elsewhere.example/a"', self.html(copied.get_absolute_url()))

    def test_noindex_is_said_for_the_post_or_the_whole_site(self) -> None:
        hidden, open_ = make_post(noindex=True), make_post()
        noindex, closed = (
            f'<meta name="robots" content="{words}">' for words in ("noindex", "noindex, nofollow")
        )
        self.assertInHTML(noindex, self.html(hidden.get_absolute_url()))
        self.assertNotIn(noindex, self.html(open_.get_absolute_url()))
        SiteSettings.objects.update(allow_indexing=False)
        self.assertInHTML(closed, self.html(open_.get_absolute_url()))

    def test_old_news_says_how_old_it_is_from_its_birthday_on(self) -> None:
        make_category("AI最新ニュース")
        post = make_post(at=NOON)
        old = "この記事は{}年前の情報です"
        midnight = NOON.replace(year=2027) - 12 * HOUR  # in Japan
        for now, years in (
            (midnight - SECOND, 0),
            (midnight, 1),
            (midnight.replace(year=2028) - SECOND, 1),
            (midnight.replace(year=2028), 2),
        ):
            html = self.html(post.get_absolute_url(), now=now)
            self.assertEqual("年前の情報です" in html, years > 0, now)
            self.assertEqual(html.count(old.format(years)), min(years, 1))
        # Whoever keeps the page from before is given the new one.
        before = self.get(post.get_absolute_url(), now=midnight - SECOND)["ETag"]
        again = self.get(post.get_absolute_url(), now=midnight, headers={"If-None-Match": before})
        self.assertEqual(again.status_code, 200)

    def test_news_that_was_updated_is_as_old_as_its_update_and_a_guide_does_not_age(self) -> None:
        post, guide = make_post(at=NOON), make_post(at=NOON, category="AI技術ガイド")
        update(post, now=NOON + timedelta(days=300), announce=True)
        Category.objects.filter(name="AI技術ガイド").update(is_news=False)
        later = NOON + timedelta(days=400)
        for shown in (post, guide):
            self.assertNotIn("年前の情報です", self.html(shown.get_absolute_url(), now=later))
        self.assertIn("1年前の情報です", self.html(post.get_absolute_url(), now=NOON + timedelta(days=700)))

    def test_links_that_share_it_say_what_and_where_without_a_script(self) -> None:
        post = make_post(title="値段 & 電力", slug="nedan")
        html = self.html(post.get_absolute_url())
        url = quote("http://127.0.0.1:8000/2026/11/20/nedan/", safe="")
        title = quote_plus("値段 & 電力 | ALLFORCES")
        for target in (
            f"https://x.com/intent/post?text={title}&amp;url={url}",
            f"https://b.hatena.ne.jp/entry/panel/?url={url}&amp;btitle={title}",
            f"https://social-plugins.line.me/lineit/share?url={url}",
        ):
            self.assertIn(f'<a href="{target}" rel="nofollow noopener">', html)
        self.assertIn("<li data-copy hidden>", html)
        self.assertEqual(html.count('<script type="module"'), 1)

    def test_neighbours_follow_the_order_of_the_lists_even_at_one_moment(self) -> None:
        posts = [make_post(slug=f"p{number}") for number in range(3)]
        html = self.html(posts[1].get_absolute_url())
        self.assertRegex(html, r'rel="prev" href="/2026/11/20/p0/"')
        self.assertRegex(html, r'rel="next" href="/2026/11/20/p2/"')
        self.assertNotIn('rel="next"', self.html(posts[2].get_absolute_url()))
        self.assertNotIn('rel="prev"', self.html(posts[0].get_absolute_url()))

    def test_a_scheduled_post_is_nobodys_neighbour(self) -> None:
        post = make_post()
        make_scheduled(at=NOON + HOUR, slug="later")
        self.assertNotIn("/later/", self.html(post.get_absolute_url()))

    def test_queries_do_not_grow_with_the_magazine(self) -> None:
        post = make_post(slug="measured", tags=("一", "二"), hero=make_image().hash)
        self.assert_same_queries(post.get_absolute_url(), add_row=make_post)
