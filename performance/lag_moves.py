"""Moves of notices of a lag: asked by a person or by the portal, answered by the office, accepted by another."""

from __future__ import annotations

from performance.models.monthly import LagState
from workflow.moves import NEW, STAFF, Duty, Move, Table

_S = LagState
_ASKERS = (Duty.PERFORMANCE, Duty.DIRECTOR)
_GATES = "performance.gates.lags."
_READS = "performance.selectors.lags."

LAG_MOVES: dict[str, Table] = {
    "performance.LagNotice": Table(
        states=LagState,
        moves=(
            Move("ask", "要求说明", (NEW,), _S.ASKED, _ASKERS, gates=(_GATES + "year_running", _GATES + "lags"),
                 notify=("next",), system=True),
            Move("answer", "说明情况", (_S.ASKED,), _S.ANSWERED, STAFF, person=_GATES + "answers_for",
                 form="performance.forms.lags.LagAnswerForm", checks=(_GATES + "answer_whole",),
                 records=("performance.services.lags.answer_record",), recorded=("cause", "pay_on"),
                 notify=("next",)),
            Move("accept", "确认", (_S.ANSWERED,), _S.ACCEPTED, _ASKERS, other_than=("answer",), notify=("involved",)),
            Move("return", "退回重写", (_S.ANSWERED,), _S.ASKED, _ASKERS, other_than=("answer",), comment=True,
                 notify=("next",)),
            Move("recall", "撤回", (_S.ASKED, _S.ANSWERED), _S.RECALLED, _ASKERS, comment=True, optional=True,
                 notify=("involved", _READS + "answerers"), confirm="撤回后不再要求说明，这个月也不会再发，记录保留。"),
        ),
        final=(_S.ACCEPTED, _S.RECALLED),
        rows=_READS + "lag_rows",
        visible=_READS + "lags_visible",
        title=_READS + "lag_title",
        url=_READS + "lag_url",
        facts=_READS + "lag_facts",
        files=_READS + "lag_files",
        due="due_on",
        office="department",
    ),
}  # fmt: skip
