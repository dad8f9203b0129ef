"""What `export_posts` wrote comes back through `import_posts`, byte for byte."""

import tempfile
from datetime import timedelta
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse

from blog.editorial import publishing, taxonomy
from blog.editorial.actors import IMPORT, Person
from blog.editorial.content import Content, Credit
from blog.models import Address, Author, Byline, Category, Collection, Image, Notice, Page, Post, SiteSettings
from blog.text.parallel import WORTH_PROCESSES
from tests.admin.base import form_data, press_publish
from tests.base import update
from tests.make import (
    NOON,
    make_author,
    make_category,
    make_collection,
    make_draft,
    make_image,
    make_post,
    make_scheduled,
    picture_bytes,
)
from tests.transfer.base import EVERYBODY_LISTENS
from tests.transfer.documents import SEED, document
from tests.transfer.exporting import LATER, ExportTestCase, empty_database


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
        response = press_publish(self.client, response)
        self.assertRedirects(response, reverse("admin:blog_post_change", args=[post.pk]))
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
        publishing.withdraw(post=other, by=IMPORT, now=LATER, reason="権利者の求めにより")
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
            for name in ("title", "slug", "day", "related", "disclosure", "noindex", "body_html"):
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

    @override_settings(**EVERYBODY_LISTENS)
    def test_nobody_is_told_that_an_old_withdrawal_has_come_back(self):
        gone = make_post(slug="gone")
        publishing.withdraw(post=gone, by=Person(self.chief), now=LATER, reason="誤り")
        self.assertEqual(set(Notice.objects.values_list("event", flat=True)), {Notice.Event.WITHDRAWN})
        self.assert_round_trip()
        self.assertEqual(self.client.get(gone.path).status_code, 410)
        self.assertFalse(Notice.objects.exists())

    def test_what_was_featured_long_ago_does_not_lead_the_magazine_that_it_comes_back_to(self):
        new, old = (make_post(at=NOON - timedelta(days=days), featured=True) for days in (1, 400))
        slugs = [new.slug, old.slug]
        self.export()
        empty_database()
        self.bring_back()
        back = Post.objects.order_by("-featured_at")
        self.assertEqual([post.slug for post in back], slugs)
        self.assertEqual([post.featured_at for post in back], [post.published_at for post in back])

    def test_names_pages_addresses_and_settings_come_back(self):
        image = make_image()
        category = make_category("研究", slug="kenkyu", description="論文を読む", order=3, is_news=False)
        category.name = "研究論文"
        taxonomy.save_named(category, by=IMPORT, now=NOON)
        make_author(
            "山田",
            kind="person",
            title="記者",
            bio="一行目\r\n二行目",
            links="自分 | https://a.jp/",
            picture=image,
        )
        page = Page(path="/about/", title="案内", body=f"![]({image.url})", is_public=True)
        taxonomy.save_page(page, by=IMPORT, now=NOON)
        page.path = "/company/about/"
        taxonomy.save_page(page, by=IMPORT, now=NOON)
        taxonomy.save_page(Page(path="/himitsu.html", title="準備中", body="まだ"), by=IMPORT, now=NOON)
        Address.objects.create(path="/old/", target="https://example.org/")
        Address.objects.create(path="/gone/", kind=Address.Kind.GONE, reason="終了しました。")
        site = SiteSettings.objects.get()
        site.name, site.logo, site.four_eyes, site.tagline = "別の名", image, True, ""
        site.footer, site.menu = f"![]({image.url})", "案内 | /about/\n"
        site.allow_ai_search, site.crawlers = False, "GPTBot | 許可"
        site.save()
        files = self.assert_round_trip()
        self.assertLessEqual({"company/about.md", "himitsu.html.md"}, files.keys())
        site, author = SiteSettings.objects.get(), Author.objects.get(name="山田")
        self.assertEqual(
            (site.name, site.tagline, site.four_eyes, site.logo.hash), ("別の名", "", True, image.hash)
        )
        self.assertEqual((author.picture.hash, author.link_list), (image.hash, [("自分", "https://a.jp/")]))
        self.assertEqual(
            (site.allow_ai_search, site.allow_ai_training, site.crawlers), (False, False, "GPTBot | 許可")
        )
        section = taxonomy.known_as(Category, "研究")
        self.assertEqual((section.slug, section.is_news), ("kenkyu", False))
        for path, status in (
            ("/about/", 301),
            ("/company/about/", 200),
            ("/himitsu.html", 404),
            ("/gone/", 410),
        ):
            self.assertEqual(self.client.get(path).status_code, status, path)

    def test_series_and_features_come_back_with_their_posts(self):
        picture = make_image(alt="値札")
        make_collection("電力の夏", kind=Collection.Kind.FEATURE, description="暑い話。", picture=picture)
        series = make_collection("計算の値段")
        post = make_post(slug="a", collection="計算の値段")
        make_post(slug="b", collection="電力の夏")
        make_draft(slug="c", collection="電力の夏")
        series.name = "計算の原価"
        taxonomy.save_named(series, by=IMPORT, now=NOON)
        self.assert_round_trip()
        back = Post.objects.get(uuid=post.uuid)
        self.assertEqual((back.collection.name, back.collection.slug), ("計算の原価", "計算の値段"))
        feature = Collection.objects.get(kind=Collection.Kind.FEATURE)
        self.assertEqual((feature.description, feature.picture.alt), ("暑い話。", "値札"))
        self.assertIn('series: "計算の原価"', self.text("_posts/2026-11-20-a.md", "second"))

    def test_many_posts_are_rendered_by_other_processes_and_come_back_the_same(self):
        self.import_documents(
            **{
                f"2026_11_04_{number}x": document(body=f"**本文{number}**")
                for number in range(WORTH_PROCESSES)
            }
        )
        shown = dict(Post.objects.values_list("slug", "body_html"))
        self.assert_round_trip()
        self.assertEqual(dict(Post.objects.values_list("slug", "body_html")), shown)

    def test_three_orders_of_the_files_and_their_images_make_the_same_magazine(self):
        source = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (source / "images").mkdir()
        for name in ("a-ogp.png", "b-ogp.png"):  # one picture under two names
            (source / "images" / name).write_bytes(picture_bytes())
        texts = {
            "2026-11-01-x": document(date="2026-11-01 17:00:00 +0000", image="/assets/images/b-ogp.png"),
            "2026-11-02-x": document(date="2026-11-02 05:00:00 +0000", image="/assets/images/a-ogp.png"),
            "2026-11-02-y": document(
                date="2026-11-02 05:00:00 +0000", body="[x](/2026/11/01/x/) ![図](a-ogp.png)"
            ),
        }
        files = [source / f"{name}.md" for name in texts]
        for file, text in zip(files, texts.values(), strict=True):
            file.write_text(text, encoding="utf-8")
        exports = []
        for number, order in enumerate((files, files[::-1], files[1:] + files[:1])):
            empty_database()
            self.new_media()
            call_command(
                "import_posts", *order, images=source / "images", stdout=StringIO(), stderr=StringIO()
            )
            exports.append(self.export(f"out{number}"))
            exports[-1].pop("_data/images.yml")  # says when each came in, and under which random name it lies
        self.assertIn("_posts/2026-11-02-y.md", exports[0])
        self.assertEqual(exports[1:], exports[:1] * 2)
