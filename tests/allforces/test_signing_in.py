"""One door for the desk: throttled, without sign-up, in Japanese."""

import re
import socket

from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory, TestCase, TransactionTestCase, override_settings
from django.urls import NoReverseMatch, reverse

from allforces.accounts import letters
from tests.letters import outbox
from tests.outage import refusing


class SigningInTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.sato = User.objects.create_user("sato", "sato@example.jp", "right-password-1", is_staff=True)

    def setUp(self):
        cache.clear()  # where the limits count

    def sign_in(self, login, password="right-password-1", **extra):
        return self.client.post(reverse("account_login"), {"username": login, "password": password}, **extra)

    def test_the_admin_sends_a_stranger_through_the_throttled_door_and_back(self):
        response = self.client.get("/admin/", follow=True)
        self.assertEqual(response.request["PATH_INFO"], "/accounts/login/")
        response = self.client.post(
            "/accounts/login/", {"username": "sato", "password": "right-password-1", "next": "/admin/"}
        )
        self.assertRedirects(response, "/admin/")

    def test_a_name_and_an_address_both_open_it(self):
        for login in ("sato", "sato@example.jp"):
            with self.subTest(login):
                self.assertEqual(self.sign_in(login).status_code, 302)
                self.client.logout()

    def test_a_reader_with_an_account_does_not_get_into_the_admin(self):
        User.objects.create_user("reader", password="right-password-1")
        self.sign_in("reader")
        self.assertEqual(self.client.get("/admin/", follow=True).status_code, 403)

    def test_after_five_wrong_passwords_the_right_one_waits_too(self):
        for _ in range(5):
            self.assertEqual(self.sign_in("sato", "wrong").status_code, 200)
        response = self.sign_in("sato")
        self.assertContains(response, "ログイン失敗")
        self.assertNotIn("_auth_user_id", self.client.session)

    def test_a_machine_that_keeps_trying_is_refused_with_429(self):
        statuses = [self.sign_in(f"name{n}", "wrong").status_code for n in range(31)]
        self.assertEqual(statuses[-1], 429)

    def test_nobody_makes_an_account(self):
        with self.assertRaises(NoReverseMatch):
            reverse("account_signup")
        self.assertEqual(self.client.get("/accounts/signup/").status_code, 404)
        self.assertNotContains(self.client.get("/accounts/login/"), "signup")

    def test_signing_out_needs_a_click_and_ends_the_session(self):
        self.client.force_login(self.sato)
        self.assertEqual(self.client.get(reverse("account_logout")).status_code, 200)
        self.assertIn("_auth_user_id", self.client.session)
        self.client.post(reverse("account_logout"))
        self.assertNotIn("_auth_user_id", self.client.session)

    def test_signing_out_of_the_admin_is_the_same_page(self):
        self.client.force_login(self.sato)
        asked = self.client.get(reverse("admin:logout"))
        self.assertTemplateUsed(asked, "account/logout.html")
        self.assertIn("_auth_user_id", self.client.session)
        sent = {"headers": {"Origin": "http://testserver"}}  # as browsers do
        self.assertRedirects(self.client.post(reverse("admin:logout"), **sent), reverse("account_login"))
        self.assertNotIn("_auth_user_id", self.client.session)

    def test_no_page_of_it_needs_inline_script_or_style_and_none_is_cached(self):
        self.client.force_login(self.sato)
        pages = [
            "account_logout",
            "account_change_password",
            "account_inactive",
            "account_reset_password_done",
        ]
        for name in pages:
            with self.subTest(name):
                response = self.client.get(reverse(name))
                self.assertContains(response, 'lang="ja"')
                self.assertNotRegex(
                    response.content.decode(), r"<style|<script(?![^>]*src=)|\son\w+=|\sstyle="
                )
        self.client.logout()
        for name in ("account_login", "account_reset_password"):
            with self.subTest(name):
                response = self.client.get(reverse(name))
                self.assertContains(response, 'lang="ja"')
                self.assertNotRegex(
                    response.content.decode(), r"<style|<script(?![^>]*src=)|\son\w+=|\sstyle="
                )
        self.assertIn("no-store", self.client.get(reverse("account_login")).headers["Cache-Control"])


class ForgottenPasswordTests(TransactionTestCase):
    def setUp(self):
        cache.clear()
        User.objects.create_user("sato", "sato@example.jp", "right-password-1")

    def ask(self, address):
        return self.client.post(reverse("account_reset_password"), {"email": address})

    def test_a_forgotten_password_is_renewed_by_mail(self):
        self.ask("sato@example.jp")
        [letter] = outbox()
        self.assertEqual(letter.to, ["sato@example.jp"])
        path = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", letter.body)[1]
        form = self.client.get(path, follow=True)
        new = {"password1": "a-new-pass-2", "password2": "a-new-pass-2"}
        self.client.post(form.request["PATH_INFO"], new)
        signed_in = self.client.post(
            reverse("account_login"), {"username": "sato", "password": "a-new-pass-2"}
        )
        self.assertEqual(signed_in.status_code, 302)

    def test_a_new_password_by_mail_opens_an_account_that_strangers_have_locked(self):
        for number in range(6):
            wrong = {"username": "sato", "password": f"wrong-{number}"}
            Client(REMOTE_ADDR=f"192.0.2.{number}").post(reverse("account_login"), wrong)
        self.test_a_forgotten_password_is_renewed_by_mail()

    def test_an_unknown_address_learns_nothing(self):
        known, unknown = self.ask("sato@example.jp"), self.ask("x@example.jp")
        self.assertEqual((known.status_code, known["Location"]), (unknown.status_code, unknown["Location"]))
        self.assertEqual([letter.to for letter in outbox()], [["sato@example.jp"]])

    def test_work_on_a_letter_begins_after_the_answer_and_takes_no_time_from_it(self):
        request = RequestFactory().post(reverse("account_reset_password"), {"email": "sato@example.jp"})
        request._dont_enforce_csrf_checks = True
        answer = WSGIHandler().get_response(request)
        self.assertEqual((answer.status_code, outbox()), (302, []))
        answer.close()  # as a server does when it has sent it
        self.assertEqual([letter.to for letter in outbox()], [["sato@example.jp"]])

    def mail_at(self, port):
        return override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=port,
        )

    def test_mail_server_that_refuses_changes_no_answer_and_is_told_in_a_line(self):
        with refusing() as port, self.mail_at(port), self.assertLogs("allforces.accounts") as logs:
            known, unknown = self.ask("sato@example.jp"), self.ask("x@example.jp")
            outbox()
        self.assertEqual((known.status_code, known["Location"]), (unknown.status_code, unknown["Location"]))
        self.assertEqual(known.status_code, 302)
        self.assertEqual(len(logs.records), 1)
        self.assertRegex(logs.records[0].getMessage(), "was not sent: .*refused")
        self.assertFalse(logs.records[0].exc_info)

    def test_mail_server_that_says_nothing_holds_nobody_up(self):
        with socket.create_server(("127.0.0.1", 0)) as listener, self.mail_at(listener.getsockname()[1]):
            known, unknown = self.ask("sato@example.jp"), self.ask("x@example.jp")
            connection, _ = listener.accept()
            with self.assertLogs("allforces.accounts") as logs, connection:
                # Both have their answer, and the letter still waits for the first word of the server.
                waiting = letters.submit(int)
                self.assertFalse(waiting.done())
                connection.close()
                waiting.result()
        self.assertEqual((known.status_code, known["Location"]), (unknown.status_code, unknown["Location"]))
        self.assertIn("was not sent", logs.output[0])
