"""Writes beside the computed scores: manual scores and reasons, append-only; nothing computed is ever overwritten."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from accounts.models import User
from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.moments import SHANGHAI
from core.text import first_not_typed
from performance.findings.explanations import WHOLE_LINES
from performance.models import (
    ExpenseLine,
    GoalState,
    GoalTable,
    Indicator,
    LineReason,
    ManualScore,
    Report,
    SpendingLine,
)
from performance.models.common import REASON_LENGTH
from performance.selectors.forms import report_of
from performance.services.common import draft_write
from performance.services.reports import report_create
from performance.weights import decimal

EXPENSE = "expense:"
# Kinds of spending, of the department's report.
CATEGORIES = frozenset(f"category:{value}" for value in SpendingLine.Category.values)


def _refuse(reason: str, field: str = "", code: str = "invalid") -> BusinessError:
    return BusinessError(f"没有保存：{reason}。", code, field=field)


def _words(text: str, label: str, *, needed: bool) -> str:
    found = text.replace("\r\n", "\n").strip()
    if needed and not found:
        raise _refuse(f"要写明{label}", "reason")
    if len(found) > REASON_LENGTH or first_not_typed(found):
        raise _refuse(f"{label}超过 {REASON_LENGTH} 字，或者有不能保存的控制字符", "reason")
    return found


def _approved(report: Report) -> GoalTable:
    rows = GoalTable.objects.filter(
        fiscal_year=report.fiscal_year_id, program_year=report.program_year_id, state=GoalState.APPROVED
    )
    found = rows.select_related("scheme").first()
    if found is None:
        raise _refuse("绩效目标表还没有批准", code="wrong_state")
    return found


def report_begin(*, goal_table: GoalTable, by: User, now: datetime, address: str = "") -> Report:
    """The self-evaluation of an approved table: manual scores and reasons belong to it. Twice is once.

    Raises:
        BusinessError: ``wrong_state``: the table is not approved.
    """
    if goal_table.state != GoalState.APPROVED:
        raise BusinessError("不能开始自评：绩效目标表还没有批准。", "wrong_state")
    if known := report_of(goal_table):
        return known
    year, today = goal_table.fiscal_year, now.astimezone(SHANGHAI).date()
    try:
        return report_create(
            year=year, program=goal_table.program_year, dated_on=today, by=by, now=now, address=address
        )
    except BusinessError:
        found = report_of(goal_table)
        if found is None:
            raise
        return found


def _line_weight(table: GoalTable, key: uuid.UUID | None) -> tuple[Decimal, str]:
    if key is None:
        return table.scheme.funds_weight, "预算执行率"
    one = Indicator.objects.filter(table=table, key=key).first()
    if one is None:
        raise _refuse("现行目标表里没有这个指标，请从打分页重新打开", code="gone")
    return one.weight, one.name


def score_set(
    *,
    report: Report,
    indicator_key: uuid.UUID | None,
    score: Decimal | None,
    reason: str,
    by: User,
    now: datetime,
    seen: int | None = None,
    address: str = "",
) -> ManualScore:
    """Give a line a manual score, shown beside the computed one, or take it back.

    Args:
        indicator_key: None is the line of the funds.
        score: 0 to the line's weight, at most two decimals; None takes the manual score back.
        reason: why, always.
        seen: number of the line's newest manual score as the form showed it, 0 for none; None: do not ask.

    Raises:
        BusinessError: ``invalid`` (with ``field``), ``wrong_state``, ``gone``, ``changed`` showing both.
    """
    words = _words(reason, "人工评分的理由", needed=True)

    def write(locked: Report) -> ManualScore:
        # One after the other: the report's row is what they wait for.
        weight, name = _line_weight(_approved(locked), indicator_key)
        if score is not None and (not score.is_finite() or not 0 <= score <= weight or score != round(score, 2)):
            raise _refuse(f"“{name}”的得分应在 0 至 {decimal(weight)} 之间，最多两位小数", "score")
        rows = ManualScore.objects.filter(report=locked, indicator_key=indicator_key).select_related("by")
        last = rows.order_by("-id").first()
        if seen is not None and last is not None and last.pk != seen:
            theirs, mine = ("不用人工评分" if one is None else f"{one} 分" for one in (last.score, score))
            raise _refuse(f"您打开之后，{last.by.name}填了“{theirs}”，您填的是“{mine}”，请对照后再保存", code="changed")
        if score is None and (last is None or last.score is None):
            raise _refuse("这一行没有人工评分，不用收回", "score")
        made = ManualScore.objects.create(
            report=locked, indicator_key=indicator_key, score=score, reason=words, by=by, at=now
        )
        _record(f"performance.manualscore:{made.pk}", "score_set", by=by, now=now, address=address)
        return made

    return draft_write(obj=report, do="score", write=write, by=by, now=now, address=address)


def _record(subject: str, what: str, *, by: User, now: datetime, address: str) -> None:
    action_record(tag=Tag.SETTING, by=by, now=now, subject=subject, detail={"what": what}, address=address)


def reason_set(
    *, report: Report, line: str, text: str, by: User, now: datetime, cause: str = "", seen: int | None = None,
    address: str = "",
) -> LineReason:  # fmt: skip
    """Write 偏差原因分析及改进措施 of a line; an empty text takes it back.

    Args:
        line: ``funds``, the key of an indicator, ``expense:<id>`` of one of the program's expense lines, or of the
            department ``category:<kind of spending>``; ``income`` and ``accounts`` of what is spent beyond the income
            and of what differs from the final accounts.
        cause: of ``LineReason.Cause``, or empty.
        seen: number of the line's newest reason as the form showed it, 0 for none; None: do not ask.

    Raises:
        BusinessError: ``invalid``, ``gone``, ``changed`` showing both.
    """
    words = _words(text, "偏差原因分析及改进措施", needed=False)
    if cause and (cause not in LineReason.Cause.values or not words):
        raise _refuse("选了原因种类，也要写明原因和改进措施" if not words else "请从列出的原因种类里选", "text")

    def write(locked: Report) -> LineReason:
        _line_check(locked, line)
        last = LineReason.objects.filter(report=locked, line=line).select_related("by").order_by("-id").first()
        if seen is not None and last is not None and last.pk != seen:
            raise _refuse(
                f"您打开之后，{last.by.name}写了“{last.text[:100]}”，您写的是“{words[:100]}”，请对照后再保存，"
                "您写的还在表单里",
                "text", "changed",
            )  # fmt: skip
        made = LineReason.objects.create(report=locked, line=line, text=words, cause=cause, by=by, at=now)
        _record(f"performance.linereason:{made.pk}", "reason_set", by=by, now=now, address=address)
        return made

    return draft_write(obj=report, do="reason", write=write, by=by, now=now, address=address)


def _line_check(report: Report, line: str) -> None:
    if line in WHOLE_LINES or (line in CATEGORIES and report.program_year_id is None):
        return
    if line.startswith(EXPENSE):
        number = line.removeprefix(EXPENSE)
        known = number.isascii() and number.isdigit() and len(number) <= 18
        if known and ExpenseLine.objects.filter(pk=number, program_year=report.program_year_id).exists():
            return
        raise _refuse("没有这项支出明细，请从打分页重新打开", code="gone")
    try:
        key = uuid.UUID(line)
    except ValueError:
        raise _refuse("没有这一行，请从打分页重新打开", code="gone") from None
    _line_weight(_approved(report), key)
