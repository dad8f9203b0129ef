"""Base class `DeskAdmin` of all model admins."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from blog.admin.generic import ModelAdmin
from blog.editorial import permissions
from blog.editorial.actors import actor_of, signed_in
from blog.editorial.changes import Kind, together
from blog.models import SiteSettings

Row = TypeVar("Row", bound=Model)

NUMBER = re.compile(r"[0-9]{1,18}")


class NumberedSelect(AutocompleteSelect):
    """Autocomplete select that ignores submitted keys that are not numbers; Django's would query them and fail."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [one for one in value if NUMBER.fullmatch(str(one))], attr)


class DeskAdmin(ModelAdmin[Row]):
    """`ModelAdmin` that lets only users who may publish change what readers see at once (`is_seen`).

    A form class with an attribute `by` gets the acting user's `Actor` there.
    """

    change_kind: Kind | None = None
    """Kind of the `Change` that saving the form makes, as one change; None when readers never see such rows."""

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if request.method != "POST" or self.change_kind is None:
            return super().changeform_view(request, *args, **options)
        with together(kind=self.change_kind, actor=actor_of(request.user), now=timezone.now()):
            return super().changeform_view(request, *args, **options)

    def is_seen(self, item: Any) -> bool:
        """Whether readers see changes of `item` (None: a new one) at once, without a revision in between."""
        return False

    def why_read_only(self, request: HttpRequest, item: Any) -> str:
        """Reason why `item` is read-only despite the model permission, as a sentence; empty when it may be changed."""
        if not self.is_seen(item) or permissions.may_change_seen(
            actor_of(request.user), SiteSettings.objects.current(timezone.now())
        ):
            return ""
        return "読者にすぐ見えるものなので、変えられるのは公開できる人だけです。編集長に頼んでください。"

    def refusal(self, request: HttpRequest, item: Any) -> str:
        """`why_read_only`, cached for the request: Django checks permissions many times."""
        known = request.__dict__.setdefault("_read_only", {})
        key = (self.model, item and item.pk)
        if key not in known:
            known[key] = self.why_read_only(request, item)
        return str(known[key])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not self.refusal(request, None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or not self.refusal(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_delete_permission(request, obj):
            return False
        return obj is None or not self.refusal(request, obj)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Treat dates out of range in the query (a year with 400 digits) like any invalid filter, not as an error."""
        try:
            return super().get_changelist_instance(request)
        except OverflowError as error:
            raise IncorrectLookupParameters(error) from error

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any, **options: Any) -> Any:
        """Run a bulk action, ignoring submitted keys that are not valid numbers."""
        sent = request.POST.copy()
        chosen = sent.getlist(ACTION_CHECKBOX_NAME)
        sent.setlist(ACTION_CHECKBOX_NAME, [one for one in chosen if NUMBER.fullmatch(one)])
        request.POST = sent  # type: ignore[assignment]  # the stubs distinguish it from its copy
        return super().response_action(request, queryset, *args, **options)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = NumberedSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"by": signed_in(request.user)}) if hasattr(form, "by") else form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        item = options.get("obj")
        might = item and super().has_change_permission(request, item)
        if might and (refusal := self.refusal(request, item)):
            self.message_user(request, refusal, messages.WARNING)
        return super().render_change_form(request, context, *args, **options)
