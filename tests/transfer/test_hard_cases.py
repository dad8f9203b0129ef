"""The shapes of the old archive, and what an import makes of each."""

from datetime import UTC, datetime
from urllib.parse import quote

from blog.models import Address, Alias, Category, Manuscript, Post, Revision
from blog.text.parallel import WORTH_PROCESSES
from tests.make import NOON, picture_bytes
from tests.transfer.base import ImportCase
from tests.transfer.documents import document

OLD = "https://old.example.jp"


class HardCaseTests(ImportCase):
    def imported(self, name="2026-11-04-a.md", **options):
        self.said = self.run_import(**options)
        return Post.objects.get(import_ref=name.removesuffix(".md"))

    def test_front_matter_in_every_shape_of_the_archive(self):
        self.write("2026-11-04-twice.md", image="/a.png\nimage: /b.png")
        self.write("2026-11-04-bare.md", tags="[]", categories="[導入事例]", description=None, excerpt=None)
        self.write("2026-11-04-marked.md", title='"**題、`x` と**"', excerpt='"## 要点"', reading_time="8")
        said = self.run_import()
        self.assertIn("新規 3、", said)
        self.assertIn("twice.md: ", said)
        self.assertIn("「image」が二度", said)
        bare = Post.objects.get(slug="bare")
        self.assertEqual((bare.tags.count(), bare.description), (0, "本文です。"))  # its own beginning
        marked = Post.objects.get(slug="marked")
        self.assertEqual((marked.title, marked.excerpt), ("題、`x` と", "要点"))
        self.assertEqual(
            marked.live_revision.content["extra"],
            {"layout": "post", "reading_time": 8, "raw_title": "**題、`x` と**"},
        )

    def test_long_related_list_becomes_related_posts_without_the_article_itself(self):
        items = ", ".join(
            f'{{"slug": "2026-11-0{n}-x", "title": "古い題", "reason": "r"}}' for n in (1, 4, 2)
        )
        for n in (1, 2):
            self.write(f"2026-11-0{n}-x.md", date=f"2026-11-0{n} 17:30:00 +0000")
        self.write("2026-11-04-x.md", date="2026-11-04 17:30:00 +0000", related_articles=f"[{items}]")
        post = self.imported("2026-11-04-x.md")
        self.assertEqual(post.related, ["/2026/11/02/x/", "/2026/11/03/x/"])

    def test_pasted_tail_becomes_related_posts_and_is_not_shown(self):
        self.write("2026-11-01-x.md", date="2026-11-01 17:30:00 +0000")
        tail = "本文。\n\n---\n\n## 関連記事\n\n- [古い題](/2026/11/01/x/)\n- [なし](/2026/11/01/nai/)"
        self.write("2026-11-04-a.md", body=tail, reading_time="8")
        self.write("2026-11-05-a.md", reading_time="8", body=f"{tail}\n\n無料相談をご利用ください。")
        post = self.imported()
        self.assertEqual(post.related, ["/2026/11/02/x/"])
        self.assertEqual(post.body_html.strip(), "<p>本文。</p>")
        self.assertIn("/2026/11/02/x/", post.body)
        self.assertIn("2026-11-04-a.md: 19行目: リンク先の記事がありません: /2026/11/01/nai/", self.said)
        offer = Post.objects.get(import_ref="2026-11-05-a")
        self.assertEqual(offer.related, ["/2026/11/02/x/"])
        self.assertEqual(offer.body_html.strip(), "<p>本文。</p>\n<hr>\n<p>無料相談をご利用ください。</p>")

    def test_links_mean_files_first_then_live_urls(self):
        # The live URL of the first is the file-name path of the second, which stands a day later.
        self.write("2026-11-01-x.md", date="2026-11-01 17:00:00 +0000", title='"一"')
        self.write("2026-11-02-x.md", date="2026-11-02 17:00:00 +0000", title='"二"')
        body = (
            "[a](/2026/11/02/x/?utm=1#見出し) [b](/2026/11/01/x/) [c](https://old.example.jp/2026/11/01/x/) "
            f"[d]({quote('/2026/11/04/半導体/')}) `[e](/2026/11/01/x/)` [f](/services/) [g](#内)"
        )
        self.write("2026-11-04-半導体.md", body=body)
        post = self.imported("2026-11-04-半導体.md", site_url=OLD)
        self.assertEqual(
            post.body.strip(),
            "[a](/2026/11/03/x/?utm=1#見出し) [b](/2026/11/02/x/) [c](/2026/11/02/x/) "
            "[d](/2026/11/04/半導体/) `[e](/2026/11/01/x/)` [f](/services/) [g](#内)",
        )
        # A file that names its own path was written with live URLs: they stay.
        self.write("2026-11-09-z.md", permalink="/2026/11/09/z/", body="[a](/2026/11/02/x/)")
        self.assertEqual(self.imported("2026-11-09-z.md").body.strip(), "[a](/2026/11/02/x/)")

    def test_same_url_twice_the_same_slug_and_equal_moments(self):
        self.write("2026-11-01-x.md", date="2026-11-01 17:00:00 +0000")
        self.write("2026-11-02-x.md", date="2026-11-02 05:00:00 +0000")
        self.write("2026-11-02-y.md", date="2026-11-02 05:00:00 +0000")
        self.run_import(site_url=OLD)
        posts = {post.import_ref: post for post in Post.objects.all()}
        self.assertEqual(posts["2026-11-02-x"].path, "/2026/11/02/x/")
        self.assertEqual(posts["2026-11-01-x"].path, "/2026/11/01/x/")
        self.assertEqual(posts["2026-11-02-x"].guid, f"{OLD}/2026/11/02/x/")
        self.assertTrue(posts["2026-11-01-x"].guid.startswith("urn:uuid:"))
        order = Post.objects.newest_first().values_list("import_ref", flat=True)
        self.assertEqual(list(order), ["2026-11-02-y", "2026-11-02-x", "2026-11-01-x"])

    def test_guid_is_the_old_feeds_percent_encoded_url(self):
        self.write("2026-11-04-半導体.md")
        post = self.imported("2026-11-04-半導体.md", site_url=f"{OLD}/")
        self.assertEqual(post.guid, f"{OLD}/2026/11/04/%E5%8D%8A%E5%B0%8E%E4%BD%93/")

    def test_file_name_path_answers_301(self):
        self.write("2026-11-04-a.md", date="2026-11-04 17:25:00 +0000")
        self.imported()
        response = self.client.get("/2026/11/04/a/")
        self.assertEqual((response.status_code, response["Location"]), (301, "/2026/11/05/a/"))

    def test_later_run_ends_as_one_run(self):
        self.write("2026-11-01-x.md", date="2026-11-01 17:00:00 +0000")
        self.run_import()
        self.write("2026-11-02-x.md", date="2026-11-02 05:00:00 +0000")
        self.run_import()
        paths = {post.import_ref: post.path for post in Post.objects.all()}
        self.assertEqual(paths, {"2026-11-01-x": "/2026/11/01/x/", "2026-11-02-x": "/2026/11/02/x/"})
        for ref, path in paths.items():
            self.assertContains(self.client.get(path), Post.objects.get(import_ref=ref).title)
        self.assertIn("変更なし 2", self.run_import())

    def test_share_image_missing_file_and_no_hero(self):
        self.write("images/a-ogp.png", picture_bytes())
        self.write("2026-11-04-a.md", image="/assets/images/a-ogp.png")
        self.write("2026-11-04-b.md", image="/assets/images/b-ogp.png")
        post = self.imported(images=self.folder / "images")
        self.assertEqual((post.share_image.alt, post.hero), (post.title, None))
        self.assertNotIn("image", post.live_revision.content["extra"])
        other = Post.objects.get(slug="b")
        self.assertEqual(other.live_revision.content["extra"]["image"], "/assets/images/b-ogp.png")
        self.assertIn("2026-11-04-b.md: 画像 /assets/images/b-ogp.png が見つかりません。", self.said)
        self.assertIn("変更なし 2", self.run_import(), "the second run has no folder, but the library")

    def test_flags_and_addresses_of_the_front_matter(self):
        self.write("2026-11-01-x.md", date="2026-11-01 17:30:00 +0000", robots="noindex", sitemap="false")
        self.write("2026-11-02-y.md", sitemap="false", canonical_url=f"{OLD}/2026/11/02/y/")
        self.write(
            "2026-11-04-a.md",
            canonical_url=f"{OLD}/2026/11/01/x/",
            pillar="true",
            pseo_type="commercial",
            last_modified_at="2026-11-10 09:00:00 +0900",
        )
        post = self.imported(site_url=OLD)
        self.assertEqual(Post.objects.filter(noindex=True).count(), 2)
        self.assertEqual(Post.objects.get(slug="y").canonical_url, "")
        self.assertTrue(post.canonical_url.endswith("/2026/11/02/x/"))
        self.assertEqual(post.featured_at, post.published_at)
        self.assertEqual(post.updated_at, datetime(2026, 11, 10, tzinfo=UTC))
        self.assertEqual(post.live_revision.content["extra"]["pseo_type"], "commercial")

    def test_old_names_of_sections_mean_the_sections_of_today(self):
        self.write("2026-11-01-x.md", categories="[投資分析]")
        self.write("2026-11-02-y.md", categories="[AI導入戦略]")
        self.run_import()
        section = Category.objects.get()
        self.assertEqual((section.name, section.slug), ("AI導入戦略", "strategy"))
        self.assertEqual(Alias.objects.get().category, section)

    def test_blocking_defects_come_in_by_their_url_alone_and_on_the_worklist(self):
        bodies = {
            "conflict": "前。\n\n<<<<<<< Updated upstream\n一。\n=======\n二。\n>>>>>>> Stashed changes",
            "prompt": "前。\n\n【既存の記事の最後の部分】\n\n続き。",
            "chat": "前。\n\nもちろん、承知いたしました。続きを書きます。",
            "broken": "文字\ufffdけ。",
        }
        for name, body in bodies.items():
            self.write(f"2026-11-04-{name}.md", body=body)
        self.write("2026-11-04-refusal.md", title='"I apologize, but I am currently unable t？"')
        self.write("2026-11-04-fine.md", body="```\n<<<<<<< HEAD\n```\n\n統合の話。---END---")
        self.assertIn("要確認の記事 5 件は、", self.run_import(dry_run=True))
        said = self.run_import()
        self.assertEqual(set(Post.objects.blocked(NOON).values_list("slug", flat=True)), {*bodies, "refusal"})
        self.assertFalse(Post.objects.filter(noindex=True).exists(), "the source says nothing of that")
        self.assertEqual([post.slug for post in Post.objects.listed(NOON)], ["fine"])
        self.assertEqual(Manuscript.objects.open().count(), 5)
        self.assertIn("要確認 2026-11-04-conflict.md: 13行目: 統合の衝突", said)
        self.assertIn("注意 2026-11-04-fine.md: ", said)
        self.assertIn("要確認の記事 5 件は、URLでは読めますが、", said)
        self.assertContains(self.client.get("/2026/11/04/prompt/"), 'content="noindex"')
        self.assertNotIn("要確認の記事", self.run_import(list_blocked=True))
        self.assertEqual(Post.objects.listed(NOON).count(), 6)
        [entry] = Post.objects.get(slug="prompt").settled
        self.assertEqual((entry["code"], entry["by"]), ("prompt", "import"))
        self.assertNotContains(self.client.get("/2026/11/04/prompt/"), 'content="noindex"')
        self.assertIn("変更なし 6", self.run_import())

    def test_a_new_version_of_a_file_is_blocked_and_free_again(self):
        for body, is_blocked in (("一。", False), ("<<<<<<< x", True), ("二。", False)):
            self.write("2026-11-04-a.md", body=body)
            self.assertEqual(self.imported().is_blocked, is_blocked)
        self.write("2026-11-04-a.md", body="<<<<<<< x", robots="noindex")
        self.assertTrue(self.imported(list_blocked=True).noindex)
        self.write("2026-11-04-a.md", body="承知しました。\n\n<<<<<<< x")
        post = self.imported()
        self.assertTrue(post.is_blocked, "another defect than the one that was settled")

    def test_text_without_measure_and_structure_without_end(self):
        self.write("2026-11-04-long.md", body="# " + "見出し" * 2600 + "\n\n" + "段落です。" * 9000)
        self.write("2026-11-04-quote.md", body=">>>>>>> 七段の引用")
        self.write("2026-11-04-math.md", body="x" + "^{a_{b}}" * 2000)
        self.write("2026-11-04-end.md", body="最後の行").write_bytes(
            document(body="最後の行").rstrip().encode()
        )
        said = self.run_import()
        self.assertIn("新規 4、更新 0、変更なし 0、提案（編集者の版を残しました） 0、失敗 0", said)
        self.assertIn("見出しが長すぎます（7800字）", said)

    def test_a_long_file_name_is_a_slug_up_to_the_limit(self):
        long = "kotoba-" * 17 + "x"
        for name in (f"2026-11-01-{long}.md", f"2026-11-02-{'b-' * 65}.md"):
            self.write(name)
        self.write("2026-11-03-c.md", permalink=f"/2026/11/03/{'d' * 121}/")
        said = self.run_import()
        self.assertIn("新規 3", said)
        slugs = set(Post.objects.values_list("slug", flat=True))
        self.assertEqual(slugs, {long, ("b-" * 60).strip("-"), "c"})
        self.assertIn("スラッグが長すぎます（120字まで）", said)

    def test_a_title_that_nobody_sees_is_refused_and_an_excerpt_that_nobody_sees_is_none(self):
        for number, title in enumerate(("\u200b", "\u2060\ufe0f", "\u0301")):
            self.write(f"2026-11-0{number + 1}-x.md", title=f'"{title}"')
        self.write("2026-11-04-a.md", excerpt='"\u200b"', description="説明です。")
        said = self.run_import()
        self.assertIn("失敗 3", said)
        self.assertEqual(said.count("目に見える文字がありません"), 3)
        self.assertEqual(Post.objects.get().excerpt, "")

    def test_newest_version_stays_when_an_older_one_comes_again(self):
        self.write("2026-11-04-a.md", body="一。")
        self.imported()
        self.write("2026-11-04-a.md", body="二。")
        self.imported()
        self.write("2026-11-04-a.md", body="一。")
        self.assertIn("二", self.imported().body)
        self.assertEqual(Manuscript.objects.count(), 2)

    def test_draft_rule_never_touches_what_is_live(self):
        self.write("2026-11-04-a.md", body="一。")
        self.imported()
        self.write("2026-11-04-a.md", body="二。")
        self.write("2026-11-05-b.md", body="<<<<<<< x")
        post = self.imported(draft=True)
        self.assertEqual((post.body.strip(), post.stage), ("一。", Post.Stage.REVIEW))
        self.assertIn("提案（編集者の版を残しました） 1", self.said)
        draft = Post.objects.get(import_ref="2026-11-05-b")
        self.assertEqual(draft.state(NOON), "執筆中")
        self.assertTrue(Manuscript.objects.get(post=draft).is_blocking)

    def test_files_that_fail_are_kept_as_far_as_they_decode_and_may_come_again(self):
        self.write("2026-11-04-a.md", document(title="["))
        self.write("2026-11-05-b.md", document(body="半導体").encode("cp932"))
        self.run_import()
        self.run_import()
        rows = {row.ref: row for row in Manuscript.objects.all()}
        self.assertEqual({row.outcome for row in rows.values()}, {"failed"})
        self.assertIn("layout: post", rows["2026-11-05-b"].source)
        self.assertEqual(rows["2026-11-04-a"].findings[0].line, 5)


class ManyTests(ImportCase):
    def test_many_files_are_read_and_rendered_by_other_processes(self):
        for number in range(WORTH_PROCESSES):
            self.write(f"2026-11-04-{number}-x.md", body=f"**本文{number}**")
        self.write("2026-11-05-bad.md", document(title="["))
        said = self.run_import()
        self.assertIn(
            f"新規 {WORTH_PROCESSES}、更新 0、変更なし 0、提案（編集者の版を残しました） 0、失敗 1", said
        )
        self.assertIn("失敗 2026-11-05-bad.md: 5行目: ", said)
        self.assertIn("<strong>本文7</strong>", Post.objects.get(slug="7-x").body_html)
        self.assertEqual(Manuscript.objects.count(), WORTH_PROCESSES + 1)


class SameAgainTests(ImportCase):
    def dump(self):
        def rows(queryset, *names):
            return sorted(map(repr, queryset.values_list(*names)))

        return (
            rows(
                Post.objects,
                "import_ref",
                "uuid",
                "guid",
                "published_at",
                "updated_at",
                "title",
                "body_html",
                "related",
                "category__name",
                "category__slug",
            ),
            rows(Post.objects.order_by("pk"), "import_ref", "tagged__tag__name", "tagged__tag__slug"),
            rows(Address.objects, "path", "kind", "post__import_ref"),
            rows(Revision.objects, "post__import_ref", "number", "kind", "stage", "content"),
            rows(Manuscript.objects, "ref", "sha256", "outcome", "problems", "source", "post__import_ref"),
            list(Post.objects.newest_first().values_list("import_ref", flat=True)),
        )

    def test_twice_and_in_any_order_the_database_is_the_same(self):
        files = [
            self.write("2026-11-01-x.md", date="2026-11-01 17:00:00 +0000", tags="[LLM, ai]"),
            self.write("2026-11-02-x.md", date="2026-11-02 05:00:00 +0000", tags="[ＡＩ]"),
            self.write("2026-11-03-z.md", date="2026-11-02 05:00:00 +0000", body="[x](/2026/11/01/x/)"),
            self.write("2026-11-04-bad.md", "---\ntitle: [\n---\n"),
            self.write("2026-11-05-c.md", categories="[投資分析]", body="<<<<<<< x"),
        ]
        dumps = []
        for order in (files, files[::-1], files[2:] + files[:2]):
            for model in (Revision, Manuscript):
                Post.objects.update(latest_revision=None, live_revision=None, published_at=None)
                model.objects.all().delete()
            Post.objects.all().delete()
            Category.objects.all().delete()
            self.run_import(*order)
            dumps.append(self.dump())
            self.run_import(*order)
            self.assertEqual(self.dump(), dumps[-1], "the second run changes nothing")
        self.assertEqual(dumps[0], dumps[1])
        self.assertEqual(dumps[0], dumps[2])
