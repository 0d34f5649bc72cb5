"""A form that came without its token."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

SENTENCE = (
    "没有办理：这一页打开得太久，或浏览器没有保存 Cookie。"
    "请按浏览器的“后退”回到刚才的页面（填写的内容还在），刷新后再提交。"
)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    return render(request, "staff/refused.html", {"message": SENTENCE}, status=403)
