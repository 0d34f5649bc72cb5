"""Why a move of a draft or of a masking request may not happen: sentences that complete 不能…：."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.duties import Duty
from core.moments import minute_words
from tenders.drafts import published_at_of, review_of
from tenders.masking import MASK
from tenders.models import AnnouncementDraft, AnnouncementRecord, MaskingRequest
from tenders.models.drafts import AnnouncementTemplate
from tenders.periods import period_faults
from tenders.targets import target_refusal
from workflow.actors import Holding
from workflow.selectors import calendar_current

# A time chosen further away is a slip of the pen.
FURTHEST = timedelta(days=366)
SOME = 6


def _some(names: list[str]) -> str:
    return "、".join(names[:SOME]) + (f"等{len(names)}项" if len(names) > SOME else "")


def draft_complete(draft: AnnouncementDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """What law lists for the type is filled, and no mark of the template is left."""
    review = review_of(draft, at=published_at_of(draft, now))
    found = []
    if review.missing:
        found.append(f"还没有填写{_some(review.missing)}（{draft.template.basis}）")
    if review.marks:
        shown = [mark if mark == MASK else f"【{mark}】" for mark in review.marks]
        found.append(f"标题或者正文里还有没填的{_some(shown)}")
    if not draft.text.strip():
        found.append("正文是空的")
    return found


def target_named(draft: AnnouncementDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A correction, termination or supplement names the announcement that it changes, and what (DESIGN 5, 3)."""
    relation = draft.template.relation
    if not relation:
        return []
    word = AnnouncementTemplate.Relation(relation).label
    if draft.target is None:
        return [f"{word}公告要指明针对哪一份已发布的公告"]
    if refusal := target_refusal(draft.template, draft.target):
        return [refusal]
    return [] if draft.target_change.strip() else [f"还没有写明{word}了什么、为什么"]


def _medium_law(draft: AnnouncementDraft) -> str:
    return "财政部令第101号第八条、第十一条" if draft.category == "政府采购" else "国家发展改革委令第10号第八条"


def _medium(draft: AnnouncementDraft, at: datetime) -> list[str]:
    law = _medium_law(draft)
    if draft.needs_medium and not (draft.medium_name and draft.medium_url and draft.medium_at):
        return [f"应当先在指定媒介发布，请填写媒介名称、网址和首次发布时间（{law}）"]
    if draft.needs_medium and draft.medium_at and draft.medium_at > at:
        return [f"媒介首次发布时间（{minute_words(draft.medium_at)}）晚于本站发布时间，本站不得早于指定媒介（{law}）"]
    return []


def medium_named(draft: AnnouncementDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """The designated medium comes first, with its address and time (财政部令第101号 arts 8, 11; 第10号令 art 8).

    Before publication its time may lie ahead: it is a plan then, and has to come before that of the publication.
    """
    return _medium(draft, published_at_of(draft, now))


def medium_published(draft: AnnouncementDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """At the publication the medium has published: its time lies in the past, whatever was chosen for our own.

    Also where none is designated: what is certified as published first has been published.
    """
    if draft.medium_at and draft.medium_at > now:
        when = minute_words(draft.medium_at)
        return [
            f"还没有到指定媒介首次发布的时间（{when}），本站不得早于指定媒介（{_medium_law(draft)}）；"
            "媒介已经提前发布的，请退回修改首次发布时间"
        ]
    return _medium(draft, now)


def _periods(draft: AnnouncementDraft, at: datetime) -> list[str]:
    found = []
    for fault in period_faults(draft, at=at, calendar=calendar_current()):
        if fault.late:
            continue
        if not fault.exception:
            found.append(fault.sentence)
        elif not (draft.exception_reason.strip() and draft.attachments.filter(is_paper=True).exists()):
            found.append(f"{fault.sentence}；确属例外（{fault.exception}）的，请写明理由并附上依据文件")
    return found


def periods_lawful(draft: AnnouncementDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """No illegal date: only where the rule names an exception may a paper and a second person override it."""
    return _periods(draft, published_at_of(draft, now))


def periods_lawful_now(draft: AnnouncementDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """The same at the publication itself: judged by this moment, early or late as it may be."""
    return _periods(draft, now)


def findings_answered(draft: AnnouncementDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """Everything that the scan found has a reason why it stays; what is late, why."""
    review = review_of(draft, at=published_at_of(draft, now))
    found = []
    if review.unanswered:
        kinds = list(dict.fromkeys(one.finding.label for one in review.unanswered))
        found.append(f"发布前检查发现的{len(review.unanswered)}处（{_some(kinds)}）还没有逐一说明")
    if review.late_unanswered:
        found += [f"{fault.sentence}，请说明迟延的原因" for fault in review.late_unanswered]
    return found


def drafter_or_checker(draft: AnnouncementDraft, *, holding: Holding) -> list[str]:
    """A draft is given up by who drafted it, or by who checks; not by any drafter."""
    if holding.duty == Duty.ANNOUNCEMENT_CHECK or holding.person_id == draft.drafted_by_id:
        return []
    return [f"只有拟稿人（{draft.drafted_by}）或者复核人才能撤回"]


def secrecy_open(draft: AnnouncementDraft, *, holding: Holding) -> list[str]:
    """It is examined once for each submission."""
    return ["这一稿已经做过保密审查"] if draft.secrecy_by_id else []


def secrecy_done(draft: AnnouncementDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """保守国家秘密法 and 政府信息公开条例 art 17: examined before it is made public."""
    if draft.secrecy_by_id and not draft.secrecy_passed:
        return [f"保密审查{draft.secrecy_conclusion.rstrip('。')}，请退回修改"]
    return [] if draft.secrecy_passed else ["还没有做保密审查（政府信息公开条例第十七条）"]


def time_lawful(draft: AnnouncementDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """The chosen time is not past, not far off, and the dates are lawful then."""
    at = data.get("publish_at") or published_at_of(draft, now)
    if at < now - timedelta(minutes=1):
        return [f"发布时间（{minute_words(at)}）已经过去"]
    if at > now + FURTHEST:
        return ["发布时间在一年以后，请核对年份"]
    if draft.medium_at and draft.needs_medium and draft.medium_at > at:
        return ["发布时间早于指定媒介首次发布时间"]
    return _periods(draft, at)


def time_come(draft: AnnouncementDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """The system publishes when the chosen time has come; a person may do it earlier."""
    if by is None and draft.publish_at and draft.publish_at > now:
        return [f"还没有到发布时间（{minute_words(draft.publish_at)}）"]
    return []


def no_hold(obj: Any, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """Nothing is published while one of settings.PUBLICATION_HOLDS (dotted names) has a reason, as after a restore."""
    return [
        reason.rstrip("。")
        for path in settings.PUBLICATION_HOLDS
        for reason in import_string(path)(obj, by=by, now=now)
    ]


def record_unchanged(request: MaskingRequest, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """The places were chosen in the record as it was then; another masking since moves them."""
    digest = AnnouncementRecord.objects.filter(pk=request.announcement_id).values_list("sha256", flat=True).first()
    return [] if digest == request.before_sha256 else ["申请之后这份公告又做过遮蔽，请撤回后重新申请"]


def requester(request: MaskingRequest, *, holding: Holding) -> list[str]:
    """Only who asked takes it back."""
    return [] if request.requested_by_id in (holding.user_id, holding.person_id) else ["只有申请人才能撤回"]
