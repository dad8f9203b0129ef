"""What a writer learns of the unpublished posts of others: nothing, at any URL of the desk.

Posts in every state that readers do not see, with a marker in title, slug and text; then everything that answers a
writer is asked, and searched for the marker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Person
from blog.models import Address, Image, Manuscript, Notice, Post, SiteSettings
from tests.admin.base import form_data
from tests.base import changed
from tests.make import (
    make_autosave,
    make_content,
    make_draft,
    make_editor,
    make_image,
    make_post,
    make_scheduled,
    make_writer,
)
from tests.test_access import PUBLIC, AccessFixture, Url, urls

MARKER = "himitsu"
HOUR = timedelta(hours=1)


def marked(state: str, image: Image) -> dict[str, Any]:
    """The marker in everything that belongs to the post alone, and a picture, which has pages of its own."""
    return {
        "title": f"題 {MARKER} {state}",
        "slug": f"{MARKER}-{state}",
        "body": f"本文 {MARKER}\n\n![図]({image.url})\n",
        "excerpt": f"リード {MARKER}",
        "hero": image.hash,
    }


class SecretsTests(AccessFixture):
    """At the hour of the clock, for the doors of the desk read it."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        now = cls.now = timezone.now()
        cls.image = make_image(alt="絵")
        by, values = make_writer("rival"), lambda state: marked(state, cls.image)
        posts = {
            state: make_draft(by=by, now=now, **values(state))
            for state in ("draft", "review", "approved", "binned")
        }
        publishing.submit(revision=posts["review"].working, by=Person(by))
        publishing.approve(revision=posts["approved"].working, by=IMPORT, now=now)
        publishing.discard(post=posts["binned"], by=Person(by), now=now)
        posts["scheduled"] = make_scheduled(
            at=(now + HOUR).replace(microsecond=0), now=now, **values("scheduled")
        )
        posts["withdrawn"] = make_post(at=now - HOUR, **values("withdrawn"))
        publishing.withdraw(
            post=posts["withdrawn"], by=IMPORT, now=now - HOUR / 2, reason="誤りがありました。"
        )
        for state in ("changed", "update", "typed"):
            posts[state] = make_post(at=now - HOUR, by=by, title="公開中の題", slug=f"live-{state}")
        content = changed(posts["changed"], **values("changed"))
        publishing.save(post=posts["changed"], content=content, by=Person(by), now=now, base=None)
        content = changed(posts["update"], **values("update"))
        revision = publishing.save(post=posts["update"], content=content, by=Person(by), now=now, base=None)
        publishing.publish(revision=revision, by=IMPORT, now=now, at=now + HOUR)
        for post in (posts["typed"], None):
            cls.draft = make_autosave(post, content=make_content(**values("typed")), by=by, now=now)
        cls.posts = {state: Post.objects.get(pk=post.pk) for state, post in posts.items()}
        for post in posts.values():
            LogEntry.objects.log_actions(by.pk, [post], CHANGE, MARKER, single_object=True)
            Manuscript.objects.create(ref=f"{MARKER}-{post.pk}", received_at=now, post=post, source=MARKER)
            Notice.objects.create(post=post, event="published", channel="webhook", happens_at=now)
        # What leads to a post that nobody sees yet leads to its URL.
        Address.objects.create(path="/short/", target=cls.posts["scheduled"].path)
        Address.objects.create(path="/by-post/", post=cls.posts["scheduled"])
        cls.secret = [address.path for address in Address.objects.filter(path__contains=MARKER)]
        cls.writer, cls.editor = make_writer("curious"), make_editor("knowing")
        cls.own = make_draft(by=cls.writer, now=now, title="私の記事", slug="mine")

    def setUp(self) -> None:
        self.client.force_login(self.writer)

    def every_path(self) -> Iterator[str]:
        """Each URL of the desk, about each post, address and image."""
        rows = {
            "blog/post": Post.objects.values_list("pk", flat=True),
            "blog/address": Address.objects.values_list("pk", flat=True),
            "blog/image": Image.objects.values_list("pk", flat=True),
            "blog/manuscript": Manuscript.objects.values_list("pk", flat=True),
            "admin/logentry": LogEntry.objects.values_list("pk", flat=True),
        }
        for url in urls():
            model = "/".join(url.route.split("/")[1:3])
            if url.rule == PUBLIC or not ("<" in url.route and model in rows):
                yield from () if url.rule == PUBLIC else (self.path(url),)
                continue
            for pk in rows[model]:
                yield self.about(url, pk)
        kind = ContentType.objects.get_for_model(Post).pk
        yield from (f"/admin/r/{kind}/{post.pk}/" for post in self.posts.values())
        for query in ("q=himi", "q=公開中", "o=1", "o=-2", "kind__exact=held", "all=", "e=1", "q=live"):
            yield from (
                f"/admin/blog/{model}/?{query}" for model in ("address", "image", "post", "category", "page")
            )
        for model, field in (
            ("address", "page"),
            ("author", "picture"),
            ("address", "post"),
            ("draft", "post"),
        ):
            asked = f"app_label=blog&model_name={model}&field_name={field}"
            yield f"/admin/autocomplete/?{asked}&term=himi"
            yield f"/admin/autocomplete/?{asked}"
        yield from ("/admin/blog/post/images/?q=himi", "/admin/blog/post/tags/?q=himi")

    def about(self, url: Url, pk: int) -> str:
        route = re.sub(r"<(?:\w+:)?(?:object_id|pk)>", str(pk), url.route)
        return "/" + re.sub(r"<(?:\w+:)?number>", "1", route)

    def text(self, response: Any, *typed: str) -> str:
        """All that an answer says, headers and messages too, less what the asker has typed."""
        content = b"".join(response.streaming_content) if response.streaming else response.content
        said = content.decode(errors="replace") + str(response.headers) + str(response.cookies)
        for word in sorted(typed, key=len, reverse=True):
            said = said.replace(word, "")
        return said

    def test_the_desk_shows_the_marker_to_an_editor(self) -> None:
        self.client.force_login(self.editor)
        for path in (
            "/admin/blog/post/",
            "/admin/blog/address/",
            f"/admin/blog/image/{self.image.pk}/change/",
        ):
            with self.subTest(path):
                self.assertContains(self.client.get(path), MARKER)

    def test_no_url_of_the_desk_shows_a_writer_anything_of_the_posts_of_others(self) -> None:
        tried = set()
        for path in self.every_path():
            if "logout" in path:
                continue
            tried.add(path)
            for method in ("get", "post"):
                response = getattr(self.client, method)(path, {"post": "yes"} if method == "post" else {})
                self.assertNotIn(MARKER, self.text(response), f"{method} {path} ({response.status_code})")
                if response.status_code == 302 and response.headers["Location"].startswith("/admin/"):
                    followed = self.client.get(response.headers["Location"])
                    self.assertNotIn(MARKER, self.text(followed), f"after {method} {path}")
        self.assertGreater(len(tried), 250)

    def test_an_image_says_that_others_use_it_and_not_in_what(self) -> None:
        response = self.client.get(f"/admin/blog/image/{self.image.pk}/change/")
        self.assertContains(response, "<li>別の記事</li>", count=1)
        self.assertContains(response, "<li>記事「公開中の題」</li>")
        content = changed(self.posts["typed"], body=f"![]({self.image.url})")
        own = make_draft(by=self.writer, title="私の記事", body=content.body)
        response = self.client.get(f"/admin/blog/image/{self.image.pk}/change/")
        self.assertContains(response, f"<li>記事「{own.working_title}」</li>")

    def test_a_url_of_another_post_that_is_no_secret_stays_in_the_list(self) -> None:
        listed = self.client.get("/admin/blog/address/?all=")
        self.assertContains(listed, "live-changed")
        self.assertContains(listed, "記事「公開中の題」")
        self.assertContains(listed, "/old/")
        self.assertNotContains(listed, "/short/")

    def test_a_related_post_that_is_another_secret_is_refused_as_one_that_is_none(self) -> None:
        self.assertGreaterEqual(len(self.secret), 3)
        url = reverse("admin:blog_post_change", args=[self.own.pk])
        for path in (*self.secret, "/2026/01/02/nothing/"):
            with self.subTest(path):
                data = form_data(
                    make_content(title="私の記事", related=(path,)), base=self.own.latest_revision
                )
                response = self.client.post(url, data)
                self.assertContains(response, f"1行目「{path}」の記事がありません。")
        data = form_data(make_content(related=(self.posts["typed"].path,)), base=self.own.latest_revision)
        self.assertEqual(self.client.post(url, data).status_code, 302)

    def test_a_link_to_a_url_that_is_held_for_an_update_is_no_question(self) -> None:
        """Neither the pasted list of related posts nor the preview tells a guessed URL from one that is none."""
        held = Address.objects.get(kind=Address.Kind.HELD).path
        url = reverse("admin:blog_post_change", args=[self.own.pk])
        body = f"本文\n\n## 関連記事\n\n- [一つ]({held})\n"
        data = form_data(make_content(body=body, slug="mine"), base=self.own.latest_revision)
        response = self.client.post(url, data, follow=True)
        self.assertNotContains(response, "「関連記事」の欄に入れてください")
        preview = self.client.post(
            f"/admin/markdownx/markdownify/?post={self.own.pk}", data | {"related": held}
        )
        self.assertNotIn(MARKER, self.text(preview, held))

    def test_a_slug_that_a_coming_post_has_is_taken_by_another_post(self) -> None:
        SiteSettings.objects.update(publishers=SiteSettings.Publishers.WRITER)
        coming, url = self.posts["scheduled"], reverse("admin:blog_post_change", args=[self.own.pk])
        content = make_content(title="私の記事", slug=coming.slug, day=coming.day)
        response = self.client.post(url, form_data(content, base=self.own.latest_revision, verb="publish"))
        self.assertContains(response, "は別の記事が使っています")
        self.assertNotIn(MARKER, self.text(response, coming.slug))
        self.client.force_login(self.editor)
        base = Post.objects.get(pk=self.own.pk).latest_revision
        response = self.client.post(url, form_data(content, base=base, verb="publish"))
        self.assertContains(response, f"記事「{coming.working_title}」が使っています")

    def test_what_comes_in_as_a_file_is_not_compared_with_the_secrets_of_others(self) -> None:
        coming = self.posts["scheduled"]
        Post.objects.filter(pk=coming.pk).update(import_ref=f"2026-11-28-{MARKER}")
        Post.objects.filter(pk=self.posts["draft"].pk).update(import_ref="2026-11-29-guess")
        moment = timezone.localtime(coming.published_at)
        for name, extra in (
            ("2026-11-28-twin.md", ""),
            ("memo.md", ""),
            ("2026-11-29-guess.md", f"permalink: {coming.path}\n"),
            ("2026-11-30-new.md", f"redirect_from: {coming.path}\n"),
        ):
            with self.subTest(name):
                typed = (
                    f"---\ntitle: 私の原稿\ndate: {moment:%Y-%m-%d %H:%M:%S +0900}\n{extra}---\n本文です。\n"
                )
                file = SimpleUploadedFile(name, typed.encode())
                response = self.client.post("/admin/blog/manuscript/import/", {"files": file})
                self.assertEqual(response.status_code, 200)
                self.assertNotIn(MARKER, self.text(response, coming.path))


class ClosedPagesTests(TestCase):
    def test_the_page_on_the_site_of_what_readers_see_opens_from_the_admin(self) -> None:
        self.client.force_login(make_writer())
        category = make_post(at=timezone.now()).category
        kind = ContentType.objects.get_for_model(category).pk
        self.assertRedirects(
            self.client.get(f"/admin/r/{kind}/{category.pk}/"),
            category.get_absolute_url(),
            fetch_redirect_response=False,
        )
