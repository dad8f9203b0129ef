"""WSGI application, loaded by gunicorn's workers and `runserver`, not by commands."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from allforces.middleware import require_host

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allforces.settings")

settings.DATABASES["default"]["REQUESTS"] = settings.DATABASE_FOR_REQUESTS
django = require_host(get_wsgi_application())

from blog.public import page_cache  # noqa: E402  its models can be loaded only now

application = page_cache.wrap(django)
