"""Form fields of `Content`, made of what is declared of it, and their values as browsers send them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms

from blog.admin.fields import (
    BodyField,
    BylinesField,
    DayField,
    PictureField,
    RelatedField,
    TermField,
    TermsField,
)
from blog.editorial.content_fields import FIELDS, ContentField, Group
from blog.editorial.content_kinds import TYPED_AS_IS, Kind
from blog.models import TERMS
from blog.text.names import format_tags

OF_KIND: dict[Kind, type[forms.Field]] = {
    Kind.LINE: forms.CharField,
    Kind.TEXT: forms.CharField,
    Kind.MARKDOWN: BodyField,
    Kind.URL: forms.URLField,
    Kind.DAY: DayField,
    Kind.FLAG: forms.BooleanField,
    Kind.TERM_IN_LIST: TermField,
    Kind.TERM: TermField,
    Kind.TERMS: TermsField,
    Kind.CREDITS: BylinesField,
    Kind.IMAGE: PictureField,
    Kind.PATHS: RelatedField,
}
BY_LENGTH = {Kind.LINE, Kind.TEXT, Kind.MARKDOWN, Kind.URL}


@dataclass(frozen=True)
class Fieldset:
    heading: str
    fields: list[forms.BoundField]


def content_fields() -> dict[str, forms.Field]:
    """A field for everything that the form shows, by name, in the order of its parts."""
    return {one.name: _made(one) for group in Group for one in FIELDS.values() if one.group is group}


def fieldsets(form: forms.Form) -> Iterator[Fieldset]:
    for group in Group:
        yield Fieldset(group.value, [form[one.name] for one in FIELDS.values() if one.group is group])


def _made(one: ContentField) -> forms.Field:
    options: dict[str, Any] = {"label": one.label, "required": False, "help_text": one.help}
    if one.kind in BY_LENGTH:
        options["max_length"] = one.form_limit or one.limit
    if one.rows > 1:
        options["widget"] = forms.Textarea(attrs={"rows": one.rows})
    if one.kind is Kind.URL:
        options["assume_scheme"] = "https"
    if one.kind is Kind.MARKDOWN:
        options["error_messages"] = {"max_length": f"{one.label}は{one.form_limit:,}文字までです。"}
    if issubclass(OF_KIND[one.kind], TermField | TermsField):
        options["model"] = next(model for model in TERMS if model.declared.field == one.name)
    return OF_KIND[one.kind](**options)


def names_sent() -> set[str]:
    """The names under which a browser sends what `content_fields` shows."""
    return {name for one in FIELDS.values() for name in as_sent(one, ())}


def as_sent(one: ContentField, value: Any) -> dict[str, list[str]]:
    """`value` as a browser sends it back unchanged."""
    match one.kind:
        case Kind.CREDITS:
            return {
                f"{one.name}-author": [credit.author for credit in value],
                f"{one.name}-role": [credit.role for credit in value],
            }
        case Kind.FLAG:
            return {one.name: ["on"] if value else []}
        case Kind.TERMS:
            return {one.name: [format_tags(value)]}
        case Kind.PATHS:
            return {one.name: ["\n".join(value)]}
    return {one.name: [str(value or "")]}


def typed(one: ContentField, sent: str) -> dict[str, Any]:
    """What was typed as a value, though it is not valid; nothing where it cannot be one."""
    if one.kind in TYPED_AS_IS:
        return {one.name: sent}
    return {one.name: tuple(sent.splitlines())} if one.kind is Kind.PATHS else {}
