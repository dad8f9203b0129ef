"""Field lookups for numbers that no column can hold: they find nothing, as Django's own `exact` of a number does.

Django hands such a number of a list or of a relation to the database: SQLite raises OverflowError. Whoever makes up a
request puts one into any choice of any form.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import ForeignKey, IntegerField
from django.db.models.fields.related_lookups import RelatedExact, RelatedIn
from django.db.models.lookups import In

LARGEST = 2**63 - 1


def _fits(value: Any) -> bool:
    return not isinstance(value, int) or abs(value) <= LARGEST


class OfThoseThatFit:
    rhs: Any

    def process_rhs(self, *args: Any) -> Any:
        if self.rhs_is_direct_value():  # type: ignore[attr-defined]  # a mixin of lookups
            self.rhs = [value for value in self.rhs if _fits(value)]
        return super().process_rhs(*args)  # type: ignore[misc]  # the same


@IntegerField.register_lookup
class NumberIn(OfThoseThatFit, In):
    pass


@ForeignKey.register_lookup
class RelatedNumberIn(OfThoseThatFit, RelatedIn):
    pass


@ForeignKey.register_lookup
class RelatedNumber(RelatedExact):
    def process_rhs(self, *args: Any) -> Any:
        if not _fits(self.rhs):
            raise EmptyResultSet
        return super().process_rhs(*args)
