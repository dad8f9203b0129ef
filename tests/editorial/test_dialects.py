"""What readers see of an imported text that has been edited: the same by every way on which a text goes live."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.editorial.content import Content
from blog.editorial.imported_texts import imported_text, imported_texts
from blog.models import Post, Revision
from blog.public.post_page import preview_page
from tests.base import PublicTestCase, changed, update
from tests.make import NOON, make_content, make_post

HOUR = timedelta(hours=1)
TITLE = "データセンターの電気代が上がる"
CAME = f"{TITLE}、その理由は\n\n本文。\n---END---\n"
EDITED = CAME.replace("その理由は", "誰が払う")
"""The first line is still like the title, but somebody has written it."""


def make_imported(*, body: str = CAME, **values: Any) -> Post:
    """A public post that a file of the old site brought."""
    content = make_content(title=TITLE, body=body, dialect="old-site", **values)
    post = publishing.create(content=content, by=IMPORT, now=NOON, kind=Revision.Kind.IMPORT)
    return publishing.publish(revision=post.working, by=IMPORT, now=NOON)


class EditedImportTests(PublicTestCase):
    def shown(self, post: Post) -> str:
        return Post.objects.get(pk=post.pk).plain_text

    def test_an_imported_text_hides_what_its_dialect_says(self) -> None:
        post = make_imported()
        self.assertEqual((post.dialect, self.shown(post)), ("old-site", "本文。"))

    def test_an_edited_line_is_shown_and_what_nobody_touched_stays_hidden(self) -> None:
        post = update(make_imported(), now=NOON, body=EDITED)
        said = f"{TITLE}、誰が払う\n本文。"
        self.assertEqual(self.shown(post), said)
        Post.objects.update(renderer_version=0, body_html="", plain_text="")
        call_command("rerender_posts", stdout=StringIO())
        self.assertEqual(self.shown(post), said)
        self.assertIn(f"{TITLE}、誰が払う\n\n本文。\n", self.html(f"{post.path.rstrip('/')}.md"))
        self.assertNotIn("END", self.html(f"{post.path.rstrip('/')}.md"))

    def test_a_scheduled_update_shows_it_at_its_hour(self) -> None:
        post = update(make_imported(), now=NOON, at=NOON + HOUR, body=EDITED)
        self.assertEqual(self.shown(post), "本文。")
        self.html("/", now=NOON + HOUR)
        self.assertEqual(self.shown(post), f"{TITLE}、誰が払う\n本文。")

    def test_the_preview_shows_what_the_page_will(self) -> None:
        post = make_imported()
        for body in (CAME, EDITED, f"{EDITED}\n続き。"):
            seen = preview_page(changed(post, body=body), post=post, now=NOON)["post"].body_html
            self.assertEqual(seen, update(post, now=NOON, body=body).body_html)

    def test_a_new_version_of_the_file_brings_new_lines(self) -> None:
        post = make_imported()
        revision = publishing.import_revision(
            post=post, content=changed(post, body=EDITED), by=IMPORT, now=NOON, base=post.working
        )
        self.assertEqual(publishing.publish(revision=revision, by=IMPORT, now=NOON).plain_text, "本文。")
        update(post, now=NOON, body=CAME)  # which is not in the file any more
        self.assertEqual(self.shown(post), f"{TITLE}、その理由は\n本文。")

    def test_a_version_of_the_file_that_came_later_changes_nothing_of_the_live_text(self) -> None:
        post = make_imported()
        update(post, now=NOON, body=f"{CAME}\n続き。")
        publishing.import_revision(
            post=post, content=changed(post, body="別の文。"), by=IMPORT, now=NOON, base=None
        )
        before = self.shown(post)
        call_command("rerender_posts", "--all", stdout=StringIO())
        self.assertEqual((self.shown(post), before), (before, "本文。\n続き。"))

    def test_without_its_dialect_everything_is_shown(self) -> None:
        post = update(make_imported(), now=NOON, dialect="")
        self.assertEqual(self.shown(post), f"{TITLE}、その理由は\n本文。\n---END---")

    def test_two_versions_with_different_dialects_are_merged_like_any_field(self) -> None:
        post = make_imported()
        base = post.working
        publishing.save(post=post, content=changed(post, dialect=""), by=IMPORT, now=NOON, base=base)
        both = publishing.save(post=post, content=changed(post, body=EDITED), by=IMPORT, now=NOON, base=base)
        self.assertEqual((both.content["dialect"], both.content["body"]), ("", EDITED))
        with self.assertRaises(publishing.EditConflict) as conflict:
            publishing.save(
                post=post, content=changed(post, dialect="jekyll"), by=IMPORT, now=NOON, base=base
            )
        self.assertEqual(conflict.exception.fields, ["dialect"])

    def test_an_unknown_dialect_is_none(self) -> None:
        self.assertEqual(Content.from_json({"dialect": "関西弁"}), Content())


def sqls(queries: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in queries.captured_queries]


class CostTests(PublicTestCase):
    def test_typed_texts_and_those_that_nobody_has_edited_cost_no_query(self) -> None:
        typed = update(make_post(), now=NOON, body="新しい本文。")
        imported = make_imported()
        revisions = [typed.working, imported.working]
        with self.assertNumQueries(0):
            self.assertEqual(imported_texts(revisions), {})

    def test_many_edited_texts_cost_one(self) -> None:
        posts = [update(make_imported(), now=NOON, body=EDITED) for _ in range(3)]
        revisions = [post.working for post in posts]
        with self.assertNumQueries(1):
            found = imported_texts(revisions)
        self.assertEqual([found[revision.pk].body for revision in revisions], [CAME] * 3)

    def test_rendering_them_again_asks_once_a_batch(self) -> None:
        asked = []
        for number in (1, 3):
            while Post.objects.count() < number:
                update(make_imported(), now=NOON, body=EDITED)
            Post.objects.update(renderer_version=0)
            with CaptureQueriesContext(connection) as queries:
                publishing.rerender_all(now=NOON)
            asked.append(sum('FROM "blog_revision"' in sql and "excerpt" in sql for sql in sqls(queries)))
        self.assertEqual(asked, [1, 1])

    def test_what_has_no_first_version_is_its_own(self) -> None:
        post = update(make_imported(), now=NOON, body=EDITED)
        revision = post.working
        assert imported_text(revision) is not None
        revision.content = replace(Content.from_json(revision.content), dialect="").to_json()
        self.assertIsNone(imported_text(revision))
