"""The tests serve static files by plain names; a live site refuses a page that names a file nobody has."""

import re

from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import SimpleTestCase

STATIC_TAG = re.compile(r"""{%\s*static\s+["']([^"']+)["']""")


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
