"""`POST /intake/`, as a machine uses it."""

from datetime import timedelta
from urllib.parse import quote

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.models import Manuscript, Post
from blog.text.frontmatter import MAX_FILE
from blog.transfer.intake import api_tokens
from blog.views.intake import BAD_TOKENS, DEPOSITS
from tests.clock import at
from tests.make import NOON, make_category, make_machine
from tests.transfer.documents import document

URL = "/intake/"
NAME = "2026-11-20-a.md"


class IntakeTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.machine, cls.token = make_machine("夜の機械")

    def setUp(self):
        cache.clear()  # where the limits count
        self.client = Client(enforce_csrf_checks=True)  # a machine has no token of a form

    def send(self, text=None, *, name=NAME, token=None, now=NOON, content_type="text/markdown", **extra):
        data = document() if text is None else text
        with at(now):
            response = self.client.post(
                f"{URL}?name={quote(name)}" if name else URL,
                data if isinstance(data, bytes) else data.encode(),
                content_type=content_type,
                headers={"authorization": f"Bearer {token or self.token}"} | extra.pop("headers", {}),
                **extra,
            )
        self.assertEqual(response.headers["Content-Type"], "application/json")
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertFalse(response.cookies)
        return response

    def test_a_document_becomes_a_draft(self):
        response = self.send(document(title='"機械の記事"'))
        self.assertEqual(response.status_code, 201)
        post = Post.objects.get()
        self.assertEqual((post.working_title, post.live_revision), ("機械の記事", None))
        told = response.json()
        self.assertEqual((told["file"], told["outcome"]), (NAME, "created"))
        self.assertTrue(told["edit_url"].endswith(f"/admin/blog/post/{post.pk}/change/"))
        manuscript = Manuscript.objects.get()
        self.assertEqual((manuscript.way, manuscript.machine), (Manuscript.Way.API, self.machine))
        self.assertFalse(Post.objects.published(NOON).exists())

    def test_a_form_with_a_file_does_as_well(self):
        file = SimpleUploadedFile("2026-11-20-日本語.md", document().encode(), content_type="text/markdown")
        headers = {"authorization": f"Bearer {self.token}"}
        self.assertEqual(self.client.post(URL, {"file": file}, headers=headers).status_code, 201)
        self.assertEqual(Post.objects.get().import_ref, "2026-11-20-日本語")

    def test_the_name_may_come_in_a_header(self):
        response = self.send(name="", headers={"x-filename": quote("2026-11-20-日本語.md")})
        self.assertEqual(response.json()["file"], "2026-11-20-日本語.md")

    def test_the_same_again_changes_nothing(self):
        self.send()
        response = self.send()
        self.assertEqual((response.status_code, response.json()["outcome"]), (200, "unchanged"))
        self.assertEqual(
            (Post.objects.count(), Post.objects.get().revisions.count(), Manuscript.objects.count()),
            (1, 1, 1),
        )

    def test_a_new_version_updates_a_draft_that_nobody_has_touched(self):
        self.send()
        response = self.send(document(body="書き直した本文です。"))
        self.assertEqual((response.status_code, response.json()["outcome"]), (200, "updated"))
        self.assertIn("書き直した", Post.objects.get().working.content["body"])

    def test_over_a_public_post_it_is_a_proposal(self):
        make_category()
        self.send(document(body="読者が見る文。"))
        publishing.publish(revision=Post.objects.get().working, by=IMPORT, now=NOON)
        response = self.send(document(body="まだ見せない文。"))
        self.assertEqual((response.status_code, response.json()["outcome"]), (200, "proposed"))
        post = Post.objects.get()
        self.assertEqual((post.body.strip(), post.stage), ("読者が見る文。", Post.Stage.REVIEW))

    def test_what_cannot_be_read_is_answered_with_the_reason_and_kept(self):
        response = self.send("---\ntitle: [\n---\n本文")
        self.assertEqual(response.status_code, 422)
        [problem] = response.json()["problems"]
        self.assertEqual({*problem}, {"line", "code", "field", "blocking", "message"})
        self.assertEqual((problem["code"], problem["blocking"]), ("unreadable", True))
        self.assertTrue(problem["line"] and "YAML" in problem["message"])
        self.assertEqual(Manuscript.objects.get().outcome, Manuscript.Outcome.FAILED)
        self.assertFalse(Post.objects.exists())

    def test_without_the_right_token_nothing_is_read(self):
        headers = ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {self.token}"})
        for wrong in headers:
            with self.subTest(wrong):
                response = self.client.post(
                    f"{URL}?name={NAME}", document(), content_type="text/markdown", headers=wrong
                )
                self.assertEqual(response.status_code, 401)
                self.assertEqual(response.headers["WWW-Authenticate"], "Bearer")
        self.assertFalse(Manuscript.objects.exists())

    def test_a_revoked_token_is_told_so(self):
        api_tokens.revoke(self.machine, now=NOON)
        self.assertEqual(self.send().status_code, 403)
        self.assertFalse(Manuscript.objects.exists())

    def test_only_post_is_answered(self):
        for method in ("get", "put", "delete"):
            response = getattr(self.client, method)(URL, headers={"authorization": f"Bearer {self.token}"})
            self.assertEqual((response.status_code, response.headers["Allow"]), (405, "POST"))

    def test_too_large_a_document_is_refused_before_it_is_read(self):
        self.assertEqual(self.send(b"x" * (MAX_FILE + 1)).status_code, 413)
        self.assertFalse(Manuscript.objects.exists())

    def test_a_large_document_within_the_limit_is_read(self):
        text = document(body="長い段落です。" * 150_000)
        self.assertGreater(len(text.encode()), 3_000_000)
        self.assertNotEqual(self.send(text).status_code, 413)

    def test_other_kinds_of_content_are_refused(self):
        for kind in ("application/json", "application/x-www-form-urlencoded", "text/html"):
            with self.subTest(kind):
                self.assertEqual(self.send(content_type=kind).status_code, 415)

    def test_names_that_are_no_markdown_file_and_empty_documents_are_refused(self):
        for name in ("", "article.html", "a\nb.md", ".."):
            with self.subTest(name):
                self.assertEqual(self.send(name=name).status_code, 400)
        empty = self.send("", CONTENT_TYPE="text/markdown", CONTENT_LENGTH="0")
        self.assertEqual(empty.status_code, 400)
        broken = self.send(content_type="multipart/form-data; boundary=x", text="--y\r\n")
        self.assertEqual(broken.status_code, 400)

    def test_folders_in_a_name_say_nothing(self):
        self.send(name="../../etc/2026-11-20-a.md")
        self.assertEqual(Post.objects.get().import_ref, "2026-11-20-a")

    def test_a_machine_that_sends_without_end_waits_a_minute(self):
        statuses = [self.send().status_code for _ in range(DEPOSITS.times + 1)]
        self.assertEqual(statuses[-2:], [200, 429])
        self.assertEqual(self.send().headers["Retry-After"], "60")
        other = make_machine("昼の機械")[1]
        self.assertEqual(self.send(token=other).status_code, 200)
        self.assertEqual(self.send(now=NOON + timedelta(seconds=61)).status_code, 200)

    def test_guessing_tokens_is_slowed_down_by_address(self):
        statuses = [self.send(token=f"allforces_1_{n}").status_code for n in range(BAD_TOKENS.times + 1)]
        self.assertEqual(statuses[-2:], [401, 429])
        self.assertEqual(self.send(token="x", REMOTE_ADDR="192.0.2.7").status_code, 401)

    def test_a_good_token_is_heard_where_others_have_guessed(self):
        statuses = [self.send(token=f"allforces_1_{n}").status_code for n in range(BAD_TOKENS.times + 1)]
        self.assertEqual(statuses[-1], 429)
        self.assertEqual(self.send().status_code, 201)
        api_tokens.revoke(self.machine, now=NOON)
        self.assertEqual(self.send().status_code, 429)

    def test_a_name_is_asked_for_in_every_form(self):
        headers = {"authorization": f"Bearer {self.token}"}
        for name in ("A.txt", "B.txt", "md", "n.md/"):
            file = SimpleUploadedFile("x", document().encode(), content_type="text/markdown")
            file._name = name  # past the cleaning that only this class does
            response = self.client.post(URL, {"file": file}, headers=headers)
            self.assertEqual(response.status_code, 400, name)
            self.assertIn(".md で終わる名前", response.json()["error"])
        for query, extra in (("?name=%ff.md", {}), ("", {"x-filename": "%ff.md"})):
            response = self.client.post(
                f"{URL}{query}", document(), content_type="text/markdown", headers=headers | extra
            )
            self.assertEqual(response.status_code, 400)
        self.assertFalse(Manuscript.objects.exists())

    def test_odd_values_are_answered_and_never_break_the_house(self):
        for value in (r'"\udc00"', r'"\0"', "0x" + "f" * 20_000):
            with self.subTest(value[:10]):
                self.assertIn(self.send(document(x=value)).status_code, (200, 201))
        self.assertEqual(self.send(name="2026-11-21-😀.md").status_code, 201)

    def test_the_last_use_of_a_token_is_known_to_the_minute(self):
        self.send(now=NOON)
        self.send(now=NOON + timedelta(seconds=30))
        self.machine.refresh_from_db()
        self.assertEqual(self.machine.last_used_at, NOON)
