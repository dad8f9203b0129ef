"""Upload page for Markdown files (「Markdownを取り込む」), with the result for each file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from blog.editorial import permissions
from blog.editorial.actors import Actor, signed_in
from blog.models import Manuscript
from blog.transfer.importing import dialects, reader
from blog.transfer.importing.reader import Unreadable
from blog.transfer.importing.sources import Pictures, Source, unzip
from blog.transfer.intake import inbox

MAX_FILES = 50
"""Maximum number of articles per upload, bounded by the time of a request."""
MAX_BYTES = 20 * 1024 * 1024
TOO_MANY = (
    f"一度に取り込めるのは{MAX_FILES}件、合わせて{MAX_BYTES // 1024**2} MBまでです。何回かに分けるか、"
    "サーバーの管理者に import_posts --draft での取り込みを頼んでください。"
)
OUTCOMES = {
    "created": "新しい下書きを作りました",
    "updated": "下書きを新しい版にしました",
    "unchanged": "前に届いたものと同じです（何も変えていません）",
    "proposed": "記事はそのままに、新しい版を校閲待ちに置きました",
    "failed": "取り込めませんでした",
}


@require_http_methods(["GET", "HEAD", "POST"])
def import_files(request: HttpRequest) -> HttpResponse:
    """View: the upload form, and the result for each file. Idempotent: the same files again change nothing."""
    by = signed_in(request.user)
    permissions.require(permissions.may_edit(by, None), "記事を取り込む")
    context: dict[str, Any] = {}
    if request.method == "POST":
        files = [file for file in request.FILES.getlist("files") if file.name]
        arrivals, error = _received(files, by)
        context = {
            "error": error,
            "arrivals": [(arrival, OUTCOMES[arrival.outcome]) for arrival in arrivals],
            "taken": sum(arrival.outcome != "failed" for arrival in arrivals),
        }
    context |= admin.site.each_context(request) | {
        "title": "Markdownを取り込む",
        "opts": Manuscript._meta,
        "may_see_manuscripts": permissions.may_see_manuscripts(by),
        "max_files": MAX_FILES,
        "max_bytes": MAX_BYTES,
        "too_many": TOO_MANY,
    }
    return TemplateResponse(request, "admin/blog/manuscript/take_in.html", context)


def _received(files: list[UploadedFile[bytes]], by: Actor) -> tuple[list[inbox.Arrival], str]:
    """Import the files; returns the result for each, or an error message when none was opened."""
    if not files:
        return [], "ファイルを選んでください。"
    if sum(file.size or 0 for file in files) > MAX_BYTES:
        return [], TOO_MANY
    documents, pictures, refused = _opened(files)
    if len(documents) > MAX_FILES:
        return [], TOO_MANY
    arrivals = inbox.receive(
        documents,
        way=Manuscript.Way.ADMIN,
        by=by,
        pictures=pictures if permissions.may_add_images(by) else None,
        dialect=dialects.AUTO,
        now=timezone.now(),
    )
    return [*refused, *arrivals], ""


def _opened(files: Iterable[UploadedFile[bytes]]) -> tuple[list[Source], Pictures, list[inbox.Arrival]]:
    """Open the uploads: documents, images, and refusals for files that are neither Markdown nor a zip."""
    documents: list[Source] = []
    pictures = Pictures()
    refused: list[inbox.Arrival] = []
    for file in files:
        sent = file.name or ""
        if name := inbox.file_name(sent):
            if (file.size or 0) > reader.MAX_BYTES:  # a temporary file on disk: do not read it
                refused.append(inbox.refused(sent, str(reader.too_large(reader.MAX_BYTES))))
            else:
                documents.append(inbox.document(name, file.read()))
        elif sent.lower().endswith(".zip"):
            try:
                inside, images = unzip(file)
            except Unreadable as error:
                refused.append(inbox.refused(sent, str(error)))
                continue
            documents += inside
            pictures.update(images)
            if not inside:
                refused.append(inbox.refused(sent, "zipの中にMarkdownのファイルがありません。"))
        else:
            refused.append(inbox.refused(sent, "Markdown（.md）かzipではありません。"))
    return documents, pictures, refused
