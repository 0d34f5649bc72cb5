"""Moves of the monitoring forms (绩效运行监控)."""

from __future__ import annotations

from performance.models.monitoring import MonitoringState
from workflow.moves import NEW, Duty, Move, Table

_S = MonitoringState
_MAKERS = (Duty.PERFORMANCE, Duty.FINANCE)
# Whoever wrote a word of it does not approve it.
_WRITTEN = ("create", "save", "submit")
_GATES = "performance.gates.monitoring."
_READS = "performance.selectors.monitoring."

_MOVES = (
    Move("create", "填报监控表", (NEW,), _S.DRAFTING, _MAKERS,
         gates=(_GATES + "month_over", _GATES + "goals_in_force", _GATES + "one_a_month")),
    Move("save", "修改", (_S.DRAFTING,), "", _MAKERS, checks=(_GATES + "change_told",),
         records=("performance.services.monitoring.save_record",), recorded=("do", "name"), optional=True),
    Move("submit", "提交审核", (_S.DRAFTING,), _S.SUBMITTED, _MAKERS, gates=(_GATES + "lines_whole",),
         notify=("next",)),
    Move("approve", "审核同意", (_S.SUBMITTED,), _S.APPROVED, (Duty.DIRECTOR,), other_than=_WRITTEN,
         gates=(_GATES + "lines_whole",), notify=("makers",), confirm="审核同意后，监控表不能再改。"),
    Move("return", "退回修改", (_S.SUBMITTED,), _S.DRAFTING, (Duty.DIRECTOR,), other_than=_WRITTEN, comment=True,
         optional=True, notify=("makers",)),
    Move("recall", "收回", (_S.SUBMITTED,), _S.DRAFTING, _MAKERS, optional=True),
    Move("discard", "作废", (_S.DRAFTING,), _S.DISCARDED, _MAKERS, optional=True,
         confirm="作废后不能再修改，记录保留；这个月份可以重新填报。"),
)  # fmt: skip

MONITORING_MOVES: dict[str, Table] = {
    "performance.Monitoring": Table(
        states=MonitoringState,
        moves=_MOVES,
        final=(_S.APPROVED, _S.DISCARDED),
        rows=_READS + "monitoring_rows",
        visible=_READS + "monitorings_visible",
        title=_READS + "monitoring_title",
        url=_READS + "monitoring_url",
        facts=_READS + "monitoring_facts",
    ),
}
