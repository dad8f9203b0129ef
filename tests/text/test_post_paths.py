from datetime import date

from django.test import SimpleTestCase
from django.urls import resolve, reverse
from hypothesis import given
from hypothesis import strategies as st

from blog.text.names import slugify
from blog.text.post_paths import day_and_slug, day_path_of, is_post_path, post_path, post_url

DAY = date(2026, 11, 20)


class PostPathTests(SimpleTestCase):
    @given(st.dates(min_value=date(1970, 1, 1)), st.text(min_size=1).map(slugify).filter(bool))
    def test_url_is_the_one_that_the_urlconf_makes_and_leads_back(self, day, slug):
        parts = [f"{day:%Y}", f"{day:%m}", f"{day:%d}", slug]
        self.assertEqual(post_url(day, slug), reverse("blog:post", args=parts))
        self.assertEqual(resolve(post_path(day, slug)).kwargs["slug"], slug)
        self.assertEqual(day_and_slug(post_path(day, slug)), (day, slug))

    def test_a_day_that_no_calendar_has_is_still_of_the_shape(self):
        self.assertTrue(is_post_path("/2026/02/31/x/"))
        self.assertIsNone(day_and_slug("/2026/02/31/x/"))

    def test_other_paths_are_told_apart(self):
        for path in ("/2026/11/20/", "/2026/11/20/x", "/2026/11/20/x/y/", "/about/", "/26/11/20/x/"):
            with self.subTest(path):
                self.assertFalse(is_post_path(path))
                self.assertIsNone(day_and_slug(path))

    def test_day_of_a_path_is_what_it_begins_with(self):
        self.assertEqual(day_path_of("/2026/11/20/x/index.html"), "/2026/11/20/")
        self.assertEqual(day_path_of("/tags/2026/11/20/"), "")
