"""Templates of the types of announcements: list, and one to read, preview and change."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import duty_required
from accounts.duties import Duty
from core.errors import BusinessError
from tenders import drafts as reads
from tenders.forms import TemplateForm
from tenders.models import AnnouncementTemplate, TemplateVersion
from tenders.services.templates import template_content, template_save
from tenders.template_data import fields_by_law
from tenders.views.common import now_of
from workflow.views.common import address_of, number_of, person, status_of

VERSIONS_SHOWN = 20


@duty_required(Duty.ANNOUNCEMENT_CHECK)
@require_GET
def template_list(request: HttpRequest) -> HttpResponse:
    """Every template by category."""
    return render(request, "tenders/template_list.html", {"templates": reads.templates_all()})


def _form(request: HttpRequest, template: AnnouncementTemplate, versions: list[TemplateVersion]) -> TemplateForm:
    """The form; ``?version=n`` begins with what an older version said."""
    law = fields_by_law(template.code)
    optional = [(one["name"], one["label"]) for one in template.fields if one["name"] not in law]
    wanted = number_of(request.GET.get("version"), "版本")
    old = next((one for one in versions if one.number == wanted), None)
    content = {name: getattr(old, name) for name in template_content(template)} if old else template_content(template)
    return TemplateForm(
        request.POST if request.method == "POST" else None, template=template, optional=optional,
        initial=content | {"seen": versions[0].number if versions else 1},
    )  # fmt: skip


def _save(request: HttpRequest, form: TemplateForm, template: AnnouncementTemplate) -> None:
    if not form.is_valid():
        raise BusinessError("没有保存：下面有填错的地方，请改好再保存，已填的内容都还在。", "invalid")
    version = template_save(
        template=template, values=form.values(), seen=form.cleaned_data["seen"], by=person(request),
        now=now_of(request), address=address_of(request),
    )  # fmt: skip
    messages.success(request, f"已保存为第 {version.number} 版，新拟的公告即按它开始。")


def _seen_anew(form: TemplateForm, versions: list[TemplateVersion]) -> None:
    """After a conflict the page shows the newest version: saving again is a choice."""
    sent: Any = form.data
    data = sent.copy()
    data["seen"] = str(versions[0].number if versions else 1)
    form.data = data


@duty_required(Duty.ANNOUNCEMENT_CHECK)
@require_http_methods(["GET", "POST"])
def template_edit(request: HttpRequest, code: str) -> HttpResponse:
    """One template: its form, what the marks mean, how it reads, its versions."""
    template = get_object_or_404(AnnouncementTemplate.objects.select_related("category"), code=code)
    versions = list(template.versions.select_related("by")[:VERSIONS_SHOWN])
    form, error, status = _form(request, template, versions), "", 200
    if request.method == "POST" and request.POST.get("do") != "preview":
        try:
            _save(request, form, template)
            return HttpResponseRedirect(reverse("staff_template", args=[code]))
        except BusinessError as refusal:
            error, status = refusal.message, status_of(refusal)
            if refusal.code == "changed":
                template.refresh_from_db()
                versions = list(template.versions.select_related("by")[:VERSIONS_SHOWN])
                _seen_anew(form, versions)
    return render(request, "tenders/template_edit.html", _context(template, versions, form, error), status=status)


def _context(
    template: AnnouncementTemplate, versions: list[TemplateVersion], form: TemplateForm, error: str
) -> dict[str, Any]:
    law = fields_by_law(template.code)
    required = law | set(form["required"].value() or ()) if "required" in form.fields else law
    before = [*(one.skeleton for one in versions[1:]), None]
    changes = [
        (one, [] if old is None else reads.difference(old, one.skeleton))
        for one, old in zip(versions, before, strict=False)
    ]
    return {
        "template": template, "form": form, "error": error, "changes": changes,
        "law": law, "marks": [(one, one["name"] in law, one["name"] in required) for one in template.fields],
        "reading": reads.template_reading(template, skeleton=form["skeleton"].value() or "", required=required),
    }  # fmt: skip
