"""The states of drafts and of masking requests, and the tables of their moves."""

from __future__ import annotations

from tenders.models.drafts import DraftState
from tenders.models.masking import MaskingState
from workflow.moves import NEW, Duty, Move, Table

__all__ = ["MOVES", "DraftState", "MaskingState"]

_S = DraftState
_MAKER = (Duty.ANNOUNCEMENT_DRAFT,)
_CHECKER = (Duty.ANNOUNCEMENT_CHECK,)
# Whoever wrote a word of it does not check it.
_WRITTEN = ("create", "save", "submit")
_GATES = "tenders.gates."
_RECORDS = "tenders.services.drafts."
_WHOLE = (_GATES + "draft_complete", _GATES + "target_named")
# Before the publication dates are judged by the chosen time, at the publication by the moment itself.
_READY = (*_WHOLE, _GATES + "medium_named", _GATES + "periods_lawful")
_NOW = (*_WHOLE, _GATES + "medium_published", _GATES + "periods_lawful_now")
# Nothing is checked, let alone published, that the storage no longer holds as it was uploaded.
_FILES = (_GATES + "files_whole",)

DRAFT_MOVES = (
    Move("create", "新建", (NEW,), _S.DRAFT, _MAKER),
    Move("save", "保存", (_S.DRAFT, _S.RETURNED), "", _MAKER, records=(_RECORDS + "save_record",), optional=True),
    Move("submit", "提交复核", (_S.DRAFT, _S.RETURNED), _S.SUBMITTED, _MAKER,
         gates=(*_READY, _GATES + "findings_answered"), records=(_RECORDS + "submit_record",), notify=("next",)),
    Move("secrecy_check", "保密审查", (_S.SUBMITTED,), "", (Duty.SECRECY_CHECK,), other_than=_WRITTEN,
         person=_GATES + "secrecy_open", form="tenders.forms.SecrecyForm",
         records=(_RECORDS + "secrecy_record",), recorded=("conclusion",), notify=("next",)),
    Move("check", "复核通过", (_S.SUBMITTED,), _S.CHECKED, _CHECKER, other_than=_WRITTEN,
         gates=(_GATES + "secrecy_done", *_READY, _GATES + "findings_answered"), before=_FILES,
         records=(_RECORDS + "check_record",), notify=("makers", "next")),
    Move("schedule", "定时发布", (_S.CHECKED,), _S.SCHEDULED, _CHECKER, other_than=_WRITTEN,
         form="tenders.forms.ScheduleForm", gates=(_GATES + "time_lawful",),
         records=(_RECORDS + "schedule_record",), recorded=("publish_at",), notify=("makers",)),
    Move("reschedule", "改发布时间", (_S.SCHEDULED,), "", _CHECKER, other_than=_WRITTEN,
         form="tenders.forms.ScheduleForm", gates=(_GATES + "time_lawful",),
         records=(_RECORDS + "schedule_record",), recorded=("old_publish_at", "publish_at"), notify=("makers",),
         optional=True),
    Move("publish", "发布", (_S.SCHEDULED,), _S.PUBLISHED, _CHECKER, other_than=_WRITTEN,
         gates=(_GATES + "no_hold", _GATES + "time_come", _GATES + "secrecy_done", *_NOW),
         before=_FILES,
         records=("tenders.services.publication.publish_record",), optional=True, system=True,
         notify=("involved",), confirm="发布后公告内容和存证不能再改；有错只能另发更正公告。"),
    Move("return", "退回修改", (_S.SUBMITTED, _S.CHECKED, _S.SCHEDULED), _S.RETURNED,
         (Duty.ANNOUNCEMENT_CHECK, Duty.SECRECY_CHECK), records=(_RECORDS + "return_record",),
         notify=("makers",), comment=True, optional=True),
    Move("withdraw", "撤回", (_S.DRAFT, _S.RETURNED, _S.SUBMITTED, _S.CHECKED, _S.SCHEDULED), _S.WITHDRAWN,
         (*_MAKER, *_CHECKER), person=_GATES + "drafter_or_checker",
         confirm="撤回后这份公告稿不再发布，记录保留，不能恢复。", comment=True, optional=True,
         notify=("involved",)),
)  # fmt: skip

_M = MaskingState
MASKING_MOVES = (
    Move("request", "申请遮蔽", (NEW,), _M.REQUESTED, (Duty.MASKING,), notify=("next",)),
    Move("confirm", "确认遮蔽", (_M.REQUESTED,), _M.CONFIRMED, (Duty.MASKING,), other_than=("request",),
         gates=(_GATES + "no_hold", _GATES + "record_unchanged"),
         records=("tenders.services.masking.confirm_record",), notify=("makers",),
         confirm="确认后，这些文字立即从公告页、存证原文、检索、订阅和接口中去除，原文加密封存，不能撤销。"),
    Move("reject", "不同意", (_M.REQUESTED,), _M.REJECTED, (Duty.MASKING,), other_than=("request",), comment=True,
         optional=True, notify=("makers",)),
    Move("withdraw", "撤回申请", (_M.REQUESTED,), _M.WITHDRAWN, (Duty.MASKING,), person=_GATES + "requester",
         comment=True, optional=True),
)  # fmt: skip

MOVES = {
    "tenders.AnnouncementDraft": Table(
        states=DraftState,
        moves=DRAFT_MOVES,
        final=(DraftState.PUBLISHED, DraftState.WITHDRAWN),
        rows="tenders.drafts.draft_rows",
        visible="tenders.drafts.drafts_visible",
        title="tenders.drafts.draft_title",
        url="tenders.drafts.draft_url",
        facts="tenders.drafts.draft_facts",
        files="tenders.drafts.draft_files",
        due="publish_at",
        office="office",
    ),
    "tenders.MaskingRequest": Table(
        states=MaskingState,
        moves=MASKING_MOVES,
        final=(MaskingState.CONFIRMED, MaskingState.REJECTED, MaskingState.WITHDRAWN),
        rows="tenders.drafts.masking_rows",
        visible="tenders.drafts.maskings_visible",
        title="tenders.drafts.masking_title",
        url="tenders.drafts.masking_url",
        facts="tenders.drafts.masking_facts",
    ),
}
