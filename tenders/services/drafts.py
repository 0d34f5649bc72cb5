"""Writes of drafts: made, saved, answered, submitted, examined, checked, given their time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import IntegrityError, transaction

from accounts.models import Department
from core.errors import BusinessError
from core.text import one_line
from documents.services import file_store
from tenders.drafts import filled, published_at_of, review_of
from tenders.models import Announcement, AnnouncementDraft, AnnouncementTemplate, DraftAttachment, FindingAnswer
from tenders.models.drafts import REASON_LENGTH
from tenders.targets import original_fields, taken_over, target_refusal, title_begun
from workflow.models import StateChange
from workflow.services import create, move

MOST_ATTACHMENTS = 30
SHORTEST_REASON = 2
# What a form may set; everything else is set by moves.
EDITABLE = (
    "title", "text", "fields", "region", "target", "target_change", "publish_at", "medium_name", "medium_url",
    "medium_at", "exception_reason",
)  # fmt: skip


def _refuse(verb: str, reason: str, code: str = "blocked") -> BusinessError:
    return BusinessError(f"不能{verb}：{reason}。", code)


def _office(user: Any) -> Department | None:
    rows = user.assignments.filter(duty="announcement_draft", department__isnull=False).select_related("department")
    found = rows.order_by("-begins_at").first()
    return found.department if found else None


def _about_check(verb: str, template: AnnouncementTemplate, target: Announcement | None) -> None:
    if target is not None and (refusal := target_refusal(template, target)):
        raise _refuse(verb, refusal, "wrong_target")


def draft_create(
    *,
    template: AnnouncementTemplate,
    target: Announcement | None = None,
    by: Any,
    now: datetime,
    address: str = "",
) -> AnnouncementDraft:
    """Begin a draft from the template of a type.

    Args:
        template: gives the skeleton of the text and the fields.
        target: the published announcement that it corrects, ends or supplements.
        by: who drafts (duty announcement_draft).
        now: aware time of the request.
        address: the visitor's IP address.

    Raises:
        BusinessError: ``wrong_target``: of another kind of trade; as workflow.services.create.
    """
    _about_check("新建", template, target)
    fields = taken_over(template, target)
    draft = AnnouncementDraft(
        template=template,
        title=title_begun(template, target, fields.get("project_name", "")),
        text=template.skeleton,
        fields=fields,
        region=(target.region_id or "") if target else "",
        target=target,
        medium_name=template.medium_name.split("、")[0],
        drafted_by=by,
        office=_office(by),
        created_at=now,
        saved_at=now,
    )
    create(draft, by=by, now=now, address=address)
    return draft


def draft_save(
    *,
    draft: AnnouncementDraft,
    values: Mapping[str, Any],
    answers: Mapping[str, str] | None = None,
    seen: int | None,
    by: Any,
    now: datetime,
    address: str = "",
) -> StateChange:
    """Save what a form gave; of two people who edit one draft the second is told, and nothing is lost.

    Args:
        values: by name of EDITABLE; ``fields`` are the values of the template's fields as texts.
        answers: reasons by key, why what the scan found stays; an empty one takes the answer back.
        seen: number of the last change that the form showed; None does not ask.

    Raises:
        BusinessError: ``changed`` when somebody saved meanwhile; ``wrong_state``, ``not_allowed``, ``invalid``.
    """
    data = {"values": {name: value for name, value in values.items() if name in EDITABLE}, "answers": answers or {}}
    return move(draft, "save", by=by, now=now, data=data, seen=seen, address=address)


def draft_target_set(
    *, draft: AnnouncementDraft, target: Announcement, seen: int | None, by: Any, now: datetime, address: str = ""
) -> StateChange:
    """Choose what a draft is about; what names it is taken over, other fields only where they are empty.

    Raises:
        BusinessError: ``wrong_target``; as draft_save.
    """
    _about_check("改为针对这份公告", draft.template, target)
    written = {name: value for name, value in draft.fields.items() if str(value or "").strip()}
    named = {name: value for name, value in original_fields(target).items() if value and draft.template.field(name)}
    values = {"target": target, "fields": taken_over(draft.template, target) | written | named}
    return draft_save(draft=draft, values=values, seen=seen, by=by, now=now, address=address)


def attachment_add(
    *,
    draft: AnnouncementDraft,
    content: IO[bytes] | File[Any],
    name: str,
    is_paper: bool = False,
    seen: int | None = None,
    by: Any,
    now: datetime,
    address: str = "",
) -> StateChange:
    """Add a file to a draft; not inside a transaction, since the storage is written first.

    Args:
        is_paper: the paper that an exception rests on; it is not published.

    Raises:
        BusinessError: as documents.services.file_store and draft_save; ``invalid`` for a second one of that name.
    """
    name = one_line(name)[:300]
    if not name:
        raise _refuse("添加附件", "文件没有名称", "invalid")
    if not PurePosixPath(name).suffix.strip("."):
        raise _refuse("添加附件", "文件名没有扩展名（例如 .pdf、.docx），公众下载后打不开，请改名后再传", "invalid")
    if not draft.is_editable:
        raise _refuse("添加附件", "这份公告稿现在不能修改", "wrong_state")
    stored = file_store(content=content, now=now, name=name)
    data = {"attach": (name, stored, is_paper)}
    return move(draft, "save", by=by, now=now, data=data, seen=seen, address=address)


def attachment_remove(
    *, draft: AnnouncementDraft, pk: int, seen: int | None = None, by: Any, now: datetime, address: str = ""
) -> StateChange:
    """Take a file off a draft."""
    return move(draft, "save", by=by, now=now, data={"detach": pk}, seen=seen, address=address)


def save_record(draft: AnnouncementDraft, *, change: StateChange, by: Any, now: datetime, data: dict[str, Any]) -> None:
    """Record of the move ``save``: write the content, the answers, or a file."""
    if not data.keys() & {"values", "answers", "attach", "detach"}:
        raise _refuse("保存", "请在编辑页面修改后保存")
    values = dict(data.get("values", {}))
    if "title" in values:
        # The project's name is known from the fields: every list shows it.
        values["title"] = filled(values["title"], draft.template, values.get("fields", draft.fields))
    for name, value in values.items():
        if name == "state":
            raise ValueError("the state is the moves' alone")
        setattr(draft, name, value)
    draft.saved_at = now
    try:
        draft.full_clean(exclude=["state", "announcement"])
    except ValidationError as error:
        raise _invalid(error) from error
    draft.save(update_fields=[*values, "saved_at"])
    _answers_write(draft, data.get("answers", {}), by, now)
    if "attach" in data:
        _attach(draft, *data["attach"])
    if "detach" in data:
        DraftAttachment.objects.filter(draft=draft, pk=data["detach"]).delete()


def _invalid(error: ValidationError) -> BusinessError:
    names = {field.name: str(field.verbose_name) for field in AnnouncementDraft._meta.fields}
    reasons = [
        f"{names.get(name, '')}：{message}".lstrip("：").rstrip("。")
        for name, messages in error.message_dict.items()
        for message in messages
    ]
    return _refuse("保存", "；".join(reasons), "invalid")


def _answers_write(draft: AnnouncementDraft, answers: Mapping[str, str], by: Any, now: datetime) -> None:
    known = dict(draft.answers.values_list("key", "reason"))
    for key, text in answers.items():
        reason = one_line(text)
        if reason == known.get(key, ""):
            continue
        if reason and not SHORTEST_REASON <= len(reason) <= REASON_LENGTH:
            raise _refuse("保存", f"说明应为 {SHORTEST_REASON} 至 {REASON_LENGTH} 个字：“{reason[:20]}”", "invalid")
        if reason:
            FindingAnswer.objects.update_or_create(
                draft=draft, key=key[:64], defaults={"reason": reason, "by": by, "at": now}
            )
        else:
            FindingAnswer.objects.filter(draft=draft, key=key).delete()


def _attach(draft: AnnouncementDraft, name: str, stored: Any, is_paper: bool) -> None:
    if draft.attachments.count() >= MOST_ATTACHMENTS:
        raise _refuse("添加附件", f"最多 {MOST_ATTACHMENTS} 个，请合并后再传", "invalid")
    if twin := draft.attachments.filter(file=stored).first():
        raise _refuse("添加附件", f"同样的文件已经添加过，名为“{twin.name}”", "invalid")
    try:
        with transaction.atomic():
            DraftAttachment.objects.create(draft=draft, name=name, file=stored, is_paper=is_paper)
    except IntegrityError as error:
        raise _refuse("添加附件", f"已经有名为“{name}”的附件，请改名后再传", "invalid") from error


def _secrecy_clear(draft: AnnouncementDraft) -> None:
    draft.secrecy_by, draft.secrecy_at, draft.secrecy_conclusion = None, None, ""
    draft.save(update_fields=["secrecy_by", "secrecy_at", "secrecy_conclusion"])


def submit_record(
    draft: AnnouncementDraft, *, change: StateChange, by: Any, now: datetime, data: dict[str, Any]
) -> None:
    """Record of ``submit``: what is submitted anew is examined anew."""
    _secrecy_clear(draft)


def return_record(
    draft: AnnouncementDraft, *, change: StateChange, by: Any, now: datetime, data: dict[str, Any]
) -> None:
    """Record of ``return``: an examination holds for the text that was examined."""
    _secrecy_clear(draft)


def secrecy_record(
    draft: AnnouncementDraft, *, change: StateChange, by: Any, now: datetime, data: dict[str, Any]
) -> None:
    """Record of ``secrecy_check``: who, when, conclusion."""
    conclusion = one_line(str(data.get("conclusion", "")))
    if not conclusion or len(conclusion) > 500:
        raise _refuse("保密审查", "请写明审查结论，不超过 500 字", "invalid")
    draft.secrecy_by, draft.secrecy_at, draft.secrecy_conclusion = by, now, conclusion
    draft.save(update_fields=["secrecy_by", "secrecy_at", "secrecy_conclusion"])


def check_record(
    draft: AnnouncementDraft, *, change: StateChange, by: Any, now: datetime, data: dict[str, Any]
) -> None:
    """Record of ``check``: the second person has confirmed one by one what is serious."""
    review, confirmed = review_of(draft, at=published_at_of(draft, now)), data.get("confirmed", ())
    unopened = [file.name for file in review.files if file.key not in confirmed]
    if unopened:
        raise _refuse("复核通过", f"附件{'、'.join(unopened)}还没有勾选“已打开核对”，请逐个打开看过再勾选")
    left = [key for key in review.to_confirm if key not in confirmed]
    if left:
        raise _refuse("复核通过", f"还有 {len(left)} 处身份证号、账号、期限等重要发现没有逐项确认，请到复核页勾选")


def schedule_record(
    draft: AnnouncementDraft, *, change: StateChange, by: Any, now: datetime, data: dict[str, Any]
) -> None:
    """Record of ``schedule`` and ``reschedule``: the time of publication; none means as soon as possible."""
    draft.publish_at = data.get("publish_at") or published_at_of(draft, now)
    draft.save(update_fields=["publish_at"])
