"""Form of the editor page: everything that `Content` holds, and what goes with one save."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Self

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from blog.admin.fields import (
    BodyField,
    BylinesField,
    CategoryField,
    CollectionField,
    DayField,
    PictureField,
    RelatedField,
    TagsField,
    recent_images,
)
from blog.admin.generic import ModelChoiceField
from blog.editorial import permissions
from blog.editorial.actors import Actor
from blog.editorial.content import LABELS, Content
from blog.editorial.publishing.readiness import SLUG_HELP
from blog.models import Draft, Post, Revision
from blog.text.names import format_tags, slugify

MAX_BODY = 200_000
"""Characters. The longest text of the archive has 40,000."""
TITLE_WIDTH = 32
"""Full-width characters that search results show of a title."""


def without_nul(data: MultiValueDict[str, Any]) -> MultiValueDict[str, Any]:
    """What was posted, less the one character that PostgreSQL takes in no text and nobody types."""
    return MultiValueDict(
        {
            name: [value.replace("\0", "") if isinstance(value, str) else value for value in values]
            for name, values in data.lists()
        }
    )


class PersonChoiceField(ModelChoiceField[User]):
    def label_from_instance(self, user: User) -> str:
        return user.get_full_name() or user.get_username()


class PostForm(forms.Form):
    """Plain fields named as those of `Content`; lengths and formats are checked here, the rest when it goes out."""

    title = forms.CharField(
        label=LABELS["title"],
        max_length=200,
        required=False,
        help_text=f"全角{TITLE_WIDTH}文字までなら、検索結果で切れません。",
        # Without autocomplete="off", which makes browsers forget the field when somebody goes back.
        widget=forms.TextInput(attrs={"data-title-width": TITLE_WIDTH}),
    )
    body = BodyField(
        label=LABELS["body"],
        required=False,
        max_length=MAX_BODY,
        error_messages={"max_length": f"本文は{MAX_BODY:,}文字までです。"},
        help_text="Markdownで書きます。Tabキーで次の欄へ進みます。",
    )
    category = CategoryField(label=LABELS["category"], required=False)
    collection = CollectionField(
        label=LABELS["collection"],
        required=False,
        help_text="連載なら第N回と前回・次回が、特集ならその一覧が記事に出ます。",
    )
    tags = TagsField(
        label=LABELS["tags"],
        required=False,
        help_text="「、」か「,」で区切ります。AI・ＡＩ・ai は同じタグです。",
    )
    bylines = BylinesField(label=LABELS["bylines"], required=False)
    hero = PictureField(label=LABELS["hero"], required=False)
    related = RelatedField(
        label=LABELS["related"],
        required=False,
        help_text="このサイトの記事のURLを、見せたい順に1行に1つ。",
    )
    share_image = PictureField(
        label=LABELS["share_image"],
        required=False,
        help_text="SNSなどで共有されたときの画像。空欄なら、タイトル・カテゴリ・署名から自動で作ります。",
    )
    slug = forms.CharField(
        label=LABELS["slug"],
        max_length=120,
        required=False,
        help_text="URLの末尾。空欄なら公開のときにタイトルから作ります。",
    )
    day = DayField(
        label=LABELS["day"], required=False, help_text="2026-12-01 の形。空欄なら公開する日（日本時間）。"
    )
    excerpt = forms.CharField(
        label=LABELS["excerpt"],
        max_length=1000,
        required=False,
        help_text="一覧と記事の冒頭に出ます。",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    description = forms.CharField(
        label=LABELS["description"],
        max_length=1000,
        required=False,
        help_text="空欄ならリードか本文の冒頭を使います。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    disclosure = forms.CharField(
        label=LABELS["disclosure"],
        max_length=2000,
        required=False,
        help_text="広告・提供・利害関係など。記事の先頭に出ます。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    canonical_url = forms.URLField(
        label=LABELS["canonical_url"],
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text="初出がよその媒体のときだけ、そのURL。",
    )
    noindex = forms.BooleanField(label=LABELS["noindex"], required=False)
    featured = forms.BooleanField(
        label=LABELS["featured"],
        required=False,
        help_text="付けて公開してから30日のあいだ、トップページの先頭に大きく出ます。あとから別の記事に付けると、そちらに替わります。",
    )

    assignee = PersonChoiceField(
        label="担当",
        queryset=get_user_model().objects.none(),
        required=False,
        empty_label="（なし）",
        show_hidden_initial=True,  # an old screen must not undo an assignment made since
    )
    note = forms.CharField(
        label="この保存のメモ",
        max_length=200,
        required=False,
        help_text="何を変えたか。履歴に残り、読者には見えません。",
    )
    base = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, by: Actor, post: Post | None = None, content: Content, **initial: Any
    ) -> None:
        """`content` is what stands in the form before anything is typed; `data` is what `by` typed."""
        values = {field.name: getattr(content, field.name) for field in fields(Content)}
        data = data and without_nul(data)
        super().__init__(data, label_suffix="", initial=values | initial)
        self.post, self.content = post, content
        posted = data or {}
        offered: dict[str, Any] = self.fields
        offered["category"].offer(content.category)
        offered["collection"].offer(content.collection)
        pictures = {name: posted.get(name) or getattr(content, name) for name in ("hero", "share_image")}
        images = recent_images(*pictures.values())
        for name in pictures:
            offered[name].offer(images)
        offered["related"].offer(content.related, by=by)
        offered["bylines"].offer()
        offered["assignee"].queryset = permissions.assignable(besides=post.assignee_id if post else None)

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug and slugify(slug, limit=120) != slug:
            raise ValidationError(SLUG_HELP)
        return slug

    def clean_base(self) -> Revision | None:
        """The revision that the editor began from; it must be one of this post's."""
        number = self.cleaned_data["base"]
        revision = (
            Revision.objects.filter(post=self.post, pk=number).first() if number and self.post else None
        )
        if self.post and not revision:
            raise ValidationError("この画面は古くなっています。本文を控えてから、開き直してください。")
        return revision

    def typed(self) -> Content:
        """What was typed, also where it is not valid yet: for the autosave and the preview."""
        self.is_valid()
        raw: dict[str, Any] = {name: self.data.get(name, "") for name in TEXT_FIELDS if name in self.errors}
        if "related" in self.errors:
            raw["related"] = tuple(self.data["related"].splitlines())
        values = {field.name: getattr(self.content, field.name) for field in fields(Content)}
        return Content.from_form(values | self.cleaned_data | raw, base=self.content)

    def typed_fields(self) -> dict[str, list[str]]:
        """What was typed in every field, valid or not, as it was sent; without the body, which `Content` has."""
        data: Any = self.data
        sent: dict[str, list[str]] = dict(data.lists())
        names = {*self.fields, "bylines-author", "bylines-role"} - {"body", "base"}
        return {name: values for name, values in sent.items() if name in names}

    @classmethod
    def restored(
        cls, draft: Draft, *, by: Actor, post: Post | None, content: Content, base: Revision | None
    ) -> Self:
        """The form as it stood in the tab of `draft`; `content` is what was saved last."""
        kept = Content.from_json(draft.content)
        if not draft.fields:  # of before drafts kept the form
            return cls(by=by, post=post, content=kept, base=base and base.pk)
        data = MultiValueDict(draft.fields | {"body": [kept.body], "base": [str(base.pk if base else "")]})
        return cls(data, by=by, post=post, content=content)

    @classmethod
    def again(cls, data: Any, *, by: Actor, post: Post, content: Content, base: Revision) -> Self:
        """The form as it was sent, but with `content` on `base`: what the editor must look at now."""
        renewed = MultiValueDict(data.lists())
        renewed.setlist("base", [str(base.pk)])
        for field in fields(Content):
            value = getattr(content, field.name)
            if field.name == "bylines":
                renewed.setlist("bylines-author", [credit.author for credit in value])
                renewed.setlist("bylines-role", [credit.role for credit in value])
            elif isinstance(value, bool):
                renewed.setlist(field.name, ["on"] if value else [])
            elif field.name == "tags":
                renewed.setlist("tags", [format_tags(value)])
            elif field.name == "related":
                renewed.setlist("related", ["\n".join(value)])
            else:
                renewed.setlist(field.name, [str(value or "")])
        form = cls(renewed, by=by, post=post, content=content)
        form.is_valid()
        return form


TEXT_FIELDS = (
    *("title", "slug", "category", "collection", "excerpt", "description", "disclosure", "canonical_url"),
    "body",
)
