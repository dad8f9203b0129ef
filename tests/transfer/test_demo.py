"""The demo magazine a newcomer sees."""

import tempfile
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import TestCase

from blog.models import Author, Category, Collection, Image, Page, Post, SiteSettings, Tag
from tests.make import NOON, make_draft, make_post


class DemoTests(TestCase):
    def setUp(self):
        # A folder of its own: tests of other processes load the same images.
        media = self.enterContext(tempfile.TemporaryDirectory())
        self.enterContext(self.settings(MEDIA_ROOT=media))

    def test_demo_has_what_an_editor_wants_to_try(self):
        call_command("load_demo", stdout=StringIO())
        states = [post.state(NOON).split()[0] for post in Post.objects.all()]
        self.assertEqual(
            {state: states.count(state) for state in set(states)}, {"公開": 13, "予約": 1, "執筆中": 1}
        )
        self.assertEqual((Author.objects.count(), Category.objects.count()), (3, 5))
        self.assertEqual(
            {item.name: item.posts.count() for item in Collection.objects.all()},
            {"投資の算数": 3, "現場に入ったAI": 3},
        )
        self.assertGreaterEqual(max(Post.objects.values_list("characters", flat=True)), 10_000)
        html = "".join(Post.objects.values_list("body_html", flat=True))
        for construct in (
            "<ruby>",
            "<table>",
            "footnotes",
            "<blockquote>",
            "language-python",
            "<figure>",
            "<dl>",
        ):
            self.assertIn(construct, html)

    def test_demo_never_stands_beside_real_posts(self):
        make_draft()
        with self.assertRaises(CommandError):
            call_command("load_demo")
        call_command("load_demo", if_empty=True)
        self.assertEqual(Post.objects.count(), 1)

    def test_cleared_demo_leaves_what_is_ours(self):
        call_command("load_demo", stdout=StringIO())
        ours = make_post(category="AI最新ニュース", tags=("LLM", "独自"))
        with self.captureOnCommitCallbacks(execute=True):
            call_command("clear_demo", stdout=StringIO())
        self.assertEqual(list(Post.objects.all()), [ours])
        self.assertEqual((list(Category.objects.all()), Collection.objects.count()), ([ours.category], 0))
        self.assertEqual(sorted(Tag.objects.values_list("name", flat=True)), ["LLM", "独自"])
        self.assertEqual([Image.objects.count(), Page.objects.count()], [0, 0])
        self.assertEqual(SiteSettings.objects.get().menu, "")
        self.assertEqual([path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()], [])
