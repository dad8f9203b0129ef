"""Which article stands where: the rules of the old site, as a pure function."""

from datetime import UTC, date, datetime
from itertools import permutations

from django.test import SimpleTestCase

from blog.transfer.importing.paths import Claim, Place, place


def claim(ref, moment, **values):
    """An article of the file `ref` published at `moment` (UTC)."""
    year, month, day, slug = ref.split("-", 3)
    return Claim(
        ref=ref,
        published_at=datetime.fromisoformat(moment).replace(tzinfo=UTC),
        slug=slug.rstrip("-"),
        file_day=date(int(year), int(month), int(day)),
        **values,
    )


class PlaceTests(SimpleTestCase):
    def test_evening_article_stands_on_the_day_of_japan_and_its_file_name_leads_there(self):
        places = place([claim("2026-01-01-a", "2026-01-01 17:25")])
        self.assertEqual(places["2026-01-01-a"], Place("/2026/01/02/a/", ("/2026/01/01/a/",)))

    def test_later_article_owns_the_path_and_the_earlier_takes_its_file_name(self):
        places = place([claim("2026-01-01-a", "2026-01-01 17:00"), claim("2026-01-02-a", "2026-01-02 03:00")])
        self.assertEqual(places["2026-01-02-a"], Place("/2026/01/02/a/"))
        self.assertEqual(places["2026-01-01-a"], Place("/2026/01/01/a/", was_shadowed=True))

    def test_without_a_free_file_name_the_earlier_gets_a_number(self):
        chain = [
            claim("2025-12-31-a", "2025-12-31 17:00"),
            claim("2026-01-01-a", "2026-01-01 03:00"),
            claim("2026-01-01-a-", "2026-01-01 02:00"),
        ]
        self.assertEqual(place(chain)["2026-01-01-a"].path, "/2026/01/01/a/")
        self.assertEqual(place(chain)["2026-01-01-a-"].path, "/2026/01/01/a-2/")

    def test_a_number_leaves_a_slug_within_its_limit(self):
        long = "a" * 120
        claims = [claim(f"2026-01-01-{long}{end}", "2026-01-01 03:00") for end in ("", "-")]
        paths = {one.path for one in place(claims).values()}
        self.assertEqual(paths, {f"/2026/01/01/{long}/", f"/2026/01/01/{long[:118]}-2/"})

    def test_file_name_path_of_another_live_article_stays_with_that_one(self):
        places = place([claim("2026-01-01-a", "2026-01-01 17:00"), claim("2025-12-31-a", "2025-12-31 17:00")])
        self.assertEqual(places["2026-01-01-a"], Place("/2026/01/02/a/"))
        self.assertEqual(places["2025-12-31-a"], Place("/2026/01/01/a/", ("/2025/12/31/a/",)))

    def test_equal_moments_are_told_apart_by_name_and_order_never_matters(self):
        claims = [
            claim("2026-01-01-a", "2026-01-01 17:00"),
            claim("2026-01-02-a", "2026-01-01 17:00"),
            claim("2026-01-02-b", "2026-01-01 17:00"),
            claim("2026-01-03-a", "2026-01-02 01:00"),
        ]
        results = [place(order) for order in permutations(claims)]
        self.assertTrue(all(result == results[0] for result in results))
        self.assertEqual(results[0]["2026-01-03-a"].path, "/2026/01/02/a/")

    def test_runs_one_after_another_end_as_one_run(self):
        first = claim("2026-01-01-a", "2026-01-01 17:00", stands_at="/2026/01/02/a/")
        places = place([first, claim("2026-01-02-a", "2026-01-02 03:00")])
        self.assertEqual(
            (places["2026-01-01-a"].path, places["2026-01-02-a"].path), ("/2026/01/01/a/", "/2026/01/02/a/")
        )

    def test_taken_paths_are_left_alone_and_a_permalink_goes_first(self):
        places = place(
            [
                claim("2026-01-01-a", "2026-01-01 03:00"),
                claim("2026-01-05-b", "2026-01-05 03:00", permalink="/2020/02/02/c/"),
            ],
            taken={"/2026/01/01/a/"},
        )
        self.assertEqual(places["2026-01-01-a"].path, "/2026/01/01/a-2/")
        self.assertEqual(places["2026-01-05-b"], Place("/2020/02/02/c/", ("/2026/01/05/b/",)))
