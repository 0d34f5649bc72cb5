"""Pages that change with the software alone: guides, site map, contact, accessibility; robots.txt and the icon."""

from __future__ import annotations

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.context import origin
from portal.guide_texts import FIRST_PUBLISHED
from portal.guides import GUIDES, ROLES, role_named
from portal.prose import prose_html
from portal.selectors import article_newest, column_list
from portal.selectors.articles import article_files, guide_versions
from portal.selectors.rules import rules_public
from portal.views.common import this_moment
from tenders.selectors import categories

ARTICLES = 20


@require_safe
def guides(request: HttpRequest) -> HttpResponse:
    """Guides by role, and the articles of 办事指南."""
    context = {"roles": ROLES, "articles": article_newest(GUIDES, ARTICLES, now=this_moment())}
    return render(request, "portal/guides.html", context)


@require_safe
def guide(request: HttpRequest, role: str) -> HttpResponse:
    """The guide of one role in its newest version."""
    found = role_named(role)
    if found is None:
        raise Http404(f"没有 {role} 的办事指南")
    versions = guide_versions(role, now=this_moment())
    newest = versions[-1] if versions else None
    context = {
        "role": found,
        "roles": ROLES,
        "text": prose_html(newest.text if newest else found.text, level=2),
        "source": newest.source if newest else settings.CONFIG.SITE_NAME,
        "published_at": newest.published_at if newest else FIRST_PUBLISHED,
        "files": article_files(newest) if newest else [],
        "newest": newest,
        "versions": versions,
        "first": FIRST_PUBLISHED,
    }
    return render(request, "portal/guide.html", context)


@require_safe
def guide_first(request: HttpRequest, role: str) -> HttpResponse:
    """The first version of a guide, which came with the software; it says so when there is a later one."""
    found = role_named(role)
    if found is None:
        raise Http404(f"没有 {role} 的办事指南")
    versions = guide_versions(role, now=this_moment())
    context = {
        "role": found, "text": prose_html(found.text, level=2), "source": settings.CONFIG.SITE_NAME,
        "published_at": FIRST_PUBLISHED, "old": bool(versions), "versions": versions, "first": FIRST_PUBLISHED,
        "files": [],
    }  # fmt: skip
    return render(request, "portal/guide.html", context)


@require_safe
def site_map(request: HttpRequest) -> HttpResponse:
    """网站地图: every page that a menu leads to."""
    now = this_moment()
    context = {
        "categories": categories(), "columns": column_list(now=now), "roles": ROLES, "rules": rules_public(now=now)
    }  # fmt: skip
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
