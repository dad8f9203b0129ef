"""People who leave: their logins are stopped, or deleted while nothing carries their name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Person
from blog.editorial.content import Content
from blog.models import Draft, Post
from tests.admin.base import DeskTestCase
from tests.make import NOON, make_autosave, make_draft, make_user

LIST = reverse("admin:auth_user_changelist")


class LeavingTests(DeskTestCase):
    def setUp(self) -> None:
        self.chief_of_logins = User.objects.create_superuser("root", "root@example.com", "pass-word-1")
        self.client.force_login(self.chief_of_logins)

    def delete(self, user: User, **data: Any) -> Any:
        url = reverse("admin:auth_user_delete", args=[user.pk])
        return self.client.post(url, data) if data else self.client.get(url)

    def delete_selected(self, *users: User, **data: Any) -> Any:
        chosen = {"action": "delete_selected", "_selected_action": [user.pk for user in users]}
        return self.client.post(LIST, chosen | data)

    def assert_told_what_to_do(self, page: Any, user: User) -> None:
        self.assertContains(page, "「有効」の印を外し")
        self.assertContains(page, f'href="{reverse("admin:auth_user_change", args=[user.pk])}"')
        self.assertNotContains(page, "パーミッション")
        self.assertNotContains(page, 'name="post"')
        self.assertTrue(User.objects.filter(pk=user.pk).exists())

    def test_login_that_wrote_once_is_kept_and_the_page_says_what_to_do_instead(self) -> None:
        make_draft(by=self.writer)
        for data in ({}, {"post": "yes"}):
            with self.subTest(data):
                self.assert_told_what_to_do(self.delete(self.writer, **data), self.writer)
        self.assertTrue(LogEntry.objects.filter(user=self.writer).exists())

    def test_whoever_left_any_trace_is_kept(self) -> None:
        """Typed and never saved, saved, passed, or an action in the log: each alone."""
        post = make_draft()
        typed = make_user("typed", "編集者")
        make_autosave(None, content=Content(title="書きかけ"), by=typed)
        saved, passed, changed = make_user("saved", "編集者"), make_user("passed"), make_user("changed")
        content = replace(Content.from_json(post.working.content), body="直した。")
        publishing.save(post=post, content=content, by=Person(saved), now=NOON, base=None)
        post.revisions.update(approved_by=passed)
        LogEntry.objects.all().delete()
        LogEntry.objects.log_actions(changed.pk, [post], 2, "変えました。", single_object=True)
        for user in (typed, saved, passed, changed):
            with self.subTest(user.username):
                self.assert_told_what_to_do(self.delete(user, post="yes"), user)
        self.assertEqual(Draft.objects.get().editor, typed)

    def test_login_that_never_wrote_is_deleted_as_before(self) -> None:
        newcomer = make_user("newcomer", "ライター")
        publishing.assign(post=make_draft(), to=newcomer, by=IMPORT)
        self.assertContains(self.delete(newcomer), 'name="post"')
        self.assertRedirects(self.delete(newcomer, post="yes"), LIST)
        self.assertFalse(User.objects.filter(username="newcomer").exists())
        self.assertIsNone(Post.objects.get().assignee)

    def test_list_deletes_all_or_names_who_is_kept(self) -> None:
        make_draft(by=self.writer)
        fresh, other = make_user("fresh"), make_user("other")
        for data in ({}, {"post": "yes"}):
            with self.subTest(data):
                page = self.delete_selected(self.writer, fresh, **data)
                self.assert_told_what_to_do(page, self.writer)
                self.assertNotContains(page, f'href="{reverse("admin:auth_user_change", args=[fresh.pk])}"')
        self.assertContains(self.delete_selected(fresh, other), 'name="post"')
        self.delete_selected(fresh, other, post="yes")
        self.assertFalse(User.objects.filter(username__in=("fresh", "other")).exists())

    def test_stopped_login_is_out_at_once_and_its_name_and_draft_stay(self) -> None:
        post = make_draft(by=self.writer, title="残る下書き")
        theirs = Client()
        theirs.login(username="writer", password="pass-word-1")
        url = reverse("admin:blog_post_change", args=[post.pk])
        self.assertEqual(theirs.get(url).status_code, 200)
        form = (
            self.client.get(reverse("admin:auth_user_change", args=[self.writer.pk]))
            .context["adminform"]
            .form
        )
        data = {
            name: value
            for name, value in form.initial.items()
            if isinstance(value, str) and name != "password"
        }
        self.client.post(
            reverse("admin:auth_user_change", args=[self.writer.pk]),
            data
            | {"is_staff": "on", "date_joined_0": "2026-11-20", "date_joined_1": "12:00:00"}
            | {"groups": [group.pk for group in self.writer.groups.all()]},
        )
        self.assertFalse(User.objects.get(username="writer").is_active)
        self.assertRedirects(theirs.get(url), f"/admin/login/?next={url}", fetch_redirect_response=False)
        self.assertEqual(theirs.post(url, {"verb": "save", "title": "後から"}).status_code, 302)
        autosave = theirs.post(reverse("admin:blog_post_autosave", args=[post.pk]), {"title": "後から"})
        self.assertEqual(autosave.status_code, 403)
        self.assertFalse(Client().login(username="writer", password="pass-word-1"))
        self.assertEqual(Post.objects.get().working_title, "残る下書き")
        self.assertContains(self.client.get(reverse("admin:blog_post_history", args=[post.pk])), "writer")

    def test_whoever_may_not_delete_logins_is_refused(self) -> None:
        make_draft(by=self.writer)
        self.client.force_login(self.chief)
        self.assertEqual(self.delete(self.writer).status_code, 403)
        self.assertEqual(self.delete(self.writer, post="yes").status_code, 403)
