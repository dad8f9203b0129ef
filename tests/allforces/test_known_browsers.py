"""One account is one lock, and strangers do not turn it from outside while its owner sits at a known browser."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.cache import cache, caches
from django.core.management import call_command
from django.test import Client, TestCase, override_settings

from allforces import settings as installed  # the runner swaps the cache of the settings in use

PASSWORD = "right-password-1"
LOGIN = "/accounts/login/"
LOCKED = "ログイン失敗が連続しています"


class SignInTestCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.sato = User.objects.create_user("sato", "sato@example.jp", PASSWORD, is_staff=True)
        cls.mori = User.objects.create_user("mori", "mori@example.jp", PASSWORD, is_staff=True)

    def setUp(self) -> None:
        cache.clear()  # where attempts are counted

    def sign_in(self, login: str, password: str = PASSWORD, *, browser: Client | None = None) -> Any:
        return (browser or Client()).post(LOGIN, {"username": login, "password": password})

    def known_to(self, *logins: str) -> Client:
        """A browser in which each of `logins` has signed in and out again."""
        browser = Client()
        for login in logins:
            self.assertRedirects(self.sign_in(login, browser=browser), "/admin/")
            browser.post("/accounts/logout/")
        return browser

    def assert_enters(self, login: str, password: str = PASSWORD, *, browser: Client) -> None:
        self.assertRedirects(self.sign_in(login, password, browser=browser), "/admin/")

    def assert_locked(self, login: str, password: str = PASSWORD, *, browser: Client | None = None) -> None:
        self.assertContains(self.sign_in(login, password, browser=browser), LOCKED)


class OneLockTests(SignInTestCase):
    def test_name_and_address_of_a_person_share_the_count_in_any_spelling(self) -> None:
        tried = ("sato", "sato@example.jp", "ＳＡＴＯ", " Sato@Example.JP ", "ſato@example.jp")
        for login in tried:
            self.assertNotContains(self.sign_in(login, "wrong"), LOCKED)
        for login in ("sato", "sato@example.jp", "SATO", "ＳＡＴＯ@ＥＸＡＭＰＬＥ.ＪＰ"):
            with self.subTest(login):
                self.assert_locked(login)
        self.assert_enters("mori@example.jp", browser=Client())

    def test_address_of_two_accounts_counts_for_both(self) -> None:
        User.objects.create_user("sato2", "sato@example.jp", "another-word-2")
        for login in ("sato@example.jp", "sato", "sato@example.jp", "sato", "sato@example.jp"):
            self.sign_in(login, "wrong")
        self.assert_locked("sato")
        self.assert_locked("sato@example.jp")
        for _ in range(2):
            self.sign_in("sato2", "wrong")
        self.assert_locked("sato2", "another-word-2")

    def test_name_that_nobody_has_is_locked_alike(self) -> None:
        for login in ("nobody", "NOBODY", "nobody ", "Nobody", "ｎｏｂｏｄｙ"):
            self.assertNotContains(self.sign_in(login, "wrong"), LOCKED)
        self.assert_locked("nobody")

    @override_settings(CACHES=installed.CACHES)
    def test_every_process_knows_the_one_lock(self) -> None:
        call_command("createcachetable")
        for login in ("sato", "sato@example.jp", "sato", "sato@example.jp", "sato"):
            del caches["default"]  # as in a process of its own: nothing is remembered but in the database
            self.sign_in(login, "wrong")
        del caches["default"]
        self.assert_locked("sato@example.jp")


class KnownBrowserTests(SignInTestCase):
    def strangers_try(self, *logins: str, times: int = 40) -> None:
        for number in range(times):
            self.sign_in(logins[number % len(logins)], "wrong")

    def test_strangers_lock_each_other_out_and_not_the_browser_of_the_person(self) -> None:
        office = self.known_to("sato")
        self.strangers_try("sato", "sato@example.jp")  # from the same address, too
        self.assertEqual(self.sign_in("sato").status_code, 429)
        for login in ("sato", "Sato@example.jp", "SATO"):
            self.assert_enters(login, browser=office)
            office.post("/accounts/logout/")

    @override_settings(CACHES=installed.CACHES)
    def test_every_process_knows_the_browser(self) -> None:
        call_command("createcachetable")
        office = self.known_to("sato")
        self.strangers_try("sato", times=6)
        del caches["default"]
        self.assert_locked("sato")
        self.assert_enters("sato", browser=office)

    def test_known_browser_has_a_small_budget_of_its_own(self) -> None:
        office, home = self.known_to("sato"), self.known_to("sato")
        for _ in range(5):
            self.assertNotContains(self.sign_in("sato", "wrong", browser=office), LOCKED)
        self.assert_locked("sato", browser=office)
        self.assert_locked("sato@example.jp", browser=office)
        self.assert_enters("sato", browser=home)
        self.assert_enters("sato", browser=Client())  # strangers' tries are counted apart

    def test_new_password_makes_every_browser_a_stranger(self) -> None:
        office = self.known_to("sato")
        user = User.objects.get(username="sato")
        user.set_password("a-new-pass-2")
        user.save()
        self.strangers_try("sato", times=5)
        self.assert_locked("sato", "a-new-pass-2", browser=office)

    def test_people_who_share_a_computer_are_all_known(self) -> None:
        office = self.known_to("sato", "mori")
        self.strangers_try("sato", "mori", times=10)
        for login in ("sato", "mori"):
            self.assert_enters(login, browser=office)
            office.post("/accounts/logout/")

    def test_browser_of_one_account_buys_no_attempts_on_another(self) -> None:
        thief = self.known_to("mori")
        [(name, morsel)] = [pair for pair in thief.cookies.items() if pair[0].startswith("known_browser_")]
        thief.cookies[name.replace(str(self.mori.pk), str(self.sato.pk))] = morsel.value
        self.strangers_try("sato", times=5)
        self.assert_locked("sato", browser=thief)

    def test_address_shared_with_another_account_is_known_nowhere(self) -> None:
        office = self.known_to("mori")
        User.objects.filter(pk=self.mori.pk).update(email="sato@example.jp")
        for _ in range(5):
            self.sign_in("sato@example.jp", "wrong", browser=office)
        self.assert_locked("sato")

    def test_made_up_cookies_are_nothing(self) -> None:
        for name, value in (
            (f"known_browser_{self.sato.pk}", "a:b:c"),
            (f"known_browser_{self.sato.pk}", ""),
            (f"known_browser_{self.sato.pk}", "\x7fé"),
            ("known_browser_abc", "1"),
            (f"known_browser_{'9' * 400}", "1"),
        ):
            browser = Client()
            browser.cookies[name] = value
            with self.subTest(name, value=value):
                self.assert_enters("sato", browser=browser)
                self.assertNotEqual(self.sign_in("sa\0to", browser=browser).status_code, 500)


class CookieTests(SignInTestCase):
    def cookies(self, response: Any) -> dict[str, Any]:
        return {name: morsel for name, morsel in response.cookies.items() if name.startswith("known_")}

    @override_settings(SESSION_COOKIE_SECURE=True)
    def test_only_the_sign_in_page_gets_it_and_no_script_reads_it(self) -> None:
        [morsel] = self.cookies(self.sign_in("sato")).values()
        self.assertEqual(morsel["path"], LOGIN)
        self.assertTrue(morsel["httponly"] and morsel["secure"])
        self.assertGreater(morsel["max-age"], 180 * 86_400)
        self.assertNotIn("sato", morsel.value)

    def test_nothing_else_sets_it(self) -> None:
        self.assertEqual(self.cookies(self.sign_in("sato", "wrong")), {})
        browser = self.known_to("sato")
        for path in ("/", "/feed.xml", "/search/?q=a", LOGIN, "/accounts/password/reset/"):
            with self.subTest(path):
                self.assertEqual(self.cookies(browser.get(path)), {})
