"""Editing a draft: its content, its files, the answers to what the scan found. Two editors lose nothing silently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import duty_required
from core.errors import BusinessError
from tenders import drafts as reads
from tenders.forms import ANSWER, AnswersForm, DraftForm, draft_initial, region_names
from tenders.models import AnnouncementDraft
from tenders.services.drafts import attachment_add, attachment_remove, draft_save, draft_target_set
from tenders.targets import targets_found
from tenders.views.common import DRAFTERS, closed_words, draft_of, now_of, target_of
from workflow.selectors import changes_of
from workflow.views.common import address_of, number_of, person, status_of


@dataclass(frozen=True)
class Clash:
    """A field that another person saved meanwhile, with both texts."""

    label: str
    theirs: str
    mine: str


def _seen(draft: AnnouncementDraft) -> int:
    history = changes_of(draft)
    return history[-1].number if history else 0


def _newer(data: Any, draft: AnnouncementDraft) -> Any:
    """What was sent, now knowing of what others saved: saving it again is a choice."""
    newer = data.copy()
    newer["seen"] = str(_seen(draft))
    return newer


def _clashes(form: DraftForm, draft: AnnouncementDraft) -> list[Clash]:
    """Where the stored text and the one sent differ."""
    stored = DraftForm(draft=draft, seen=0)
    initial = draft_initial(draft)
    found = []
    for name, field in stored.fields.items():
        mine, theirs = str(form.data.get(name, "") or ""), initial.get(name)
        shown = stored[name].field.prepare_value(theirs)
        text = str(stored[name].field.widget.format_value(shown) or "") if shown not in (None, "") else ""
        if name != "seen" and " ".join(mine.split()) != " ".join(text.split()):
            found.append(Clash(str(field.label), text, mine))
    return found


def _save(request: HttpRequest, form: DraftForm, draft: AnnouncementDraft) -> None:
    if not form.is_valid():
        raise BusinessError("没有保存：下面有填错的地方，请改好再保存，已填的内容都还在。", "invalid")
    values = form.values()
    if request.POST.get("do") == "fill":
        for name in ("title", "text"):
            values[name] = reads.filled(values[name], draft.template, values["fields"])
    draft_save(
        draft=draft, values=values, seen=form.cleaned_data["seen"], by=person(request), now=now_of(request),
        address=address_of(request),
    )  # fmt: skip


def _closed(request: HttpRequest, draft: AnnouncementDraft) -> HttpResponse | None:
    """Whoever opens the form of what is edited no more goes to its page, and reads why."""
    if request.method != "GET" or not (closed := closed_words(draft)):
        return None
    messages.warning(request, closed)
    return HttpResponseRedirect(reverse("staff_draft", args=[draft.pk]))


def _saved(request: HttpRequest, draft: AnnouncementDraft) -> HttpResponse:
    messages.success(request, "已保存。")
    page = "staff_draft_target" if request.POST.get("do") == "target" else "staff_draft_edit"
    return HttpResponseRedirect(reverse(page, args=[draft.pk]))


@duty_required(*DRAFTERS)
@require_http_methods(["GET", "POST"])
def draft_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a draft; after a conflict it shows both texts, and saving again is a choice."""
    draft = draft_of(request, pk)
    if elsewhere := _closed(request, draft):
        return elsewhere
    form = DraftForm(request.POST if request.method == "POST" else None, draft=draft, seen=_seen(draft))
    error, status, clashes = "", 200, []
    if request.method == "POST":
        try:
            _save(request, form, draft)
            return _saved(request, draft)
        except BusinessError as refusal:
            error, status = refusal.message, status_of(refusal)
            if refusal.code == "changed":
                draft = draft_of(request, pk)
                clashes = _clashes(form, draft)
                form.data = _newer(form.data, draft)
    return render(request, "tenders/draft_edit.html", _context(draft, form, error, clashes), status=status)


def _context(draft: AnnouncementDraft, form: DraftForm, error: str, clashes: list[Clash]) -> dict[str, Any]:
    return {
        "draft": draft, "form": form, "error": error, "clashes": clashes, "regions": region_names(),
        "files": list(draft.attachments.select_related("file")), "seen": _seen(draft),
        "marks": reads.marks_left(draft), "closed": closed_words(draft),
    }  # fmt: skip


def _target_choose(request: HttpRequest, draft: AnnouncementDraft) -> None:
    target = target_of(request.POST.get("target"))
    if target is None:
        raise BusinessError("没有改：请先从查到的公告里选一份。", "invalid")
    draft_target_set(
        draft=draft, target=target, seen=number_of(request.POST.get("seen")) or None, by=person(request),
        now=now_of(request), address=address_of(request),
    )  # fmt: skip


@duty_required(*DRAFTERS)
@require_http_methods(["GET", "POST"])
def draft_target(request: HttpRequest, pk: int) -> HttpResponse:
    """Find the announcement that a draft is about, by number, project code or words, and choose it."""
    draft, error, status, found = draft_of(request, pk), "", 200, []
    if not draft.template.relation:
        raise Http404
    if elsewhere := _closed(request, draft):
        return elsewhere
    words = request.GET.get("q", "").strip()
    try:
        if request.method == "POST":
            _target_choose(request, draft)
            messages.success(request, "已改为针对这份公告，公告名称、日期和项目编号随之更新。")
            return HttpResponseRedirect(reverse("staff_draft_edit", args=[pk]))
        found = targets_found(words, now=now_of(request))
    except BusinessError as refusal:
        error, status = refusal.message, status_of(refusal)
    context = {"draft": draft, "found": found, "words": words, "error": error, "seen": _seen(draft)}
    return render(request, "tenders/draft_target.html", context, status=status)


@duty_required(*DRAFTERS)
@require_POST
def draft_answers(request: HttpRequest, pk: int) -> HttpResponse:
    """Save why what the scan found may stay."""
    draft = draft_of(request, pk)
    review = reads.review_of(draft, at=reads.published_at_of(draft, now_of(request)))
    keys = [one.key for one in review.matters] + [fault.key for fault in review.late]
    sent = {key: review.answers.get(key, "") for key in keys if ANSWER + key in request.POST}
    form = AnswersForm(request.POST, keys=sent)
    if not form.is_valid():
        raise BusinessError("没有保存：" + "".join(map(str, form.errors[next(iter(form.errors))])), "invalid")
    draft_save(
        draft=draft, values={}, answers=form.answers(), seen=number_of(request.POST.get("seen")) or None,
        by=person(request), now=now_of(request), address=address_of(request),
    )  # fmt: skip
    messages.success(request, "已保存说明。")
    return HttpResponseRedirect(reverse("staff_draft", args=[pk]) + "#findings")


@duty_required(*DRAFTERS)
@require_POST
def draft_file_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a file."""
    draft, upload = draft_of(request, pk), request.FILES.get("file")
    if upload is None:
        raise BusinessError("没有添加附件：请先选择文件。", "no_file")
    attachment_add(
        draft=draft, content=upload, name=str(upload.name), is_paper=request.POST.get("is_paper") == "1",
        seen=number_of(request.POST.get("seen")) or None, by=person(request), now=now_of(request),
        address=address_of(request),
    )  # fmt: skip
    messages.success(request, "已添加附件。")
    return HttpResponseRedirect(reverse("staff_draft_edit", args=[pk]) + "#files")


@duty_required(*DRAFTERS)
@require_POST
def draft_file_remove(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Take a file off."""
    draft = draft_of(request, pk)
    attachment_remove(draft=draft, pk=file, by=person(request), now=now_of(request), address=address_of(request))
    messages.success(request, "已去掉附件。")
    return HttpResponseRedirect(reverse("staff_draft_edit", args=[pk]) + "#files")
