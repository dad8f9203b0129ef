"""The process that makes and reads data for browser tests, beside the server and on its database.

It is one of its own because Playwright's event loop forbids database queries in the thread of the tests. `Site.call`
writes a line of JSON with the name of a function and its arguments; the answer is a line with what it returned.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from datetime import timedelta
from typing import Any

if __name__ == "__main__":
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.browser.settings"
    django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from tests import make

PASSWORD = "pass-word-1"


def prepare() -> None:
    """An empty site, ready to be served, with a writer, an editor, a chief and what a post needs."""
    call_command("prepare")
    make.make_writer()
    make.make_editor()
    make.make_chief()
    make.make_category()
    make.make_author()


def session(*, user: str) -> str:
    """The cookie of a new session of `user`."""
    client = Client()
    client.force_login(User.objects.get(username=user))
    return client.cookies["sessionid"].value


def draft(*, by: str = "editor", **values: Any) -> int:
    """A post that nobody but the desk has seen; gives its primary key."""
    user = User.objects.get(username=by)
    return make.make_draft(by=user, now=timezone.now(), **values).pk


def post(**values: Any) -> str:
    """A post that readers have seen since yesterday; gives its path."""
    return make.make_post(at=timezone.now() - timedelta(days=1), **values).get_absolute_url()


def image(**values: Any) -> int:
    """A stored image; gives its primary key."""
    return make.make_image(now=timezone.now(), **values).pk


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what commands print and the log are no answers
    for line in sys.stdin:
        module, name, arguments, values = json.loads(line)
        try:
            # JSON knows lists alone; the site's dataclasses hold tuples.
            values = {
                key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
            }
            result = getattr(importlib.import_module(module), name)(*arguments, **values)
            answer = {"result": result.pk if isinstance(result, Model) else result}
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
