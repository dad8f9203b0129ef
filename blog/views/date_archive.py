"""Date archive by year, month and day, in Japan's time zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone

from blog.models import Post
from blog.public import seo
from blog.querysets import PostQuerySet
from blog.text.frontmatter import YEARS
from blog.views.lists import listing
from blog.views.reader import ReaderRequest, page, reader_page

LABEL = "アーカイブ"


@reader_page
def archive(request: ReaderRequest) -> HttpResponse:
    """Index of months with posts, newest first, grouped by year."""
    years: dict[int, list[tuple[date, int]]] = {}
    for month_of_year, count in months(Post.objects.listed(request.now)):
        years.setdefault(month_of_year.year, []).append((month_of_year, count))
    meta = seo.for_list(
        request.site,
        title=LABEL,
        path=request.path,
        description=f"{request.site.name}の月別の記事一覧です。",
    )
    context = {"meta": meta, "title": LABEL, "years": list(years.items()), "crumbs": [(LABEL, "")]}
    return page(request, "blog/archive.html", context)


@reader_page
def year(request: ReaderRequest, year: int) -> HttpResponse:
    start = day_of(year)
    posts, published = between(request, start, day_of(year + 1))
    return listing(
        request,
        f"{year}年",
        posts,
        crumbs=crumbs_to(start, depth=1),
        only_with=published,
        months=months(posts),
    )


@reader_page
def month(request: ReaderRequest, year: int, month: int) -> HttpResponse:
    start = day_of(year, month)
    posts, published = between(request, start, day_of(year + month // 12, month % 12 + 1))
    return listing(
        request, f"{year}年{month}月", posts, crumbs=crumbs_to(start, depth=2), only_with=published
    )


@reader_page
def day(request: ReaderRequest, year: int, month: int, day: int) -> HttpResponse:
    start = day_of(year, month, day)
    posts, published = between(request, start, start + timedelta(days=1))
    return listing(
        request, f"{year}年{month}月{day}日", posts, crumbs=crumbs_to(start, depth=3), only_with=published
    )


def day_of(year: int, month: int = 1, day: int = 1) -> date:
    """Return the date; 404 for one that does not exist, such as 30 February."""
    if year not in YEARS:
        raise Http404
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Http404 from error


def between(request: ReaderRequest, start: date, end: date) -> tuple[PostQuerySet, PostQuerySet]:
    """Posts from `start` to the day before `end`: those that are listed, and all that are published."""
    listed, published = Post.objects.listed(request.now), Post.objects.published(request.now)
    return listed.dated(midnight(start), midnight(end)), published.dated(midnight(start), midnight(end))


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def months(posts: PostQuerySet) -> list[tuple[date, int]]:
    """Months with posts, newest first: (first moment of the month, number of posts), in one query."""
    counted = posts.annotate(month=TruncMonth("published_at")).values("month").annotate(count=Count("pk"))
    return list(counted.order_by("-month").values_list("month", "count"))


def crumbs_to(day: date, *, depth: int) -> list[tuple[str, str]]:
    """Breadcrumbs from the archive to the parent of a page of the year (depth 1), month (2) or day (3)."""
    crumbs = [
        (LABEL, reverse("blog:archive")),
        (f"{day.year}年", reverse("blog:year", args=[day.year])),
        (f"{day.month}月", reverse("blog:month", args=[day.year, day.month])),
    ]
    return crumbs[:depth]
