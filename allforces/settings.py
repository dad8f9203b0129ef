"""Django settings. What differs between machines comes from the environment; docs/operations.md lists it.

Importing this module has no side effects. A missing or invalid variable raises `env.SettingError`, which `manage.py` and
`gunicorn.conf.py` show as one sentence.
"""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from allforces import env

BASE_DIR = Path(__file__).resolve().parent.parent
env.load(BASE_DIR / ".env")

# --- where and who ------------------------------------------------------------------------------

SECRET_KEY = env.secret("SECRET_KEY")
DEBUG = env.flag("DEBUG")
DATA_DIR = BASE_DIR / env.text("DATA_DIR", ".")

_site = env.origin("SITE_URL", f"http://127.0.0.1:{env.number('PORT', 8000, minimum=1, maximum=65535)}")
SITE_URL = _site.geturl()
HTTPS = _site.scheme == "https"

# A staging copy that search engines must not index: every response says noindex.
NOINDEX = env.flag("NOINDEX")
# Sent with notices to search engines (https://www.indexnow.org); /KEY.txt proves that the key is ours.
INDEXNOW_KEY = env.indexnow_key("INDEXNOW_KEY")
INDEXNOW_URL = env.url("INDEXNOW_URL", "https://api.indexnow.org/indexnow")
# Receivers of notices about published, updated and withdrawn posts; none by default. See blog/public/channels.py.
WEBSUB_HUB = env.url("WEBSUB_HUB")
WEBHOOK_URL = env.url("WEBHOOK_URL")
WEBHOOK_SECRET = env.signing_secret("WEBHOOK_SECRET") if WEBHOOK_URL else ""

# The loopback names let a monitor on the machine itself ask for /healthz.
ALLOWED_HOSTS = [_site.netloc.removesuffix(f":{_site.port}"), "127.0.0.1", "localhost"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# --- applications -------------------------------------------------------------------------------

INSTALLED_APPS = [
    "blog",
    "allforces",
    "taggit",
    "markdownx",
    "allauth",
    "allauth.account",
    "csp",
    "allforces.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "allforces.middleware.permissions_policy",
    "allforces.middleware.noindex",
    "allforces.middleware.refuse_nul",
    "allforces.middleware.OrderedCSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # The following are for the admin only.
    "allforces.middleware.readers_pass_by",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allforces.resend.signed_out",
]

ROOT_URLCONF = "allforces.urls"
WSGI_APPLICATION = "allforces.wsgi.application"
TEST_RUNNER = "tests.runner.Runner"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- language and time --------------------------------------------------------------------------

LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
USE_I18N = True  # for the Japanese of Django, allauth and taggit; our own text is Japanese in the source

# --- what is kept -------------------------------------------------------------------------------

_database = env.database("DATABASE_URL", folder=DATA_DIR)
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["ENGINE"] = "allforces.sqlite"
    # Opening the file and registering Django's functions costs more than a query.
    _database["CONN_MAX_AGE"] = 600
    _database["OPTIONS"] = {
        # A transaction that reads first and writes later fails at once with "database is locked";
        # taking the write lock at BEGIN lets it wait its turn, up to `timeout` seconds.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    _database["ENGINE"] = "allforces.postgresql"
    # Give up soon on a host that does not answer, or that vanishes during a connection (5 s after something was sent,
    # 20 s while waiting for its answer). Options in the URL take precedence.
    _database["OPTIONS"] = {
        "connect_timeout": 2,  # libpq's minimum
        "tcp_user_timeout": 5000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
    } | _database.get("OPTIONS", {})
DATABASES = {"default": _database}
# Only for requests, and only on PostgreSQL: pool size per worker process, and time-outs in seconds (0: no limit).
DATABASE_FOR_REQUESTS = {
    "connections": env.number("DB_POOL_SIZE", 16, maximum=1000),
    "statement_timeout": env.number("DB_STATEMENT_TIMEOUT", 30, maximum=3600),
    "lock_timeout": env.number("DB_LOCK_TIMEOUT", 5, maximum=3600),
}

# Sign-in limits are counted here, so all processes must share the cache. With the default of 300 entries, an attacker
# who tries 300 names would evict the other counts.
_table = {
    "BACKEND": "allforces.caches.DatabaseCache",
    "LOCATION": "cache",
    "OPTIONS": {"MAX_ENTRIES": 100_000},
}
CACHES = {"default": _table}
if redis_url := env.redis("REDIS_URL"):
    CACHES = {
        "default": {"BACKEND": "allforces.caches.RedisCache", "LOCATION": redis_url},
        "reserve": _table,
    }

# Memory of one worker process for finished pages (blog/public/page_cache); 0 keeps none. Not with DEBUG: a changed template
# is to be seen at once.
PAGE_CACHE_MB = env.number("PAGE_CACHE_MB", 0 if DEBUG else 64, maximum=65_536)

# --- files --------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / env.text("MEDIA_ROOT", "media")
# An absolute URL means that another server delivers the images; our own view is disabled then.
MEDIA_URL = env.text("MEDIA_URL", "/media/").rstrip("/") + "/"
# Static pages of an older site, shown read-only where nothing else answers (blog/views/oldfiles.py).
LEGACY_ROOT = env.folder("LEGACY_ROOT", inside=DATA_DIR)

# Japanese font file for the share images (Open Graph); the default is a Mincho that is installed with the application.
SHARE_FONT = env.text("SHARE_FONT", "")

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "allforces.static_files.JoinedStaticFilesStorage"
        )
    },
}
FILE_UPLOAD_PERMISSIONS = 0o644

# --- safety -------------------------------------------------------------------------------------

CSRF_FAILURE_VIEW = "allforces.resend.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 31_536_000) if HTTPS else 0
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = (
    "DENY"  # the preview, a frame of the admin, allows it (`framed_by_the_admin` in blog/admin/services.py)
)
# HSTS for subdomains and preload would affect other sites of the company; their owner decides, not this program.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# Number of trusted proxies in front. With https there is at least one, which terminates TLS.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 1 if HTTPS else 0, maximum=10)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

_media = urlsplit(MEDIA_URL)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:", *([f"{_media.scheme}://{_media.netloc}"] if _media.netloc else [])],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],  # as X_FRAME_OPTIONS
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
    },
}

# --- signing in ---------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "account_login"

ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
ACCOUNT_ADAPTER = "allforces.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "allforces.accounts.SignInForm",
    "reset_password": "allforces.accounts.ForgottenPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme

# --- mail ---------------------------------------------------------------------------------------

vars().update(env.email("EMAIL_URL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", f"ALLFORCES <noreply@{_site.hostname}>")

# --- tags and the editor ------------------------------------------------------------------------

TAGGIT_CASE_INSENSITIVE = True
TAGGIT_TAGS_FROM_STRING = "blog.text.names.parse_tags"
# These two URLs have our own staff-only views; the package's views are open to everyone.
MARKDOWNX_URLS_PATH = "/admin/markdownx/preview/"
MARKDOWNX_UPLOAD_URLS_PATH = "/admin/markdownx/upload/"
MARKDOWNX_UPLOAD_CONTENT_TYPES = ["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif"]

# --- logs ---------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "logging.Formatter" if DEBUG else "allforces.logs.OneLineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
    },
    "handlers": {
        "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stdout"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": ["stdout"], "level": LOG_LEVEL, "propagate": False},
        "django.server": {"handlers": ["stdout"], "level": LOG_LEVEL, "propagate": False},
        # Scanners constantly request foreign hosts: answer 400 without a traceback in the log.
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
        # Django leaves dropping the body of a HEAD response to the server; gunicorn does so with a warning each time.
        "gunicorn.http.wsgi": {"level": "ERROR"},
    },
}
