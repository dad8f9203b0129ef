"""The same checkout installs the same code next month: whatever is installed is pinned, packages of packages too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import distribution

from django.conf import settings
from django.test import SimpleTestCase
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

BROUGHT = "# What these bring"
"""The line of a requirements file below which nothing is wanted for itself."""


def listed(name: str) -> tuple[list[Requirement], list[Requirement]]:
    """What a requirements file asks for by itself, and what comes with it."""
    text = (settings.BASE_DIR / name).read_text(encoding="utf-8")
    wanted, _, brought = text.partition(BROUGHT)
    found = [
        [Requirement(line) for line in part.splitlines() if re.match(r"\w", line)]
        for part in (wanted, brought.partition("\n")[2])
    ]
    return found[0], found[1]


def needed(wanted: list[Requirement]) -> Iterator[str]:
    """Names of all packages that `wanted` need here, they themselves too."""
    todo, seen = list(wanted), set()
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        if (name, *sorted(requirement.extras)) in seen:
            continue
        seen.add((name, *sorted(requirement.extras)))
        yield name
        for line in distribution(name).requires or ():
            further = Requirement(line)
            extras = [{"extra": extra} for extra in ("", *requirement.extras)]
            if not further.marker or any(further.marker.evaluate(extra) for extra in extras):
                todo.append(further)


class RequirementsTests(SimpleTestCase):
    def test_every_package_is_pinned_to_the_version_that_is_installed(self) -> None:
        application, tools = listed("requirements.txt"), listed("requirements-dev.txt")
        for wanted, known in (
            (application[0], application),
            (application[0] + tools[0], application + tools),
        ):
            pinned = {canonicalize_name(one.name): str(one.specifier) for part in known for one in part}
            expected = {name: f"=={distribution(name).version}" for name in needed(wanted)}
            self.assertEqual({name: pinned.get(name) for name in expected}, expected)

    def test_licence_of_each_package_of_the_application_is_in_the_documentation(self) -> None:
        text = (settings.BASE_DIR / "docs/dependencies.md").read_text(encoding="utf-8")
        table = text.partition("## Licences")[2]
        named = {canonicalize_name(name) for name in re.findall(r"[\w.-]+", table)}
        self.assertEqual(set(needed(listed("requirements.txt")[0])) - named, set())
