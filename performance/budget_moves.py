"""Moves of budget years, of programs' years and of special approvals."""

from __future__ import annotations

from performance.models.programs import ApprovalState, ProgramState
from performance.models.years import YearState
from workflow.moves import NEW, Duty, Move, Table

_MAKERS = (Duty.FINANCE, Duty.PERFORMANCE)
_HEAD = (Duty.DIRECTOR,)
_MADE = ("create", "submit")
_GATES = "performance.budget_gates."
_READS = "performance.selectors.budget_desk."
_FORMS = "performance.forms.moves."

_Y = YearState
YEAR_MOVES = (
    Move("create", "建立预算年度", (NEW,), _Y.DRAFTING, _MAKERS),
    Move("submit", "提交核定", (_Y.DRAFTING,), _Y.SUBMITTED, _MAKERS,
         gates=(_GATES + "year_balanced", _GATES + "programs_agree"), notify=("next",)),
    Move("approve", "登记批复", (_Y.SUBMITTED,), _Y.APPROVED, _HEAD, other_than=_MADE,
         form=_FORMS + "YearApproveForm", gates=(_GATES + "year_balanced", _GATES + "programs_agree"),
         checks=(_GATES + "approval_dated",), records=("performance.services.years.year_approve_record",),
         recorded=("document_number", "approved_on"), notify=("makers",),
         confirm="批复后，年初预算数不能再改，变动只能登记预算调整。"),
    Move("return", "退回修改", (_Y.SUBMITTED,), _Y.DRAFTING, _HEAD, comment=True, optional=True, notify=("makers",)),
    Move("confirm_accounts", "确认决算", (_Y.APPROVED,), _Y.CLOSED, (Duty.PERFORMANCE, Duty.DIRECTOR),
         other_than=_MADE, form=_FORMS + "AccountsForm", gates=(_GATES + "year_over", _GATES + "nothing_open"),
         checks=(_GATES + "accounts_dated",), records=("performance.services.years.year_confirm_record",),
         recorded=("final_income", "final_spending", "final_on"), notify=("involved",), optional=True,
         confirm="确认后，这个年度不能再登记收支，决算数用于绩效自评。"),
)  # fmt: skip

_P = ProgramState
PROGRAM_MOVES = (
    Move("create", "申报项目资金", (NEW,), _P.DRAFTING, _MAKERS, gates=(_GATES + "year_open",)),
    Move("submit", "提交申报", (_P.DRAFTING,), _P.SUBMITTED, _MAKERS,
         gates=(_GATES + "application_whole", _GATES + "plan_within", "performance.gates.results.result_used"),
         notify=("next",)),
    Move("approve", "登记批复", (_P.SUBMITTED,), _P.APPROVED, _HEAD, other_than=_MADE,
         form=_FORMS + "ProgramApproveForm", gates=(_GATES + "application_whole",),
         checks=(_GATES + "approval_dated", _GATES + "amount_agrees"),
         records=("performance.services.programs.program_approve_record",),
         recorded=("approved_amount", "document_number", "approved_on"), notify=("makers",),
         confirm="批复后，资金用途、支出明细和实施节点不能再改。"),
    Move("return", "退回修改", (_P.SUBMITTED,), _P.DRAFTING, _HEAD, comment=True, optional=True, notify=("makers",)),
    Move("close", "结束项目", (_P.APPROVED,), _P.CLOSED, _MAKERS, gates=(_GATES + "no_requests",), optional=True,
         notify=("involved",), confirm="结束后，这个项目本年度不能再支出，余额按年末结余处理。"),
)  # fmt: skip

_A = ApprovalState
APPROVAL_MOVES = (
    Move("request", "申请特别批准", (NEW,), _A.REQUESTED, _MAKERS, gates=(_GATES + "program_open",), notify=("next",)),
    Move("approve", "批准", (_A.REQUESTED,), _A.APPROVED, _HEAD, other_than=("request",),
         gates=(_GATES + "program_open",), notify=("makers",),
         confirm="批准后，可以按这个事由在金额上限内支出。"),
    Move("refuse", "不同意", (_A.REQUESTED,), _A.REFUSED, _HEAD, other_than=("request",), comment=True,
         notify=("makers",)),
    Move("withdraw", "撤回申请", (_A.REQUESTED,), _A.WITHDRAWN, _MAKERS, person=_GATES + "requester", optional=True,
         comment=True),
)  # fmt: skip

BUDGET_MOVES: dict[str, Table] = {
    "performance.FiscalYear": Table(
        # An approved year waits for its own end; whoever confirms the accounts finds the button on its page.
        states=YearState, moves=YEAR_MOVES, final=(YearState.APPROVED, YearState.CLOSED),
        rows=_READS + "year_rows", visible=_READS + "rows_visible", title=_READS + "year_title",
        url=_READS + "year_url", facts=_READS + "year_facts",
    ),
    "performance.ProgramYear": Table(
        states=ProgramState, moves=PROGRAM_MOVES, final=(ProgramState.APPROVED, ProgramState.CLOSED),
        rows=_READS + "program_rows", visible=_READS + "rows_visible", title=_READS + "program_title",
        url=_READS + "program_url", facts=_READS + "program_facts",
    ),
    "performance.SpecialApproval": Table(
        states=ApprovalState, moves=APPROVAL_MOVES,
        final=(ApprovalState.APPROVED, ApprovalState.REFUSED, ApprovalState.WITHDRAWN),
        rows=_READS + "approval_rows", visible=_READS + "rows_visible", title=_READS + "approval_title",
        url=_READS + "approval_url", facts=_READS + "approval_facts",
    ),
}  # fmt: skip
