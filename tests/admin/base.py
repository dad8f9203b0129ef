"""The desk at work: forms as a browser sends them, and lists measured with one row and with thirty."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from blog.editorial.content import Content
from blog.editorial.content_fields import FIELDS
from blog.editorial.content_kinds import Kind
from blog.models import Post, Revision
from blog.text.names import format_tags
from tests.make import make_chief, make_editor, make_writer


def form_data(
    content: Content, *, base: Revision | None = None, verb: str = "save", **changes: Any
) -> dict[str, Any]:
    """What a browser sends for `content`, with `changes` typed by hand."""
    sent: dict[str, Any] = {}
    for name, declared in FIELDS.items():
        value = getattr(content, name)
        match declared.kind:
            case Kind.CREDITS:
                sent[f"{name}-author"] = [credit.author for credit in value] + ["", ""]
                sent[f"{name}-role"] = [credit.role for credit in value] + ["writer", "writer"]
            case Kind.TERMS:
                sent[name] = format_tags(value)
            case Kind.PATHS:
                sent[name] = "\n".join(value)
            case Kind.DAY:
                sent[name] = value.isoformat() if value else ""
            case Kind.FLAG:
                sent |= {name: "on"} if value else {}
            case Kind.OTHER_KEYS | Kind.DIALECT:
                pass
            case _:
                sent[name] = value
    return sent | {"base": base.pk if base else "", "verb": verb} | changes


def press_publish(client: Client, response: HttpResponse, **typed: Any) -> HttpResponse:
    """Follow the form's button to the page that asks, and press its button as a browser does, after changing `typed`.

    Gives the answer before that, when the form was not led on, or the page has no button.
    """
    if response.status_code != 302 or "/publish/" not in response["Location"]:
        return response
    url = response["Location"]
    page = client.get(url)
    if 'class="button publish"' not in page.content.decode():
        return page
    return client.post(url, as_sent(page.context["form"]) | typed)


def as_sent(form: Form) -> dict[str, str]:
    """What a browser sends of an untouched form."""
    values = {bound.name: (bound.field.widget, bound.value()) for bound in form}
    sent = {
        name: widget.format_value(value) if isinstance(value, datetime) else value
        for name, (widget, value) in values.items()
        if value not in (False, None)
    }
    return {name: "on" if value is True else value for name, value in sent.items()}


class DeskTestCase(TestCase):
    """A writer, an editor and a chief; each test says who sits at the desk."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.writer, cls.editor, cls.chief = make_writer(), make_editor(), make_chief()

    def open(self, post: Post, **query: str) -> HttpResponse:
        return self.client.get(reverse("admin:blog_post_change", args=[post.pk]), query)

    def send(
        self, post: Post | None, verb: str = "save", *, base: Revision | None = None, **changes: Any
    ) -> HttpResponse:
        """Press a button of the form, after typing `changes`; from the newest revision unless `base` says otherwise."""
        base = base or (Post.objects.get(pk=post.pk).latest_revision if post else None)
        content = Content.from_json(base.content) if base else Content()
        url = reverse("admin:blog_post_change", args=[post.pk]) if post else reverse("admin:blog_post_add")
        return self.client.post(url, form_data(content, base=base, verb=verb, **changes))

    def publish(
        self, post: Post | None, *, base: Revision | None = None, asked: Any = (), **changes: Any
    ) -> HttpResponse:
        """Go on to the page that asks before publishing, after typing `changes`, and press its button with `asked`."""
        return press_publish(self.client, self.send(post, "publish", base=base, **changes), **dict(asked))

    def publish_revision(self, post: Post, number: int, **typed: Any) -> HttpResponse:
        """Publish this revision, from its own page."""
        leads_to = reverse("admin:blog_post_publish", args=[post.pk, number])
        page = self.client.get(reverse("admin:blog_post_revision", args=[post.pk, number]))
        self.assertContains(page, f'href="{leads_to}"')
        return press_publish(self.client, HttpResponseRedirect(leads_to), **typed)

    def act(self, post: Post, verb: str, **data: Any) -> HttpResponse:
        return self.client.post(reverse(f"admin:blog_post_{verb}", args=[post.pk]), data)

    def latest(self, post: Post) -> Content:
        return Content.from_json(Post.objects.get(pk=post.pk).latest_revision.content)

    def messages(self, response: HttpResponse) -> str:
        """What the desk is told, after a redirect or on the page at hand."""
        if response.status_code == 302:
            response = self.client.get(response["Location"])
        return " ".join(str(message) for message in response.context["messages"])

    def assertSameQueries(self, url: str, *, rows: int, add: Any) -> None:
        """`url` asks as often with one row as with `rows`; `add(n)` makes the n-th."""
        add(0)
        self.client.get(url)  # what only a first request asks for
        with CaptureQueriesContext(connection) as few:
            self.client.get(url)
        for number in range(1, rows):
            add(number)
        with CaptureQueriesContext(connection) as many:
            self.client.get(url)
        self.assertEqual(
            len(few), len(many), "\n".join(query["sql"][:200] for query in many.captured_queries)
        )
