"""Drafts: list, a new one, one draft, its preview."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import duty_required
from accounts.duties import Duty
from core.errors import BusinessError
from documents.selectors import file_open
from tenders import drafts as reads
from tenders.models import Announcement, AnnouncementDraft, AnnouncementTemplate
from tenders.models.drafts import DraftState
from tenders.scan import marked
from tenders.selectors import categories
from tenders.services.drafts import draft_create
from tenders.services.publication import draft_line
from tenders.targets import targets_found, templates_about
from tenders.views.common import DRAFTERS, READERS, draft_of, now_of, object_context, target_of
from workflow.actors import actor_of
from workflow.views.common import address_of, number_of, person, status_of


def _query(request: HttpRequest) -> reads.DraftQuery:
    words = request.GET.get("q", "").strip()
    if len(words) > 100 or "\0" in words:
        raise BusinessError("查找的文字不能超过 100 字，也不能含控制字符。", "bad_query")
    return reads.DraftQuery(
        state=request.GET.get("state", ""),
        category=request.GET.get("category", "")[:100].replace("\0", ""),
        words=words,
        mine=request.GET.get("mine") == "1",
        before=number_of(request.GET.get("before")),
    )


@duty_required(*READERS)
@require_GET
def draft_list(request: HttpRequest) -> HttpResponse:
    """Drafts by state, newest first."""
    now, query = now_of(request), _query(request)
    actor = actor_of(request.user, now=now)
    rows, following = reads.drafts_list(actor, query, now=now)
    counts = reads.state_counts(actor, now=now)
    context = {
        "drafts": rows, "next": following, "query": query, "now": now, "categories": categories(),
        "tabs": [(value, label, counts[value]) for value, label in DraftState.choices], "total": sum(counts.values()),
        "may_draft": Duty.ANNOUNCEMENT_DRAFT in actor.duties, "may_check": Duty.ANNOUNCEMENT_CHECK in actor.duties,
        "may_mask": Duty.MASKING in actor.duties,
    }  # fmt: skip
    return render(request, "tenders/draft_list.html", context)


def _chosen(request: HttpRequest) -> tuple[AnnouncementTemplate, Announcement | None]:
    """The template and the announcement that a new draft is about. Raises BusinessError."""
    code = request.POST.get("template", "")[:60].replace("\0", "")
    template = AnnouncementTemplate.objects.filter(code=code, is_active=True).first()
    if template is None:
        raise BusinessError("不能新建：请先选择公告类型。", "invalid")
    target = target_of(request.POST.get("target")) if template.relation else None
    if template.relation and target is None:
        word = template.get_relation_display()
        raise BusinessError(f"不能新建：请先找到要{word}的公告，再选“{template.name}”。", "invalid")
    return template, target


def _new_context(request: HttpRequest, error: str, status: int) -> tuple[dict[str, Any], int]:
    """What the page of a new draft shows, and its status: what is corrected, what was found, the types that fit."""
    target, found = None, []
    words = request.GET.get("q", "").strip()
    try:
        target = target_of(request.POST.get("target", request.GET.get("target")))
        found = targets_found(words, now=now_of(request))
    except BusinessError as refusal:
        error, status = error or refusal.message, status_of(refusal)
    templates = reads.templates_active()
    context = {
        "templates": templates_about(target, templates) if target else [one for one in templates if not one.relation],
        "error": error, "target": target, "found": found, "words": words, "chosen": request.POST.get("template", ""),
    }  # fmt: skip
    return context, status


@duty_required(*DRAFTERS)
@require_http_methods(["GET", "POST"])
def draft_new(request: HttpRequest) -> HttpResponse:
    """Choose a type, or first what is corrected; the draft begins with its skeleton."""
    error, status = "", 200
    if request.method == "POST":
        try:
            template, target = _chosen(request)
            draft = draft_create(
                template=template, target=target, by=person(request), now=now_of(request), address=address_of(request)
            )
            return HttpResponseRedirect(reverse("staff_draft_edit", args=[draft.pk]))
        except BusinessError as refusal:
            error, status = refusal.message, status_of(refusal)
    context, status = _new_context(request, error, status)
    return render(request, "tenders/draft_new.html", context, status=status)


def fields_shown(draft: AnnouncementDraft) -> list[tuple[str, str, bool]]:
    """(label, value in words, whether it is required) of every field of the template."""
    return [
        (one["label"], reads.value_words(one["kind"], draft.fields.get(one["name"])), bool(one.get("required")))
        for one in draft.template.fields
    ]


def draft_context(request: HttpRequest, draft: AnnouncementDraft) -> dict[str, Any]:
    """What the pages of one draft show."""
    review = reads.review_of(draft, at=reads.published_at_of(draft, now_of(request)))
    in_text = [one for one in review.findings if one.where == "正文"]
    return {
        "draft": draft, "review": review, "fields": fields_shown(draft),
        "title_marked": marked(draft.title, [one for one in review.findings if one.where == "标题"]),
        "text_marked": marked(draft.text, in_text),
        "files": review.files,
        "matters": [(one, review.answers.get(one.key, "")) for one in review.matters],
        "late": [(one, review.answers.get(one.key, "")) for one in review.late],
        "differences": reads.field_differences(draft) if draft.target else [],
        "text_difference": reads.difference(draft.target.text, draft.text) if draft.target else [],
        "may_mask": Duty.MASKING in request.duties,  # type: ignore[attr-defined]
        "may_draft": Duty.ANNOUNCEMENT_DRAFT in request.duties,  # type: ignore[attr-defined]
        **object_context(request, draft),
    }  # fmt: skip


@duty_required(*READERS)
@require_GET
def draft_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One draft: content, what the scan found, what is missing, history, buttons."""
    return render(request, "tenders/draft_detail.html", draft_context(request, draft_of(request, pk)))


@duty_required(*READERS)
@require_GET
def draft_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """As it will be published: title, facts, text, files."""
    draft, now = draft_of(request, pk), now_of(request)
    try:
        line, error = draft_line(draft, now=reads.published_at_of(draft, now)), ""
    except BusinessError as refusal:
        line, error = None, refusal.message
    context = {
        "draft": draft, "line": line, "error": error, "fields": [f for f in fields_shown(draft) if f[1]],
        "files": [one for one in draft.attachments.select_related("file") if not one.is_paper],
    }  # fmt: skip
    return render(request, "tenders/draft_preview.html", context)


@duty_required(*READERS)
@require_GET
def draft_file(request: HttpRequest, pk: int, file: int) -> Any:
    """A file of a draft, or the paper of its exception, for who sees the draft; always a download."""
    found = draft_of(request, pk).attachments.select_related("file").filter(pk=file).first() if file < 2**63 else None
    if found is None:
        raise Http404
    return FileResponse(
        file_open(found.file), as_attachment=True, filename=found.name, content_type="application/octet-stream"
    )
