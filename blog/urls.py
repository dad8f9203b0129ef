"""URLconf of the magazine. Whatever no route knows is looked up in the table of addresses."""

from collections.abc import Iterator

from django.urls import URLPattern, path, re_path, register_converter

from blog.models import TERMS
from blog.models.image import RENDITIONS_URL
from blog.public.share_images import SHARE_URL
from blog.views import (
    date_archive,
    feeds,
    home,
    intake,
    lists,
    markdown_pages,
    paths,
    pictures,
    robots,
    search,
    sitemaps,
    subscribe,
)

# Path converters know forms only; whether such a day or post exists is asked by the views.


class _Digits:
    regex = ""

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int | str) -> str:
        return f"{int(value):0{self.width}d}"

    width = 2


class Year(_Digits):
    regex = "[0-9]{4}"
    width = 4


class Month(_Digits):
    regex = "0[1-9]|1[0-2]"


class Day(_Digits):
    regex = "0[1-9]|[12][0-9]|3[01]"


class Slug:
    """As Django's, with letters of every script: `slugify` in `blog.text.names` makes no others."""

    regex = r"[-\w]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class FeedFormat:
    """The extensions of `blog.public.feeds.FORMATS`."""

    regex = "xml|atom|json"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Year, "year")
register_converter(Month, "month")
register_converter(Day, "day")
register_converter(Slug, "unicode_slug")
register_converter(FeedFormat, "feed_format")

app_name = "blog"

DAY = "<year:year>/<month:month>/<day:day>"


def _terms() -> Iterator[URLPattern]:
    """The list, the pages and the feeds of each kind of term."""
    for model in TERMS:
        kind, options = model.declared, {"model": model}
        yield path(f"{kind.prefix}/", lists.index, options, name=kind.plural)
        yield path(f"{kind.prefix}/<unicode_slug:slug>/", lists.term, options, name=kind.name)
        if kind.feed:
            yield path(kind.feed_path, feeds.term, options, name=kind.feed)


urlpatterns = [
    path("", home.home, name="home"),
    path("page/<int:number>/", home.home, name="home_page"),
    re_path(r"^page(?P<number>[1-9][0-9]{0,4})/?$", home.old_page, name="old_page"),
    *_terms(),
    path("archive/", date_archive.archive, name="archive"),
    path("<year:year>/", date_archive.year, name="year"),
    path("<year:year>/<month:month>/", date_archive.month, name="month"),
    path("<year:year>/<month:month>/<day:day>/", date_archive.day, name="day"),
    path("search/", search.search, name="search"),
    path("opensearch.xml", search.description, name="opensearch"),
    path("feed.<feed_format:feed_format>", feeds.site, name="feed"),
    path(
        "feed/archive/<year:year>-<month:month>.<feed_format:feed_format>", feeds.archive, name="feed_archive"
    ),
    path(
        "feed/archive/<year:year>-<month:month>-<int:number>.<feed_format:feed_format>",
        feeds.archive,
        name="feed_archive_part",
    ),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-pages.xml", sitemaps.pages, name="sitemap_pages"),
    *(
        path(f"sitemap-{name}.xml", sitemaps.terms, {"models": models}, name=f"sitemap_{name}")
        for name, models in sitemaps.SITEMAPS.items()
    ),
    path("sitemap-<year:year>-<month:month>.xml", sitemaps.month, name="sitemap_month"),
    path("sitemap-news.xml", sitemaps.news, name="sitemap_news"),
    re_path(
        rf"^{RENDITIONS_URL[1:]}(?P<stem>[0-9a-f]{{32}})/(?P<name>[0-9x-]{{1,24}}\.(?:avif|webp|jpg))$",
        pictures.rendition,
        name="rendition",
    ),
    path("subscribe/", subscribe.subscribe, name="subscribe"),
    path("subscribe.opml", subscribe.opml, name="opml"),
    path(f"{SHARE_URL[1:]}<uuid:post>/<slug:version>.png", pictures.share_card, name="share_card"),
    path("intake/", intake.intake, name="intake"),
    path("robots.txt", robots.robots, name="robots"),
    path("favicon.ico", robots.favicon, name="favicon"),
    path("site.webmanifest", robots.manifest, name="manifest"),
    path(".well-known/security.txt", robots.security, name="security"),
    path("llms.txt", markdown_pages.llms, name="llms"),
    path("llms-full.txt", markdown_pages.llms_full, name="llms_full"),
    # After every file at the root that has a route of its own
    re_path(
        r"^(?P<name>[A-Za-z0-9-]{8,128}\.txt|google[0-9a-f]+\.html|BingSiteAuth\.xml)$",
        robots.proof,
        name="proof",
    ),
    path(f"{DAY}/<unicode_slug:slug>.md", markdown_pages.markdown, name="markdown"),
    *(
        path(f"{DAY}/<unicode_slug:slug>/{other}.md", markdown_pages.markdown, name="markdown_elsewhere")
        for other in ("", "index", "index.html")
    ),
    path("<year:year>/<month:month>/<day:day>/<unicode_slug:slug>/", paths.show, name="post"),
    path("<path:path>", paths.show, name="path"),
]
