"""What readers see is written by blog/editorial alone: a write anywhere else would not raise the content version."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.test import SimpleTestCase

from blog.models import (
    Address,
    Alias,
    Author,
    Byline,
    Category,
    Collection,
    Image,
    Page,
    Post,
    SiteSettings,
    Synonym,
    Tag,
    TaggedPost,
)
from tests.test_architecture import sources, within

SEEN: tuple[type[Model], ...] = (
    *(Address, Alias, Author, Byline, Category, Collection, Image),
    *(Page, Post, SiteSettings, Synonym, Tag, TaggedPost),
)
"""The models of which readers see something. What is derived from them is written by its follower."""
MAY_WRITE = (
    "blog.editorial",
    "blog.models",
    "blog.querysets",
    "blog.text",
    "blog.transfer.backup",
    "blog.apps",
    "allforces.static_files",
)
"""Models only derive columns, managers are called by somebody, and texts know no rows; a backup's rows are restored as they
were; `migrate` makes what an empty site has; and static files are files."""

NAMES = {model.__name__ for model in SEEN}
TABLES = "|".join(model._meta.db_table for model in SEEN)
COLUMNS = {field.name for model in SEEN for field in model._meta.concrete_fields}
RELATED = {"addresses", "aliases", "bylines", "tagged", "tags"}
WRITES = {
    *(
        "bulk_create",
        "bulk_update",
        "create",
        "delete",
        "get_or_create",
        "save",
        "update",
        "update_or_create",
    ),
    *("for_names", "_raw_delete"),
}
OF_RELATED = WRITES | {"add", "clear", "remove", "set"}
STATEMENT = re.compile(rf"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(?:{TABLES})\b", re.IGNORECASE)
NOT_SEEN = {
    *("archive", "storage", "default_storage", "pixels", "out", "card", "quantize()"),  # files
    *("machine", "manuscripts", "notice", "ours", "given_up", "super()"),
    *("ApiToken", "EmailAddress", "Manuscript", "MissedSearch", "Notice", "SearchPart", "Similarity"),
}
"""What is saved and deleted elsewhere, by the first word of the expression: files, and rows of which readers see nothing."""


def first_word(node: ast.expr) -> ast.expr:
    """The name, or call of nothing but a name, with which an expression begins."""
    while True:
        if isinstance(node, ast.Attribute):
            node = node.value
        elif isinstance(node, ast.Call) and not isinstance(node.func, ast.Name):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return node


def writes(source: str) -> Iterator[tuple[int, str]]:
    """The lines that write what readers see, or look so."""
    tree = ast.parse(source)
    models, allowed = set(NAMES), set(NOT_SEEN)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and within(node.module, ["blog.models"]):
            models |= {alias.asname for alias in node.names if alias.asname and alias.name in NAMES}
        elif isinstance(node, ast.ImportFrom) and within(node.module, ["blog.editorial"]):
            allowed |= {alias.asname or alias.name for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            begins, name = first_word(node.func), node.func.attr
            word = ast.unparse(begins)
            of_model = word.split("(")[0] in models
            related = {part.attr for part in ast.walk(node.func) if isinstance(part, ast.Attribute)} & RELATED
            is_dict = name == "update" and (node.args or not node.keywords)
            if (
                (name in WRITES and of_model)
                or (name in OF_RELATED and related)
                or (name in ("save", "delete", "update") and word not in allowed and not is_dict)
            ) and [*map(ast.unparse, node.keywords)] != ["commit=False"]:
                yield node.lineno, ast.unparse(node.func)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "setattr":
            name_of = node.args[1]
            if not isinstance(name_of, ast.Constant) or name_of.value in COLUMNS:
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            if node.attr in COLUMNS and ast.unparse(node.value) not in ("self", "cls", *NOT_SEEN):
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.search(node.value):
            yield node.lineno, STATEMENT.search(node.value)[0]  # type: ignore[index]


class WritesTests(SimpleTestCase):
    """Attributes, managers, related managers, statements, and what Django's admin saves by itself."""

    def test_nothing_outside_of_editorial_writes_what_readers_see(self) -> None:
        found = [
            f"{name}:{line} {what}"
            for name, source in sources()
            if not within(name, MAY_WRITE)
            for line, what in writes(source)
        ]
        self.assertEqual(found, [])

    def test_such_a_line_is_found_however_it_is_written(self) -> None:
        head = "from blog.models import Address, Post, Collection as Series\nfrom blog.editorial import publishing\n"
        for line in (
            "Post.objects.filter(pk=1).update(title='x')",
            "Post.objects.all().update(**values)",
            "Series.objects.get_or_create(name='x')",
            "Address.objects.bulk_create(rows)",
            "Address(path='/x/').save()",
            "Tag.objects.for_names(names)",
            "post.save(update_fields=['updated_at'])",
            "found[0].delete()",
            "posts.update(noindex=True)",
            "post.addresses.create(path='/x/')",
            "post.tags.set(tags)",
            "item.aliases.all().delete()",
            "post.updated_at = now",
            "post.day, post.slug = day, slug",
            "post.live.title += '!'",
            "del page.body",
            "setattr(site, name, value)",
            "setattr(site, 'menu', '')",
            "cursor.execute('UPDATE blog_post SET title = %s', ['x'])",
            'cursor.execute(f"""insert into blog_address (path) values ({path})""")',
        ):
            with self.subTest(line):
                self.assertNotEqual([*writes(head + line)], [])
        for line in (
            "publishing.save(post=post, content=content, by=by, now=now, base=None)",
            "Post.objects.filter(title='x').values('title')",
            "found.update(other)",
            "seen.add(post)",
            "default_storage.delete(name)",
            "Notice.objects.filter(pk=1).update(attempts=0)",
            "formset.save(commit=False)",
            "self.title = title",
            "post.credits = credits",
            "cursor.execute('SELECT title FROM blog_post')",
        ):
            with self.subTest(line):
                self.assertEqual([*writes(head + line)], [])

    def test_forms_of_the_admin_save_and_delete_through_editorial(self) -> None:
        for model, made in admin.site._registry.items():
            if model not in SEEN or model is Post:
                continue
            with self.subTest(model.__name__):
                self.assertTrue(getattr(made, "change_kind", None), "a form with all its rows is one change")
                saves = ["save_model", *(["save_formset"] if made.inlines else [])]
                deletes = [] if model is SiteSettings else ["delete_model", "delete_queryset"]
                for name in (*saves, *deletes):
                    method = getattr(type(made), name)
                    self.assertIsNot(method, getattr(ModelAdmin, name), name)
                    self.assertNotIn(f"super().{name}", inspect.getsource(method), name)
