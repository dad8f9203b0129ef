"""The page cache of two processes on one database: no answer is older than the promise, whatever is done in between.

Django's test client and its live server never pass the door of a WSGI server, so these tests start gunicorn.
"""

from __future__ import annotations

import gzip
import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import brotli
from django.conf import settings
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from blog.editorial import images, publishing, site_settings, taxonomy
from blog.editorial.actors import Person
from blog.models import ContentVersion, Page, Post, SiteSettings, Tag
from blog.public.moments import next_moment
from tests.base import update
from tests.clock import at
from tests.door import DoorClient
from tests.make import make_chief, make_draft, make_image, make_post
from tests.served import Answer, ServedTestCase, Server

PROMISE = timedelta(milliseconds=250)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
DECODERS: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
TAGS = ("電力", "計算", "半導体")
_numbers = itertools.count(1)


class Desk:
    """An editor, signed in at each server, who presses buttons there; other changes are made in this process."""

    def __init__(self) -> None:
        self.user = make_chief()
        self.by = Person(self.user)
        client = Client()
        client.force_login(self.user)
        self.cookie = (
            f"{settings.SESSION_COOKIE_NAME}={client.cookies['sessionid'].value}; csrftoken={'a' * 32}"
        )

    def press(self, server: Server, path: str, body: str) -> Answer:
        headers = {"Content_Type": "application/x-www-form-urlencoded", "X_CSRFToken": "a" * 32}
        answer = server.get(path, method="POST", body=body, Cookie=self.cookie, **headers)
        assert answer.status == 302, server.log.read_text()[-3000:]
        return answer


class Machine(RuleBasedStateMachine):
    """Random acts of a desk, and requests to both servers, each compared with what Django answers without a cache."""

    servers: list[Server]
    desk: Desk

    def __init__(self) -> None:
        super().__init__()
        self.plain = DoorClient()
        self.acted_at = timezone.now() - DAY
        self.acted_by: Server | None = None
        self.before: dict[str, set[bytes]] = {}
        self.posts: list[Post] = []
        for _ in range(2):
            self.publish(tag=TAGS[0])

    # What is compared

    @property
    def paths(self) -> list[str]:
        found = [
            "/",
            "/feed.xml",
            "/sitemap.xml",
            "/about/",
            "/robots.txt",
            *(f"/tags/{tag}/" for tag in TAGS),
        ]
        for post in self.posts[-3:]:
            found += [post.get_absolute_url(), f"{post.get_absolute_url().removesuffix('/')}.md"]
        return found

    def expected(self, path: str, now: datetime) -> bytes:
        with at(now):
            answer: Any = self.plain.get(path)
        return b"%d %s %s" % (answer.status_code, answer.get("Location", "").encode(), answer.content)

    def states(self, path: str, start: datetime, end: datetime) -> set[bytes]:
        """What the clock makes of `path` from `start` to `end`, with what is in the database now."""
        found, now = set(), start
        while now <= end:
            found.add(self.expected(path, now))
            now = next_moment(now=now)
        return found

    def act(self, does: Callable[[datetime], object], *, server: Server | None = None) -> None:
        """Change something, in this process or at one of the servers."""
        now = timezone.now()
        # Soon after the last act, readers may still see what was before that, too.
        if now - self.acted_at >= PROMISE:
            self.before = {path: set() for path in self.paths}
        for path, found in self.before.items():
            found |= self.states(path, now, now + 2 * SECOND)
        does(timezone.now())
        self.acted_at, self.acted_by = timezone.now(), server

    def ask(
        self, server: Server, path: str, *, encoding: str = "", query: str = "", method: str = "GET"
    ) -> None:
        sent = timezone.now()
        answer = server.get(path + query, method=method, Accept_Encoding=encoding, Cookie="sessionid=made-up")
        received = timezone.now()
        if method == "HEAD":
            assert answer.body == b"", path
            return
        body = DECODERS[answer.headers.get("Content-Encoding", "")](answer.body)
        location = (answer.headers["Location"] or "").encode()
        found = b"%d %s %s" % (answer.status, location.removesuffix(query.encode()), body)
        allowed = self.states(path, sent, received)
        if sent - self.acted_at < PROMISE and server is not self.acted_by:
            allowed |= self.before.get(path, set())
        assert found in allowed, (path, sent - self.acted_at, found[:600], [one[:600] for one in allowed])

    # What the desk does

    @rule(tag=st.sampled_from(TAGS))
    def publish(self, tag: str) -> None:
        number = next(_numbers)
        self.act(
            lambda now: self.posts.append(
                make_post(slug=f"s-{number}", at=now, title=f"第{number}の話", tags=(tag,))
            )
        )

    @rule()
    def change(self) -> None:
        post, number = self.posts[-1], next(_numbers)
        if not Post.objects.get(pk=post.pk).is_withdrawn(timezone.now()):
            self.act(lambda now: update(Post.objects.get(pk=post.pk), now=now, body=f"本文の第{number}版。"))

    @rule(milliseconds=st.sampled_from((150, 400)), tag=st.sampled_from(TAGS))
    def schedule(self, milliseconds: int, tag: str) -> None:
        number = next(_numbers)

        def plan(now: datetime) -> None:
            draft = make_draft(slug=f"s-{number}", title=f"第{number}の予定", tags=(tag,), now=now)
            hour = now + timedelta(milliseconds=milliseconds)
            planned = publishing.publish(revision=draft.working, by=self.desk.by, now=now, at=hour)
            self.posts.append(planned)

        self.act(plan)

    @rule(milliseconds=st.sampled_from((0, 300)))
    def withdraw(self, milliseconds: int) -> None:
        post = next(
            (one for one in Post.objects.published(timezone.now()).order_by("-pk") if not one.withdrawn_at),
            None,
        )
        if post:
            later = timedelta(milliseconds=milliseconds)
            self.act(
                lambda now: publishing.withdraw(
                    post=post,
                    by=self.desk.by,
                    now=now,
                    at=now + later if later else None,
                    reason="誤りでした。",
                )
            )

    @rule(which=st.integers(0, 1))
    def withdraw_at_a_server(self, which: int) -> None:
        post = next(
            (one for one in Post.objects.published(timezone.now()).order_by("-pk") if not one.withdrawn_at),
            None,
        )
        if post:
            url, server = reverse("admin:blog_post_withdraw", args=[post.pk]), self.servers[which]
            self.act(lambda now: self.desk.press(server, url, "when=now&reason=x"), server=server)

    @rule()
    def merge_tags(self) -> None:
        tags = list(Tag.objects.order_by("pk"))
        if len(tags) > 1:
            self.act(lambda now: taxonomy.merge(sources=tags[1:2], into=tags[0], by=self.desk.by, now=now))

    @rule()
    def rename_the_magazine(self) -> None:
        site, name = SiteSettings.objects.current(timezone.now()), f"第{next(_numbers)}の誌名"
        self.act(lambda now: site_settings.save(site, by=self.desk.by, now=now, name=name))

    @rule()
    def save_page(self) -> None:
        page = Page.objects.filter(path="/about/").first() or Page(
            path="/about/", title="約束", is_public=True
        )
        page.body = f"第{next(_numbers)}の約束。"
        self.act(lambda now: taxonomy.save_page(page, by=self.desk.by, now=now))

    @rule(tag=st.sampled_from(TAGS))
    def read_before_and_after_an_hour(self, tag: str) -> None:
        self.schedule(600, tag)
        self.read_everything()
        self.read_everything()
        self.servers[0].wait_for(self.posts[-1].published_at)
        self.read_everything()

    @rule()
    def restore_an_older_version(self) -> None:
        """The number of the version goes back, as after a restore of the database itself."""
        self.act(lambda now: ContentVersion.objects.update(number=F("number") - 1000))

    # What readers do

    @rule(
        which=st.integers(0, 1),
        encoding=st.sampled_from(("", "gzip", "br")),
        method=st.sampled_from(("GET", "HEAD")),
    )
    def read(self, which: int, encoding: str, method: str) -> None:
        for path in self.paths:
            self.ask(self.servers[which], path, encoding=encoding, method=method)

    @rule(which=st.integers(0, 1))
    def read_by_a_campaign(self, which: int) -> None:
        for path in self.paths[:8]:
            self.ask(self.servers[which], path, query=f"?utm_source={next(_numbers)}")

    @rule()
    def let_the_promise_come_due(self) -> None:
        """From here on nothing of before the last act may be seen."""
        self.servers[0].wait_for(self.acted_at + PROMISE)
        self.read_everything()

    def read_everything(self) -> None:
        for server in self.servers:
            for path in self.paths:
                self.ask(server, path, encoding="br")


class PromiseTests(ServedTestCase):
    desk: Desk

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.desk = Desk()

    def test_no_answer_is_older_than_the_promise(self) -> None:
        machine = type("Served", (Machine,), {"servers": self.servers, "desk": self.desk, "TestCase": None})
        run_state_machine_as_test(
            machine,
            settings=hypothesis_settings(
                max_examples=6,
                stateful_step_count=20,
                deadline=None,
                phases=(Phase.generate,),  # a run that fails by the clock cannot be made shorter
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
        hits = [server.figures()["hits"] for server in self.servers]
        self.assertGreater(min(hits), 20, "the servers did answer from their caches")

    def test_process_that_publishes_shows_it_at_once_and_the_other_in_time(self) -> None:
        one, other = self.servers
        for number in range(10):
            post = make_post(slug=f"p-{number}", at=timezone.now())
            path = post.get_absolute_url()
            for server in self.servers:
                self.until_status(server, path, 200)
            self.desk.press(one, reverse("admin:blog_post_withdraw", args=[post.pk]), "when=now&reason=x")
            self.assertEqual(one.get(path).status, 410)
            self.assert_in_time(other, path, lambda answer: answer.status == 410)

    def assert_in_time(self, server: Server, path: str, is_new: Callable[[Answer], bool]) -> None:
        """Whoever asks from now on gets an old answer for as long as the promise allows, and no longer."""
        begun = time.monotonic()
        while True:
            sent = time.monotonic()
            if is_new(server.get(path)):
                return
            self.assertLess(sent - begun, PROMISE.total_seconds())

    def until_known(self, server: Server) -> None:
        """Until `server` has heard of everything that was done."""
        version = ContentVersion.objects.current()
        self.until(lambda: server.get("/robots.txt") and server.figures()["version"] == version)

    def until_status(self, server: Server, path: str, status: int) -> None:
        self.until(lambda: server.get(path).status == status)

    def test_many_who_miss_one_page_make_it_once(self) -> None:
        path = make_post(at=timezone.now() - DAY, body="長い本文。" * 5_000).get_absolute_url()
        server = self.servers[0]
        self.until_known(server)
        before = server.figures()
        with ThreadPoolExecutor(12) as readers:
            answers = list(readers.map(lambda _: server.get(path), range(12)))
        self.assertEqual(({answer.status for answer in answers}, len({a.body for a in answers})), ({200}, 1))
        after = server.figures()
        self.assertEqual((after["misses"] - before["misses"], after["hits"] - before["hits"]), (1, 11))

    def test_flood_of_made_up_requests_leaves_the_cache_as_it_is(self) -> None:
        path = make_post(at=timezone.now() - DAY).get_absolute_url()
        server = self.servers[0]
        self.until_known(server)
        kept = server.get(path)
        before = server.figures()
        for number in range(100):
            self.assertEqual(
                server.get(f"{path}?n={number}", Host="LOCALHOST.:1", Cookie=f"a={number}").body, kept.body
            )
        hot = server.figures()
        for number in range(100):
            self.assertEqual(server.get(f"/{number}/").status, 404)
            self.assertEqual(server.get(path, Host=f"{number}.example").status, 400)
        after = server.figures()
        # Another name of the host: the first tells on what the page depends, the second is kept.
        self.assertEqual((hot["misses"] - before["misses"], hot["hits"] - before["hits"]), (2, 98))
        self.assertEqual(after["hits"], hot["hits"])
        self.assertLess(after["bytes"] - before["bytes"], 30_000)  # the page under the other name of the host

    def test_what_the_clock_changes_is_seen_at_its_second(self) -> None:
        leaving = make_post(slug="leaving", at=timezone.now() - DAY)
        hour = timezone.now() + SECOND
        coming = publishing.publish(
            revision=make_draft(slug="coming", now=timezone.now()).working,
            by=self.desk.by,
            now=timezone.now(),
            at=hour,
        )
        publishing.withdraw(post=leaving, by=self.desk.by, now=timezone.now(), at=hour, reason="終わり")
        path = f"/{timezone.localtime(hour):%Y/%m/%d}/coming/"
        for server in self.servers:
            answers = [server.get(one).status for one in (path, leaving.get_absolute_url())]
            self.assertEqual(answers, [404, 200])
            self.until_known(server)
        self.servers[0].wait_for(hour)
        for server in self.servers:
            answers = [server.get(one).status for one in (path, leaving.get_absolute_url())]
            self.assertEqual(answers, [200, 410])
        self.assertEqual(coming.published_at, hour)

    def test_figures_are_told_to_callers_on_the_machine_alone(self) -> None:
        server = self.servers[0]
        server.get("/")
        self.assertEqual(set(server.figures()), {"hits", "misses", "bytes", "version"})
        self.assertEqual(server.get("/healthz", X_Forwarded_For="10.0.0.1").body, b"ok\n")

    def test_image_and_command_are_seen_too(self) -> None:
        image = make_image(alt="青い板", now=timezone.now())
        path = make_post(at=timezone.now() - DAY, hero=image.hash).get_absolute_url()
        for server in self.servers:
            self.assertIn("青い板", server.get(path).body.decode())
        image.alt = "赤い板"
        images.describe(image, by=self.desk.by, now=timezone.now())
        for server in self.servers:
            self.assert_in_time(server, path, lambda answer: "赤い板" in answer.body.decode())
        SiteSettings.objects.update(name="手で直した誌名")
        call_command("refresh_pages", verbosity=0)
        for server in self.servers:
            self.assert_in_time(server, "/", lambda answer: "手で直した誌名" in answer.body.decode())
