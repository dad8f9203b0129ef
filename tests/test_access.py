"""Who may open what: each URL of the project has its rule in this file, and each rule is tried.

A new URL fails the first test until it is written into RULES (or, for a model in the admin, into MODELS). A rule is
PUBLIC, SIGNED_IN, STAFF (anybody of the desk), or the permissions that somebody of the desk needs for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.test import TestCase
from django.urls import URLPattern, URLResolver, get_resolver

from blog.models import Address, Manuscript, MissedSearch, Notice, Post, SiteSettings, Synonym, Tag
from tests.admin.test_pages_admin import make_page
from tests.make import (
    NOON,
    make_author,
    make_autosave,
    make_category,
    make_collection,
    make_content,
    make_draft,
    make_image,
    make_machine,
    make_user,
    make_writer,
)

SECRET = "まだ誰にも見せない文章"

Rule = str | tuple[str, ...]
PUBLIC, SIGNED_IN, STAFF = "public", "signed in", "staff"
ANY_POST = ("blog.change_post", "blog.edit_any_post")
NOBODY = ("nobody may",)

RULES: dict[str, Rule] = {
    # The platform
    "healthz": PUBLIC,
    "media": PUBLIC,
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_inactive": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_change_password": SIGNED_IN,
    # The admin's own
    "admin:login": PUBLIC,
    "admin:index": STAFF,
    "admin:logout": STAFF,
    "admin:password_change": STAFF,
    "admin:password_change_done": STAFF,
    "admin:jsi18n": STAFF,
    "admin:autocomplete": STAFF,
    "admin:view_on_site": STAFF,
    "admin:api_tokens_before_1_0": STAFF,
    "admin:app_list": STAFF,
    "admin/(?P<url>.*)$": STAFF,
    "style": STAFF,
    # Posts
    "admin:blog_post_changelist": ("blog.change_post",),
    "admin:blog_post_add": ("blog.add_post",),
    "admin:blog_post_tags": ("blog.change_post",),
    "admin:blog_post_images": ("blog.change_post", "blog.view_image"),
    "admin:blog_post_change": ANY_POST,
    "admin/blog/post/<int:pk>/": ANY_POST,
    "admin:blog_post_preview": ANY_POST,
    "admin:blog_post_add_key": ("blog.add_post",),
    "admin:blog_post_autosave_new": ("blog.add_post",),
    "admin:blog_post_autosave": ANY_POST,
    "admin:blog_post_drop_draft": STAFF,  # whose draft it is: tests/admin/test_drafts.py
    "admin:blog_post_history": ANY_POST,
    "admin:blog_post_revision": ANY_POST,
    "admin:blog_post_log": ANY_POST,
    "admin:blog_post_publish": (*ANY_POST, "blog.publish_post"),
    "admin:blog_post_send_back": (*ANY_POST, "blog.approve_post"),
    "admin:blog_post_settle": (*ANY_POST, "blog.publish_post"),
    "admin:blog_post_withdraw": (*ANY_POST, "blog.publish_post"),
    "admin:blog_post_unschedule": (*ANY_POST, "blog.publish_post"),
    "admin:blog_post_discard": (*ANY_POST, "blog.delete_post"),
    "admin:blog_post_restore_from_trash": ANY_POST,
    # What comes in
    "admin:blog_manuscript_import": ("blog.add_post",),
    "admin:blog_manuscript_settle": ("blog.change_manuscript",),
    "markdownx_preview": ("blog.add_post",),
    "markdownx_upload": ("blog.add_image",),
    # People
    "admin:auth_user_add": ("auth.add_user", "auth.change_user"),
    "admin:auth_user_password_change": ("auth.change_user",),
} | {
    f"blog:{name}": PUBLIC
    for name in (
        "archive",
        "author",
        "authors",
        "categories",
        "category",
        "collection",
        "collections",
        "day",
        "feed",
        "feed_archive",
        "feed_archive_part",
        "section_feed",
        "tag_feed",
        "author_feed",
        "home",
        "home_page",
        "intake",  # asks for a token: tests/public/test_intake_api.py
        "llms",
        "llms_full",
        "manifest",
        "markdown",
        "markdown_elsewhere",
        "month",
        "old_page",
        "opensearch",
        "path",
        "post",
        "rendition",
        "proof",
        "robots",
        "share_card",
        "security",
        "search",
        "favicon",
        "sitemap",
        "opml",
        "subscribe",
        "sitemap_authors",
        "sitemap_month",
        "sitemap_news",
        "sitemap_pages",
        "sitemap_sections",
        "sitemap_tags",
        "tag",
        "tags",
        "year",
    )
}

DJANGO = {
    "changelist": "view",
    "add": "add",
    "history": "view",
    "delete": "delete",
    "change": "view",
    "": "view",
}
READ_ONLY = DJANGO | {"add": None, "delete": None}
MODELS: dict[str, dict[str, str | None]] = {
    "blog/address": DJANGO,
    "blog/author": DJANGO,
    "blog/category": DJANGO,
    "blog/collection": DJANGO,
    "blog/image": DJANGO,
    "blog/apitoken": DJANGO | {"delete": None},
    "blog/manuscript": DJANGO | {"add": None, "delete": None},
    "blog/missedsearch": DJANGO | {"add": None},
    "blog/notice": READ_ONLY,
    "blog/page": DJANGO,
    "blog/synonym": DJANGO,
    "blog/tag": DJANGO,
    "blog/sitesettings": READ_ONLY,
    "admin/logentry": READ_ONLY,
    "auth/user": DJANGO,
    "auth/group": READ_ONLY,
}
"""The URLs that Django makes for a model → the permission each asks for; None: nobody has it."""


@dataclass(frozen=True)
class Url:
    name: str
    """The name to reverse, or the whole route where there is none."""
    route: str

    @property
    def rule(self) -> Rule | None:
        if self.name in RULES:
            return RULES[self.name]
        app, _, rest = self.route.removeprefix("admin/").partition("/")
        model = rest.partition("/")[0]
        verb = self.name.rsplit("_", 1)[-1] if self.name.startswith("admin:") else ""
        if verb not in MODELS.get(f"{app}/{model}", {}):
            return None
        permission = MODELS[f"{app}/{model}"][verb]
        return (f"{app}.{permission}_{model}",) if permission else NOBODY


def urls(resolver: URLResolver | None = None, route: str = "", namespace: str = "") -> Iterator[Url]:
    """Every URL of the project."""
    for entry in (resolver or get_resolver()).url_patterns:
        here = route + str(entry.pattern).removeprefix("^")
        if isinstance(entry, URLResolver):
            inside = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from urls(entry, here, inside)
        elif isinstance(entry, URLPattern):
            yield Url(f"{namespace}{entry.name}" if entry.name else here, here)


class AccessFixture(TestCase):
    """Something behind every URL."""

    owner: User
    post: Post
    objects: dict[str, int]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.owner, cls.plain = make_writer("owner"), make_user("plain")
        cls.post = make_draft(by=cls.owner, title=SECRET, body=SECRET)
        cls.draft = make_autosave(
            cls.post, by=cls.owner, content=make_content(title=SECRET), base=cls.post.latest_revision
        )
        log = LogEntry.objects.log_actions(cls.owner.pk, [cls.post], CHANGE, SECRET, single_object=True)
        cls.objects = {
            "blog/post": cls.post.pk,
            "blog/address": Address.objects.create(path="/old/", target="/new/").pk,
            "blog/author": make_author("著者").pk,
            "blog/category": make_category("欄").pk,
            "blog/collection": make_collection("連載").pk,
            "blog/image": make_image(alt="絵").pk,
            "blog/apitoken": make_machine("機械")[0].pk,
            "blog/manuscript": Manuscript.objects.create(
                ref="よその原稿", received_at=NOON, post=cls.post, source=SECRET
            ).pk,
            "blog/missedsearch": MissedSearch.objects.create(query=SECRET, last_day=NOON.date()).pk,
            "blog/notice": Notice.objects.create(
                post=cls.post, event="published", channel="webhook", happens_at=NOON
            ).pk,
            "blog/page": make_page(title=SECRET, is_public=False).pk,
            "blog/synonym": Synonym.objects.create(words="甲、乙").pk,
            "blog/tag": Tag.objects.create(name="札").pk,
            "blog/sitesettings": SiteSettings.objects.get().pk,
            "admin/logentry": log.pk,
            "auth/user": cls.plain.pk,
            "auth/group": Group.objects.create(name="班").pk,
        }

    @classmethod
    def path(cls, url: Url) -> str:
        """A path that the URL answers, about the things made above."""
        model = "/".join(url.route.split("/")[1:3])
        values = {
            "object_id": cls.objects.get(model),
            "pk": cls.post.pk,
            "key": cls.draft.key,
            "id": cls.plain.pk,
            "number": 1,
            "app_label": "blog",
            "url": "nowhere/",
        }
        values |= {"content_type_id": 1, "year": 2026, "month": 11, "day": 20, "slug": "x", "path": "x/"}
        values |= {"feed_format": "xml", "post": cls.post.uuid, "version": "1", "stem": "0" * 32}
        values |= {"name": "640x360-50x50.webp", "uidb36": "1"}
        path = re.sub(
            r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)",
            lambda found: str(values[found[1] or found[2]]),
            url.route,
        )
        return "/" + path.removesuffix("$")


class AccessTests(AccessFixture):
    def closed(self) -> Iterator[tuple[Url, str, str]]:
        """(url, path, method) of everything that is not for everybody."""
        for url in urls():
            if url.rule not in (None, PUBLIC):
                yield url, self.path(url), "get"
                yield url, self.path(url), "post"

    def ask(self, method: str, path: str):
        """The answer; "/5/" only leads to "/5/change/", whose answer counts."""
        response = getattr(self.client, method)(path, {"post": "yes"} if method == "post" else {})
        if response.status_code == 302 and response.headers["Location"] == f"{path}change/":
            return self.client.get(response.headers["Location"])
        return response

    def assert_refused(self, response, *, door: bool) -> None:
        """403 or 405, with `door` also the way to the sign-in page. Never a page, never a word of what lies behind."""
        self.assertNotContains(response, SECRET, status_code=response.status_code)
        if door and response.status_code == 302:
            self.assertRegex(response.headers["Location"], r"^/(admin|accounts)/login/\?next=|^/admin/$")
        else:
            self.assertIn(response.status_code, (403, 405))

    def test_every_url_has_a_rule_and_every_rule_a_url(self):
        found = list(urls())
        self.assertGreater(len(found), 60)
        self.assertEqual(
            [url.name for url in found if url.rule is None], [], "write these into RULES or MODELS"
        )
        self.assertEqual(set(RULES) - {url.name for url in found}, set(), "rules without a URL")
        self.assertEqual([m for m in MODELS if not any(u.route.startswith(f"admin/{m}/") for u in found)], [])

    def test_outside_the_desk_nothing_knows_a_visitor_or_takes_a_form(self):
        self.client.force_login(self.owner)
        readers = [url for url in urls() if not url.route.startswith(("admin/", "accounts/"))]
        self.assertGreater(len(readers), 40)
        for url in readers:
            with self.subTest(url.name):
                request = self.client.get(self.path(url)).wsgi_request
                self.assertEqual([name for name in ("session", "user") if hasattr(request, name)], [])
                expected = 401 if url.name == "blog:intake" else 405  # which asks for a token
                self.assertEqual(self.client.post(self.path(url)).status_code, expected)

    def test_a_stranger_is_sent_to_the_door(self):
        for url, path, method in self.closed():
            with self.subTest(url.name, method=method):
                self.assert_refused(self.ask(method, path), door=True)

    def test_somebody_with_a_login_but_not_of_the_desk_stays_outside(self):
        self.client.force_login(User.objects.create_user("reader"))
        for url, path, method in self.closed():
            if url.rule != SIGNED_IN:
                with self.subTest(url.name, method=method):
                    self.assert_refused(self.ask(method, path), door=True)

    def test_somebody_of_the_desk_without_permissions_opens_only_what_needs_none(self):
        self.client.force_login(make_user("nobody"))
        for url, path, method in self.closed():
            if isinstance(url.rule, tuple):
                with self.subTest(url.name, method=method):
                    self.assert_refused(self.ask(method, path), door=False)

    def test_a_writer_does_not_open_the_post_of_another_writer(self):
        self.client.force_login(make_writer("another"))
        tried = 0
        for url, path, method in self.closed():
            if isinstance(url.rule, tuple) and set(ANY_POST) <= set(url.rule):
                with self.subTest(url.name, method=method):
                    self.assert_refused(self.ask(method, path), door=False)
                tried += 1
        self.assertGreaterEqual(tried, 16)
        self.post.refresh_from_db()
        self.assertEqual(
            (self.post.working_title, self.post.trashed_at, self.post.live_revision), (SECRET, None, None)
        )
        self.assertTrue(self.post.drafts.filter(editor=self.owner).exists())

    def test_lists_and_suggestions_show_a_writer_nothing_of_another(self):
        self.client.force_login(make_writer("another"))
        for path in ("/admin/", "/admin/blog/post/"):
            with self.subTest(path):
                self.assertNotContains(self.client.get(path), SECRET)

    def test_exactly_the_permissions_of_a_rule_open_it(self):
        somebody = make_user("somebody")
        for url, path, method in self.closed():
            if isinstance(url.rule, tuple) and url.rule != NOBODY and method == "get":
                with self.subTest(url.name):
                    codenames = [permission.split(".")[1] for permission in url.rule]
                    somebody.user_permissions.set(Permission.objects.filter(codename__in=codenames))
                    self.client.force_login(somebody)
                    self.assertIn(self.ask(method, path).status_code, (200, 302, 405))
