"""Moves of goal tables."""

from __future__ import annotations

from performance.models.goals import GoalState
from workflow.moves import NEW, Duty, Move, Table

_S = GoalState
_MAKERS = (Duty.PERFORMANCE,)
# Whoever wrote a word of it does not approve it.
_WRITTEN = ("create", "save", "submit")
_GATES = "performance.gates.goals."
_RECORDS = "performance.services.goals."
_READY = (_GATES + "year_open", _GATES + "goals_whole")

_MOVES = (
    Move("create", "编制", (NEW,), _S.DRAFTING, _MAKERS, gates=(_GATES + "year_open", _GATES + "one_at_a_time")),
    Move("save", "修改", (_S.DRAFTING,), "", _MAKERS, checks=(_GATES + "change_told",),
         records=(_RECORDS + "save_record",), recorded=("do", "name"), optional=True),
    Move("submit", "提交", (_S.DRAFTING,), _S.SUBMITTED, _MAKERS, gates=_READY, notify=("next",)),
    Move("approve", "批准", (_S.SUBMITTED,), _S.APPROVED, (Duty.DIRECTOR,), other_than=_WRITTEN, gates=_READY,
         records=(_RECORDS + "approve_record",), notify=("makers",),
         confirm="批准后，目标、指标和分值不能再改；要调整，只能另编一个写明理由的新版本。"),
    Move("return", "退回修改", (_S.SUBMITTED,), _S.DRAFTING, (Duty.DIRECTOR,), other_than=_WRITTEN, comment=True,
         notify=("makers",)),
    Move("recall", "收回", (_S.SUBMITTED,), _S.DRAFTING, _MAKERS, optional=True),
    Move("discard", "作废", (_S.DRAFTING,), _S.DISCARDED, _MAKERS, optional=True,
         confirm="作废后不能再修改，记录保留。"),
    # Follows the approval of the next version, in the same transaction.
    Move("supersede", "由新版本替代", (_S.APPROVED,), _S.SUPERSEDED, (), optional=True, system=True),
)  # fmt: skip

GOAL_MOVES: dict[str, Table] = {
    "performance.GoalTable": Table(
        states=GoalState,
        moves=_MOVES,
        final=(_S.APPROVED, _S.SUPERSEDED, _S.DISCARDED),
        rows="performance.selectors.goals.goal_rows",
        visible="performance.selectors.goals.goals_visible",
        title="performance.selectors.goals.goal_title",
        url="performance.selectors.goals.goal_url",
        facts="performance.selectors.goals.goal_facts",
    ),
}
