"""制度公开: the center's rules that the public may read."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core.diff import text_diff
from portal.prose import prose_html
from portal.selectors.rules import RuleRow, row_that_counts, rule_titles, rule_versions, rules_public
from portal.views.common import download, this_minute


@require_safe
def rule_list(request: HttpRequest) -> HttpResponse:
    """All of them: in force first, those repealed last and marked."""
    rows = rules_public(now=this_minute())
    return render(request, "portal/rule_list.html", {"rows": rows, "source": settings.CONFIG.SITE_NAME})


def _versions(pk: int) -> list[RuleRow]:
    rows = rule_versions(pk, now=this_minute(), public=True)
    if not rows:
        raise Http404(f"没有公开的制度 {pk}")
    return rows


def _numbered(rows: list[RuleRow], number: int) -> RuleRow:
    found = next((row for row in rows if row.version.number == number), None)
    if found is None:
        raise Http404(f"这项制度没有公开的第 {number} 版")
    return found


def timeline(rows: list[RuleRow], here: RuleRow | None, name: str) -> list[dict[str, object]]:
    """The versions of a rule as ``portal/rule_versions.html`` shows them, oldest first."""
    return [
        {
            "row": row,
            "url": reverse(name, args=[row.version.rule_id, row.version.number]),
            "here": here is not None and row.version.pk == here.version.pk,
        }
        for row in rows
    ]


def _page(request: HttpRequest, rows: list[RuleRow], row: RuleRow) -> HttpResponse:
    version = row.version
    replaced = [version.replaced_by_id] if version.replaced_by_id else []
    before = [one for one in rows if (one.version.number or 0) < (version.number or 0)]
    context = {
        "row": row,
        "version": version,
        "text": prose_html(version.text),
        "files": version.files.all(),
        "items": timeline(rows, row, "portal:rule_version"),
        "counts": row_that_counts(rows),
        "before": before[-1] if before else None,
        "replacement": next(iter(rule_titles(replaced, public=True).items()), None),
        "source": settings.CONFIG.SITE_NAME,
    }
    return render(request, "portal/rule_detail.html", context)


@require_safe
def rule_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One rule in the version that counts today."""
    rows = _versions(pk)
    return _page(request, rows, row_that_counts(rows))


@require_safe
def rule_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One version of a rule."""
    rows = _versions(pk)
    return _page(request, rows, _numbered(rows, number))


@require_safe
def rule_compare(request: HttpRequest, pk: int, first: int, second: int) -> HttpResponse:
    """What the second version changed against the first."""
    rows = _versions(pk)
    before, after = _numbered(rows, first).version, _numbered(rows, second).version
    context = {
        "before": before,
        "after": after,
        "title": text_diff(before.title, after.title),
        "lines": text_diff(before.text, after.text),
        "url": reverse("portal:rule", args=[pk]),
    }
    return render(request, "portal/rule_compare.html", context)


@require_safe
def rule_attachment(request: HttpRequest, pk: int, number: int, position: int) -> FileResponse:
    """A file of a public version, as a download."""
    file = _numbered(_versions(pk), number).version.files.filter(position=position).first()
    if file is None:
        raise Http404(f"这一版没有第 {position} 个附件")
    return download(file)
