"""Two people at the same second. Each story runs in threads with connections of their own, on both databases."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Barrier, Event

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError, connection, transaction
from django.test import TransactionTestCase

from blog.editorial import addresses, images, publishing, taxonomy
from blog.editorial.actors import IMPORT, Person
from blog.editorial.content import Content
from blog.models import Address, Author, Category, Image, Manuscript, Post, Similarity, Tag
from blog.transfer.importing.importer import import_sources
from blog.transfer.intake import inbox
from tests.make import NOON, make_content, make_draft, make_editor, make_post, picture_bytes
from tests.public.test_outbox import deliver, webhook
from tests.transfer.documents import document


class AtOnceTests(TransactionTestCase):
    def at_once(self, *actions):
        """Run `actions` at the same moment; gives the name of what each raised, or "done"."""
        start = Barrier(len(actions))

        def run(action):
            try:
                start.wait()
                action()
                return "done"
            except (publishing.EditConflict, publishing.NotReady, addresses.AddressTaken) as refused:
                return type(refused).__name__
            finally:
                connection.close()

        with ThreadPoolExecutor(len(actions)) as pool:
            return Counter(pool.map(run, actions))

    def test_saves_of_different_paragraphs_are_all_kept(self):
        paragraphs = [f"{n}つ目の段落。" for n in range(4)]
        post = make_draft(body="\n\n".join(paragraphs))
        base = post.latest_revision
        start = Content.from_json(base.content)

        def save(number):
            mine = "\n\n".join(
                f"{text}直した。" if place == number else text for place, text in enumerate(paragraphs)
            )
            publishing.save(post=post, content=replace(start, body=mine), by=IMPORT, now=NOON, base=base)

        said = self.at_once(*(lambda number=number: save(number) for number in range(4)))
        self.assertEqual(said, {"done": 4})
        self.assertEqual(Post.objects.get().working.content["body"].count("直した。"), 4)
        self.assertEqual(sorted(post.revisions.values_list("number", flat=True)), [1, 2, 3, 4, 5])

    def test_saves_of_one_sentence_give_one_winner_and_lose_nobody_silently(self):
        post = make_draft(body="元の文。")
        base = post.latest_revision
        start = Content.from_json(base.content)
        said = self.at_once(
            *(
                lambda text=text: publishing.save(
                    post=post, content=replace(start, body=text), by=IMPORT, now=NOON, base=base
                )
                for text in ("花子の文。", "太郎の文。", "次郎の文。")
            )
        )
        self.assertEqual(said, {"done": 1, "EditConflict": 2})

    def test_one_path_goes_to_one_post(self):
        rivals = [make_draft(slug="onaji") for _ in range(2)]
        said = self.at_once(
            *(
                lambda post=post: publishing.publish(revision=post.working, by=IMPORT, now=NOON)
                for post in rivals
            )
        )
        self.assertEqual(said["done"], 1)
        live = Post.objects.published(NOON).get()
        self.assertEqual(Address.objects.get().post, live)

    def test_scheduled_update_is_made_once_by_many_first_requests(self):
        editor, post = make_editor(), make_post()
        revision = publishing.save(
            post=post,
            content=make_content(slug=post.slug, body="後の文。"),
            by=Person(editor),
            now=NOON,
            base=None,
        )
        due = NOON + timedelta(hours=1)
        publishing.publish(revision=revision, by=Person(editor), now=NOON, at=due)
        made = []
        self.at_once(*(lambda: made.extend(publishing.apply_due(now=due)) for _ in range(5)))
        self.assertEqual(made, [post])
        self.assertIn("後の文", Post.objects.get().body_html)

    def test_one_image_sent_twice_is_one_image_with_its_file(self):
        data = picture_bytes(size=(60, 50))

        def send():
            images.accept(upload=ContentFile(data), name="a.png", by=IMPORT, now=NOON, alt="板")

        self.assertEqual(self.at_once(send, send, send), {"done": 3})
        self.assertTrue(default_storage.exists(Image.objects.get().name))

    def test_one_document_sent_six_times_is_one_draft_and_its_manuscript_says_so(self):
        outcomes = []

        def send():
            source = inbox.document("2026-11-20-a.md", document().encode())
            outcomes.extend(inbox.receive([source], way=Manuscript.Way.API, by=IMPORT, now=NOON))

        self.assertEqual(self.at_once(*[send] * 6), {"done": 6})
        self.assertEqual(Counter(arrival.outcome for arrival in outcomes), {"created": 1, "unchanged": 5})
        post = Post.objects.get()
        manuscript = Manuscript.objects.get()
        self.assertEqual((manuscript.outcome, manuscript.post), (Manuscript.Outcome.CREATED, post))
        self.assertEqual(post.revisions.count(), 1)

    def test_posts_that_are_alike_may_go_out_at_the_same_moment(self):
        editor = make_editor()
        drafts = [make_draft(title=f"計算センターの電力 その{number}") for number in range(4)]
        for _ in range(2):
            said = self.at_once(
                *(
                    lambda post=post: publishing.publish(revision=post.working, by=Person(editor), now=NOON)
                    for post in drafts
                )
            )
            self.assertEqual(said, {"done": 4})
        # Whoever was first did not see the others; the second time all do.
        self.assertEqual(Similarity.objects.count(), 4 * 3)

    def test_tag_may_be_renamed_while_a_post_with_it_goes_out(self):
        post, tag = make_post(title="古い題", tags=("旧札",)), Tag.objects.get()
        content = replace(Content.from_json(post.live_revision.content), title="新しい題")
        revision = publishing.save(post=post, content=content, by=IMPORT, now=NOON, base=None)
        held, renamed = Event(), Event()

        def publish():
            with transaction.atomic():
                Post.objects.select_for_update().get(pk=post.pk)
                held.set()
                if connection.vendor == "postgresql":  # on SQLite one writes after the other
                    renamed.wait(5)
                publishing.publish(revision=revision, by=IMPORT, now=NOON)

        def rename():
            held.wait(5)
            tag.name = "新札"
            with transaction.atomic():
                transaction.on_commit(renamed.set)
                taxonomy.save_named(tag, by=IMPORT, now=NOON)

        self.assertEqual(self.at_once(publish, rename), {"done": 2})
        self.assertEqual(post.search_parts.get(kind="head").text, "新しい題\n新札")

    def test_news_that_three_processes_deliver_at_once_arrives_once(self):
        editor = make_editor()
        with webhook() as receiver:
            for _ in range(5):
                publishing.publish(revision=make_draft().working, by=Person(editor), now=NOON)
            self.at_once(*[lambda: deliver(now=NOON)] * 3)
        self.assertEqual(receiver.types(), ["post.published"] * 5)
        self.assertEqual(len({body["data"]["id"] for body in receiver.bodies()}), 5)

    def test_one_archive_imported_three_times_at_once_comes_in_once(self):
        names = {"categories": "[分析]", "author": "山田花子", "tags": "[電力, チップ]"}
        sources = [
            inbox.document(f"2026-11-{day:02}-a.md", document(date=f"2026-11-{day:02}", **names).encode())
            for day in range(1, 20)
        ]
        reports = []
        self.assertEqual(
            self.at_once(*[lambda: reports.append(import_sources(sources, by=IMPORT, now=NOON))] * 3),
            {"done": 3},
        )
        self.assertEqual([report.failures for report in reports], [{}] * 3)
        counts = sum((report.counts for report in reports), Counter())
        self.assertEqual((counts["created"], counts["unchanged"]), (19, 38))
        self.assertEqual(Post.objects.published(NOON).count(), 19)
        self.assertEqual(Category.objects.filter(name="分析").count(), 1)
        self.assertEqual(Author.objects.filter(name="山田花子").count(), 1)
        self.assertEqual(Manuscript.objects.filter(outcome=Manuscript.Outcome.CREATED).count(), 19)

    def test_imports_that_make_the_same_tags_from_both_ends_do_not_wait_for_each_other(self):
        numbers = range(10)

        def bring(letter, body, tags):
            documents = (
                (f"2026-11-{number + 10}-{letter}.md", document(tags=f"[{tag}]", body=body))
                for number, tag in zip(numbers, tags, strict=True)
            )
            sources = [inbox.document(name, text.encode()) for name, text in documents]
            reports.append(import_sources(sources, by=IMPORT, now=NOON))

        reports = []
        bring("z", "本文。", ["AI"] * 10)  # makes section and author
        for body in ("初めの本文。", "次の本文。"):
            tags = [f"{body}{number}" for number in numbers]
            both = (("a", tags), ("b", tags[::-1]))
            said = self.at_once(*(partial(bring, letter, body, named) for letter, named in both))
            self.assertEqual(said, {"done": 2})
        self.assertEqual(
            [dict(report.counts) for report in reports[1:]], [{"created": 10}] * 2 + [{"updated": 10}] * 2
        )

    def test_import_that_has_to_give_way_decides_again(self):
        began = Event()
        reports = []

        def somebody():
            # PostgreSQL chooses who gives way: whoever has waited for a second, which is the import but on a bad day.
            with suppress(OperationalError), transaction.atomic():
                Tag.objects.for_names(["電力"])
                began.set()
                wait_until_somebody_waits()
                Tag.objects.for_names(["チップ"])

        def bring():
            began.wait()
            source = inbox.document("2026-11-20-a.md", document(tags="[チップ, 電力]").encode())
            reports.append(import_sources([source], by=IMPORT, now=NOON))

        self.assertEqual(self.at_once(somebody, bring), {"done": 2})
        self.assertEqual(reports[0].counts, {"created": 1})


def wait_until_somebody_waits():
    """On PostgreSQL: for a lock that is ours. On SQLite whoever writes has the database for themselves."""
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    with connection.cursor() as cursor:
        while connection.vendor == "postgresql" and not cursor.execute(waiting).fetchone():
            pass
