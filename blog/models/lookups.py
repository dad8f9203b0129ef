"""Field lookups for numbers that no database column can hold: they find nothing, like Django's own `exact`.

In a list or a relation Django passes such a number to the database, and SQLite raises OverflowError. Any choice of any
form can contain one in a forged request.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import ForeignKey, IntegerField
from django.db.models.fields.related_lookups import RelatedExact, RelatedIn
from django.db.models.lookups import In

LARGEST = 2**63 - 1
"""Largest integer that a database column holds."""


def _fits(value: Any) -> bool:
    return not isinstance(value, int) or abs(value) <= LARGEST


class DropUnstorable:
    """Lookup mixin: ignore numbers in a list that no column can hold."""

    rhs: Any

    def process_rhs(self, *args: Any) -> Any:
        if self.rhs_is_direct_value():  # type: ignore[attr-defined]  # a mixin of lookups
            self.rhs = [value for value in self.rhs if _fits(value)]
        return super().process_rhs(*args)  # type: ignore[misc]  # the same


@IntegerField.register_lookup
class NumberIn(DropUnstorable, In):
    """`in` for integer fields."""


@ForeignKey.register_lookup
class RelatedNumberIn(DropUnstorable, RelatedIn):
    """`in` for foreign keys."""


@ForeignKey.register_lookup
class RelatedNumber(RelatedExact):
    """`exact` for foreign keys."""

    def process_rhs(self, *args: Any) -> Any:
        if not _fits(self.rhs):
            raise EmptyResultSet
        return super().process_rhs(*args)
