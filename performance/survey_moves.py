"""Moves of satisfaction surveys."""

from __future__ import annotations

from performance.models.surveys import SurveyState
from workflow.moves import NEW, Duty, Move, Table

_S = SurveyState
_MAKERS = (Duty.PERFORMANCE,)
# Whoever wrote a word of the questions does not open them to the public.
_WRITTEN = ("create", "save", "submit")
_GATES = "performance.gates.surveys."
_READS = "performance.selectors.surveys."
_WRITES = "performance.services.surveys."
_RESULTS = "performance.services.survey_results."
_CLOSING = (
    "结束后不再收答卷，没有录入的纸质问卷也不能再录；结果就此固定，满意率偏低的题目列入问题整改台账。"
    "请先核对“已经收到”和“纸质问卷”两项：各种方式多少份，纸质的由谁发放、由谁录入。"
)

_MOVES = (
    Move("create", "编制", (NEW,), _S.DRAFTING, _MAKERS),
    Move("save", "修改", (_S.DRAFTING,), "", _MAKERS, checks=(_GATES + "change_told",),
         records=(_WRITES + "save_record",), recorded=("do", "name"), optional=True),
    Move("submit", "提交", (_S.DRAFTING,), _S.SUBMITTED, _MAKERS, gates=(_GATES + "survey_whole",), notify=("next",)),
    Move("open", "开放调查", (_S.SUBMITTED,), _S.OPEN, (Duty.PERFORMANCE, Duty.DIRECTOR), other_than=_WRITTEN,
         gates=(_GATES + "survey_whole",), notify=("makers",),
         confirm="开放后题目不能再改；到开始日期，公众就能作答。"),
    Move("return", "退回修改", (_S.SUBMITTED,), _S.DRAFTING, (Duty.PERFORMANCE, Duty.DIRECTOR), other_than=_WRITTEN,
         comment=True, optional=True, notify=("makers",)),
    Move("withdraw", "收回", (_S.SUBMITTED,), _S.DRAFTING, _MAKERS, optional=True),
    Move("extend", "延长截止日期", (_S.OPEN,), "", _MAKERS, form="workflow.forms.ExtendForm",
         checks=("workflow.gates.due_later",), records=(_WRITES + "extend_record",), recorded=("old_due_on", "due_on"),
         optional=True),
    Move("close", "结束调查", (_S.OPEN,), _S.CLOSED, _MAKERS, gates=(_GATES + "last_day_over",),
         records=(_RESULTS + "close_record",), effects=(_RESULTS + "close_effect",), notify=("involved",),
         confirm=_CLOSING),
    # Whoever wrote the survey does not end it on the day on which the numbers look best.
    Move("close_early", "提前结束", (_S.OPEN,), _S.CLOSED, (Duty.PERFORMANCE, Duty.DIRECTOR), other_than=_WRITTEN,
         gates=(_GATES + "last_day_to_come",), records=(_RESULTS + "close_record",),
         effects=(_RESULTS + "close_effect",), notify=("involved",), comment=True, optional=True, confirm=_CLOSING),
    Move("discard", "作废", (_S.DRAFTING,), _S.DISCARDED, _MAKERS, optional=True,
         confirm="作废后不能再修改，记录保留。"),
)  # fmt: skip

SURVEY_MOVES: dict[str, Table] = {
    "performance.Survey": Table(
        states=SurveyState, moves=_MOVES, final=(_S.CLOSED, _S.DISCARDED), rows=_READS + "survey_rows",
        visible=_READS + "surveys_visible", title=_READS + "survey_title", url=_READS + "survey_url",
        facts=_READS + "survey_facts", due="closes_on",
    ),
}  # fmt: skip
