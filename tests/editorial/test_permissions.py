"""What machines and processes may do: their own rows, whatever the settings say of people."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.test import TestCase

from blog.editorial import addresses, images, permissions, publishing
from blog.editorial.actors import (
    DEMO,
    IMPORT,
    NOBODY,
    RERENDERING,
    RESTORE,
    SCHEDULED_UPDATE,
    Actor,
    Machine,
    Person,
    Process,
    actor_of,
    signed_in,
)
from blog.models import Image, Post, SiteSettings
from tests.make import (
    NOON,
    make_chief,
    make_content,
    make_draft,
    make_editor,
    make_image,
    make_machine,
    make_post,
    make_scheduled,
    picture_bytes,
)


class ProcessesTests(TestCase):
    def site(self, publishers: str, *, four_eyes: bool = False) -> None:
        SiteSettings.objects.update_or_create(defaults={"publishers": publishers, "four_eyes": four_eyes})

    def machine(self) -> Machine:
        return Machine(make_machine()[0])

    def test_the_tables_name_rights_that_exist(self) -> None:
        known = set(
            Permission.objects.filter(content_type__app_label="blog").values_list("codename", flat=True)
        )
        rows = (*permissions.GROUPS.values(), *permissions.PROCESSES.values(), permissions.MACHINES)
        self.assertEqual({right for row in rows for right in row} - known, set())

    def test_import_publishes_whoever_else_may_and_without_a_second_pair_of_eyes(self) -> None:
        for publishers in SiteSettings.Publishers.values:
            self.site(publishers, four_eyes=True)
            for process in (IMPORT, RESTORE):
                with self.subTest(publishers, process=process.name):
                    post = publishing.create(content=make_content(), by=process, now=NOON)
                    post = publishing.publish(revision=post.working, by=process, now=NOON)
                    self.assertTrue(post.is_published(NOON))

    def test_import_throws_nothing_away_and_leaves_images_as_people_have_described_them(self) -> None:
        post, image = make_draft(), make_image()
        image.alt = "ほかの説明"
        for act in (
            lambda: publishing.discard(post=post, by=IMPORT, now=NOON),
            lambda: images.describe(image, by=IMPORT, now=NOON),
            lambda: images.remove(image, by=IMPORT, now=NOON),
        ):
            with self.assertRaises(PermissionDenied):
                act()
        self.assertFalse(Post.objects.trashed().exists())
        self.assertEqual(Image.objects.get().alt, "青緑の板")

    def test_machine_lays_drafts_before_the_desk_and_does_nothing_else(self) -> None:
        machine, public, scheduled = self.machine(), make_post(), make_scheduled(at=NOON.replace(day=21))
        draft = publishing.create(content=make_content(), by=machine, now=NOON)
        publishing.submit(revision=draft.working, by=machine)
        for publishers in SiteSettings.Publishers.values:
            self.site(publishers)
            for act in (
                lambda: publishing.publish(revision=draft.working, by=machine, now=NOON),
                lambda: publishing.approve(revision=draft.working, by=machine, now=NOON),
                lambda: publishing.send_back(revision=draft.working, by=machine, now=NOON, reason="再考"),
                lambda: publishing.withdraw(post=public, by=machine, now=NOON, reason="誤報"),
                lambda: publishing.unschedule(post=scheduled, by=machine, now=NOON),
                lambda: publishing.discard(post=draft, by=machine, now=NOON),
                lambda: images.accept(
                    upload=ContentFile(picture_bytes()), name="a.png", by=machine, now=NOON
                ),
            ):
                with self.subTest(publishers), self.assertRaises(PermissionDenied):
                    act()
        draft.refresh_from_db()
        self.assertEqual((draft.stage, draft.created_by, draft.live_revision), ("review", None, None))

    def test_processes_that_only_bring_out_what_people_have_passed_may_do_nothing_themselves(self) -> None:
        post = make_draft()
        for process in (SCHEDULED_UPDATE, RERENDERING, DEMO, NOBODY, Process("yet unknown")):
            with self.subTest(process.name):
                for act in (
                    lambda by: publishing.create(content=make_content(), by=by, now=NOON),
                    lambda by: publishing.save(post=post, content=make_content(), by=by, now=NOON, base=None),
                    lambda by: publishing.publish(revision=post.working, by=by, now=NOON),
                    lambda by: publishing.restore_from_trash(post=post, by=by),
                ):
                    with self.assertRaises(PermissionDenied):
                        act(process)

    def test_only_who_may_edit_a_post_is_told_its_title(self) -> None:
        post = make_scheduled(at=NOON.replace(day=21), title="まだ秘密の題")
        named, unnamed = f"記事「{post.working_title}」", permissions.ANOTHER_POST
        told: dict[str, Actor] = {"editor": Person(make_editor()), "import": IMPORT, "restore": RESTORE}
        untold: dict[str, Actor] = {"machine": self.machine(), "clock": SCHEDULED_UPDATE, "nobody": NOBODY}
        for who, actor in (told | untold).items():
            with self.subTest(who):
                self.assertEqual(addresses.owner(post.path, by=actor), named if who in told else unnamed)

    def test_request_without_a_login_is_nobodys(self) -> None:
        chief = make_chief()
        self.assertEqual(actor_of(chief), Person(chief))
        self.assertEqual(signed_in(chief), Person(chief))
        self.assertEqual(actor_of(AnonymousUser()), NOBODY)
        with self.assertRaises(PermissionDenied):
            signed_in(AnonymousUser())
