"""Every code of a finding: somebody finds it, and docs/editing.md tells editors of it."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta

from django.conf import settings
from django.test import SimpleTestCase

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Person
from blog.editorial.content import Content, Credit
from blog.editorial.publishing.writing import empty_bin
from blog.models import Post
from blog.text.findings import Code, Severity
from blog.transfer.exporting.exporter import export
from tests.admin.base import form_data
from tests.make import NOON, make_content, make_draft, make_editor, make_image, make_post
from tests.transfer.base import ImportCase

OLD = "https://old.example.jp"
AT = "2026-11-04 16:40:22 +0000"
LONG = "何度も同じことを言うだけの、まるで中身のない長い段落。" * 3


class FindingCodeTests(ImportCase):
    def setUp(self):
        super().setUp()
        self.codes = set()

    def bring(self, *paths, **options):
        """Import files, and note what was found in them."""
        report = self.folder.parent / f"{self.folder.name}.json"
        self.addCleanup(report.unlink, missing_ok=True)
        self.run_import(*paths, site_url=OLD, json=report, **options)
        for findings in json.loads(report.read_text())["findings"].values():
            self.codes |= {finding["code"] for finding in findings}

    def refuse(self, content, post=None):
        """Try to publish, and note why it cannot be done."""
        post = post or publishing.create(content=content, by=IMPORT, now=NOON)
        with self.assertRaises(publishing.NotReady) as refused:
            publishing.publish(revision=post.working, by=Person(self.editor), now=NOON)
        self.codes |= {finding.code for finding in refused.exception.findings}

    def test_every_code_is_found_by_somebody(self):
        self.editor = make_editor()
        self.texts()
        self.front_matters()
        self.files()
        self.later_versions()
        self.thrown_away()
        self.publications()
        self.editors_form()
        self.an_export()
        self.assertEqual({*Code} - self.codes, set())

    def texts(self):
        body = (
            f"申し訳ありませんが、書けません。\n\n<<<<<<< HEAD\n\n【文体の指示】\n\n承知しました。\n\n文字\ufffd\n\n{LONG}\n\n{LONG}\n\n"
            f"**太字\n\n末尾。---END---\n\n[cite: 1]\n\n文。 ### 三 <b>太字</b> {{{{ x }}}} [資料](資料 第1.5版)\n\n{'{}^' * 60}\n\n:::x\n\n　- 項目\n\n{{賛成|反対}}\n\n# 一\n\n### {'長' * 201}\n\n文。文の途中で\n"
        )
        head = {"title": '"「I am unable to perform\ufffd"', "tags": None, "excerpt": None}
        self.bring(self.write("2026-11-01-texts.md", body=body, **head))

    def front_matters(self):
        self.write("bad.png", b"no image")
        links = "[x](/2026/11/01/nai/) [x](/services/) [x](/AI最新ニュース/) ![x](nai.png) ![x](bad.png)"
        self.bring(
            self.write(
                "2026-11-02-keys.md",
                body=links,
                image="a.png\nimage: [1]",
                author="{name: 甲, url: x}",
                categories="[AI最新ニュース, 投資]",
                layout="page",
                robots="nofollow",
                last_modified_at="いつか",
                permalink="/keys/",
                redirect_from='["/a\\\\b/"]',
                canonical_url="/2026/11/01/nai/",
                related="[2026-11-01-nai]",
            ),
            images=self.folder,
        )
        self.bring(self.write("2026-11-03-draft.md", date="いつか", draft="true", categories="[知らない欄]"))
        self.bring(self.write("2026-11-03-!.md", title='"！？"'))

    def files(self):
        self.bring(self.write("broken.md", "---\ntitle: [\n---\n"))
        self.bring(self.write("a/2026-11-03-x.md"), self.write("b/2026-11-03-x.md", body="別の文。"))
        self.bring(self.write("2026-11-03-empty.md", body=""))
        memo = self.write("memo.md", date="2026-11-03 09:00:00 +0900")
        self.bring(memo)
        self.bring(self.write("memo.md", date="2026-11-03 10:00:00 +0900", title="別の題"))

    def later_versions(self):
        def version(**keys):
            return self.write("2026-11-04-live.md", **keys)

        self.bring(version(body="一。"))
        self.bring(version(body="二。", date="2026-11-04 10:00:00 +0900", permalink="/2026/11/05/live/"))
        self.bring(version(body="三。", draft="true", redirect_from="[/search/, /old/]"))
        self.bring(version(body="一。"))
        self.bring(self.write("2026-11-04-late.md", draft="true"))
        self.bring(self.write("2026-11-04-late.md", body="仕上げた。"))
        self.bring(self.write("seed.txt", date=AT, body="短い記事。"))
        self.bring(self.write("2026-11-05-long.md", date=AT, body="長い記事。"))
        self.bring(self.write("other.txt", date=AT, body="もっと短い記事。", title="別の題"))

    def thrown_away(self):
        self.bring(self.write("2026-11-06-gone.md", body="一。"), draft=True)
        post = Post.objects.get(import_ref="2026-11-06-gone")
        publishing.discard(post=post, by=Person(self.editor), now=NOON)
        self.bring(self.write("2026-11-06-gone.md", body="二。"), draft=True)
        empty_bin(now=NOON + timedelta(days=publishing.BIN_DAYS))
        self.bring(self.write("2026-11-06-gone.md", body="二。"), draft=True)

    def publications(self):
        self.refuse(Content(slug="a b", day=date(1, 1, 1)))
        self.refuse(Content(title="\u200b", slug="a" * 121))
        taken = make_post(slug="taken")
        bare = make_image(alt="")
        content = replace(
            make_content(body=f"![]({bare.url})", hero=bare.hash, share_image="0"),
            slug="taken",
            day=taken.day,
            category="知らない欄",
            bylines=(Credit("知らない人"),),
        )
        self.refuse(content)
        self.refuse(replace(content, hero="0"))

    def editors_form(self):
        named = make_post(slug="named")
        body = f"本文。\n\n## 関連記事\n\n- [呼ばれる記事]({named.path})\n"
        came = make_draft(title="題", body=body, dialect="old-site")
        self.client.force_login(self.editor)
        sent = form_data(replace(make_content(), title="題", body=body), base=came.working)
        response = self.client.post(f"/admin/blog/post/{came.pk}/change/", sent, follow=True)
        self.assertContains(response, Code.RELATED_IN_TEXT.found(paths=named.path).message)
        self.codes.add(Code.RELATED_IN_TEXT)
        self.codes |= {finding.code for finding in response.context["not_shown"]}

    def an_export(self):
        export(self.folder / "out", now=NOON)
        path = next((self.folder / "out/_posts").iterdir())
        path.write_text(re.sub("^slug: .*$", "slug: [", path.read_text(), flags=re.MULTILINE))
        path.write_text(path.read_text().replace("permalink: /", "permalink: /x/"))
        self.bring(self.folder / "out")


class DocumentedCodeTests(SimpleTestCase):
    def test_the_guide_lists_every_code_as_it_is(self):
        guide = (settings.BASE_DIR / "docs/editing.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| `([a-z-]+)` \| (要確認|注意) \|", guide, re.MULTILINE)
        words = {Severity.BLOCKING: "要確認", Severity.WARNING: "注意"}
        self.assertEqual(rows, [(code.value, words[code.severity]) for code in Code])
