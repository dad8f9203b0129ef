"""WSGI application, loaded by gunicorn's workers and `runserver`, not by commands."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from allforces.middleware import require_host

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allforces.settings")

settings.DATABASES["default"]["REQUESTS"] = settings.DATABASE_FOR_REQUESTS
application = require_host(get_wsgi_application())
