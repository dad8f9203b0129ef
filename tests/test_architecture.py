"""The layers of docs/architecture.md, checked: a new module without a layer fails, an upward import too."""

import ast
import re
from graphlib import TopologicalSorter

from django.conf import settings
from django.test import SimpleTestCase

ROW = re.compile(r"^\| L\d \| ([^|]+) \|", re.MULTILINE)
TABLE = (settings.BASE_DIR / "docs/architecture.md").read_text(encoding="utf-8")
LAYERS = [tuple(re.findall(r"`([\w.]+)`", row)) for row in ROW.findall(TABLE)]
"""The table that people read: a module may import its own layer and those above it in this list."""
DOORS = ("blog.admin", "blog.management", "blog.views")
VISIBILITY_COLUMN = re.compile(
    r"(filter|exclude|Q)\([^)]*\b(live_revision|withdrawn_at|published_at__l|published_at__g)"
)


def within(module, names):
    return any(module == name or module.startswith(f"{name}.") for name in names)


def layer_of(module):
    return next((depth for depth, names in enumerate(LAYERS) if within(module, names)), None)


def sources():
    for top in ("blog", "allforces"):
        for path in sorted((settings.BASE_DIR / top).rglob("*.py")):
            name = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts).removesuffix(
                ".__init__"
            )
            if name != "blog" and not name.startswith("blog.migrations"):
                yield name, path.read_text(encoding="utf-8")


def imports(name, source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno}: write absolute imports"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def at_load(node):
    """The imports that run when a module is loaded: not those for the type checker, nor those inside functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif not isinstance(child, ast.FunctionDef) and not (
            isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        ):
            yield from at_load(child)


def loads(source, modules):
    """The modules of ours that `source` loads."""
    for node in at_load(ast.parse(source)):
        for alias in node.names:
            full = alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
            yield full if full in modules else full.rpartition(".")[0]


class ArchitectureTests(SimpleTestCase):
    def test_every_module_has_a_layer(self):
        self.assertEqual([name for name, _ in sources() if layer_of(name) is None], [])

    def test_the_table_names_every_layer(self):
        self.assertEqual(len(LAYERS), 7)
        self.assertEqual(
            sum(LAYERS, ())[:4], ("blog.text", "blog.models", "blog.querysets", "blog.editorial")
        )

    def test_imports_point_down(self):
        upward = {
            (name, target)
            for name, source in sources()
            for _line, target in imports(name, source)
            if (there := layer_of(target)) is not None and there > layer_of(name)
        }
        self.assertEqual(upward, set())

    def test_no_modules_load_each_other_in_a_circle(self):
        modules = dict(sources())
        graph = {
            name: {target for target in loads(source, modules) if target in modules and target != name}
            for name, source in modules.items()
        }
        TopologicalSorter(graph).prepare()  # raises CycleError, which names them

    def test_doors_do_not_import_doors(self):
        def door(module):
            return next((name for name in DOORS if within(module, [name])), None)

        crossed = [
            f"{name}:{line} imports {target}"
            for name, source in sources()
            if door(name)
            for line, target in imports(name, source)
            if door(target) not in (None, door(name))
        ]
        self.assertEqual(crossed, [])

    def test_text_knows_no_database_request_or_settings(self):
        forbidden = ("django.db", "django.http", "django.conf")
        found = [
            f"{name}:{line} imports {target}"
            for name, source in sources()
            if within(name, ["blog.text"])
            for line, target in imports(name, source)
            if within(target, forbidden)
        ]
        self.assertEqual(found, [])

    def test_only_querysets_filter_on_visibility(self):
        found = [
            f"{name}: {match[0]}"
            for name, source in sources()
            if not within(name, ["blog.querysets", "blog.models"])
            for match in VISIBILITY_COLUMN.finditer(source)
        ]
        self.assertEqual(found, [])

    def test_only_the_sanitiser_declares_html_safe(self):
        found = [
            name
            for name, source in sources()
            if name != "blog.text.sanitise" and re.search(r"\bmark_safe\(|\bSafeString\(", source)
        ]
        self.assertEqual(found, [])
