"""Form of the editor page: everything that `Content` holds, and what goes with one save."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from blog.admin.fields import TermField, recent_images
from blog.admin.generic import ModelChoiceField
from blog.admin.post_form_fields import Fieldset, as_sent, content_fields, fieldsets, names_sent, typed
from blog.editorial import permissions
from blog.editorial.actors import Actor
from blog.editorial.content import Content
from blog.editorial.content_fields import FIELDS, IMAGES, TITLE_WIDTH
from blog.models import Draft, Post, Revision
from blog.text.findings import Code
from blog.text.names import is_visible, slugify


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
    """The fields of `Content`, and what goes with one save; lengths and formats are checked here, the rest when it goes out."""

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
    as_written = forms.BooleanField(
        label="そのまま表示",
        required=False,
        help_text="印を付けて保存すると、取り込んだ本文のうち「ページに出ない箇所」も、書いてあるとおりに出ます"
        "（読者には、次に公開してから）。やめるには、版の履歴で前の版に戻します。",
    )
    """Only for texts with a dialect, which it takes away."""
    base = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, by: Actor, post: Post | None = None, content: Content, **initial: Any
    ) -> None:
        """`content` is what stands in the form before anything is typed; `data` is what `by` typed."""
        values = {name: getattr(content, name) for name in FIELDS}
        data = data and without_nul(data)
        super().__init__(data, label_suffix="", initial=values | initial)
        self.fields = content_fields() | self.fields
        if not content.dialect:
            del self.fields["as_written"]
        self.post, self.content = post, content
        posted = data or {}
        offered: dict[str, Any] = self.fields
        # Without autocomplete="off", which makes browsers forget the field when somebody goes back.
        offered["title"].widget.attrs["data-title-width"] = TITLE_WIDTH
        for name, field in offered.items():
            if isinstance(field, TermField):
                field.offer(getattr(content, name))
        images = recent_images(*(posted.get(name) or getattr(content, name) for name in IMAGES))
        for name in IMAGES:
            offered[name].offer(images)
        offered["related"].offer(content.related, by=by)
        offered["bylines"].offer()
        offered["assignee"].queryset = permissions.assignable(besides=post.assignee_id if post else None)

    @property
    def fieldsets(self) -> Iterator[Fieldset]:
        """What belongs to `Content`, as the page arranges it; the first one has no heading."""
        return fieldsets(self)

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug and slugify(slug) != slug:
            raise ValidationError(Code.SLUG.sentence, code=Code.SLUG)
        return slug

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        if title and not is_visible(title):
            raise ValidationError(Code.INVISIBLE_TITLE.sentence, code=Code.INVISIBLE_TITLE)
        return title

    def clean_base(self) -> Revision | None:
        """The revision that the editor began from; it must be one of this post's."""
        number = self.cleaned_data["base"]
        revision = (
            Revision.objects.filter(post=self.post, pk=number).first() if number and self.post else None
        )
        if self.post and not revision:
            raise ValidationError("この画面は古くなっています。本文を控えてから、開き直してください。")
        return revision

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return cleaned | {"dialect": ""} if cleaned.get("as_written") else cleaned

    def typed(self) -> Content:
        """What was typed, also where it is not valid yet: for the autosave and the preview."""
        self.is_valid()
        values = {name: getattr(self.content, name) for name in FIELDS} | self.cleaned_data
        for name in self.errors.keys() & FIELDS.keys():
            values |= typed(FIELDS[name], self.data.get(name, ""))
        return Content.from_form(values, base=self.content)

    def typed_fields(self) -> dict[str, list[str]]:
        """What was typed in every field, valid or not, as it was sent; without the body, which `Content` has."""
        data: Any = self.data
        sent: dict[str, list[str]] = dict(data.lists())
        names = {*self.fields, *names_sent()} - {"body", "base"}
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
        for name, one in FIELDS.items():
            for key, values in as_sent(one, getattr(content, name)).items():
                renewed.setlist(key, values)
        form = cls(renewed, by=by, post=post, content=content)
        form.is_valid()
        return form
