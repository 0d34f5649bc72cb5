"""Masking: choose exactly, see before, ask; another person confirms; the original is read with a reason."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from accounts.duties import Duty
from core.errors import BusinessError
from core.moments import SHANGHAI
from tenders import drafts as reads
from tenders.forms import MaskingForm, ReasonForm
from tenders.masking import masked, piece_texts, pieces_find, record_read
from tenders.models import Announcement, MaskingRequest
from tenders.queries import AnnouncementQuery
from tenders.scan import matters, scan
from tenders.selectors import announcement_chain, announcement_get, announcement_page
from tenders.services.masking import masking_request, original_read, pieces_of, reason_read
from tenders.services.sealed_files import same_content, sealed_file_read, uses_elsewhere
from tenders.views.common import masking_of, now_of, object_context
from workflow.actors import actor_of
from workflow.views.common import address_of, number_of, person, status_of

PERSONAL = ("identity", "mobile", "phone", "account")


def _announcement(pk: int) -> Announcement:
    try:
        return announcement_get(pk)
    except Announcement.DoesNotExist:
        raise Http404 from None


@duty_required(Duty.MASKING)
@require_GET
def masking_list(request: HttpRequest) -> HttpResponse:
    """Requests, newest first."""
    now, before = now_of(request), number_of(request.GET.get("before"))
    rows = reads.maskings_visible(reads.masking_rows(now=now), actor=actor_of(request.user, now=now)).order_by("-pk")
    found = list((rows.filter(pk__lt=before) if before else rows)[: reads.PAGE + 1])
    following = found[reads.PAGE - 1].pk if len(found) > reads.PAGE else 0
    words = request.GET.get("q", "").strip()
    context = {"requests": found[: reads.PAGE], "next": following, "q": words, "matches": _matches(words, now)}
    return render(request, "tenders/masking_list.html", context)


def _matches(words: str, now: Any) -> list[Announcement]:
    """Published announcements by title, text or project code, as the public finds them."""
    if not words:
        return []
    found = announcement_page(AnnouncementQuery.parse({"q": words}), now=now, count=False)
    return list(found.rows)


@duty_required(Duty.MASKING)
@require_GET
def masking_start(request: HttpRequest) -> HttpResponse:
    """From the number of an announcement to its page of masking."""
    number = number_of(request.GET.get("announcement"), "公告编号")
    if not Announcement.objects.filter(pk=number).exists():
        raise BusinessError(f"没有编号为 {number} 的已发布公告，请核对网址 /announcements/ 后面的数字。", "not_found")
    return HttpResponseRedirect(reverse("staff_masking_new", args=[number]))


def _form(request: HttpRequest, announcement: Announcement) -> MaskingForm:
    """The form, with the numbers that the scan finds and the attachments to choose from."""
    today = now_of(request).astimezone(SHANGHAI).date()
    found = [one for one in matters(scan(announcement.text, [], today=today)) if one.finding.kind in PERSONAL]
    choices = [(one.finding.text, f"{one.finding.label}：{one.finding.text}（{one.count} 处）") for one in found]
    attached = announcement.content.get("attachments", [])
    files = [(number, str(one["name"])) for number, one in enumerate(attached)]
    return MaskingForm(request.POST if request.method == "POST" else None, found=choices, files=files)


def _preview(announcement: Announcement, form: MaskingForm, today: date) -> dict[str, Any]:
    """What would be left, and where else of the same project the texts stand. Raises BusinessError."""
    content, texts = bytes(announcement.record.content), form.chosen()
    pieces = pieces_find(content, texts, same_content(content, form.cleaned_data.get("withheld", [])))
    reason_read(form.cleaned_data["reason"], piece_texts(content, pieces), today=today)
    after = record_read(masked(content, pieces, hashlib.sha256(content).hexdigest()))
    others = [link.announcement for link in announcement_chain(announcement) if not link.is_current]
    return {
        "count": len(pieces), "after": after, "texts": list(dict.fromkeys(piece_texts(content, pieces))),
        "differences": reads.difference(announcement.text, str(after["text"])),
        "others": [one for one in others if any(text in one.text or text in one.title for text in texts)],
    }  # fmt: skip


@duty_required(Duty.MASKING)
@require_http_methods(["GET", "POST"])
def masking_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose, preview, ask."""
    announcement = _announcement(pk)
    form, status = _form(request, announcement), 200
    context: dict[str, Any] = {"announcement": announcement}
    if request.method == "POST":
        try:
            if not form.is_valid():
                raise BusinessError("没有提交：下面有填错的地方，请改好。", "invalid")
            context["preview"] = _preview(announcement, form, now_of(request).astimezone(SHANGHAI).date())
            if request.POST.get("do") == "ask":
                made = _asked(request, announcement, form)
                return HttpResponseRedirect(reverse("staff_masking", args=[made.pk]) + "?done=request")
        except BusinessError as refusal:
            context["error"], status = refusal.message, status_of(refusal)
    return render(request, "tenders/masking_new.html", {**context, "form": form}, status=status)


def _asked(request: HttpRequest, announcement: Announcement, form: MaskingForm) -> MaskingRequest:
    return masking_request(
        announcement=announcement, texts=form.chosen(), attachments=form.cleaned_data.get("withheld", []),
        reason=form.cleaned_data["reason"], by=person(request), now=now_of(request), address=address_of(request),
    )  # fmt: skip


@duty_required(Duty.MASKING)
@require_GET
def masking_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: the two persons, what it masks (before it is done), history, buttons."""
    asked = masking_of(request, pk)
    context = {"request_row": asked, "form": ReasonForm(), **object_context(request, asked)}
    context["uses"] = uses_elsewhere(asked) if asked.state == "requested" else []
    content = bytes(asked.announcement.record.content)
    if asked.state == "requested" and hashlib.sha256(content).hexdigest() == asked.before_sha256:
        pieces = pieces_of(asked)
        after = record_read(masked(content, pieces, asked.before_sha256))
        context |= {
            "texts": list(dict.fromkeys(piece_texts(content, pieces))), "after": after,
            "differences": reads.difference(asked.announcement.text, str(after["text"])),
        }  # fmt: skip
    return render(request, "tenders/masking_detail.html", context)


@duty_required(Duty.MASKING)
@require_POST
def masking_original(request: HttpRequest, pk: int) -> HttpResponse:
    """The sealed original, shown once after a reason was written down."""
    asked, form = masking_of(request, pk), ReasonForm(request.POST)
    if asked.state != "confirmed":
        raise Http404
    record, error, status = None, "", 200
    try:
        record = original_read(
            sealed=asked.sealed, by=person(request), now=now_of(request), reason=request.POST.get("reason", ""),
            address=address_of(request),
        )  # fmt: skip
    except BusinessError as refusal:
        error, status = refusal.message, status_of(refusal)
    context = {"request_row": asked, "record": record, "error": error, "form": form, **object_context(request, asked)}
    return render(request, "tenders/masking_detail.html", context, status=status)


@duty_required(Duty.MASKING)
@require_POST
def masking_file(request: HttpRequest, pk: int, position: int) -> Any:
    """A sealed attachment as a download, after a reason was written down."""
    asked = masking_of(request, pk)
    file = asked.sealed_files.select_related("sealed", "masking").filter(position=position).first()
    if asked.state != "confirmed" or file is None:
        raise Http404
    content = sealed_file_read(
        file=file, by=person(request), now=now_of(request), reason=request.POST.get("reason", ""),
        address=address_of(request),
    )  # fmt: skip
    name = f"sealed-{asked.announcement_id}-{position + 1}.bin"
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/octet-stream")
