"""The home page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.guides import GUIDES, ROLES
from portal.selectors import article_newest, column_list
from portal.views.common import this_minute, this_moment
from tenders.selectors import announcement_newest, categories

MAIN_CATEGORIES = 4
ROWS = 6
ARTICLES = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Four categories with their newest rows, today's openings, the columns, links by role."""
    names, now = categories(), this_moment()
    context = {
        "now": this_minute(),
        "panels": [(name, announcement_newest(name, ROWS)) for name in names[:MAIN_CATEGORIES]],
        "more_categories": names[MAIN_CATEGORIES:],
        # Guides stand with the links by role.
        "columns": [(c, article_newest(c.slug, ARTICLES, now=now)) for c in column_list(now=now) if c.slug != GUIDES],
        "roles": ROLES,
    }
    return render(request, "portal/home.html", context)
