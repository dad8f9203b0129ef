"""Images that are kept elsewhere one day: on another host, or back again. Texts stay as they are, pages as they were."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.urls import reverse

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.models import Image, Page, Post, SiteSettings
from tests.base import PublicTestCase
from tests.make import NOON, acting, make_content, make_editor, make_image, make_post, picture_bytes
from tests.transfer.documents import document

CDN = "https://cdn.example/pictures/"


class MovedPicturesTests(PublicTestCase):
    def setUp(self) -> None:
        self.image = make_image(caption="説明", credit="撮影：甲", alt="工場")
        self.body = f"前。\n\n![]({self.image.url})\n\n[原寸]({self.image.url})\n\n後。\n"
        self.post = make_post(title="図のある記事", body=self.body, hero=self.image.hash)

    def rerendered(self) -> str:
        call_command("rerender_posts", "--all", stdout=StringIO(), stderr=StringIO())
        return self.html(self.post.get_absolute_url())

    def test_page_changes_nothing_but_the_host_and_comes_back_as_it_was(self) -> None:
        here = self.rerendered()
        self.assertIn("srcset=", self.post.body_html)
        with self.settings(MEDIA_URL=CDN):
            there = self.rerendered()
            self.assertNotIn(f"/media/{self.image.name}", there)
            self.assertEqual(there.count(f"{CDN}{self.image.name}"), here.count(f"/media/{self.image.name}"))
            self.assertEqual(
                there.replace(CDN, "/media/"), here.replace(f"{settings.SITE_URL}/media/", "/media/")
            )
            self.assertEqual(Post.objects.get().body, self.body)
        self.assertEqual(self.rerendered(), here)

    def test_text_that_was_written_while_it_was_on_the_other_host_is_the_same_too(self) -> None:
        with self.settings(MEDIA_URL=CDN):
            other = make_post(title="図のある記事", body=self.body.replace("/media/", CDN))
        publishing.rerender(post=other, now=NOON)
        here, there = (Post.objects.get(pk=post.pk).body_html for post in (self.post, other))
        self.assertEqual(there, here)

    def test_pages_and_the_footer_move_along(self) -> None:
        page = Page.objects.create(
            path="/about/", title="案内", body=f"![]({self.image.url})", is_public=True
        )
        site = SiteSettings.objects.get()
        site.footer = f"![]({self.image.url})"
        site.save()
        with self.settings(MEDIA_URL=CDN):
            self.rerendered()
            page.refresh_from_db()
            site.refresh_from_db()
            for shown in (page.body_html, site.footer_html):
                self.assertIn(f'src="{CDN}{self.image.name}"', shown)
                self.assertIn("srcset=", shown)

    def test_markdown_for_machines_names_the_host_of_today(self) -> None:
        path = self.post.get_absolute_url().rstrip("/") + ".md"
        self.assertIn(f"![]({settings.SITE_URL}/media/{self.image.name})", self.html(path))
        with self.settings(MEDIA_URL=CDN):
            self.assertIn(f"![]({CDN}{self.image.name})", self.html(path))

    def test_image_is_in_use_whatever_host_a_text_names(self) -> None:
        spare, footed = make_image(alt="予備"), make_image(alt="足元")
        make_post(title="外を指す記事", body=f"![]({CDN}{spare.name})")
        SiteSettings.objects.update(footer=f"![]({CDN}{footed.name})")
        self.client.force_login(make_editor())
        for image, where in ((spare, "外を指す記事"), (footed, "サイト設定")):
            url = reverse("admin:blog_image_change", args=[image.pk])
            self.assertContains(self.client.get(url), where)
            self.client.post(reverse("admin:blog_image_delete", args=[image.pk]), {"post": "yes"})
        self.assertEqual(Image.objects.count(), 3)

    def test_image_without_words_is_missed_on_another_host_too(self) -> None:
        bare = make_image(alt="")
        content = make_content(body=f"![]({CDN}{bare.name})")
        draft = publishing.create(content=content, by=IMPORT, now=NOON)
        with self.assertRaisesMessage(publishing.NotReady, bare.name):
            publishing.publish(revision=draft.working, by=acting(make_editor()), now=NOON)
        described = make_content(body=f"![]({CDN}{self.image.name})")
        draft = publishing.create(content=described, by=IMPORT, now=NOON)
        publishing.publish(revision=draft.working, by=acting(make_editor("second")), now=NOON)


class MovedPicturesInFilesTests(PublicTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_import(self, *paths: Path, **options: object) -> str:
        out = StringIO()
        call_command("import_posts", *(paths or (self.folder,)), stdout=out, stderr=out, **options)
        return out.getvalue()

    def test_file_that_comes_again_after_a_move_changes_nothing(self) -> None:
        (self.folder / "a.png").write_bytes(picture_bytes())
        (self.folder / "2026-11-04-a.md").write_text(document(hero="a.png", body="![絵](a.png)"))
        self.run_import(images=self.folder)
        body = Post.objects.get().body
        with self.settings(MEDIA_URL=CDN):
            self.assertIn("変更なし 1", self.run_import(images=self.folder))
        self.assertEqual(Post.objects.get().body, body)

    def test_file_may_name_an_image_of_the_library_on_any_host(self) -> None:
        image = make_image()
        for number, before in enumerate(("/media/", CDN, "https://old.example/media/")):
            url = f"{before}{image.name}"
            name = f"2026-11-0{number + 1}-a{number}.md"
            (self.folder / name).write_text(
                document(hero=url, date=f"2026-11-0{number + 1}", body=f"![]({url})")
            )
        with self.settings(MEDIA_URL=CDN):
            said = self.run_import()
        self.assertNotIn("画像", said)
        for post in Post.objects.all():
            self.assertEqual(post.hero, image)
            self.assertIn("srcset=", post.body_html)
            self.assertIn(image.name, post.body)
        self.assertEqual(Image.objects.count(), 1)

    def test_export_holds_the_image_and_comes_back_as_it_was(self) -> None:
        image = make_image()
        body = f"![]({CDN}{image.name})\n"
        post = make_post(at=NOON - timedelta(days=1), body=body)
        call_command("export_posts", self.folder / "out", stdout=StringIO())
        [file] = (self.folder / "out/_posts").glob("*.md")
        self.assertIn(f"(/assets/images/{image.hash[:32]}.png)", file.read_text())
        said = self.run_import(self.folder / "out")
        self.assertIn("変更なし 1", said)
        Post.objects.all().delete()
        self.run_import(self.folder / "out")
        restored = Post.objects.get(uuid=post.uuid)
        self.assertEqual(restored.body.strip(), f"![](/media/{image.name})")
        self.assertIn("srcset=", restored.body_html)
