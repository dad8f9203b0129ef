"""Import report, for the screen, for the desk and for other programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from blog.text.dialects import NotShown, Reason
from blog.text.findings import Finding
from blog.transfer.importing.visibility import Hold


@dataclass(frozen=True)
class Route:
    """A line of the URL table: what a file's article answers at, and the old path that leads there."""

    ref: str
    path: str
    redirect: str = ""
    was_shadowed: bool = False


@dataclass(frozen=True)
class Entry:
    """What became of one document, by the name of its file. `outcome` as in `import_sources`, `post` is a key.

    When it failed, the first of the `problems` says why. `holds`: why its file keeps it from readers, if that is what
    became of it. `not_shown`: what of its text readers are not shown.
    """

    name: str
    outcome: str
    problems: tuple[Finding, ...] = ()
    post: int | None = None
    holds: tuple[Hold, ...] = ()
    not_shown: tuple[NotShown, ...] = ()


@dataclass
class Report:
    """One entry a document, what an import did besides, and where its articles answer. `notes` are sentences."""

    entries: list[Entry] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unused_keys: Counter[str] = field(default_factory=Counter)
    """Front-matter keys without a meaning here, and in how many documents each stood."""

    def add(
        self,
        name: str,
        outcome: str,
        problems: Iterable[Finding] = (),
        *,
        post: int | None = None,
        holds: Iterable[Hold] = (),
        not_shown: Iterable[NotShown] = (),
    ) -> None:
        self.entries.append(Entry(name, outcome, tuple(problems), post, tuple(holds), tuple(not_shown)))

    def fail(self, name: str, problem: Finding) -> None:
        self.add(name, "failed", [problem])

    def join(self, other: Report) -> None:
        """Tell of what `other` tells too."""
        self.entries += other.entries
        self.routes += other.routes
        self.notes += other.notes
        self.unused_keys += other.unused_keys

    @property
    def counts(self) -> Counter[str]:
        return Counter(entry.outcome for entry in self.entries)

    @property
    def kinds(self) -> Counter[str]:
        """By code, how many findings the articles that came in have, blocking ones included."""
        return Counter(
            problem.code for entry in self.entries if entry.outcome != "failed" for problem in entry.problems
        )

    @property
    def warnings(self) -> dict[str, list[str]]:
        """By file name, a sentence each: what the desk should know."""
        return self._sentences(blocking=False)

    @property
    def blocking(self) -> dict[str, list[str]]:
        """By file name, a sentence each: what no reader may be shown."""
        return self._sentences(blocking=True)

    @property
    def failures(self) -> dict[str, str]:
        """By file name, why nothing came of it."""
        failed = (entry for entry in self.entries if entry.outcome == "failed")
        return {entry.name: entry.problems[0].message_with_line for entry in failed}

    @property
    def held(self) -> dict[str, list[str]]:
        """By file name, in a few words each: why an article is a draft."""
        return {entry.name: [hold.label for hold in entry.holds] for entry in self.entries if entry.holds}

    @property
    def not_shown(self) -> str:
        """Sentence on what readers are not shown of all texts, by kind; "" when they are shown everything."""
        counts = Counter(place.reason for entry in self.entries for place in entry.not_shown)
        told = "、".join(f"{reason} {counts[reason]:,}" for reason in Reason if counts[reason])
        return f"ページに出さない箇所: {told}（記事の画面で、1つずつ見られます）" if told else ""

    def _sentences(self, *, blocking: bool) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for entry in self.entries:
            sentences = [
                problem.message_with_line for problem in entry.problems if problem.is_blocking == blocking
            ]
            if sentences and entry.outcome != "failed":
                found.setdefault(entry.name, []).extend(sentences)
        return found

    def to_json(self) -> dict[str, Any]:
        return {
            "counts": dict(self.counts),
            "kinds": dict(self.kinds.most_common()),
            "unused_keys": dict(self.unused_keys.most_common()),
            "warnings": self.warnings,
            "failures": self.failures,
            "blocking": self.blocking,
            "held": self.held,
            "findings": {
                entry.name: [problem.to_json() for problem in entry.problems]
                for entry in self.entries
                if entry.problems
            },
            "not_shown": {
                entry.name: [
                    {"reason": place.reason, "line": place.line, "words": place.words}
                    for place in entry.not_shown
                ]
                for entry in self.entries
                if entry.not_shown
            },
            "routes": [asdict(route) for route in self.routes],
            "notes": [*self.notes, *filter(None, [self.not_shown])],
        }
