"""What holds an article back, in the spellings of many generators. No database."""

from datetime import datetime, timedelta
from pathlib import PurePath

from django.test import SimpleTestCase

from blog.text import frontmatter
from blog.transfer.importing import visibility
from blog.transfer.importing.paths import TOKYO
from blog.transfer.importing.visibility import Why

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=TOKYO)

HELD = """
draft: true
draft: yes
draft: 1
draft: 1.0
draft: on
draft: "true"
draft: "True"
draft: ' TRUE '
draft: ｔｒｕｅ
draft: "true　"
draft: y
draft: maybe
draft: true# bad comment
draft: [true]
draft: はい
Draft: true
DRAFT: True
"draft": true
ｄｒａｆｔ: true
drafts: true
isDraft: true
is_draft: true
下書き: true
published: false
published: "false"
published: "'false'"
published: 'False'
published: no
published: "no"
published: 0
published: 0.0
published: off
published: never
published: いいえ
published: ２０９９-01-01
published: 2099-01-01
published: 2099/1/1
published: 2099年1月1日
published: 20990101
published: 2099-06
published: 2099
published: Jan 01 2099
published: "?"
published: soon
published: 12
published: {on: true}
publish: false
publish: "false"
dg-publish: false
isPublished: false
public: no
date_published: 2099-01-01
datePublished: 2099-01-01
embargo_date: 2099-01-01
release_date: 2099
schedule: 2099-01-01
valid_from: 2099-01-01
valid_until: 2020-01-01
disabled: true
restricted: true
audience: paid
unpublish: true
active: false
status: draft
status: Draft
status: ＤＲＡＦＴ
status: private
status: pending
status: review
status: in review
status: hidden
status: trash
status: unpublished
status: scheduled
status: future
status: auto-draft
status: inherit
status: sent
status: skip
status: 0
status: false
status: 予定
status: 公開予定
status: 下書き
status: 完成
status: publised
status: re-published
status: not published
status: [published, private]
status: {a: 1}
Status: draft
post_status: draft
visibility: private
visibility: draft
visibility: hidden
visibility: members
visibility: paid
visibility: unlisted
公開状態: 非公開
private: true
private: "1"
hidden: true
unlisted: true
unpublished: true
ignorePublish: true
eleventyExcludeFromCollections: true
permalink: false
url: false
password: hirake-goma
password: live
post_password: 0
wip: true
headless: true
hide: true
online: false
output: false
live: false
state: draft
stage: 下書き
type: draft
_build: {render: never}
build: {list: never}
build: {render: false}
publishDate: 2099-01-01
publishDate: 2026-11-20T12:00:01+09:00
publish_date: 2099-01-01 10:00
pubDate: Fri, 01 Jan 2099 10:00:00 GMT
pubDate: Jan 1, 2099
published_at: 2050-06-12 09:03
publishDate: 近日
embargo: 2099-01-01
embargo: true
scheduled: true
expiryDate: 2020-01-01
expiryDate: 2026-11-20 12:00:00 +0900
expires: 2099-01-01
expire_date: 2020/01/01
unpublishDate: 2020-01-01
unpublish_date: いつか
公開終了日: 2020年1月1日
"""

SHOWN = """
title: draft
draft: false
draft: no
draft: 0
draft: 0.0
draft: "False"
draft: ＦＡＬＳＥ
draft: ""
draft:
draft: []
draft: published
published: true
published: "True"
published: yes
published: 1
published: on
published:
published: 公開
published: 2024-01-05
published: 2024-01-05T10:00:00Z
published: 2026-11-20T12:00:00+09:00
published: 2024/1/5 9:30
published: 2024年1月5日 9時30分
published: 2024年1月5日 9時
published: 20240105
published: 2024-05
published: 2024
published: Jul 08 2022
published: 8 July 2022
published: Fri, 08 Jul 2022 10:00:00 GMT
publish: true
status: publish
status: Published
status: ＰＵＢＬＩＳＨＥＤ
status: "published "
status: '"published"'
status: public
status: live
status: 公開
status: 公開済み
status: 1
status: true
status:
status: [published]
visibility: public
visibility: Public
private: false
hidden: "no"
unlisted: 0
password: ""
password: false
permalink: /2024/01/05/a/
url: https://example.jp/
online: https://example.jp/
output: html_document
hide: [toc, navigation]
state: Tokyo
stage: 第3ステージ
type: post
_build: {render: always, list: local}
publishDate: 2024-01-01
publishDate: 0001-01-01T00:00:00Z
pubDate: Jul 08 2022
published_at: null
embargo: false
expiryDate:
expiryDate: 0001-01-01T00:00:00Z
expires: never
"""


def holds(line, **more):
    meta, _ = frontmatter.load(line)
    return visibility.holds(meta, now=NOW, **more)


class WordTests(SimpleTestCase):
    def test_whatever_says_that_it_is_not_for_readers_holds_it_back(self):
        for line in HELD.strip().split("\n"):
            with self.subTest(line):
                self.assertEqual(len(holds(line)), 1)

    def test_whatever_says_that_it_is_for_readers_or_nothing_at_all_does_not(self):
        for line in SHOWN.strip().split("\n"):
            with self.subTest(line):
                self.assertEqual(holds(line), ())

    def test_each_reason_is_told_in_words_of_its_own(self):
        for line, because in (
            ("draft: yes", "draft: true とあるので"),
            ("status: 完成", "status: 完成 が公開してよい印か分からないので"),
            ("publishDate: 2099-01-01", "publishDate がまだ来ていない日時（2099-01-01 00:00）なので"),
            ("publishDate: 近日", "publishDate が日時として読めないので（近日）"),
            ("expiryDate: 2020-01-01", "expiryDate（2020-01-01 00:00）を過ぎているので"),
            ("expiryDate: 2099-01-01", "expiryDate（2099-01-01 00:00）に公開を終える原稿なので"),
            ("_build: {render: never}", "_build: render: never とあるので"),
        ):
            with self.subTest(line):
                self.assertEqual([hold.because for hold in holds(line)], [because])

    def test_a_password_is_repeated_nowhere(self):
        [hold] = holds("password: hirake-goma")
        self.assertNotIn("goma", hold.because + hold.although + hold.label)

    def test_the_articles_own_date_is_to_come_until_its_second(self):
        self.assertEqual(holds("draft: false", at=NOW), ())
        [hold] = holds("draft: false", at=NOW + timedelta(seconds=1))
        self.assertEqual((hold.why, hold.key, hold.is_schedule), (Why.EARLY, "date", True))

    def test_all_reasons_are_given(self):
        found = holds("draft: true\nstatus: draft\ntitle: x", at=NOW + timedelta(1), drafts="_drafts")
        self.assertEqual([hold.key for hold in found], ["", "draft", "status", "date"])


class FolderTests(SimpleTestCase):
    def test_folder_of_drafts_is_known_wherever_it_stands(self):
        for name, root in (
            ("_drafts/a.md", "/srv/site"),
            ("blog/_drafts/2024/a.md", "/srv/site"),
            ("_DRAFTS/a.md", "/srv/site"),
            ("＿ｄｒａｆｔｓ/a.md", "/srv/site"),
            ("_draft/a.md", "/srv/site"),
            ("content/drafts/a.md", "/srv/site"),
            ("下書き/a.md", "/srv/site"),
            ("a.md", "/srv/site/_drafts"),
            ("a.md", "/srv/site/drafts"),
            ("a.md", "/srv/site/_drafts/2024"),
        ):
            with self.subTest(name, root=root):
                self.assertTrue(visibility.drafts_folder(name, root=PurePath(root)))

    def test_other_names_and_a_folder_of_projects_are_none(self):
        for name, root in (
            ("_drafts.md", "/srv/site"),
            ("draftsman/a.md", "/srv/site"),
            ("01-drafts/a.md", "/srv/site"),
            ("_posts/a.md", "/home/writer/drafts/site"),
        ):
            with self.subTest(name, root=root):
                self.assertEqual(visibility.drafts_folder(name, root=PurePath(root)), "")
