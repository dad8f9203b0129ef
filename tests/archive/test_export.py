"""`manage.py export_posts`, and the way back."""

import hashlib
import tempfile
from datetime import timedelta
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command
from django.urls import reverse

from blog import publishing, taxonomy
from blog.archive.exporter import export
from blog.content import Content, Credit
from blog.models import (
    Address,
    Author,
    Byline,
    Category,
    Collection,
    Image,
    Manuscript,
    Page,
    Post,
    SiteSettings,
    Tag,
)
from tests.archive.documents import SEED, document
from tests.base import update
from tests.editing.base import DeskTestCase, form_data
from tests.make import (
    NOON,
    make_author,
    make_category,
    make_collection,
    make_content,
    make_draft,
    make_image,
    make_post,
    make_scheduled,
    picture_bytes,
)

LATER = NOON + timedelta(days=2)


def empty_database():
    """Nothing left but logins, as after `migrate`."""
    for post in Post.objects.all():
        post.delete()
    for model in (Address, Page, Manuscript, Tag, Category, Collection, Author, Image, SiteSettings):
        model.objects.all().delete()
    SiteSettings().save()


class ExportTestCase(DeskTestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.new_media()

    def new_media(self):
        media = tempfile.TemporaryDirectory()
        self.addCleanup(media.cleanup)
        self.enterContext(self.settings(MEDIA_ROOT=media.name))

    def export(self, name="out", *, now=LATER):
        export(self.folder / name, now=now)
        return self.files(name)

    def files(self, name="out"):
        """Every file of an export by its path."""
        top = self.folder / name
        return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}

    def text(self, path, name="out"):
        return (self.folder / name / path).read_text(encoding="utf-8")

    def bring_back(self, name="out"):
        """Import an export as an operator does; gives what was said."""
        out, err = StringIO(), StringIO()
        try:
            call_command("import_posts", self.folder / name, stdout=out, stderr=err)
        except CommandError as error:
            return f"{out.getvalue()}{err.getvalue()}{error}"
        return out.getvalue() + err.getvalue()

    def import_documents(self, **documents):
        source = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name, text in documents.items():
            (source / f"{name.replace('_', '-')}.md").write_text(text, encoding="utf-8")
        call_command("import_posts", source, stdout=StringIO(), stderr=StringIO())

    def assert_round_trip(self):
        """Export, empty database and media, import, export: the same bytes. Gives the files."""
        first = self.export("first")
        addresses = self.addresses()
        empty_database()
        self.new_media()
        self.assertIn("失敗 0", self.bring_back("first"))
        second = self.export("second")
        self.assertEqual(first.keys(), second.keys())
        for path, data in first.items():
            self.assertEqual(data, second[path], path)
        self.assertEqual(self.addresses(), addresses)
        return first

    def addresses(self):
        """What every public path answers."""
        columns = ("path", "kind", "post__uuid", "page__path", "target", "reason")
        return set(Address.objects.exclude(kind=Address.Kind.HELD).values_list(*columns))


class FilesTests(ExportTestCase):
    def test_post_is_written_in_one_order_and_one_style(self):
        post = make_post(
            title="電力の「値段」",
            slug="denryoku",
            tags=("電力", "企業: Example"),
            excerpt="要点。",
            body="本文。",
            extra={
                "reading_time": 8,
                "pillar_article": {"slug": "2026-01-01-a", "title": "あ"},
                "z": 1,
                "a": 2,
            },
        )
        self.export()
        self.assertEqual(
            self.text("_posts/2026-11-20-denryoku.md"),
            "---\n"
            'layout: "post"\n'
            'title: "電力の「値段」"\n'
            "date: 2026-11-20 12:00:00 +0900\n"
            'categories: ["AI最新ニュース"]\n'
            'tags: ["電力", "企業: Example"]\n'
            'author: "ALLFORCES編集部"\n'
            'excerpt: "要点。"\n'
            'permalink: "/2026/11/20/denryoku/"\n'
            f'uuid: "{post.uuid}"\n'
            "reading_time: 8\n"
            'pillar_article: {"slug": "2026-01-01-a", "title": "あ"}\nz: 1\na: 2\n'
            "---\n\n本文。\n",
        )

    def test_second_run_writes_the_same_bytes(self):
        make_post(tags=("b", "a", "c"))
        make_draft()
        make_image()
        self.assertEqual(self.export("first"), self.export("second"))

    def test_what_is_being_changed_and_what_is_in_the_bin_stay_at_home(self):
        post = make_post(body="いまの本文。")
        update(post, now=LATER, at=LATER + timedelta(days=1), body="ひみつの予約。", slug="himitsu-no-slug")
        publishing.save(
            post=post, content=make_content(body="ひみつの書きかけ。"), by=None, now=LATER, base=None
        )
        publishing.discard(post=make_draft(body="ひみつのごみ。"), by=None, now=NOON)
        files = self.export()
        self.assertIn("いまの本文。".encode(), b"".join(files.values()))
        self.assertNotIn("ひみつ".encode(), b"".join(files.values()))
        self.assertNotIn(b"himitsu", b"".join(files.values()))

    def test_draft_scheduled_and_withdrawn_posts_are_where_jekyll_does_not_show_them(self):
        make_draft(slug="shitagaki")
        make_scheduled(slug="yoyaku", at=LATER + timedelta(days=3), now=NOON)
        publishing.withdraw(post=make_post(slug="torisage"), by=None, now=LATER, reason="誤りのため")
        self.export()
        self.assertIn("published: false", self.text("_drafts/shitagaki.md"))
        self.assertIn("date: 2026-11-25 12:00:00 +0900", self.text("_posts/2026-11-25-yoyaku.md"))
        self.assertIn("future: false", self.text("_config.yml"))
        self.assertIn("published: false", self.text("_posts/2026-11-20-torisage.md"))
        self.assertIn('"reason": "誤りのため"', self.text("_posts/2026-11-20-torisage.md"))

    def test_merged_tag_and_renamed_section_are_written_under_their_present_names(self):
        make_post(slug="a", tags=("LLM", "大規模言語モデル", "電力"))
        make_draft(slug="b", tags=("大規模言語モデル",))
        taxonomy.merge(sources=[Tag.objects.get(name="大規模言語モデル")], into=Tag.objects.get(name="LLM"))
        category = Category.objects.get()
        category.name = "ニュース"
        taxonomy.save_named(category)
        self.export()
        self.assertIn('categories: ["ニュース"]\ntags: ["LLM", "電力"]', self.text("_posts/2026-11-20-a.md"))
        self.assertIn('tags: ["LLM"]', self.text("_drafts/b.md"))
        self.assertIn('aliases: ["大規模言語モデル"]', self.text("_data/tags.yml"))

    def test_names_that_no_file_system_takes_are_shortened_and_each_is_used_once(self):
        for slug in ("長" * 70 + "い", "長" * 70 + "さ"):
            make_post(slug=slug)
        make_draft(title="同じ題", slug="")
        make_draft(title="同じ題", slug="")
        make_draft(title="", slug="")
        names = [Path(path).name for path in self.export() if path.endswith(".md")]
        self.assertEqual(len(set(names)), 5)
        self.assertLess(max(len(name.encode()) for name in names), 230)

    def test_image_whose_file_is_lost_is_told_and_stops_nothing(self):
        image = make_image()
        image.file.storage.delete(image.name)
        out, err = StringIO(), StringIO()
        call_command("export_posts", self.folder / "out", stdout=out, stderr=err)
        self.assertIn(f"画像 {image.name} のファイルが見つかりません", err.getvalue())
        self.assertIn("画像 1", out.getvalue())


class FolderTests(ExportTestCase):
    def run_export(self, **options):
        try:
            call_command("export_posts", self.folder / "out", stdout=StringIO(), **options)
        except CommandError as error:
            return str(error)
        return ""

    def test_folder_of_somebody_else_is_never_touched(self):
        (self.folder / "out").mkdir()
        (self.folder / "out" / "kept.txt").write_text("x")
        self.assertIn("空のフォルダーでも", self.run_export(force=True))
        self.assertEqual(self.files(), {"kept.txt": b"x"})

    def test_earlier_export_is_replaced_only_on_request_and_its_repository_stays(self):
        post = make_post(slug="a")
        self.run_export()
        (self.folder / "out" / ".git").mkdir()
        (self.folder / "out" / ".git" / "HEAD").write_text("ref")
        update(post, now=LATER, slug="b")
        self.assertIn("--force", self.run_export())
        self.assertIn("_posts/2026-11-20-a.md", self.files())
        self.assertEqual(self.run_export(force=True), "")
        self.assertEqual(self.text(".git/HEAD"), "ref")
        self.assertIn("_posts/2026-11-20-b.md", self.files())
        self.assertNotIn("_posts/2026-11-20-a.md", self.files())
        self.assertEqual([path.name for path in self.folder.iterdir()], ["out"])

    def test_run_that_was_stopped_while_putting_things_in_place_loses_nothing(self):
        make_post(slug="a")
        self.run_export()
        (self.folder / "out" / ".git").mkdir()
        (self.folder / "out" / ".git" / "HEAD").write_text("ref")
        (self.folder / "out").rename(self.folder / ".out.before-export")
        self.assertEqual(self.run_export(force=True), "")
        self.assertEqual(self.text(".git/HEAD"), "ref")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["out"])

    def test_folder_that_happens_to_stand_in_the_way_is_not_removed(self):
        (self.folder / "out.part").mkdir()
        (self.folder / "out.part" / "kept.txt").write_text("x")
        self.assertIn("片付けてください", self.run_export())
        self.assertEqual(self.files("out.part"), {"kept.txt": b"x"})

    def test_export_that_fails_leaves_the_earlier_one_whole(self):
        post = make_post(slug="a")
        self.run_export()
        before = self.files()
        update(post, now=LATER, body="新しい本文。")
        (self.folder / "out.part").write_text("in the way")
        self.assertTrue(self.run_export(force=True))
        self.assertEqual(self.files(), before)


class RoundTripTests(ExportTestCase):
    def test_demo_magazine_comes_back_byte_for_byte(self):
        call_command("load_demo", stdout=StringIO())
        files = self.assert_round_trip()
        self.assertEqual(sum(path.startswith("_posts/") for path in files), 14)
        self.assertEqual(sum(path.startswith("assets/images/") for path in files), 9)

    def test_imported_archive_comes_back_byte_for_byte(self):
        self.import_documents(
            seed=SEED,
            **{
                "2026_11_04_a": document(
                    reading_time="8", image="/assets/images/posts/nai.png", body="\n\n\n末尾なし"
                ),
                "2026_11_04_yoru_": document(
                    date="2026-11-04 17:25:00 +0000", pillar="true", sitemap="false"
                ),
                "2026_11_05_yoru": document(
                    date="2026-11-05 08:00:00 +0900", last_modified_at='"2026-11-06"'
                ),
                "2026_11_06_links": document(
                    body="[a](/2026/11/04/a/) [夜](/2026/11/04/yoru/#x)\n\n## 関連記事\n\n- [a](/2026/11/04/a/)"
                ),
                "2026_11_07_conflict": document(
                    body="<<<<<<< Updated upstream\nA\n=======\nB\n>>>>>>> Stashed"
                ),
                "2026_11_08_shitagaki": document(published="false", tags="[]", title='"**太字の題**"'),
                "2026_11_09_エーシェント": document(
                    related_articles='[{"slug": "2026-11-04-a", "reason": "関連記事"}]'
                ),
            },
        )
        self.assertEqual(Post.objects.count(), 8)
        files = self.assert_round_trip()
        self.assertIn("_posts/2026-11-09-エーシェント.md", files)

    def test_five_edits_at_the_desk_come_back_byte_for_byte(self):
        call_command("load_demo", stdout=StringIO())
        post = Post.objects.get(slug="waste-heat-greenhouse")
        neighbour = Post.objects.get(slug="patience-has-a-formula")
        update(neighbour, now=LATER, body=f"[温室]({post.path})の話。")
        old_path, guid = post.path, post.guid
        image = make_image(alt="温室の窓", credit="写真：編集部")
        self.client.force_login(self.chief)
        content = Content.from_json(post.live_revision.content)
        typed = {
            "title": "廃熱で育つ「夏」",
            "tags": "温室、廃熱、電力",
            "body": f"書き直した本文。\r\n\r\n![温室の窓]({image.url})\r\n",
            "slug": "natsu-wo-sodateru",
            "day": "2026-06-30",
            "hero": image.hash,
        }
        data = form_data(content, base=post.working, verb="publish", **typed)
        response = self.client.post(reverse("admin:blog_post_change", args=[post.pk]), data)
        self.assertEqual(response.status_code, 302)
        files = self.assert_round_trip()
        text = files["_posts/2026-06-30-waste-heat-greenhouse.md"].decode()
        asset = f"/assets/images/{image.hash[:32]}.png"
        for line in (
            'title: "廃熱で育つ「夏」"',
            'tags: ["温室", "廃熱", "電力"]',
            f'hero: "{asset}"',
            'permalink: "/2026/06/30/natsu-wo-sodateru/"',
            f'redirect_from: ["/2026/06/30/waste-heat-greenhouse/", "{old_path}"]',
            f"\n書き直した本文。\n\n![温室の窓]({asset})\n",
        ):
            self.assertIn(line, text)
        back = Post.objects.get(uuid=post.uuid)
        self.assertEqual(
            (back.guid, back.path, back.hero.hash), (guid, "/2026/06/30/natsu-wo-sodateru/", image.hash)
        )
        self.assertEqual((back.hero.alt, back.hero.credit), ("温室の窓", "写真：編集部"))
        self.assertIn(back.hero.url, back.body_html)
        self.assertRedirects(self.client.get(old_path), back.get_absolute_url(), status_code=301)

    def test_series_and_features_come_back_with_their_posts(self):
        picture = make_image(alt="値札")
        make_collection("電力の夏", kind=Collection.Kind.FEATURE, description="暑い話。", picture=picture)
        series = make_collection("計算の値段")
        post = make_post(slug="a", collection="計算の値段")
        make_post(slug="b", collection="電力の夏")
        make_draft(slug="c", collection="電力の夏")
        series.name = "計算の原価"
        taxonomy.save_named(series)
        self.assert_round_trip()
        back = Post.objects.get(uuid=post.uuid)
        self.assertEqual((back.collection.name, back.collection.slug), ("計算の原価", "計算の値段"))
        feature = Collection.objects.get(kind=Collection.Kind.FEATURE)
        self.assertEqual((feature.description, feature.picture.alt), ("暑い話。", "値札"))
        self.assertIn('series: "計算の原価"', self.text("_posts/2026-11-20-a.md", "second"))

    def test_everything_a_post_can_have_comes_back(self):
        other = make_post(slug="other")
        make_author("監修者", kind=Author.Kind.PERSON)
        post = make_post(
            bylines=(Credit("ALLFORCES編集部"), Credit("監修者", Byline.Role.SUPERVISOR)),
            hero=make_image(alt="", is_decorative=True).hash,
            share_image=make_image(caption="図", licence="CC BY 4.0").hash,
            related=(other.path, "/2020/01/01/nai/"),
            excerpt="# 見出しのような抜粋",
            description="説明: 「引用」",
            disclosure="一行目\n二行目",
            canonical_url="https://example.org/原典",
            noindex=True,
            featured=True,
            extra={"pillar": True, "on": "y", "note": "一\n二", "uuid_like": [1, {"a": None}]},
            body="---\n\n罫線で始まる本文。\n\n    code\n",
        )
        update(post, now=LATER, slug="moved", title="# 「**太字**」")
        Post.objects.filter(pk=post.pk).update(guid="https://old.example/2026/%E8%A8%98%E4%BA%8B/")
        publishing.withdraw(post=other, by=None, now=LATER, reason="権利者の求めにより")
        make_scheduled(at=LATER + timedelta(days=9), now=LATER)
        make_draft(title="題", slug="", category="", bylines=(), body="")
        before = {post.uuid: post for post in Post.objects.select_related("hero", "share_image")}
        live = {
            key: Content.from_json(post.live_revision.content)
            for key, post in before.items()
            if post.live_revision
        }
        self.assert_round_trip()
        for back in Post.objects.all():
            was = before[back.uuid]
            for name in (
                "guid",
                "import_ref",
                "published_at",
                "updated_at",
                "withdrawn_at",
                "withdrawn_reason",
            ):
                self.assertEqual(getattr(back, name), getattr(was, name), name)
            for name in ("title", "slug", "day", "related", "disclosure", "noindex", "featured", "body_html"):
                self.assertEqual(getattr(back, name), getattr(was, name), name)
            if back.live_revision:
                now = Content.from_json(back.live_revision.content)
                self.assertEqual(live[back.uuid].diff(now).keys() - {"day"}, set())
        self.assertEqual(
            [
                (image.alt, image.is_decorative, image.caption, image.licence)
                for image in Image.objects.order_by("caption")
            ],
            [("", True, "", ""), ("青緑の板", False, "図", "CC BY 4.0")],
        )

    def test_names_pages_addresses_and_settings_come_back(self):
        image = make_image()
        category = make_category("研究", slug="kenkyu", description="論文を読む", order=3)
        category.name = "研究論文"
        taxonomy.save_named(category)
        make_author(
            "山田",
            kind="person",
            title="記者",
            bio="一行目\r\n二行目",
            links="自分 | https://a.jp/",
            picture=image,
        )
        page = Page(path="/about/", title="案内", body=f"![]({image.url})", is_public=True)
        taxonomy.save_page(page)
        page.path = "/company/about/"
        taxonomy.save_page(page)
        taxonomy.save_page(Page(path="/himitsu.html", title="準備中", body="まだ"))
        Address.objects.create(path="/old/", target="https://example.org/")
        Address.objects.create(path="/gone/", kind=Address.Kind.GONE, reason="終了しました。")
        site = SiteSettings.objects.get()
        site.name, site.logo, site.four_eyes, site.tagline = "別の名", image, True, ""
        site.footer, site.menu = f"![]({image.url})", "案内 | /about/\n"
        site.save()
        files = self.assert_round_trip()
        self.assertLessEqual({"company/about.md", "himitsu.html.md"}, files.keys())
        site, author = SiteSettings.objects.get(), Author.objects.get(name="山田")
        self.assertEqual(
            (site.name, site.tagline, site.four_eyes, site.logo.hash), ("別の名", "", True, image.hash)
        )
        self.assertEqual((author.picture.hash, author.link_list), (image.hash, [("自分", "https://a.jp/")]))
        self.assertEqual(taxonomy.known_as(Category, "研究").slug, "kenkyu")
        for path, status in (
            ("/about/", 301),
            ("/company/about/", 200),
            ("/himitsu.html", 404),
            ("/gone/", 410),
        ):
            self.assertEqual(self.client.get(path).status_code, status, path)


class WayBackTests(ExportTestCase):
    def test_export_over_the_same_magazine_changes_nothing(self):
        call_command("load_demo", stdout=StringIO())
        self.export()
        before = list(Post.objects.values("uuid", "latest_revision", "live_revision", "updated_at"))
        self.assertIn("新規 0、更新 0、変更なし 15", self.bring_back())
        self.assertEqual(
            list(Post.objects.values("uuid", "latest_revision", "live_revision", "updated_at")), before
        )

    def test_file_changed_by_hand_is_a_proposal_and_overwrites_nothing(self):
        post = make_post(slug="a", body="元の本文。")
        self.export()
        path = self.folder / "out/_posts/2026-11-20-a.md"
        path.write_text(path.read_text().replace("元の本文", "手で直した本文"))
        self.assertIn("提案（編集者の版を残しました） 1", self.bring_back())
        post.refresh_from_db()
        self.assertIn("元の本文", post.body_html)
        self.assertIn("手で直した", post.working.content["body"])
        self.assertEqual(post.stage, Post.Stage.REVIEW)

    def test_settings_and_names_of_a_living_site_stay(self):
        make_post()
        self.export()
        site = SiteSettings.objects.get()
        site.name = "生きているサイト"
        site.save()
        Category.objects.update(description="書き直した説明")
        self.bring_back()
        self.assertEqual(SiteSettings.objects.get().name, "生きているサイト")
        self.assertEqual(Category.objects.get().description, "書き直した説明")

    def test_image_that_is_not_as_it_was_written_is_an_upload_like_any_other(self):
        image = make_image(alt="板")
        make_post(slug="a", body=f"![]({image.url})")
        self.export()
        empty_database()
        (path,) = (self.folder / "out/assets/images").iterdir()
        path.write_bytes(picture_bytes(size=(5, 5), form="JPEG") + b"<script>hidden</script>")
        self.bring_back()
        stored = Image.objects.get()
        self.assertEqual((stored.alt, stored.width), ("板", 5))
        with stored.file.open() as file:
            self.assertNotIn(b"<script>", file.read())

    def test_image_with_metadata_is_none_of_ours(self):
        image = make_image()
        self.export()
        empty_database()
        (path,) = (self.folder / "out/assets/images").iterdir()
        data = picture_bytes(exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
        path.write_bytes(data)
        rows = self.folder / "out/_data/images.yml"
        rows.write_text(rows.read_text().replace(image.hash, hashlib.sha256(data).hexdigest(), 1))
        self.bring_back()
        self.assertNotEqual(Image.objects.get().hash, hashlib.sha256(data).hexdigest())

    def test_file_that_somebody_put_there_is_read_by_the_importer(self):
        make_post()
        self.export()
        (self.folder / "out/_posts/2026-11-04-yoso.md").write_text(document(title='"よその原稿"'))
        self.assertIn("新規 1、更新 0、変更なし 1", self.bring_back())
        self.assertEqual(Post.objects.get(title="よその原稿").path, "/2026/11/04/yoso/")

    def test_link_out_of_the_folder_is_not_followed(self):
        image = make_image()
        make_post(slug="a")
        self.export()
        empty_database()
        (path,) = (self.folder / "out/assets/images").iterdir()
        path.rename(self.folder / "outside.png")
        path.symlink_to(self.folder / "outside.png")
        self.assertIn(f"失敗 画像 {path.name}: シンボリックリンク", self.bring_back())
        self.assertFalse(Image.objects.filter(hash=image.hash).exists())

    def test_broken_files_are_named_and_stop_nothing(self):
        for slug in ("a", "b", "c"):
            make_post(slug=slug)
        self.export()
        empty_database()
        posts = self.folder / "out/_posts"
        (posts / "2026-11-20-a.md").write_text("---\ntitle: [\n---\n")
        (posts / "2026-11-20-b.md").write_text((posts / "2026-11-20-c.md").read_text())
        (self.folder / "out/_data/tags.yml").write_text("- &a x\n- *a")
        said = self.bring_back()
        self.assertIn("新規 1、更新 0、変更なし 1、提案（編集者の版を残しました） 0、失敗 2", said)
        for name in ("2026-11-20-a.md", "tags.yml"):
            self.assertIn(f"失敗 {name}: ", said)

    def test_export_is_taken_whole_or_not_at_all(self):
        self.export()
        for option in ("dry_run", "draft"):
            with self.assertRaises(CommandError):
                call_command("import_posts", self.folder / "out", **{option: True})
