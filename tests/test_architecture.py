"""The layers of docs/architecture.md, checked: a new module without a layer fails, an upward import too."""

import ast
import re
from graphlib import TopologicalSorter

from django.conf import settings
from django.test import SimpleTestCase

from allforces import __version__
from blog.apps import FOLLOWERS

ROW = re.compile(r"^\| L\d \| ([^|]+) \|", re.MULTILINE)
TABLE_PAGE = (settings.BASE_DIR / "docs/architecture.md").read_text(encoding="utf-8")
LAYERS = [tuple(re.findall(r"`([\w.]+)`", row)) for row in ROW.findall(TABLE_PAGE)]
"""The table that people read: a module may import its own layer and those above it in this list."""
FOLLOWER_TABLE = TABLE_PAGE.split("| follower |")[1].split("\n\n")[0]
DOORS = ("blog.admin", "blog.management", "blog.views")
VISIBILITY_COLUMN = re.compile(
    r"(filter|exclude|Q)\([^)]*\b(live_revision|withdrawn_at|published_at__l|published_at__g)"
)

SETTINGS_ROW = re.compile(r"SiteSettings\.objects\.(get|first|all|raw|select_related)\(|\bcurrent_settings\(")

RIGHT = re.compile(r"\bhas_(?:module_)?perms?\(|\bget_all_permissions\(|\bis_superuser\b|\bperms\.")
NOBODY_ACTS = re.compile(r"\b(?:by|actor)=None\b|\b(?:by|actor|user|sender): Any\b")


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


def names_given(function):
    """The parameters and variables of `function`."""
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id


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

    def test_the_settings_have_one_loader(self):
        found = [
            f"{name}: {match[0]}"
            for name, source in sources()
            if not within(name, ["blog.models"])
            for match in SETTINGS_ROW.finditer(source)
        ]
        self.assertEqual(found, [], "SiteSettings.objects.current(now) fills in what a page asks of them")

    def test_only_the_permissions_module_says_who_may_do_what(self):
        """Django's `has_add_permission` and its like are no rules: they ask, and are asked."""
        templates = (
            (str(path.relative_to(settings.BASE_DIR)), path.read_text(encoding="utf-8"))
            for path in sorted((settings.BASE_DIR / "templates").rglob("*.*"))
        )
        found = [
            f"{name}: {match[0]}"
            for name, source in (*sources(), *templates)
            if name != "blog.editorial.permissions"
            for match in RIGHT.finditer(source)
        ]
        self.assertEqual(found, [])

    def test_somebody_acts_and_is_an_actor(self):
        found = [
            f"{name}: {match[0]}" for name, source in sources() for match in NOBODY_ACTS.finditer(source)
        ]
        self.assertEqual(found, [])

    def test_a_moment_is_called_now_or_at(self):
        found = [
            f"{name}:{line} {called}"
            for name, source in sources()
            for function in ast.walk(ast.parse(source))
            if isinstance(function, ast.FunctionDef)
            for line, called in names_given(function)
            if called in ("when", "moment")
        ]
        self.assertEqual(found, [], "CONTRIBUTING.md, How we write")

    def test_only_the_sanitiser_declares_html_safe(self):
        found = [
            name
            for name, source in sources()
            if name != "blog.text.sanitise" and re.search(r"\bmark_safe\(|\bSafeString\(", source)
        ]
        self.assertEqual(found, [])


PATCH = re.compile(r"((unittest\.)?mock\.)?patch(\.\w+)?")
REPLACEABLE = ("'django.utils.timezone.now'", "os.environ")
STAND_INS = ("Mock", "MagicMock", "AsyncMock", "PropertyMock", "create_autospec")
SLEEPS = ("time.sleep", "asyncio.sleep")
OF_DJANGO = ("_meta", "_base_manager", "_default_manager")
"""Names with an underscore that are nevertheless for everybody."""


def dishonest(source):
    """The lines of a test that replace something else than the clock or the environment, sleep, or use what is private."""
    tree = ast.parse(source)
    ours = {"blog", "allforces"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and within(node.module, ["blog", "allforces"]):
            ours |= {alias.asname or alias.name for alias in node.names}
    for line, target in imports("a test", source):
        if target in SLEEPS or (within(target, ["blog", "allforces"]) and re.search(r"\._(?!_)", target)):
            yield line, f"imports {target}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            target = ast.unparse(node.args[0]) if node.args else ""
            words = called.split(".")
            if (PATCH.fullmatch(called) and target not in REPLACEABLE) or words[-1] in STAND_INS:
                yield node.lineno, f"replaces {target}"
            elif called in ("setattr", "delattr") and target.split(".")[0] in ours:
                yield node.lineno, f"replaces a name of {target}"
            elif called in SLEEPS or words[-1] == "wait_for_timeout":
                yield node.lineno, "sleeps"
        elif isinstance(node, ast.Attribute) and ast.unparse(node).split(".")[0] in ours:
            if not isinstance(node.ctx, ast.Load):
                yield node.lineno, f"replaces {ast.unparse(node)}"
            elif node.attr.startswith("_") and not node.attr.startswith("__") and node.attr not in OF_DJANGO:
                yield node.lineno, f"uses {ast.unparse(node)}"


class HonestTests(SimpleTestCase):
    """CONTRIBUTING.md: causes are real, nobody waits for time to pass, and what is private may change."""

    def test_tests_replace_nothing_of_ours_do_not_sleep_and_use_nothing_private(self):
        found = [
            f"{path.relative_to(settings.BASE_DIR)}:{line} {what}"
            for path in sorted((settings.BASE_DIR / "tests").rglob("*.py"))
            for line, what in dishonest(path.read_text(encoding="utf-8"))
        ]
        self.assertEqual(found, [])

    def test_such_a_test_is_found_however_it_is_written(self):
        head = "import blog.public\nfrom blog.models import Post\nfrom blog.public import channels, seo as meta\n"
        for line in (
            "mock.patch('blog.public.channels.TIMEOUT', 1)",
            "unittest.mock.patch('allforces.caches.monotonic')",
            "patch.object(channels, 'TIMEOUT', 1)",
            "patch.multiple(channels, TIMEOUT=1)",
            "mock.patch.dict(channels.__dict__, TIMEOUT=1)",
            "@patch('blog.text.markdown.render')\ndef test(self, render): pass",
            "setattr(channels, 'TIMEOUT', 1)",
            "channels.TIMEOUT = 1",
            "channels.TIMEOUT, other = 1, 2",
            "Post.save = None",
            "del Post.save",
            "meta.iso = None",
            "blog.public.seo.iso = None",
            "mock.Mock()",
            "MagicMock(spec=Post)",
            "time.sleep(1)",
            "from time import sleep",
            "page.wait_for_timeout(9)",
            "from blog.transfer.backup.taking import _tidy",
            "channels._post(1)",
            "with channels._turn: pass",
        ):
            with self.subTest(line):
                self.assertNotEqual([*dishonest(head + line)], [])
        for line in (
            "patch('django.utils.timezone.now', return_value=moment)",
            "mock.patch.dict(os.environ, {})",
            "watch(sleep=sleep)",
            "Post._meta, Post._base_manager, self._x, post.title, channels.__name__",
            "post.title = channels.TIMEOUT",
            "self.client.patch('/')",
        ):
            with self.subTest(line):
                self.assertEqual([*dishonest(head + line)], [])


class ArchitecturePageTests(SimpleTestCase):
    def test_each_function_of_where_is_stands_in_its_file(self):
        section = TABLE_PAGE.split("## Where is …?")[1].split("\n## ")[0]
        lost = []
        for file, name in re.findall(r"`([\w/]+\.py)`(?: `(\w+)`)?", section):
            path = settings.BASE_DIR / "blog" / file
            source = path.read_text(encoding="utf-8") if path.is_file() else ""
            if not re.search(rf"\b(def|class) {name}\b", source) if name else not source:
                lost.append((file, name))
        self.assertEqual(lost, [])

    def test_the_table_of_followers_names_all_of_them_in_their_order(self):
        self.assertEqual(
            tuple(re.findall(r"^\| `(blog\.[\w.]+)` \|.*\|$", FOLLOWER_TABLE, re.MULTILINE)), FOLLOWERS
        )

    def test_modules_that_the_docs_and_docstrings_name_exist(self):
        pages = [*(settings.BASE_DIR / "docs").rglob("*.md"), *(settings.BASE_DIR / "blog").rglob("*.py")]
        pages += [settings.BASE_DIR / "README.md", settings.BASE_DIR / "CONTRIBUTING.md"]
        lost = []
        for page in pages:
            for name in re.findall(
                r"\b((?:blog|tests|allforces)/[\w/]+\.py)\b", page.read_text(encoding="utf-8")
            ):
                if not (settings.BASE_DIR / name).is_file():
                    lost.append((page.name, name))
        self.assertEqual(lost, [])


class GlossaryTests(SimpleTestCase):
    def test_each_word_stands_where_the_page_says(self):
        page = (settings.BASE_DIR / "docs/glossary.md").read_text(encoding="utf-8")
        rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ") and "`" in line]
        self.assertEqual([row[0] for row in rows if len(row) != 5], [])
        lost = []
        for word, _what, _usual, where, _name in rows:
            files = [settings.BASE_DIR / name for name in re.findall(r"`([^`]+)`", where)]
            self.assertEqual([file for file in files if not file.is_file()], [], word)
            texts = "".join(f"{file} {file.read_text(encoding='utf-8')}" for file in files)
            names = re.findall(r"`(\w+)[^`]*`", word) or [""]
            lost += [name for name in names if not re.search(rf"\b{name}\b", texts)]
        self.assertEqual(lost, [])


class DocstringTests(SimpleTestCase):
    def test_a_module_begins_with_the_noun_that_a_stranger_would_search_for(self):
        first = {name: ast.get_docstring(ast.parse(source)) or "" for name, source in sources()}
        riddles = re.compile(r"(What|Which|Who|Whose|Where|When|How|Whether|Does|Is|From|Everything)\b")
        self.assertEqual([name for name, text in first.items() if riddles.match(text)], [])


class ReleaseTests(SimpleTestCase):
    def test_the_changelog_begins_with_this_version_or_what_comes_after_it(self):
        page = (settings.BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8")
        versions = re.findall(r"^## (\S+)", page, re.MULTILINE)
        self.assertIn(__version__, versions[:2])
        self.assertLessEqual(set(versions[:1]) - {__version__}, {"Unreleased"})
