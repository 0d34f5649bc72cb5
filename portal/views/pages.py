"""Pages that change with the software alone: guides, site map, contact, accessibility; robots.txt and the icon."""

from __future__ import annotations

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.context import origin
from portal.guides import GUIDES, ROLES
from portal.selectors import article_newest, column_list
from tenders.selectors import categories

ARTICLES = 20


@require_safe
def guides(request: HttpRequest) -> HttpResponse:
    """Guides by role, and the articles of 办事指南."""
    context = {"roles": ROLES, "articles": article_newest(GUIDES, ARTICLES)}
    return render(request, "portal/guides.html", context)


@require_safe
def guide(request: HttpRequest, role: str) -> HttpResponse:
    """The guide of one role."""
    found = next((r for r in ROLES if r.slug == role), None)
    if found is None:
        raise Http404(f"没有 {role} 的办事指南")
    return render(request, "portal/guide.html", {"role": found, "roles": ROLES})


@require_safe
def site_map(request: HttpRequest) -> HttpResponse:
    """网站地图: every page that a menu leads to."""
    context = {"categories": categories(), "columns": column_list(), "roles": ROLES}
    return render(request, "portal/site_map.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """The center: address, hours, telephone, what it does and does not."""
    return render(request, "portal/about.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """无障碍说明: 无障碍环境建设法 art 32."""
    return render(request, "portal/accessibility.html")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """A demonstration stays out of search engines; a real center wants to be found."""
    if settings.INSTANCE == "demo":
        text = "User-agent: *\nDisallow: /\n"
    else:
        text = f"User-agent: *\nDisallow: /large/\nDisallow: /api/\n# {origin(request)}/sitemap/\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For programs that ask at the root without reading the page."""
    path = finders.find("favicon.ico")
    if not isinstance(path, str):
        raise Http404("没有图标")
    with open(path, "rb") as file:
        return HttpResponse(file.read(), content_type="image/x-icon", headers={"Cache-Control": "max-age=86400"})
