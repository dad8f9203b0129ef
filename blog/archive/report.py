"""What an import did, for the screen, for the desk and for other programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from blog.text.defects import Defect


@dataclass(frozen=True)
class Route:
    """A line of the URL table: what a file's article answers at, and the old path that leads there."""

    ref: str
    path: str
    redirect: str = ""
    was_shadowed: bool = False


@dataclass
class Report:
    """Counts by outcome, and by file name what the desk should know. `warnings` hold one sentence each."""

    counts: Counter[str] = field(default_factory=Counter)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    blocking: dict[str, list[str]] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, outcome: str, problems: Iterable[Defect] = ()) -> None:
        self.counts[outcome] += 1
        for problem in problems:
            kind = self.blocking if problem.blocking else self.warnings
            kind.setdefault(name, []).append(problem.sentence)

    def fail(self, name: str, problem: Defect) -> None:
        self.counts["failed"] += 1
        self.failures[name] = problem.sentence

    def join(self, other: Report) -> None:
        """Tell of what `other` tells too."""
        self.counts.update(other.counts)
        self.warnings |= other.warnings
        self.failures |= other.failures
        self.blocking |= other.blocking
        self.routes += other.routes
        self.notes += other.notes

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"counts": dict(self.counts)}
