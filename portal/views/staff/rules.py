"""制度库 for the staff: all rules, their versions, drafts, what changed."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from accounts.duties import Duty
from accounts.models import Department
from core.diff import text_diff
from core.errors import BusinessError
from portal.models import RuleVersion
from portal.models.rules import STANDING
from portal.prose import prose_html
from portal.scanning import remarks
from portal.selectors.rules import STATUS_WORDS, rule_titles, rule_versions, status_of, today_of, version_page
from portal.services import rules as services
from portal.staff_forms import RuleForm
from portal.states import RuleState
from portal.views.rules import timeline
from portal.views.staff import common
from portal.views.staff.common import now_of, sheet, who
from workflow.moves import STAFF
from workflow.views.common import number_of

FILTERS = ("status", "office", "q")
STATUSES = (
    ("in_force", "现行有效"), ("coming", "尚未施行"), ("ended", "已失效"),
    *((state.value, state.label) for state in RuleState if state not in STANDING),
)  # fmt: skip
WORDS = {**STATUS_WORDS, **dict(RuleState.choices), "repealed": STATUS_WORDS["repealed"]}


@duty_required(*STAFF)
@require_GET
def version_list(request: HttpRequest) -> HttpResponse:
    """Every version, newest first, by status, office and words."""
    query = {name: request.GET.get(name, "").strip()[:100].replace("\x00", "") for name in FILTERS}
    rows, following = version_page(
        common.rows_for(request, RuleVersion), now=now_of(request), status=query["status"], office=query["office"],
        words=query["q"], before=number_of(request.GET.get("before")),
    )  # fmt: skip
    context = {
        "rows": [(version, status, WORDS[status]) for version, status in rows],
        "next": following, "query": query, "offices": Department.objects.filter(is_active=True),
        "statuses": STATUSES, "may_edit": Duty.RULE_EDIT in request.duties,  # type: ignore[attr-defined]
    }  # fmt: skip
    return render(request, "portal/staff/rule_list.html", context)


@duty_required(*STAFF)
@require_GET
def version_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A version as it stands or will stand, its files, moves, history, and its sisters."""
    version = sheet(request, RuleVersion, pk)
    rows = rule_versions(version.rule_id, now=now_of(request), public=False)
    here = next((row for row in rows if row.version.pk == version.pk), None)
    before = [row for row in rows if version.number is None or (row.version.number or 0) < version.number]
    standing = version.state in STANDING
    status = status_of(version, today_of(now_of(request))) if standing else version.state
    ids = [version.replaced_by_id] if version.replaced_by_id else []
    context = {
        **common.sheet_context(request, version),
        "version": version, "text": prose_html(version.text), "files": version.files.all(),
        "remarks": remarks(f"{version.title}\n{version.text}", now=now_of(request)), "status": status,
        "words": WORDS[status], "items": timeline(rows, here, "staff_rule_version"),
        "before": before[-1].version if before else None, "replacement": rule_titles(ids, public=False),
        "may_revise": standing and rows[-1].version.pk == version.pk and Duty.RULE_EDIT in request.duties,  # type: ignore[attr-defined]
    }  # fmt: skip
    return render(request, "portal/staff/rule_detail.html", context)


@duty_required(*STAFF)
@require_GET
def version_numbered(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A released version by its rule and number."""
    found = common.rows_for(request, RuleVersion).filter(rule=pk, number=number).first()
    if found is None:
        raise Http404(f"这项制度没有第 {number} 版")
    return HttpResponseRedirect(common.back_to("staff_rule", found.pk))


def _editor(request: HttpRequest, form: RuleForm, save: Any, **context: Any) -> HttpResponse:
    text = prose_html(form.data.get("text", "")) if form.is_bound else ""
    return common.editor(request, form, save, "portal/staff/rule_edit.html", text=text, **context)


@duty_required(Duty.RULE_EDIT)
@require_http_methods(["GET", "POST"])
def version_new(request: HttpRequest) -> HttpResponse:
    """Begin a new rule."""
    form = RuleForm(request.POST or None, initial={"is_public": True})
    return _editor(request, form, lambda: services.version_create(**form.values(), **who(request)), heading="新建制度")


@duty_required(Duty.RULE_EDIT)
@require_http_methods(["GET", "POST"])
def version_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a version that is drafted."""
    version = sheet(request, RuleVersion, pk)
    start = {name: getattr(version, name) for name in services.FIELDS} | {"offices": version.offices.all()}
    form = RuleForm(request.POST or None, initial=start)
    context = common.sheet_context(request, version)

    def save() -> RuleVersion:
        services.version_edit(version, data=form.values(), seen=common.seen_of(request), **who(request))
        return version

    return _editor(request, form, save, heading="修改制度", **context)


@duty_required(Duty.RULE_EDIT)
@require_POST
def version_revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next version of a released rule."""
    version = sheet(request, RuleVersion, pk)
    try:
        made = services.rule_revise(version=version, **who(request))
        return HttpResponseRedirect(common.back_to("staff_rule_edit", made.pk))
    except BusinessError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(common.back_to("staff_rule", pk))


@duty_required(Duty.RULE_EDIT)
@require_POST
def version_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a file."""
    version = sheet(request, RuleVersion, pk)
    add = partial(services.rule_file_add, version=version, **who(request))
    return common.file_post(request, add, common.back_to("staff_rule", pk))


@duty_required(*STAFF)
@require_GET
def version_file_open(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """A file of a version."""
    return common.file_of(sheet(request, RuleVersion, pk), position)


@duty_required(Duty.RULE_EDIT)
@require_POST
def version_file_drop(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """Take a file away."""
    version = sheet(request, RuleVersion, pk)
    drop = partial(services.rule_file_remove, version=version, position=position, **who(request))
    return common.file_drop(request, drop, common.back_to("staff_rule", pk))


@duty_required(*STAFF)
@require_GET
def version_compare(request: HttpRequest, first: int, second: int) -> HttpResponse:
    """What one version (a draft, too) changed against another of the same rule."""
    before, after = sheet(request, RuleVersion, first), sheet(request, RuleVersion, second)
    if before.rule_id != after.rule_id:
        raise Http404("两个版本不是同一项制度的")
    context = {
        "before": before, "after": after, "title": text_diff(before.title, after.title),
        "lines": text_diff(before.text, after.text), "url": common.back_to("staff_rule", after.pk),
    }  # fmt: skip
    return render(request, "portal/staff/rule_compare.html", context)
