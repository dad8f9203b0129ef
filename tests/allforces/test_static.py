"""The tests serve static files by plain names; a live site refuses a page that names a file nobody has."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import SimpleTestCase, override_settings

STATIC_TAG = re.compile(r"""{%\s*static\s+["']([^"']+)["']""")
LIVE = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "allforces.static_files.JoinedStaticFilesStorage"},
}


class StaticFilesTests(SimpleTestCase):
    def test_every_static_file_that_a_template_names_is_there(self):
        named = [
            (template.relative_to(settings.BASE_DIR).as_posix(), name)
            for template in sorted((settings.BASE_DIR / "templates").rglob("*.html"))
            for name in STATIC_TAG.findall(template.read_text(encoding="utf-8"))
        ]
        self.assertIn(("templates/allauth/layouts/base.html", "admin/css/login.css"), named)
        self.assertEqual([(where, name) for where, name in named if not finders.find(name)], [])

    def test_readers_get_one_script_and_it_is_small(self):
        scripts = list((settings.BASE_DIR / "static/js").iterdir())
        self.assertEqual([path.name for path in scripts], ["site.js"])
        self.assertLess(scripts[0].stat().st_size, 10_000)


class JoinedSheetTests(SimpleTestCase):
    """A live site's style sheets, of a folder of our own: compressing all of them takes seconds."""

    def setUp(self):
        folder = self.enterContext(TemporaryDirectory())
        self.sources, self.root = Path(folder, "sources"), Path(folder, "root")
        self.enterContext(
            override_settings(
                STATICFILES_DIRS=[self.sources],
                STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
                STATIC_ROOT=self.root,
                STORAGES=LIVE,
            )
        )
        self.write(
            "css/page.css", '/* head */\n@import "page/one.css";\n@import "page/two.css";\np { top: 0 }\n'
        )
        self.write("css/page/one.css", "a { top: 1px }\n")
        self.write("css/page/two.css", "b { top: 2px }\n")

    def write(self, name, text):
        path = self.sources / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def collect(self):
        call_command("collectstatic", interactive=False, verbosity=0)

    def collected(self):
        """The sheet by its plain name, which a page of errors links, and by the one with the hash."""
        hashed = staticfiles_storage.stored_name("css/page.css")
        self.assertRegex(hashed, r"^css/page\.[0-9a-f]{12}\.css$")
        return [(self.root / name).read_text(encoding="utf-8") for name in ("css/page.css", hashed)]

    def test_parts_stand_in_the_sheet_in_their_order(self):
        self.collect()
        joined = "/* head */\na { top: 1px }\nb { top: 2px }\np { top: 0 }\n"
        self.assertEqual(self.collected(), [joined, joined])

    def test_sheet_follows_a_part_that_alone_has_changed(self):
        self.collect()
        before = staticfiles_storage.stored_name("css/page.css")
        self.write("css/page/two.css", "b { top: 3px }\n")
        self.collect()
        joined = "/* head */\na { top: 1px }\nb { top: 3px }\np { top: 0 }\n"
        self.assertEqual(self.collected(), [joined, joined])
        self.assertNotEqual(staticfiles_storage.stored_name("css/page.css"), before)

    def test_sources_stay_as_they_are_even_behind_links(self):
        call_command("collectstatic", interactive=False, link=True, verbosity=0)
        self.assertIn("@import", (self.sources / "css/page.css").read_text(encoding="utf-8"))

    def test_nothing_is_written_in_a_dry_run(self):
        call_command("collectstatic", interactive=False, dry_run=True, verbosity=0)
        self.assertFalse(self.root.exists())
