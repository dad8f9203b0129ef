"""Admin of public paths: manual redirects and 410s."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from blog.admin.base import DeskAdmin
from blog.admin.generic import ModelForm
from blog.admin.redirect_conflicts import taken_by_route
from blog.editorial import addresses, permissions
from blog.editorial.actors import NOBODY, Actor, actor_of, signed_in
from blog.editorial.changes import Kind
from blog.models import Address
from blog.text.names import public_path
from blog.transfer.old_site import legacy, old_pages

BY_HAND = [choice for choice in Address.Kind.choices if choice[0] != Address.Kind.CURRENT]


class AddressForm(ModelForm[Address]):
    """Form for a manual redirect or 410; refuses loops, chains of redirects, and paths of existing pages."""

    by: Actor = NOBODY

    class Meta:
        model = Address
        fields = ("path", "kind", "post", "page", "target", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            self.fields["kind"].choices = BY_HAND  # type: ignore[attr-defined]  # a TypedChoiceField

    def clean_path(self) -> str:
        try:
            path = public_path(self.cleaned_data["path"])
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if owner := taken_by_route(path):
            raise ValidationError(
                f"{path} は{owner}が使っています。転送できるのは、ほかに何もないパスだけです。"
            )
        taken = Address.objects.filter(path=path).exclude(pk=self.instance.pk).first()
        if taken:
            raise ValidationError(
                f"{path} は{addresses.owner(path, by=self.by) or 'ほかの設定'}がもう使っています。"
            )
        return path

    def clean_target(self) -> str:
        target: str = self.cleaned_data["target"].strip()
        if f"{target}/".startswith(f"{settings.SITE_URL}/"):  # on this site: store the path
            target = target.removeprefix(settings.SITE_URL) or "/"
        if target.startswith("//"):
            raise ValidationError("転送先は / か https:// で始めてください。")
        if target.startswith("/") and "?" not in target and "#" not in target:
            try:
                return public_path(target)
            except ValueError as error:
                raise ValidationError(str(error)) from error
        return target

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        path, target = cleaned.get("path"), cleaned.get("target")
        if not path or not target:
            return cleaned
        onward = addresses.find(target)
        if target == path or (onward and onward.target == path):
            self.add_error("target", "この転送は自分に戻ってきます。別の転送先にしてください。")
        elif onward and onward.kind == Address.Kind.MOVED:
            owner = onward.post or onward.page
            end = owner.get_absolute_url() if owner else onward.target
            self.add_error("target", f"{target} も転送されています。最後の行き先 {end} を書いてください。")
        elif onward and onward.kind == Address.Kind.GONE:
            self.add_error("target", f"{target} は廃止（410）されています。")
        return cleaned


@admin.register(Address)
class AddressAdmin(DeskAdmin[Address]):
    change_kind = Kind.ADDRESS
    form = AddressForm
    list_display = ("path", "kind", "leads_to")
    list_filter = ("kind",)
    list_select_related = ("post", "page")
    search_fields = ("path", "target")
    raw_id_fields = ("post",)
    autocomplete_fields = ("page",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Address]:
        large = ("body", "body_html")
        posts = [f"post__{name}" for name in (*large, "portable_html", "plain_text", "toc")]
        rows = super().get_queryset(request)
        rows = rows.filter(pk__in=addresses.known_to(actor_of(request.user), now=timezone.now()))
        return rows.defer(*posts, *(f"page__{name}" for name in large))

    def get_fields(self, request: HttpRequest, obj: Address | None = None) -> Any:
        """Show `leads_to` instead of `post` to users who may not know every newest title, which the field would show."""
        post = "post" if permissions.may_edit_all(actor_of(request.user)) else "leads_to"
        return [post if name == "post" else name for name in AddressForm.Meta.fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Address | None = None) -> Any:
        return () if permissions.may_edit_all(actor_of(request.user)) else ("leads_to",)

    @admin.display(description="行き先")
    def leads_to(self, address: Address) -> str:
        if address.kind == Address.Kind.GONE:
            return address.reason or "（廃止）"
        if address.post:
            # The live title for everybody: the newest one is confidential until it is published.
            post, is_read = address.post, address.post.is_published(timezone.now())
            return f"記事「{post.title if is_read else post.working_title}」"
        return f"固定ページ「{address.page}」" if address.page else address.target

    def is_seen(self, item: Address | None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Address | None = None) -> bool:
        """Refuse changes of `current` rows, which only publishing and saving a page create."""
        return super().has_change_permission(request, obj) and (
            obj is None or obj.kind != Address.Kind.CURRENT
        )

    def has_delete_permission(self, request: HttpRequest, obj: Address | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (
            obj is None or obj.kind != Address.Kind.CURRENT
        )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        to_delete, count, lacking, protected = super().get_deleted_objects(objs, request)
        current = [f"{item}（現在のURL）" for item in objs if item.kind == Address.Kind.CURRENT]
        return to_delete, count, lacking, [*protected, *current]

    def save_model(self, request: HttpRequest, obj: Address, form: ModelForm[Address], change: bool) -> None:
        addresses.save_by_hand(obj, by=signed_in(request.user), now=timezone.now())
        if obj.kind == Address.Kind.MOVED and not _is_read(obj, now=timezone.now()):
            where = obj.target or obj.page or "記事"
            sentence = f"保存しましたが、転送先（{where}）にはいま読者の読めるものがありません。"
            self.message_user(request, sentence, messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: Address) -> None:
        addresses.delete_by_hand(obj, by=signed_in(request.user), now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Address]) -> None:
        for address in queryset:
            addresses.delete_by_hand(address, by=signed_in(request.user), now=timezone.now())


def _is_read(address: Address, *, now: datetime) -> bool:
    """Whether the redirect's target answers, as far as known; targets on other sites are not checked."""
    if address.post:
        return address.post.is_published(now)
    if address.page:
        return address.page.is_public
    elsewhere = (settings.MEDIA_URL, settings.STATIC_URL)
    if not address.target.startswith("/") or address.target.startswith(elsewhere):
        return True
    path = public_path(urlsplit(address.target).path)
    if found := addresses.find(path):
        return found.kind == Address.Kind.CURRENT and _is_read(found, now=now)
    led = legacy.find(path, now=now)
    return bool(taken_by_route(path) or (led and led.target) or old_pages.find(path))
