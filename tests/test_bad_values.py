"""No value of a form or of a URL is an error of the server: a request made by hand gets a sentence, never a 500.

The fields are read from the forms themselves, and what a view raises is raised here.
"""

from __future__ import annotations

import logging
from html.parser import HTMLParser
from typing import Any

from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.test_access import PUBLIC, AccessFixture, urls

DIGITS = "9" * 400
BAD: tuple[Any, ...] = (
    "abc",
    DIGITS,
    "9" * 5000,
    "-1.5",
    "a\0b",
    "'\"<>\\{{%",
    "長" * 3000,
    "²",
    ["1", "abc", DIGITS],
)
"""Nothing of what a field of a form may hold."""
RAW = "1%ED%A0%80%FF%00"
"""A lone surrogate, bytes that are no UTF-8, a NUL: as they stand in a request."""
WAYS = ("verb", "action", "csrfmiddlewaretoken", "post", "confirm", "confirmed")
"""What says which way a form goes: kept, so that the other fields are read; tried one by one too."""
QUERIES = ("_popup", "_changelist_filters", "_source_model", "with", "draft", "words")
"""What pages may be asked for."""
LIST_QUERIES = (
    "q",
    "o",
    "p",
    "e",
    "all",
    "_to_field",
    "_popup",
    "_facets",
    "nobody__knows",
    "id",
    "pk__in",
    "id__gt",
)
"""What lists may be asked for, besides what their own links ask."""


class Fields(HTMLParser):
    """The forms of a page that are sent by POST, each as name → value; what its links ask of itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.inside: dict[str, str] | None = None
        self.actions: list[str] = []
        self.asked: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self.inside = {}
            self.forms.append(self.inside)
        elif tag in ("input", "select", "textarea", "button") and "name" in given and self.inside is not None:
            self.inside.setdefault(given["name"], given.get("value", ""))
        elif tag == "option" and self.inside is not None and list(self.inside)[-1:] == ["action"]:
            self.actions.append(given.get("value", ""))
        elif tag == "a" and given.get("href", "").startswith("?"):
            self.asked.update(QueryDict(given["href"][1:]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None


class BadValueTests(AccessFixture):
    superuser: User
    pages: list[tuple[str, Fields]]
    """Every page of the desk, with its fields."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.superuser = User.objects.create_superuser("root", "root@example.com", "pass-word-1")
        client = Client()
        client.force_login(cls.superuser)
        paths = {cls.path(url) for url in urls() if url.rule != PUBLIC and url.route.startswith("admin")}
        answers = {path: client.get(path) for path in sorted(paths - {"/admin/logout/"})}
        cls.pages = [
            (path, Fields(answer.content.decode()))
            for path, answer in answers.items()
            if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
        ]

    def setUp(self) -> None:
        self.client.force_login(self.superuser)
        logging.disable(logging.CRITICAL)  # refusals by the hundred
        self.addCleanup(logging.disable, logging.NOTSET)
        # By itself: the test client copies the context of every template of a page, which takes most of the time.
        self.handler = WSGIHandler()
        self.enterContext(self.settings(DEBUG_PROPAGATE_EXCEPTIONS=True))

    def answer(self, request: Any) -> None:
        request.COOKIES = {name: morsel.value for name, morsel in self.client.cookies.items()}
        request._dont_enforce_csrf_checks = True
        self.assertLess(self.handler.get_response(request).status_code, 500)

    def send(self, path: str, data: Any, **options: Any) -> None:
        """Post, and forget what came of it."""
        with transaction.atomic():
            self.answer(RequestFactory().post(path, data, **options))
            transaction.set_rollback(True)

    def ask(self, path: str, query: str = "") -> None:
        self.answer(RequestFactory().get(f"{path}?{query}"))

    def test_no_value_of_any_field_of_any_form_is_an_error(self) -> None:
        tried = set()
        for path, fields in self.pages:
            for form in fields.forms:
                if "action" in form or set(form) <= {*WAYS, "next"}:
                    continue  # lists are tried below; the others sign out, or confirm
                tried |= set(form)
                kept = {n: v for n, v in form.items() if n in WAYS or n.endswith("TOTAL_FORMS")}
                with self.subTest(path):
                    self.send(path, {})
                    self.send(
                        path, {n: DIGITS for n in form if n not in WAYS}
                    )  # as many rows as there may be
                    for bad in BAD:
                        self.send(path, dict.fromkeys(form, bad) | kept)
                    body = "&".join(f"{n}={kept.get(n, RAW)}" for n in form)
                    self.send(path, body, content_type="application/x-www-form-urlencoded")
                    # Bad ones beside good ones: what is valid goes further than what is refused at once.
                    names = sorted(form.keys() - kept.keys())
                    for some in (names[::2], names[1::2], names[: len(names) // 2], names[len(names) // 2 :]):
                        self.send(path, form | dict.fromkeys(some, DIGITS))
        self.assertGreater(len(tried), 80)

    def test_no_choice_of_rows_is_an_error(self) -> None:
        tried = set()
        for path, fields in self.pages:
            for action in filter(None, fields.actions):
                tried.add(action)
                for bad in ("abc\0", "-1", ["1", DIGITS]):
                    with self.subTest(path, action=action, value=bad):
                        chosen = {"action": action, "_selected_action": bad, "index": "0"}
                        self.send(path, chosen | {"index": bad, "select_across": bad})
                        self.send(path, chosen | {"post": "yes", "confirm": "1", "into": bad})
        self.assertLessEqual({"delete_selected", "merge", "discard_selected", "settle_selected"}, tried)

    def test_no_question_of_any_page_is_an_error(self) -> None:
        for path, fields in self.pages:
            if fields.asked:
                for name in sorted({*LIST_QUERIES, *fields.asked}):
                    with self.subTest(path, name=name):
                        self.ask(path, f"{name}={DIGITS}")
                self.ask(path, "&".join(f"{name}=abc{RAW[:-3]}" for name in fields.asked))
            else:
                with self.subTest(path):
                    self.ask(path, "&".join(f"{name}={DIGITS}" for name in QUERIES))

    def test_no_question_of_the_services_is_an_error(self) -> None:
        ours = (
            ("address", "page"),
            ("author", "picture"),
            ("collection", "picture"),
            ("sitesettings", "logo"),
        )
        others = (("post", "addresses"), ("post", "latest_revision"), ("address", "post"), ("image", "file"))
        for model, field in (*ours, *others, ("nothing", "abc"), (DIGITS, "%FF")):
            known = f"app_label=blog&model_name={model}&field_name={field}"
            for query in (
                "",
                "&term=abc",
                f"&term={DIGITS}",
                "&term=%ED%A0%80",
                f"&page={DIGITS}",
                "&page=abc",
            ):
                with self.subTest(model, field=field, query=query):
                    self.ask(reverse("admin:autocomplete"), known + query)
        for path in (reverse("admin:blog_post_tags"), reverse("admin:blog_post_images")):
            for query in ("", "q=%FF", f"q={DIGITS}", f"page={DIGITS}", "page=9999999999", "page=-1"):
                with self.subTest(path, query=query):
                    self.ask(path, query)
        for path in (
            *("/admin/r/abc/1/", f"/admin/r/{DIGITS}/1/", f"/admin/r/1/{DIGITS}/", "/admin/r/1/²/"),
            *(f"/admin/blog/post/{DIGITS}/change/", f"/admin/blog/image/{DIGITS}/change/"),
            *(f"/admin/blog/post/{self.post.pk}/history/{DIGITS}/", f"/admin/blog/post/{DIGITS}/preview/"),
            *(
                "/admin/blog/image/abc/change/",
                "/admin/auth/user/_FF/delete/",
                f"/admin/auth/user/{DIGITS}/password/",
            ),
        ):
            with self.subTest(path):
                self.ask(path)

    def test_nothing_typed_is_an_error_of_the_preview_or_of_the_autosave(self) -> None:
        form = next(fields.forms for path, fields in self.pages if path == "/admin/blog/post/add/")
        names = {name for each in form for name in each}
        self.assertIn("related", names)
        preview = reverse("markdownx_preview")
        autosave = reverse("admin:blog_post_autosave", args=[self.post.pk])
        for path in (preview, f"{preview}?page", f"{preview}?post={DIGITS}", autosave):
            for bad in BAD:
                with self.subTest(path, value=bad):
                    self.send(path, dict.fromkeys(names, bad))
        upload = reverse("markdownx_upload")
        for bad in BAD:
            with self.subTest(upload, value=bad):
                self.send(upload, {"image": bad, "alt": bad, "decorative": bad})
