"""Intake API, `POST /intake/`: a program deposits one article, as a draft. Every answer is JSON, none sets a cookie."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import unquote

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from blog.editorial.actors import Machine
from blog.models import ApiToken, Manuscript
from blog.text.findings import Finding
from blog.text.frontmatter import MAX_FILE
from blog.transfer.intake import api_tokens, inbox

DEPOSITS = api_tokens.Limit("deposits", times=60, seconds=60)
"""Rate limit per token: allows a day's output of the pipeline at once, and stops a client in an endless loop."""
BAD_TOKENS = api_tokens.Limit("bad-tokens", times=10, seconds=60)
"""Rate limit of bad tokens per IP address."""
MULTIPART_FRAME = 64 * 1024
"""Maximum bytes that boundaries and headers of a multipart form add to its file."""
TEXTS = ("text/markdown", "text/x-markdown", "text/plain")
UNDECODABLE = "\ufffd"
"""Replacement for bytes that are not UTF-8. Names with it are rejected: two files could differ only there and become
one article."""
STATUS = {"created": 201, "failed": 422}


class Refused(Exception):
    """Request rejected without taking a document; `status` is the HTTP status."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status, self.headers = status, headers


# No cookie grants access here: the token is in a header that no foreign page can make a browser send.
@csrf_exempt
def intake(request: HttpRequest) -> JsonResponse:
    """Accept one document (the body, or the part `file` of a form) as a draft for the desk."""
    now = timezone.now()
    try:
        machine = _machine(request, now)
        name, data = _document(request)
        [arrival] = inbox.receive(
            [inbox.document(name, data)], way=Manuscript.Way.API, by=Machine(machine), now=now
        )
    except Refused as refusal:
        return _answer({"error": str(refusal)}, status=refusal.status, headers=refusal.headers)
    return _answer(_told(arrival), status=STATUS.get(arrival.outcome, 200))


def _answer(data: dict[str, Any], *, status: int, headers: dict[str, str] | None = None) -> JsonResponse:
    headers = {"Cache-Control": "no-store"} | (headers or {})
    return JsonResponse(data, status=status, headers=headers, json_dumps_params={"ensure_ascii": False})


def _machine(request: HttpRequest, now: datetime) -> ApiToken:
    """Authenticate the calling machine, before a byte of the document is read."""
    if request.method != "POST":
        raise Refused(405, "原稿は POST で送ってください。", Allow="POST")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    machine = api_tokens.recognise(token.strip()) if scheme.lower() == "bearer" else None
    # Wrong tokens of another machine behind the same IP address must not block a valid one.
    if machine is None or machine.revoked_at:
        if not BAD_TOKENS.count(get_adapter().get_client_ip(request), now=now):
            raise _too_often(BAD_TOKENS)
        if machine:
            raise Refused(403, "この投稿用トークンは取り消されています。")
        raise Refused(401, "投稿用トークンが正しくありません。", **{"WWW-Authenticate": "Bearer"})
    if not DEPOSITS.count(machine.pk, now=now):
        raise _too_often(DEPOSITS)
    api_tokens.note_use(machine, now=now)
    return machine


def _document(request: HttpRequest) -> tuple[str, bytes]:
    """Name and bytes of the submitted document."""
    is_form = request.content_type == "multipart/form-data"
    if not is_form and request.content_type not in TEXTS:
        raise Refused(415, "text/markdown か、multipart/form-data の file で送ってください。")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_FILE + MULTIPART_FRAME * is_form:
        raise Refused(413, f"原稿が大きすぎます（{MAX_FILE // 1024**2} MBまで）。")
    if is_form:
        sent, data = _part(request)
    else:
        # `?name=`, or percent-encoded in a header.
        sent = request.GET.get("name") or unquote(request.headers.get("X-Filename", ""))
        data = request.read()
    name = inbox.file_name(sent)
    if not name or UNDECODABLE in name:
        how = "filename" if is_form else "?name= か X-Filename"
        raise Refused(400, f"ファイル名を UTF-8 で、{how} で送ってください（.md で終わる名前）。")
    if not data:
        raise Refused(400, "原稿が空です。")
    return name, data


def _part(request: HttpRequest) -> tuple[str, bytes]:
    try:
        files = request.FILES.getlist("file")
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise Refused(400, "multipart/form-data として読めません。") from error
    if len(files) != 1:
        raise Refused(400, "file という名前で、原稿を1つだけ送ってください。")
    return files[0].name or "", files[0].read()


def _too_often(limit: api_tokens.Limit) -> Refused:
    return Refused(
        429, "続けて送りすぎです。少し待ってから送り直してください。", **{"Retry-After": str(limit.seconds)}
    )


def _told(arrival: inbox.Arrival) -> dict[str, Any]:
    edit = reverse("admin:blog_post_change", args=[arrival.post.pk]) if arrival.post else None
    return {
        "file": arrival.name,
        "outcome": arrival.outcome,
        "edit_url": edit and settings.SITE_URL + edit,
        "problems": [_problem(finding) for finding in arrival.problems],
    }


def _problem(finding: Finding) -> dict[str, Any]:
    return {
        "line": finding.line,
        "code": finding.code,
        "field": finding.field,
        "blocking": finding.is_blocking,
        "message": finding.message,
    }
