"""Protected deletion in the admin: refused with a sentence instead of a list of database rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from blog.admin.base import DeskAdmin, Row


class KindDeletion(DeskAdmin[Row]):
    """Model admin that deletes rows only while they are unused."""

    delete_confirmation_template = "admin/blog/delete_one.html"
    delete_selected_confirmation_template = "admin/blog/delete_selected.html"

    def why_kept(self, item: Any) -> str:
        """Reason why `item` cannot be deleted, and what to do instead, as text or safe HTML; empty when it can."""
        raise NotImplementedError

    def get_deleted_objects(self, objs: Sequence[Row] | QuerySet[Row], request: HttpRequest) -> Any:
        reasons = [reason for item in objs if (reason := self.why_kept(item))]
        if reasons:
            return [str(item) for item in objs], {}, set(), reasons
        return super().get_deleted_objects(objs, request)
