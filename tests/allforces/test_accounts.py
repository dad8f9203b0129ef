"""Signing in, told as stories: the throttle that cannot be talked round, the way back after a forgotten password."""

from __future__ import annotations

import re

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache, caches
from django.core.management import call_command
from django.test import Client, TestCase, TransactionTestCase, override_settings
from django.urls import reverse

from allforces import settings as installed  # the runner swaps the cache of the settings in use
from tests.letters import outbox

PASSWORD = "right-password-1"
LOGIN = "/accounts/login/"
RESET = "/accounts/password/reset/"


def make_sato() -> User:
    return User.objects.create_user("sato", "sato@example.jp", PASSWORD, is_staff=True)


class Visitor:
    def setUp(self) -> None:
        cache.clear()

    def sign_in(self, login: str = "sato", password: str = PASSWORD, client: Client | None = None, **extra):
        return (client or self.client).post(LOGIN, {"username": login, "password": password} | extra)

    def is_in(self) -> bool:
        return "_auth_user_id" in self.client.session


class Accounts(Visitor, TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.sato = make_sato()


class ThrottleTests(Accounts):
    def test_other_spellings_of_a_name_do_not_buy_more_attempts(self):
        for login in ("sato", "SATO", "ｓａｔｏ", " Sato ", "\u017fato"):
            self.assertNotContains(self.sign_in(login, "wrong"), "ログイン失敗が連続")
        self.assertContains(self.sign_in("sAto"), "ログイン失敗が連続しています")
        self.assertFalse(self.is_in())

    def test_another_person_at_another_place_is_not_locked_out_with_them(self):
        for _ in range(6):
            self.sign_in("sato", "wrong")
        User.objects.create_user("mori", password=PASSWORD, is_staff=True)
        self.assertRedirects(self.sign_in("mori"), "/admin/")

    @override_settings(CACHES=installed.CACHES)
    def test_failures_in_several_processes_are_counted_together(self):
        call_command("createcachetable")
        for _ in range(5):
            del caches["default"]  # as in a process of its own: nothing is remembered but in the database
            self.sign_in("sato", "wrong", client=Client())
        del caches["default"]
        self.assertContains(self.sign_in(), "ログイン失敗が連続しています")

    @override_settings(CACHES=installed.CACHES)
    def test_trying_many_names_does_not_push_out_the_count_of_one(self):
        call_command("createcachetable")
        for _ in range(5):
            self.sign_in("sato", "wrong")
        for number in range(400):
            caches["default"].set(f"another-count-{number}", [1])
        self.assertContains(self.sign_in(), "ログイン失敗が連続しています")


class DoorTests(Accounts):
    def test_next_leads_into_the_house_only(self):
        for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"):
            with self.subTest(target):
                self.assertRedirects(self.sign_in(next=target), "/admin/")
                self.client.logout()
        self.assertRedirects(
            self.sign_in(next="/admin/blog/tag/"), "/admin/blog/tag/", fetch_redirect_response=False
        )

    def test_a_stopped_account_gets_a_page_that_says_so_and_stays_outside(self):
        User.objects.filter(pk=self.sato.pk).update(is_active=False)
        response = self.client.get(self.sign_in().headers["Location"])
        self.assertContains(response, "このアカウントは止められています")
        self.assertFalse(self.is_in())

    def test_a_wrong_password_of_a_stopped_account_tells_no_more_than_any_other(self):
        User.objects.filter(pk=self.sato.pk).update(is_active=False)
        stopped, unknown = self.sign_in(password="wrong"), self.sign_in("nobody", "wrong")
        self.assertEqual(*(errors(response) for response in (stopped, unknown)))

    def test_somebody_who_is_not_of_the_desk_gets_a_page_and_no_loop(self):
        User.objects.create_user("reader", password=PASSWORD)
        response = self.client.post(LOGIN, {"username": "reader", "password": PASSWORD}, follow=True)
        self.assertEqual(response.status_code, 403)
        self.assertLessEqual(len(response.redirect_chain), 3)
        self.assertContains(response, "権限がありません", status_code=403)
        self.assertContains(response, reverse("account_logout"), status_code=403)

    def test_a_form_without_its_token_gets_an_explanation(self):
        strict = Client(enforce_csrf_checks=True)
        with self.assertLogs("django.security.csrf", "WARNING"):
            response = self.sign_in(client=strict)
        self.assertContains(response, "送信をやり直してください", status_code=403)

    def test_each_field_has_its_label_and_what_password_managers_look_for(self):
        page = self.client.get(LOGIN)
        self.assertContains(page, '<label for="id_username">ユーザー名またはメールアドレス</label>')
        self.assertContains(page, 'autocomplete="username"')
        self.assertContains(page, 'autocomplete="current-password"')

    def test_an_error_is_tied_to_its_field(self):
        page = self.sign_in(password="")
        self.assertContains(page, 'id="id_password_error"')
        self.assertContains(page, 'aria-describedby="id_password_helptext id_password_error"')


class PasswordTests(Visitor, TransactionTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.sato = make_sato()

    def ask(self, email: str):
        return self.client.post(RESET, {"email": email}, follow=True)

    def link(self) -> str:
        return re.search(r"https?://\S+", outbox()[-1].body)[0]

    def test_the_mail_is_in_japanese_and_leads_to_our_own_site_whatever_host_was_claimed(self):
        self.client.post(RESET, {"email": "sato@example.jp"}, headers={"host": "localhost"})
        message = outbox()[0]
        self.assertEqual(message.subject, "ALLFORCES編集部: パスワードの再設定")
        self.assertIn("ユーザー名は sato です", message.body)
        self.assertTrue(self.link().startswith(f"{settings.SITE_URL}/accounts/password/reset/key/"))
        self.assertNotRegex(message.body, r"Hello|Thank you|password reset")

    def test_the_whole_way_to_a_new_password(self):
        self.ask("SATO@example.jp")
        path = self.link().removeprefix(settings.SITE_URL)
        form = self.client.get(path, follow=True)
        self.assertNotIn(path, form.request["PATH_INFO"])  # the key does not stay in the address bar
        short = self.client.post(form.request["PATH_INFO"], {"password1": "short", "password2": "short"})
        self.assertContains(short, 'id="id_password1_error"')
        new = {"password1": "a-new-pass-2", "password2": "a-new-pass-2"}
        done = self.client.post(form.request["PATH_INFO"], new, follow=True)
        self.assertContains(done, "新しいパスワードでログインできます")
        self.assertRedirects(self.sign_in(password="a-new-pass-2"), "/admin/")
        self.assertContains(Client().get(path), "このリンクは使えません")

    def test_an_unknown_address_reads_the_same_page_as_a_known_one(self):
        pages = [self.ask(email) for email in ("sato@example.jp", "nobody@example.jp")]
        self.assertEqual(pages[0].redirect_chain, pages[1].redirect_chain)
        self.assertEqual(*(main(page) for page in pages))
        self.assertEqual([message.to for message in outbox()], [["sato@example.jp"]])

    def test_asking_for_many_mails_is_stopped(self):
        statuses = [self.ask("sato@example.jp").status_code for _ in range(6)]
        self.assertEqual(statuses, [200] * 5 + [429])
        self.assertEqual(len(outbox()), 5)

    def test_a_password_is_changed_by_who_knows_the_old_one(self):
        self.client.force_login(self.sato)
        url = reverse("account_change_password")
        new = {"password1": "a-new-pass-2", "password2": "a-new-pass-2"}
        refused = self.client.post(url, new | {"oldpassword": "wrong"})
        self.assertContains(refused, 'id="id_oldpassword_error"')
        self.client.post(url, new | {"oldpassword": PASSWORD})
        self.sato.refresh_from_db()
        self.assertTrue(self.sato.check_password("a-new-pass-2"))

    def test_an_address_written_in_capitals_by_the_superuser_still_gets_its_mail(self):
        self.client.force_login(User.objects.create_superuser("root"))
        data = {
            "username": "mori",
            "email": "Mori@Example.JP",
            "date_joined_0": "2026-11-20",
            "date_joined_1": "12:00:00",
        }
        mori = User.objects.create_user("mori", password=PASSWORD, is_staff=True)
        self.client.post(f"/admin/auth/user/{mori.pk}/change/", data | {"is_active": "on", "is_staff": "on"})
        self.client.logout()
        self.ask("Mori@example.jp")
        self.assertEqual([message.to for message in outbox()], [["mori@example.jp"]])

    def test_an_address_that_was_given_up_opens_nothing_any_more(self):
        self.ask("sato@example.jp")
        outbox().clear()
        self.client.force_login(User.objects.create_superuser("root"))
        data = {"username": "sato", "email": "new@example.jp", "is_active": "on", "is_staff": "on"}
        data |= {"date_joined_0": "2026-11-20", "date_joined_1": "12:00:00"}
        self.client.post(f"/admin/auth/user/{self.sato.pk}/change/", data)
        self.client.logout()
        self.ask("sato@example.jp")
        self.assertEqual(outbox(), [])
        self.sign_in("sato@example.jp")
        self.assertFalse(self.is_in())
        self.sign_in("new@example.jp")
        self.assertTrue(self.is_in())


class PageTests(Accounts):
    def test_no_page_holds_english_inline_code_or_a_way_to_sign_up(self):
        self.client.force_login(self.sato)
        inside = [
            self.client.get(reverse(f"account_{name}")) for name in ("logout", "change_password", "inactive")
        ]
        self.client.logout()
        outside = [
            self.client.get(path)
            for path in (LOGIN, RESET, f"{RESET}done/", f"{RESET}key/1-bad/", f"{RESET}key/done/")
        ]
        for page in inside + outside:
            with self.subTest(page.request["PATH_INFO"]):
                self.assertNotRegex(
                    page.content.decode(), r"<style|<script(?![^>]*src=)|\son\w+=|\sstyle=|signup"
                )
                self.assertNotRegex(re.sub(r"<[^>]*>|ALLFORCES", "", main(page)), r"[A-Za-z]{4}")
        self.assertEqual(self.client.get("/accounts/signup/").status_code, 404)


def main(response) -> str:
    found = re.search(r"<main.*</main>", response.content.decode(), re.DOTALL)
    return found[0] if found else ""


def errors(response) -> str:
    return re.findall(r'class="errornote"[^>]*>([^<]*)', main(response))[0]
