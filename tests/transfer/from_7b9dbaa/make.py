"""Fixture: a small magazine as commit 7b9dbaa stored it. `README.md` says how to run this, in a checkout of that commit.

Its names are those of 7b9dbaa: a rename in our modules does not concern it.
"""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from PIL import Image as Pillow

from blog import images, publishing, taxonomy
from blog.archive import inbox, machines
from blog.content import Content, Credit
from blog.models import (
    Address,
    Author,
    Category,
    Collection,
    MachineToken,
    MissedSearch,
    Page,
    SiteSettings,
    Synonym,
    Tag,
)

NOON = datetime(2026, 11, 20, 3, tzinfo=UTC)
DAY = timedelta(days=1)
MANUSCRIPT = """\
---
title: 風のない日の記録
date: 2026-11-18 09:00:00 +0900
categories: [電力とAI]
tags: [蓄電池, 風車]
weather: 無風
---

風は三日吹きませんでした。
"""


def user(name: str, group: str) -> User:
    made = User.objects.create_user(name, f"{name}@example.com", "yoake-no-denryoku", is_staff=True)
    made.groups.add(Group.objects.get(name=group))
    return made


def content(**values) -> Content:
    common = {"category": "電力とAI", "bylines": (Credit("高瀬ミナ"), Credit("電力班", "supervisor"))}
    return Content(**common | values)


def public(*, at: datetime, **values):
    post = publishing.create(content=content(**values), by=writer, now=at)
    return publishing.publish(revision=post.working, by=chief, now=at)


def save(post, *, now: datetime, by, **values):
    changed = replace(Content.from_json(post.working.content), **values)
    return publishing.save(post=post, content=changed, by=by, now=now, base=post.working)


chief, writer = user("chief", "編集長"), user("writer", "ライター")
section = Category(name="エネルギー", slug="energy", description="電気の行き先。")
section.save()
section.name = "電力とAI"
taxonomy.save_named(section)
Author(name="高瀬ミナ", slug="takase", kind="person", title="記者", bio="川の町に住む。", user=writer).save()
Author(name="電力班", slug="denryoku", kind="organization").save()
taxonomy.keep_alias(Author.objects.get(slug="takase"), "タカセ・ミナ")
Collection(name="夜の電力", slug="night", description="眠らない設備を訪ねる。").save()
out = io.BytesIO()
Pillow.new("RGB", (40, 30), "teal").save(out, "PNG")
picture = images.accept(
    upload=ContentFile(out.getvalue()), name="suimon.png", by=chief, now=NOON - 12 * DAY, alt="青緑の水門"
)
SiteSettings(
    name="夜明けの電力", tagline="川と送電線の便り", publisher="夜明け社", contact="desk@example.com",
    menu="電力とAI | /category/energy/", footer="夜明け社が**毎週**お届けします。", logo=picture,
).save()  # fmt: skip

river = public(
    at=NOON - 10 * DAY, title="川べりの蓄電所", slug="kawabe", tags=("蓄電池", "送電網"), collection="夜の電力",
    hero=picture.hash, excerpt="水音のする倉庫で、電池は眠る。", featured=True,
    body=f"水門のそばに倉庫がある。\n\n## 電池の棚\n\n![青緑の水門]({picture.url})\n\n**「静かだ」**と技師は言う。\n",
)  # fmt: skip
revision = save(
    river, now=NOON - 8 * DAY, by=chief, slug="kawabe-no-chikudensho",
    body=river.working.content["body"] + "\n棚は四十段ある。\n",
)  # fmt: skip
river = publishing.publish(revision=revision, by=chief, now=NOON - 8 * DAY)
save(river, now=NOON - DAY, by=writer, title="川べりの蓄電所、その後")  # what the desk works on
river.refresh_from_db()
typed = replace(Content.from_json(river.working.content), body="水位が上がった。まだ書きかけ\n")
publishing.save_draft(post=river, content=typed, by=writer, now=NOON, base=river.working)
tide = public(
    at=NOON - 6 * DAY, title="潮の満ち引きを測る", slug="shio", tags=("バッテリー",), category="電力とAI",
    related=(river.path,), body=f"[川の話]({river.path})の続きです。\n\n潮位は一日に二度変わる。\n",
)  # fmt: skip
revision = save(
    tide, now=NOON, by=chief, title="潮の満ち引きで発電する", slug="shio-hatsuden", body="発電が始まった。\n"
)
publishing.publish(revision=revision, by=chief, now=NOON, at=NOON + 2 * DAY)
windmills = public(at=NOON - 5 * DAY, title="消えた風車の数", slug="fusha", body="風車は十二基あった。\n")
publishing.withdraw(post=windmills, by=chief, now=NOON - 3 * DAY, reason="数を数え直しています")
snow = publishing.create(
    content=content(title="雪の町の変電所", slug="yuki", body="雪は碍子に積もる。\n"), by=writer, now=NOON
)
publishing.publish(revision=snow.working, by=chief, now=NOON, at=NOON + DAY)
diary = publishing.create(
    content=content(title="停電の日記", slug="teiden", body="一日目、ろうそくを買う。\n"),
    by=writer,
    now=NOON - DAY,
)
publishing.submit(revision=diary.working, by=writer)
save(diary, now=NOON, by=writer, body="一日目、ろうそくを買う。二日目、本を読む。\n")
diary.refresh_from_db()
publishing.submit(revision=diary.working, by=writer)
thrown = publishing.create(content=content(title="やめた企画", slug="yameta"), by=writer, now=NOON)
publishing.discard(post=thrown, by=chief, now=NOON)

battery = Tag.objects.for_names(["蓄電池"])[0]
taxonomy.merge(sources=Tag.objects.for_names(["バッテリー"]), into=battery)
taxonomy.save_page(
    Page(path="/about/", title="この雑誌について", body="川の町で作っています。", is_public=True)
)
Address.objects.create(path="/old-about/", kind="moved", target="/about/")
Address.objects.create(path="/kaigi/", kind="gone", reason="会議は終わりました")
Synonym.objects.create(words="碍子、がいし")
MissedSearch.objects.create(query="揚水発電", last_day=NOON.date())
machine = MachineToken(name="観測所の機械")
token = machines.issue(machine, by=chief, now=NOON)
inbox.receive(
    [inbox.document("2026-11-18-kaze.md", MANUSCRIPT.encode())], way="api", now=NOON, machine=machine
)
print("token:", token)
