"""Admin of taxonomy terms (sections, collections, authors, tags): names, aliases, merging."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import unquote

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import CharField, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from blog.admin.deletion import KindDeletion
from blog.admin.generic import BaseInlineFormSet, ModelAdmin, ModelForm, TabularInline
from blog.admin.lines import check_lines
from blog.editorial import permissions, taxonomy
from blog.editorial.actors import actor_of, signed_in
from blog.editorial.changes import Kind, together
from blog.models import Address, Alias, Author, Category, Collection, Tag, Term
from blog.text.names import tag_key

TermRow = TypeVar("TermRow", bound=Term)


class TermForm(ModelForm[Any]):
    """Term form; refuses a name that is another term's name or alias."""

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if self.instance.name != name and (owner := taxonomy.known_as(self._meta.model, name)) not in (
            None,
            self.instance,
        ):
            raise ValidationError(self._taken(name, owner))
        return name

    def clean_slug(self) -> str:
        """Refuse a slug whose path is a redirect that old links use."""
        slug: str = self.cleaned_data["slug"]
        if slug and slug != self.instance.slug:
            path = unquote(self._meta.model(slug=slug).get_absolute_url())
            own = unquote(self.instance.get_absolute_url()) if self.instance.pk else None
            row = Address.objects.filter(path=path, kind=Address.Kind.MOVED).exclude(target=own).first()
            if row:
                raise ValidationError(
                    f"{path} は、いま {row.target} への転送です。ほかのスラッグにするか、先に「URLと転送」から消してください。"
                )
        return slug

    def _taken(self, name: str, owner: Any) -> str:
        kind = self._meta.model._meta.verbose_name
        if owner.name == name:
            return f"{kind}「{owner}」はもうあります。"
        return f"「{name}」は、もうある{kind}「{owner}」と同じものとして扱われています。"


class TagForm(TermForm):
    def clean_name(self) -> str:
        name = super().clean_name()
        if not tag_key(name):
            raise ValidationError("タグの名前を入れてください。")
        if any(sign in name for sign in ",、，"):
            raise ValidationError("読点とカンマはタグの区切りなので、名前には使えません。")
        return name

    def _taken(self, name: str, owner: Any) -> str:
        return (
            f"「{name}」と同じタグ「{owner}」がもうあります（大文字と小文字、全角と半角は区別しません）。"
            "1つにしたいときは、一覧で両方を選んで「選んだタグを1つにまとめる」を使ってください。"
        )


class AuthorForm(TermForm):
    def clean_links(self) -> str:
        links: str = self.cleaned_data["links"]
        check_lines(links, example="公式サイト | https://example.com/")
        return links


class AliasFormSet(BaseInlineFormSet[Alias, Any]):
    """Aliases of a term; refuses names that already belong to another term."""

    def clean(self) -> None:
        super().clean()
        seen: set[str] = set()
        for form in self.forms:
            name = form.cleaned_data.get("name") if hasattr(form, "cleaned_data") else None
            if not name or form.cleaned_data.get("DELETE"):
                continue
            owner = taxonomy.known_as(type(self.instance), name)
            if tag_key(name) in seen:
                form.add_error("name", "同じ別名が2つあります。")
            elif owner is not None and owner != self.instance:
                form.add_error("name", f"「{name}」は「{owner}」の名前か別名です。")
            seen.add(tag_key(name))


class AliasInline(TabularInline[Alias, Any]):
    model = Alias
    formset = AliasFormSet
    fields = ("name",)
    formfield_overrides = {CharField: {"widget": AdminTextInputWidget(attrs={"aria-label": "別名"})}}
    extra, max_num = 1, 100
    verbose_name_plural = "別名（取り込みや古い版に出てくる呼び名）"

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Limit the number of rows: by default a request can ask the formset for a thousand."""
        return super().get_formset(request, obj, absolute_max=self.max_num, **kwargs)


class MergeForm(forms.Form):
    into = forms.ModelChoiceField(
        Tag.objects.none(),
        widget=forms.RadioSelect,
        error_messages={"required": "どれを残すか選んでください。"},
    )
    confirmed = forms.BooleanField(
        label="まとめると元に戻せないことを確かめました",
        error_messages={"required": "確かめたら印を付けてください。"},
    )

    def __init__(self, *args: Any, choices: QuerySet[Any], kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        into: Any = self.fields["into"]
        into.queryset, into.label = choices, f"残す{kind}"


class TermAdmin(KindDeletion[TermRow]):
    """Base admin of all kinds of terms. Renaming keeps the old name as an alias and redirects the old path."""

    inlines = (AliasInline,)
    actions = ("merge",)
    change_kind = Kind.TERM
    search_fields = ("name", "slug", "aliases__name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TermRow]:
        rows: Any = super().get_queryset(request)
        counted: QuerySet[TermRow] = rows.with_counts(timezone.now())
        return counted

    @admin.display(description="公開中の記事", ordering="listed_count")
    def published(self, item: Any) -> int:
        count: int = item.listed_count
        return count

    def is_seen(self, item: Any) -> bool:
        return item is not None and taxonomy.is_seen(item, now=timezone.now())

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[TermRow], change: bool) -> None:
        taxonomy.save_named(obj, by=signed_in(request.user), now=timezone.now())

    def save_formset(
        self, request: HttpRequest, form: ModelForm[TermRow], formset: AliasFormSet, change: bool
    ) -> None:
        saved = formset.save(commit=False)
        taxonomy.save_aliases(
            form.instance,
            saved=saved,
            deleted=formset.deleted_objects,
            by=signed_in(request.user),
            now=timezone.now(),
        )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        taxonomy.delete_named(obj, by=signed_in(request.user), now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[TermRow]) -> None:
        for item in queryset:
            taxonomy.delete_named(item, by=signed_in(request.user), now=timezone.now())

    def why_kept(self, item: Any) -> str:
        if not (number := taxonomy.posts_filed_under(item)):
            return ""
        return (
            f"「{item}」は{number}本の記事で使われています。別の{self.kind}に寄せるときは、"
            f"一覧で両方を選んで「選んだ{self.kind}を1つにまとめる」を使ってください。"
        )

    @property
    def kind(self) -> str:
        return str(self.opts.verbose_name)

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and self.has_delete_permission(request)

    @admin.action(description="選んだ%(verbose_name)sを1つにまとめる", permissions=("merge",))
    def merge(self, request: HttpRequest, queryset: QuerySet[TermRow]) -> HttpResponse | None:
        """Bulk action: choose the term that stays, confirm, and merge the others into it."""
        if not self.has_merge_permission(request):
            raise PermissionDenied
        items = list(queryset.order_by("-listed_count", "name"))
        if len(items) < 2:
            self.message_user(request, f"まとめる{self.kind}を2つ以上選んでください。", messages.WARNING)
            return None
        if refusal := next(filter(None, (self.why_read_only(request, item) for item in items)), ""):
            self.message_user(request, refusal, messages.WARNING)
            return None
        asked = "confirm" in request.POST
        form = MergeForm(
            request.POST if asked else None, initial={"into": items[0].pk}, choices=queryset, kind=self.kind
        )
        if asked and form.is_valid():
            into = form.cleaned_data["into"]
            sources = [item for item in items if item != into]
            names = "、".join(f"「{item}」" for item in sources)
            now = timezone.now()
            with together(kind=Kind.MERGED, actor=signed_in(request.user), now=now):
                gone: QuerySet[Any] = self.model.objects.filter(pk__in=[item.pk for item in sources])
                self.log_deletions(request, gone)
                moved = taxonomy.merge(sources=sources, into=into, by=signed_in(request.user), now=now)
                self.log_change(request, into, f"{names}をまとめました。")
            self.message_user(
                request, f"{names}を「{into}」にまとめました（移した記事 {moved}本）。", messages.SUCCESS
            )
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        context = self.admin_site.each_context(request) | {
            "title": f"{self.kind}を1つにまとめる",
            "opts": self.opts,
            "kind": self.kind,
            "choices": [(item, unquote(item.get_absolute_url())) for item in items],
            "form": form,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/blog/merge.html", context)


@admin.register(Category)
class CategoryAdmin(TermAdmin[Category]):
    """Sections; readers see a new one at once, since a section has a page even without posts."""

    form = TermForm
    list_display = ("name", "slug", "order", "is_news", "published")
    fields = ("name", "slug", "description", "is_news", "order")

    def is_seen(self, item: Category | None) -> bool:
        return True


@admin.register(Collection)
class CollectionAdmin(TermAdmin[Collection]):
    form = TermForm
    list_display = ("name", "kind", "slug", "published")
    list_filter = ("kind",)
    autocomplete_fields = ("picture",)
    fields = ("name", "slug", "kind", "description", "picture")


@admin.register(Author)
class AuthorAdmin(TermAdmin[Author]):
    form = AuthorForm
    list_display = ("name", "kind", "title", "slug", "published")
    list_filter = ("kind",)
    autocomplete_fields = ("picture",)
    raw_id_fields = ("user",)

    def get_fields(self, request: HttpRequest, obj: Author | None = None) -> list[Any]:
        fields = ["name", "slug", "kind", "title", "bio", "picture", "links"]
        # Only users who may change logins may link one to an author.
        return [*fields, "user"] if permissions.may_link_logins(actor_of(request.user)) else fields


class UsedOnce(admin.SimpleListFilter):
    title = "使われ方"
    parameter_name = "used"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Tag]) -> list[tuple[str, str]]:
        return [("once", "一度しか使われていない"), ("never", "公開中の記事にない")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        numbers = {"once": 1, "never": 0}
        value = self.value()
        return queryset.filter(listed_count=numbers[value]) if value in numbers else queryset


@admin.register(Tag)
class TagAdmin(TermAdmin[Tag]):
    """Tags; readers see a new one at once, since its aliases are search synonyms."""

    form = TagForm
    list_display = ("name", "slug", "published")
    list_filter = (UsedOnce,)
    fields = ("name", "slug", "description")

    def is_seen(self, item: Tag | None) -> bool:
        return True
