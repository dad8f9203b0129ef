"""Logins: given by superusers, and by others without the rights that would make them superusers."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission, User
from django.test import TestCase

from tests.make import make_user

RIGHTS = {"is_superuser": "on", "groups": "1", "user_permissions": "1"}


class ManagerOfLoginsTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.root = User.objects.create_superuser("root", "root@example.com", "pass-word-1")
        cls.manager = make_user("manager")
        cls.manager.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))

    def setUp(self) -> None:
        self.client.force_login(self.manager)

    def form(self, user: User, **values: str) -> dict[str, str]:
        joined = user.date_joined
        return {
            "username": user.username,
            "email": user.email,
            "is_active": "on",
            "is_staff": "on",
            "date_joined_0": f"{joined:%Y-%m-%d}",
            "date_joined_1": f"{joined:%H:%M:%S}",
            **values,
        }

    def test_a_manager_of_logins_gives_nobody_rights_and_least_of_all_themselves(self) -> None:
        colleague = make_user("colleague")
        for user in (self.manager, colleague):
            path, before = f"/admin/auth/user/{user.pk}/change/", set(user.user_permissions.all())
            data = self.form(user, last_name="佐藤", **RIGHTS | {"groups": str(Group.objects.first().pk)})
            self.assertEqual(self.client.post(path, data).status_code, 302)
            user.refresh_from_db()
            self.assertEqual((user.last_name, user.is_superuser, user.groups.count()), ("佐藤", False, 0))
            self.assertEqual(set(user.user_permissions.all()), before)
        self.client.post("/admin/auth/user/add/", {"username": "new", "usable_password": "false", **RIGHTS})
        self.assertFalse(User.objects.filter(is_superuser=True).exclude(pk=self.root.pk).exists())

    def test_a_manager_of_logins_does_not_touch_superusers(self) -> None:
        base, hashed = f"/admin/auth/user/{self.root.pk}", self.root.password
        stolen = self.form(self.root, email="manager@example.com")
        self.assertEqual(self.client.post(f"{base}/change/", stolen).status_code, 403)
        new = {"password1": "another-word-1", "password2": "another-word-1", "usable_password": "true"}
        self.assertEqual(self.client.post(f"{base}/password/", new).status_code, 403)
        self.assertEqual(self.client.post(f"{base}/delete/", {"post": "yes"}).status_code, 403)
        chosen = {"action": "delete_selected", "_selected_action": self.root.pk, "post": "yes"}
        self.assertEqual(self.client.post("/admin/auth/user/", chosen).status_code, 403)
        self.root.refresh_from_db()
        self.assertEqual((self.root.email, self.root.password), ("root@example.com", hashed))

    def test_a_manager_of_logins_starts_no_stopped_login_that_has_more_rights(self) -> None:
        left = make_user("left", "編集長")
        User.objects.filter(pk=left.pk).update(is_active=False)
        base = f"/admin/auth/user/{left.pk}"
        stolen = self.form(left, email="manager@example.com")  # with is_active
        self.assertEqual(self.client.post(f"{base}/change/", stolen).status_code, 403)
        new = {"password1": "another-word-1", "password2": "another-word-1", "usable_password": "true"}
        self.assertEqual(self.client.post(f"{base}/password/", new).status_code, 403)
        left.refresh_from_db()
        self.assertEqual((left.is_active, left.email), (False, "left@example.com"))
        self.assertTrue(left.check_password("pass-word-1"))

    def test_groups_are_the_superusers(self) -> None:
        group = Group.objects.get(name="ライター")
        before = set(group.permissions.all())
        data = {"name": "ライター", "permissions": [p.pk for p in Permission.objects.all()]}
        self.assertEqual(self.client.post(f"/admin/auth/group/{group.pk}/change/", data).status_code, 403)
        self.assertEqual(self.client.post("/admin/auth/group/add/", data).status_code, 403)
        self.assertEqual(
            self.client.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"}).status_code, 403
        )
        self.assertEqual(set(group.permissions.all()), before)
        self.client.force_login(self.root)
        self.assertEqual(self.client.post(f"/admin/auth/group/{group.pk}/change/", data).status_code, 302)

    def test_a_superuser_makes_others(self) -> None:
        self.client.force_login(self.root)
        data = self.form(self.manager, is_superuser="on")
        self.assertEqual(
            self.client.post(f"/admin/auth/user/{self.manager.pk}/change/", data).status_code, 302
        )
        self.assertTrue(User.objects.get(pk=self.manager.pk).is_superuser)

    def test_there_is_one_page_for_a_new_password_and_it_counts_the_tries(self) -> None:
        for path in ("/admin/password_change/", "/admin/password_change/done/"):
            for method in ("get", "post"):
                answer = getattr(self.client, method)(path, {"old_password": "wrong"})
                self.assertRedirects(answer, "/accounts/password/change/", fetch_redirect_response=False)
        self.assertContains(self.client.get("/admin/"), "/admin/password_change/")
