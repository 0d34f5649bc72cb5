"""绩效自评报告: those that are public; a code of a cover typed or scanned, a file compared with the one stored."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import client_address
from performance.codes import code_read
from performance.selectors.editions import disclosed_file, disclosed_rows
from performance.selectors.reports import FileFacts, file_facts
from performance.services.report_files import file_name
from portal.limits import within_limit
from portal.views.common import download

LARGEST = 5 * 1024 * 1024
# What the form itself adds to the file.
FORM_BYTES = 16 * 1024
MOST, SECONDS = 30, 60
BAD_CODE = "验证码应是封面上的 16 个字母和数字，例如 4KQM-3XPA-9DWE-H7RT，其中没有 0、1、2、5、8 和 B、I、L、O、S、Z。"
UNKNOWN = "没有这个验证码。请对照封面重新输入；仍然没有的，这份文件不是本中心生成的，请不要采信。"
TOO_LARGE = "没有核对：文件超过 5 MB，不会是本中心生成的自评报告。"
TOO_OFTEN = "核对得太频繁，请过一分钟再试。"
NO_FILE = "没有核对：请先选择一个文件。"


@dataclass
class _Disclosed:
    """A content under its name, as :func:`portal.views.common.download` wants it."""

    name: str
    sha256: str


class DigestHandler(FileUploadHandler):
    """Computes the digest of the uploaded file as it comes in; nothing is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.found = hashlib.sha256()
        self.size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Add a piece to the digest."""
        self.size += len(raw_data)
        if self.size > LARGEST:
            raise StopUpload(connection_reset=False)
        self.found.update(raw_data)

    def file_complete(self, file_size: int) -> None:
        """There is no file to hand on."""


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    response = render(request, "portal/report_check.html", more, status=status)
    if request.method == "POST" or status != 200:
        response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
def report_check(request: HttpRequest) -> HttpResponse:
    """The reports that are public, and a form for the code; ``code`` in the query leads to the page of the code."""
    typed = request.GET.get("code", "").strip()[:100]
    if not typed:
        return _page(request, index=True, rows=disclosed_rows())
    code = code_read(typed)
    if not code:
        return _page(request, status=400, typed=typed, error=BAD_CODE)
    return HttpResponseRedirect(reverse("portal:report", args=[code]))


@require_http_methods(["GET", "HEAD", "POST"])
def report_confirm(request: HttpRequest, code: str) -> HttpResponse:
    """What is stored under a code; POST compares a file with it."""
    read = code_read(code)
    facts = file_facts(read)
    if facts is None:
        return _page(request, status=404, typed=code[:100], error=UNKNOWN if read else BAD_CODE)
    if read != code and request.method != "POST":
        return HttpResponseRedirect(reverse("portal:report", args=[read]))
    return _compare(request, facts) if request.method == "POST" else _page(request, facts=facts)


@require_safe
def report_download(request: HttpRequest, code: str) -> FileResponse:
    """The public edition that is disclosed under a code; 404 of every other file."""
    found = disclosed_file(code_read(code))
    if found is None:
        raise Http404("没有公开这份报告")
    return download(_Disclosed(file_name(found.report, "pdf"), found.report_file.file.sha256))


def _compare(request: HttpRequest, facts: FileFacts) -> HttpResponse:
    if not within_limit("reports", client_address(request), most=MOST, seconds=SECONDS):
        return _page(request, status=429, facts=facts, problem=TOO_OFTEN)
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > LARGEST + FORM_BYTES:
        return _page(request, status=413, facts=facts, problem=TOO_LARGE)
    handler = DigestHandler()
    request.upload_handlers = [handler]
    _ = request.POST  # reads the body
    if handler.size > LARGEST:
        return _page(request, status=413, facts=facts, problem=TOO_LARGE)
    if not handler.size:
        return _page(request, status=400, facts=facts, problem=NO_FILE)
    digest = handler.found.hexdigest()
    return _page(request, facts=facts, digest=digest, same=digest == facts.sha256)
