"""Field declarations of a post's content, each field once.

The form, the JSON of revisions and drafts, comparison, merge, the live columns, exports and imports follow these
declarations. No models here: the worker processes that read import files load this module too, and have no database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import date
from enum import Enum
from typing import Annotated, Any, Self, get_type_hints

from blog.editorial import content_kinds
from blog.editorial.content_kinds import Credit, Kind
from blog.text.names import MAX_SLUG

MAX_BODY = 200_000
"""Maximum body length in characters. The longest article of the old site has 40,000."""
TITLE_WIDTH = 32
"""Full-width characters of a title that search engines show."""
NAME_LENGTH = 60
"""Maximum length of a term's name in characters, as in its column: section, collection, tag, author."""


class Group(Enum):
    """Sections of the form, by heading; the first has none."""

    WRITING = ""
    FILING = "分類と署名"
    READERS = "読者と検索エンジン"
    ADDRESS = "URL"


@dataclass(frozen=True)
class ContentField:
    """Declaration of a field of `Content`: label, kind, limits, front-matter key.

    `name`: attribute of `Content`, form field and JSON key alike. `group`: section of the form, in the order of the
    declarations; None: not in the form. `limit`: maximum characters in the column (for names: of each); `form_limit`:
    maximum in the form, where it differs. `rows`: height of the text box. `has_column`: stored unchanged in the `Post`
    column of this name; the other fields are handled in `blog.editorial.content`. `key`: front-matter key; None: the name;
    "": exporter and importer handle the field themselves. `aliases`: further keys that an import accepts.
    """

    label: str
    kind: Kind
    group: Group | None
    _: KW_ONLY
    help: str = ""
    limit: int | None = None
    form_limit: int | None = None
    rows: int = 1
    has_column: bool = True
    key: str | None = None
    aliases: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFields:
    """Editable fields of a post. Terms by name, not by id, so that a snapshot is readable and survives a merge of terms.

    Text is normalised here, once, when it enters; old snapshots that were not are normalised when they are read.
    A revision that is older than a field has the field's default.
    """

    title: Annotated[
        str,
        ContentField(
            "タイトル",
            Kind.LINE,
            Group.WRITING,
            limit=200,
            help=f"全角{TITLE_WIDTH}文字までなら、検索結果で切れません。",
        ),
    ] = ""
    slug: Annotated[
        str,
        ContentField(
            "スラッグ",
            Kind.LINE,
            Group.ADDRESS,
            limit=MAX_SLUG,
            help="URLの末尾。空欄なら公開のときにタイトルから作ります。",
            key="",
        ),
    ] = ""
    day: Annotated[
        date | None,
        ContentField(
            "URLの日付",
            Kind.DAY,
            Group.ADDRESS,
            help="2026-12-01 の形。空欄なら公開する日（日本時間）。",
            key="",
        ),
    ] = None
    """Date in the public path; None: the day of publication."""
    category: Annotated[
        str,
        ContentField(
            "カテゴリ",
            Kind.TERM_IN_LIST,
            Group.FILING,
            limit=NAME_LENGTH,
            key="categories",
            aliases=("category",),
        ),
    ] = ""
    collection: Annotated[
        str,
        ContentField(
            "連載・特集",
            Kind.TERM,
            Group.FILING,
            limit=NAME_LENGTH,
            help="連載なら第N回と前回・次回が、特集ならその一覧が記事に出ます。",
            key="series",
        ),
    ] = ""
    tags: Annotated[
        tuple[str, ...],
        ContentField(
            "タグ",
            Kind.TERMS,
            Group.FILING,
            limit=NAME_LENGTH,
            help="「、」か「,」で区切ります。AI・ＡＩ・ai は同じタグです。",
            has_column=False,
        ),
    ] = ()
    bylines: Annotated[
        tuple[Credit, ...],
        ContentField(
            "署名",
            Kind.CREDITS,
            Group.FILING,
            limit=NAME_LENGTH,
            has_column=False,
            key="authors",
            aliases=("author",),
        ),
    ] = ()
    hero: Annotated[str, ContentField("主画像", Kind.IMAGE, Group.FILING)] = ""
    related: Annotated[
        tuple[str, ...],
        ContentField(
            "関連記事",
            Kind.PATHS,
            Group.FILING,
            help="このサイトの記事のURLを、見せたい順に1行に1つ。",
            aliases=("related_articles",),
        ),
    ] = ()
    excerpt: Annotated[
        str,
        ContentField(
            "リード",
            Kind.LINE,
            Group.READERS,
            form_limit=1000,
            help="一覧と記事の冒頭に出ます。",
            rows=3,
            has_column=False,
        ),
    ] = ""
    description: Annotated[
        str,
        ContentField(
            "検索結果向けの説明",
            Kind.LINE,
            Group.READERS,
            form_limit=1000,
            help="空欄ならリードか本文の冒頭を使います。",
            rows=2,
            has_column=False,
        ),
    ] = ""
    share_image: Annotated[
        str,
        ContentField(
            "共有画像",
            Kind.IMAGE,
            Group.READERS,
            help="SNSなどで共有されたときの画像。空欄なら、タイトル・カテゴリ・署名から自動で作ります。",
            key="image",
        ),
    ] = ""
    disclosure: Annotated[
        str,
        ContentField(
            "読者への開示",
            Kind.TEXT,
            Group.READERS,
            form_limit=2000,
            help="広告・提供・利害関係など。記事の先頭に出ます。",
            rows=2,
        ),
    ] = ""
    canonical_url: Annotated[
        str,
        ContentField(
            "正規URL", Kind.URL, Group.ADDRESS, limit=500, help="初出がよその媒体のときだけ、そのURL。"
        ),
    ] = ""
    featured: Annotated[
        bool,
        ContentField(
            "注目",
            Kind.FLAG,
            Group.READERS,
            help="付けて公開してから30日のあいだ、トップページの先頭に大きく出ます。あとから別の記事に付けると、そちらに替わります。",
            has_column=False,
        ),
    ] = False
    noindex: Annotated[bool, ContentField("検索エンジンに載せない", Kind.FLAG, Group.READERS, key="")] = False
    dialect: Annotated[str, ContentField("取り込み元の書き方", Kind.DIALECT, None, limit=10, key="")] = ""
    """Says what of the body, and of the summaries, readers are not shown (`blog.text.dialects`); "" for texts typed here."""
    extra: Annotated[
        dict[str, Any], ContentField("そのほかの項目", Kind.OTHER_KEYS, None, has_column=False, key="")
    ] = field(default_factory=dict)
    """Unknown front-matter keys of an imported file, kept for the export."""
    body: Annotated[
        str,
        ContentField(
            "本文",
            Kind.MARKDOWN,
            Group.WRITING,
            form_limit=MAX_BODY,
            help="Markdownで書きます。Tabキーで次の欄へ進みます。",
            key="",
        ),
    ] = ""

    def __post_init__(self) -> None:
        for name, declared in FIELDS.items():
            value = content_kinds.normalised(declared.kind, getattr(self, name))
            object.__setattr__(self, name, value)  # as a frozen dataclass does itself

    @classmethod
    def from_form(cls, cleaned: Mapping[str, Any], *, base: Self) -> Self:
        """Create from the cleaned data of the admin form. Fields that are not in the form come from `base`."""
        values = {name: cleaned[name] for name in FIELDS if name in cleaned}
        return replace(base, **values)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Create from the output of `to_json`, also of an older version: unknown keys are ignored, missing ones default."""
        values = {
            name: content_kinds.from_json(declared.kind, data[name], order=data.get("extra_order"))
            for name, declared in FIELDS.items()
            if name in data
        }
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Serialise to plain JSON types; the format of `Revision.content`."""
        values = {
            name: content_kinds.as_json(declared.kind, getattr(self, name))
            for name, declared in FIELDS.items()
        }
        # PostgreSQL sorts the keys of what it stores as JSON.
        return values | {"extra_order": list(self.extra)}

    def diff(self, other: Self) -> dict[str, tuple[Any, Any]]:
        """Differences to `other`: field name → (own value, other value), for the fields that differ."""
        pairs = ((name, getattr(self, name), getattr(other, name)) for name in FIELDS)
        return {name: (here, there) for name, here, there in pairs if here != there}


def _declared() -> Iterator[ContentField]:
    for name, hint in get_type_hints(ContentFields, include_extras=True).items():
        found: ContentField = hint.__metadata__[0]
        yield replace(found, name=name, key=name if found.key is None else found.key)


FIELDS = {declared.name: declared for declared in _declared()}
"""Declared fields by name, in the order in which differences are shown."""
LABELS = {name: declared.label for name, declared in FIELDS.items()}
IMAGES = [name for name, declared in FIELDS.items() if declared.kind is Kind.IMAGE]
LONG_COLUMNS = (
    "excerpt",
    "description",
    *(name for name, declared in FIELDS.items() if declared.kind is Kind.TEXT),
)
"""Long text columns of `Post` other than the body; admin lists defer them."""
