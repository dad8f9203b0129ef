"""Form fields for `Content`: cleaned values are names and hashes, never model instances."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from unicodedata import normalize

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.widgets import Script
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from markdownx.fields import MarkdownxFormField
from markdownx.widgets import AdminMarkdownxWidget

from blog.editorial import addresses
from blog.editorial.actors import Actor
from blog.editorial.content_fields import NAME_LENGTH
from blog.editorial.content_kinds import Credit
from blog.editorial.taxonomy import known_as
from blog.models import Author, Byline, Image, Term
from blog.text.markdown import CHARACTERS_PER_MINUTE
from blog.text.names import format_tags, parse_tags, public_path, unique_names
from blog.text.normalise import one_line

EMPTY_ROWS = 3
"""Empty by-line rows in the form: how many can be added at once without JavaScript."""
RECENT_IMAGES = 60
"""Number of images in the plain select; the dialog finds the others."""

DAY = re.compile(r"(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?")
MOMENT = re.compile(DAY.pattern + r"T?(\d{1,2})[:時](\d{1,2})(?:分|:00|分0{1,2}秒)?")
"""Date and time as people type it. Seconds are accepted only when zero: publication times are full minutes."""


def script(name: str) -> Script:
    return Script(f"admin/{name}.js", defer=True)


class MarkdownWidget(AdminMarkdownxWidget):
    """Markdown widget with our scripts: markdownx's own scripts trap the Tab key and break undo and IMEs."""

    class Media:
        extend = False
        js = [
            script(name)
            for name in ("editor", "pictures", "preview", "form-values", "sign-in", "keeping", "saving")
        ]


class BodyField(MarkdownxFormField):
    widget = MarkdownWidget

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)  # type: ignore[no-untyped-call]  # markdownx annotates nothing

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Add the attributes from which editor.js computes the reading time."""
        return super().widget_attrs(widget) | {"data-characters-per-minute": CHARACTERS_PER_MINUTE}


class DayField(forms.DateField):
    """Date field that accepts hyphens, slashes or 年月日, in any width.

    A plain text input: native date inputs order the parts by the browser's language, not by the site's, and take Tab five
    times.
    """

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"autocomplete": "off"})
    default_error_messages = {"invalid": "日付を 2026-12-01 のように入れてください。"}

    def to_python(self, value: Any) -> Any:
        return super().to_python(_as_iso(self, value, DAY, "{}-{:0>2}-{:0>2}"))


class MomentField(forms.DateTimeField):
    """Date and time field in the site's time zone. A date alone is refused, lest a post is published at midnight by mistake."""

    widget = forms.DateTimeInput(format="%Y-%m-%d %H:%M", attrs={"autocomplete": "off"})
    default_error_messages = {"invalid": "日時を 2026-12-01 18:00 のように、時刻まで入れてください。"}

    def to_python(self, value: Any) -> Any:
        return super().to_python(_as_iso(self, value, MOMENT, "{}-{:0>2}-{:0>2}T{:0>2}:{:0>2}"))


def _as_iso(field: forms.Field, value: Any, pattern: re.Pattern[str], iso: str) -> Any:
    typed = normalize("NFKC", value).replace(" ", "") if isinstance(value, str) else ""
    if not typed:
        return value
    if not (found := pattern.fullmatch(typed)):
        raise ValidationError(field.error_messages["invalid"], code="invalid")
    return iso.format(*found.groups())


class TermField(forms.ChoiceField):
    """Choice of one term by name; accepts the old name of a term renamed while the form was open."""

    def __init__(self, *, model: type[Term], **options: Any) -> None:
        super().__init__(**options)
        self.model = model
        self.empty_label = "（選んでください）" if model.declared.is_on_every_post else "（なし）"

    def offer(self, current: str) -> None:
        """Load the choices, including `current` even if that term was deleted."""
        names = list(self.model.objects.values_list("name", flat=True))
        if current and current not in names:
            names += [] if known_as(self.model, current) else [current]
        self.choices = [("", self.empty_label), *((name, name) for name in names)]

    def prepare_value(self, value: Any) -> Any:
        return self.to_python(value)

    def to_python(self, value: Any) -> str:
        name: str = super().to_python(value)
        if name and not self.valid_value(name) and (known := known_as(self.model, name)):
            return str(known.name)
        return name


class TagsWidget(forms.TextInput):
    def format_value(self, value: Any) -> str:
        return value if isinstance(value, str) else format_tags(value or ())

    class Media:
        js = [script("tags")]


class TermsField(forms.CharField):
    """Tags (or other many-valued terms) as one line of text; the cleaned value is a tuple of names."""

    widget = TagsWidget

    def __init__(self, *, model: type[Term], **options: Any) -> None:
        super().__init__(**options)
        self.model = model

    def prepare_value(self, value: Any) -> Any:
        """Replace former names in a stored value by current ones; typed input stays as it is."""
        if isinstance(value, str):
            return value
        known = self.model.objects.named(value or ())
        return unique_names(known[name].name if name in known else name for name in value or ())

    def clean(self, value: Any) -> Any:
        names = tuple(parse_tags(super().clean(value)))
        if too_long := [name for name in names if len(name) > NAME_LENGTH]:
            raise ValidationError(
                f"{self.model._meta.verbose_name}は{NAME_LENGTH}文字までです: {too_long[0][:20]}…（「、」か「,」で区切ります）"
            )
        return names


class RelatedWidget(forms.Textarea):
    def format_value(self, value: Any) -> str:
        return value if isinstance(value, str) else "\n".join(value or ())


class RelatedField(forms.CharField):
    """Related posts, one public path or URL per line; the cleaned value is a tuple of unique paths."""

    widget = RelatedWidget(attrs={"rows": 3, "spellcheck": "false"})

    def offer(self, current: Iterable[str], *, by: Actor) -> None:
        """Accept the paths in `current` without check: they may have been imported before their post.

        Other paths must be known to `by`: the field must not reveal whether a guessed path is somebody's unpublished post.
        """
        self.kept, self.by = set(current), by

    def clean(self, value: Any) -> Any:
        lines = {
            number: line.strip()
            for number, line in enumerate(super().clean(value).splitlines(), start=1)
            if line.strip()
        }
        paths = {number: self._path(number, line) for number, line in lines.items()}
        asked = set(paths.values()) - self.kept
        known = addresses.known_to(self.by, now=timezone.now()).filter(path__in=asked, post__isnull=False)
        unknown = asked.difference(known.values_list("path", flat=True))
        for number, path in paths.items():
            if path in unknown:
                raise ValidationError(f"{number}行目「{lines[number]}」の記事がありません。")
        return tuple(dict.fromkeys(paths.values()))

    def _path(self, number: int, line: str) -> str:
        path = line.removeprefix(settings.SITE_URL).split("?")[0].split("#")[0]
        if not path.startswith("/"):
            raise ValidationError(
                f"{number}行目「{line}」は、このサイトの記事のURLではありません。"
                f"/ か {settings.SITE_URL}/ で始まるものを書いてください。"
            )
        try:
            return public_path(path)
        except ValueError as error:
            raise ValidationError(f"{number}行目「{line}」: {error}") from error


class PictureWidget(forms.Select):
    """Select of recent images, which the script replaces with a preview and a dialog."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, value, (attrs or {}) | {"data-pictures": ""})

    def create_option(self, name: str, value: Any, *args: Any, **options: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **options)
        if image := self.images.get(value):
            option["attrs"]["data-src"] = image.url
        return option

    images: dict[str, Image] = {}


def recent_images(*wanted: str) -> dict[str, Image]:
    """Newest images of the library by hash, and the `wanted` ones whatever their age."""
    images = {image.hash: image for image in Image.objects.all()[:RECENT_IMAGES]}
    older = {hash for hash in wanted if hash and hash not in images}
    return images | Image.objects.by_hash(older) if older else images


class PictureField(forms.ChoiceField):
    """Choice of a library image, by hash."""

    widget = PictureWidget

    def offer(self, images: dict[str, Image]) -> None:
        self.choices = [("", "（なし）"), *((hash, str(image)) for hash, image in images.items())]
        self.widget.images = images

    def valid_value(self, value: str) -> bool:
        return super().valid_value(value) or Image.objects.filter(hash=value).exists()


class BylinesWidget(forms.Widget):
    """By-line rows with author and role, in the order of the by-lines."""

    authors: list[str] = []

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        credits = list(value or ())
        gone = [credit.author for credit in credits if credit.author not in self.authors]
        context = {
            "name": name,
            "id": (attrs or {}).get("id", name),
            "described_by": (attrs or {}).get("aria-describedby", ""),
            "rows": [*credits, *[Credit("")] * (EMPTY_ROWS if credits else EMPTY_ROWS + 1)],
            "filled": len(credits),
            "authors": [*self.authors, *gone],
            "roles": Byline.Role.choices,
        }
        return render_to_string("admin/blog/post/_bylines.html", context)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> tuple[Credit, ...]:
        pairs = zip(data.getlist(f"{name}-author"), data.getlist(f"{name}-role"), strict=False)
        return tuple(Credit(name, role) for author, role in pairs if (name := one_line(author)))

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-0"

    class Media:
        js = [script("bylines")]


class BylinesField(forms.Field):
    """By-lines; the cleaned value is a tuple of unique `Credit`s."""

    widget = BylinesWidget

    def offer(self) -> None:
        self.widget.authors = list(Author.objects.values_list("name", flat=True))

    def prepare_value(self, value: Any) -> Any:
        """Replace the names of renamed or merged authors by their current names."""
        credits = list(value or ())
        unknown = [credit.author for credit in credits if credit.author not in self.widget.authors]
        known = Author.objects.named(unknown)
        return [
            Credit(known[credit.author].name, credit.role) if credit.author in known else credit
            for credit in credits
        ]

    def clean(self, value: Iterable[Credit]) -> tuple[Credit, ...]:
        credits = tuple(dict.fromkeys(self.prepare_value(value)))
        if any(credit.role not in Byline.Role.values for credit in credits):
            raise ValidationError("役割を選び直してください。")
        return credits
