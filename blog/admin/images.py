"""Admin of the image library: uploads go through `blog.editorial.images.accept`, files are never replaced."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from blog.admin.base import DeskAdmin
from blog.admin.deletion import KindDeletion
from blog.admin.generic import ModelAdmin, ModelForm
from blog.editorial import images, permissions
from blog.editorial.actors import NOBODY, Actor, actor_of, signed_in
from blog.editorial.changes import Kind
from blog.models import Image, SiteSettings
from blog.models.image import ImageQuerySet

DESCRIBED = ("alt", "is_decorative", "caption", "credit", "licence")


class DescribedForm(ModelForm[Image]):
    """Description of an image: requires an alt text, or the mark that the image is decorative."""

    # Validated here too, not only in the model: an invalid value must not reach the preview beside the form.
    focal_x = forms.IntegerField(
        label="焦点（横 %）", min_value=0, max_value=100, help_text="左端が0、右端が100。"
    )
    focal_y = forms.IntegerField(
        label="焦点（縦 %）", min_value=0, max_value=100, help_text="上端が0、下端が100。"
    )

    class Meta:
        model = Image
        fields = (*DESCRIBED, "focal_x", "focal_y")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        alt, decorative = cleaned.get("alt", "").strip(), cleaned.get("is_decorative")
        if not alt and not decorative and "alt" not in self.errors:
            self.add_error(
                "alt", "画像を見られない人に伝える内容を書くか、飾りの画像なら「装飾」を選んでください。"
            )
        if alt and decorative:
            self.add_error(
                "is_decorative",
                "「装飾」の画像には代替テキストを付けられません。どちらか一方にしてください。",
            )
        return cleaned


class UploadForm(DescribedForm):
    """Upload form: description and file. The file is stored only when everything else is valid."""

    upload = forms.FileField(
        label="画像ファイル",
        max_length=255,
        help_text=f"JPEG・PNG・WebP・AVIF・GIF、{images.MAX_IMAGE_BYTES // 1024**2} MBまで。位置情報などは取り除いて保存します。",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/avif,image/gif"}),
        error_messages={"required": "画像ファイルを選んでください。", "empty": "ファイルの中身が空です。"},
    )
    by: Actor = NOBODY
    prepared: images.Prepared | images.ImageRefused | None = None
    """What became of the file before the transaction of the form."""
    focal_x = focal_y = None  # type: ignore[assignment]  # chosen after the upload

    class Meta:
        model = Image
        fields = DESCRIBED

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        now, upload = timezone.now(), cleaned["upload"]
        described = {name: cleaned[name] for name in DESCRIBED}
        try:
            if isinstance(self.prepared, images.ImageRefused):
                raise self.prepared
            file = self.prepared or images.prepared(upload)
            image = images.keep(file, name=upload.name, by=self.by, now=now, **described)
        except images.ImageRefused as refusal:
            self.add_error("upload", str(refusal))
            return cleaned
        if image.created_at != now:
            url = reverse("admin:blog_image_change", args=[image.pk])
            self.add_error("upload", format_html('同じ画像がもうあります: <a href="{}">{}</a>', url, image))
            return cleaned
        self.instance = image
        return cleaned


class AltFilter(admin.SimpleListFilter):
    title = "代替テキスト"
    parameter_name = "alt"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Image]) -> list[tuple[str, str]]:
        return [("missing", "代替テキスト未記入")]

    def queryset(self, request: HttpRequest, queryset: Any) -> ImageQuerySet:
        pictures: ImageQuerySet = queryset
        return pictures.without_alt() if self.value() == "missing" else pictures


@admin.register(Image)
class ImageAdmin(KindDeletion[Image]):
    form = DescribedForm
    change_kind = Kind.IMAGE
    list_display = ("thumbnail", "described", "dimensions", "created_at", "created_by")
    list_display_links = ("described",)  # a link that contains only an image has no accessible name
    list_filter = (AltFilter, "is_decorative")
    list_select_related = ("created_by",)
    list_per_page = 50
    search_fields = ("alt", "caption", "credit", "original_name", "file")
    date_hierarchy = "created_at"
    readonly_fields = (
        "preview",
        "cut",
        "markdown",
        "dimensions",
        "original_name",
        "created_at",
        "created_by",
        "where_used",
    )

    class Media:
        js = (forms.Script("admin/focal.js", defer=True),)

    def why_read_only(self, request: HttpRequest, item: Image | None) -> str:
        if item is None:
            return ""  # a new image is not used yet
        now = timezone.now()
        return permissions.why_not_describe(
            actor_of(request.user), item, SiteSettings.objects.current(now), now
        )

    def has_delete_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        """Check the permission only: `why_kept` protects images in use."""
        return super(DeskAdmin, self).has_delete_permission(request, obj)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **options: Any
    ) -> HttpResponse:
        """Re-encode an upload before the form's transaction, in which everybody else would wait for it."""
        upload = request.FILES.get("upload") if object_id is None else None
        if upload and self.has_add_permission(request):
            try:
                request.__dict__["_prepared"] = images.prepared(upload)
            except images.ImageRefused as refusal:
                request.__dict__["_prepared"] = refusal
        return super().changeform_view(request, object_id, *args, **options)

    def get_form(
        self, request: HttpRequest, obj: Image | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if change:
            return super().get_form(request, obj, change=change, **kwargs)
        form = super().get_form(request, obj, change=change, **(kwargs | {"form": UploadForm}))
        return type(form.__name__, (form,), {"prepared": request.__dict__.get("_prepared")})

    def get_fieldsets(self, request: HttpRequest, obj: Image | None = None) -> Any:
        if obj is None:
            return [(None, {"fields": ("upload", *DESCRIBED)})]
        return [
            (None, {"fields": ("preview", *DESCRIBED)}),
            (
                "焦点",
                {
                    "fields": (("focal_x", "focal_y"), "cut"),
                    "description": "一覧では横長に切り抜きます。そのとき真ん中に残したい所を、数字か、上の画像のクリックで決めます。",
                },
            ),
            (
                "この画像",
                {
                    "fields": (
                        "markdown",
                        "where_used",
                        "dimensions",
                        "original_name",
                        "created_at",
                        "created_by",
                    )
                },
            ),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Image | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def save_model(self, request: HttpRequest, obj: Image, form: ModelForm[Image], change: bool) -> None:
        if change:  # a new image was stored together with its file
            images.describe(obj, by=signed_in(request.user), now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: Image) -> None:
        images.remove(obj, by=signed_in(request.user), now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> None:
        for image in queryset:
            images.remove(image, by=signed_in(request.user), now=timezone.now())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        for image in objs:
            image.reader = actor_of(request.user)
        return super().get_deleted_objects(objs, request)

    def why_kept(self, item: Any) -> str:
        where = images.used_in(item, by=item.reader, now=timezone.now())
        return (
            f"「{item}」は{'、'.join(where)}で使われています。先にそこから外してください。" if where else ""
        )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Fetch the image and attach the user: not everybody may know where it is used."""
        image: Any = super().get_object(request, object_id, from_field)
        if image:
            image.reader = actor_of(request.user)
        return image

    @admin.display(description="画像")
    def thumbnail(self, image: Image) -> SafeString:
        return picture(image, "desk-thumbnail")

    @admin.display(description="画像")
    def preview(self, image: Image) -> SafeString:
        return picture(image, "desk-preview")

    @admin.display(description="一覧での見え方")
    def cut(self, image: Image) -> SafeString:
        card = image.card
        return format_html(
            '<img class="desk-cut" src="{}" width="{}" height="{}" alt="">', card.src, card.width, card.height
        )

    @admin.display(description="代替テキスト", ordering="alt")
    def described(self, image: Image) -> str:
        return image.alt or ("（装飾）" if image.is_decorative else f"未記入（{image.original_name}）")

    @admin.display(description="大きさ")
    def dimensions(self, image: Image) -> str:
        return f"{image.width}×{image.height}、{max(1, round(image.size / 1024)):,} KB"

    @admin.display(description="記事に入れるには")
    def markdown(self, image: Image) -> SafeString:
        return format_html("<code>![{}]({})</code>", image.alt, image.url)

    @admin.display(description="使われている所")
    def where_used(self, image: Any) -> SafeString:
        where = images.used_in(image, by=image.reader, now=timezone.now())
        return (
            format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((place,) for place in where)))
            if where
            else format_html("{}", "まだ使われていません")
        )


def picture(image: Image, css_class: str) -> SafeString:
    return format_html(
        '<img class="{}" src="{}" width="{}" height="{}" alt="" loading="lazy" decoding="async">',
        css_class,
        image.url,
        image.width,
        image.height,
    )
