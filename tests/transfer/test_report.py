"""What an import says at its end: kinds of findings with their numbers, articles to be looked at, keys that were not used."""

import json

from tests.transfer.base import ImportCase


class ReportTests(ImportCase):
    def test_kinds_are_counted_before_the_findings_are_listed(self):
        for day in (1, 2):
            self.write(f"2026-11-0{day}-a.md", body="[x](/2026/10/01/nai/)")
        said = self.run_import()
        counted = said.index("     2 件 リンク先の記事がありません: …（dead-link）")
        self.assertLess(counted, said.index("注意 2026-11-01-a.md: "))

    def test_articles_that_no_reader_may_be_shown_are_counted_in_the_summary(self):
        self.write("2026-11-01-a.md", body="<<<<<<< HEAD\n本文。")
        self.write("2026-11-02-b.md")
        self.assertIn("要確認の記事 1 件は、", self.run_import())

    def test_keys_that_mean_nothing_here_are_named_with_their_numbers(self):
        report = self.folder / "report.json"
        self.write("2026-11-01-a.md", lastmod="2026-11-02", aliases="[/mukashi/]")
        self.write("2026-11-02-b.md", lastmod="2026-11-02")
        said = self.run_import(json=report)
        self.assertIn(
            "使わなかった項目（記事と一緒に保存し、書き出しに含めます）: lastmod（2）、aliases（1）", said
        )
        self.assertEqual(json.loads(report.read_text())["unused_keys"], {"lastmod": 2, "aliases": 1})
        self.assertNotIn("layout（", said)
