"""Root URLconf: sign-in, admin, health and media; the magazine's paths are in blog/urls.py."""

from allauth.account import views as account
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path

from allforces.health import healthz
from allforces.media import serve
from blog.admin.services import preview, upload
from blog.admin.style import style

# Only those allauth views that are needed without sign-up.
accounts = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("accounts/", include(accounts)),
    # The URLs where django-markdownx expects its two views; ours check permissions.
    path(settings.MARKDOWNX_URLS_PATH[1:], preview, name="markdownx_preview"),
    path(settings.MARKDOWNX_UPLOAD_URLS_PATH[1:], upload, name="markdownx_upload"),
    path("admin/style/", style, name="style"),
    path("admin/", admin.site.urls),
]
if settings.MEDIA_URL.startswith("/"):
    urlpatterns.append(re_path(rf"^{settings.MEDIA_URL[1:]}(?P<path>.*)$", serve, name="media"))
urlpatterns.append(path("", include("blog.urls")))

handler404 = "blog.views.errors.not_found"
handler500 = "allforces.outage.server_error"
