"""What every public answer has in common: large print by path, headers, refusals as pages, never a cookie."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import get_script_prefix, set_script_prefix

from core.errors import BusinessError, Unavailable

Answer = Callable[[HttpRequest], HttpResponse]

LARGE = "/large"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    # A copy may be kept, but is asked after each time: a new announcement is seen at once.
    "Cache-Control": "no-cache",
}


READ_ONLY = "这个地址只供查看，不接收提交的内容。请从页面上的链接或按钮重新打开。"


def is_log_interface(path: str) -> bool:
    """Whether programs read this address of the log, and not people: it answers in JSON, whatever it says."""
    return path.startswith("/log/") and not path.endswith("/")


class HeadersMiddleware:
    """Security headers on every answer: the outermost, so that redirections and refusals of others have them, too."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class LargePrintMiddleware:
    """Serve ``/large/…`` as the page at ``/…`` in large print (长者模式).

    The prefix becomes part of the script prefix, so that every link of the page keeps it, shared caches
    tell the two apart by address, and no cookie is needed. Sets ``request.large_print`` (bool).
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.large_print = request.path_info.startswith(LARGE + "/")  # type: ignore[attr-defined]
        if request.path_info == LARGE:
            return HttpResponseRedirect(request.get_full_path(force_append_slash=True))
        if not request.large_print:  # type: ignore[attr-defined]
            return self.get_response(request)
        before = get_script_prefix()
        request.path_info = request.path_info[len(LARGE) :]
        request.META["SCRIPT_NAME"] = request.META.get("SCRIPT_NAME", "") + LARGE
        set_script_prefix(before.rstrip("/") + LARGE + "/")
        try:
            return self.get_response(request)
        finally:
            set_script_prefix(before)


class PublicPageMiddleware:
    """A refusal is a page in our words: a BusinessError of a page becomes a 400 with its sentence, so does a 405."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            allowed = response.headers["Allow"]
            if is_log_interface(request.path_info):
                told = {"message": "这个地址只供读取（GET、HEAD）。", "code": "method_not_allowed"}
                response = JsonResponse(told, status=405, json_dumps_params={"ensure_ascii": False})
            else:
                response = render(request, "refused.html", {"message": READ_ONLY}, status=405)
            response.headers["Allow"] = allowed
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, BusinessError):
            return None
        ours = isinstance(exception, Unavailable)
        response = render(
            request, "refused.html", {"message": exception.message, "ours": ours}, status=503 if ours else 400
        )
        if ours:
            response.headers["Cache-Control"] = "no-store"
        return response
