"""Writes of monitoring forms: begun from the data, filled, submitted, approved by another; then frozen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.models import User
from core.errors import BusinessError
from core.text import first_not_typed
from performance.models import FiscalYear, GoalTable, Monitoring, MonitoringLine, ProgramYear
from performance.models.common import REASON_LENGTH
from performance.models.monitoring import VALUE_LENGTH
from performance.selectors.goals import approved_of
from performance.selectors.monitoring import Taken, taken
from performance.services.common import checked, refuse, writing
from workflow.models import StateChange
from workflow.services import create, move

HEADS = {"filled_by": 100, "phone": 40, "head": 100}
TEXTS = {"so_far": VALUE_LENGTH, "expected": VALUE_LENGTH, "explanation": REASON_LENGTH, "remark": REASON_LENGTH}
NOT_SAVED = "没有保存"


def monitoring_begin(
    *,
    fiscal_year: FiscalYear,
    by: User,
    now: datetime,
    program_year: ProgramYear | None = None,
    through_month: int = 7,
    address: str = "",
) -> Monitoring:
    """Begin a form: money and indicators are filled from the data by the month's last day.

    Args:
        fiscal_year: the budget year; program_year: the program's year, None for the whole department.
        through_month: 1 to 12; July as a rule (财预〔2019〕136号), June for the half-year.

    Raises:
        BusinessError: ``blocked`` (the month is not over, there is a form, no goals were approved), or as
            ``workflow.services.create``.
    """
    if not 1 <= through_month <= 12:
        raise refuse("没有建立", "监控截止月份是 1 至 12 月", field="through_month")
    table = approved_of(fiscal_year, program_year)
    if table is None:
        raise refuse("没有建立", "绩效目标表还没有批准，请先批准目标再填监控表", code="blocked")
    monitoring = Monitoring(
        fiscal_year=fiscal_year, program_year=program_year, goal_table=table, through_month=through_month,
        taken_at=now, created_by=by, created_at=now,
    )  # fmt: skip
    rows = taken(fiscal_year, program_year, table, through_month)
    with writing("没有建立"):
        create(monitoring, by=by, now=now, address=address)
        MonitoringLine.objects.bulk_create(_line(monitoring, place, one) for place, one in enumerate(rows))
    return monitoring


def _line(monitoring: Monitoring, place: int, one: Taken) -> MonitoringLine:
    return MonitoringLine(
        monitoring=monitoring, line=one.line, position=place, name=one.name, level1=one.level1, level2=one.level2,
        target=one.target, initial_amount=one.initial, adjusted_amount=one.adjusted, spent_amount=one.spent,
        so_far=one.so_far,
    )  # fmt: skip


def monitoring_save(
    *,
    monitoring: Monitoring,
    values: Mapping[str, Mapping[str, Any]],
    heads: Mapping[str, str],
    seen: int,
    by: User,
    now: datetime,
    address: str = "",
) -> Monitoring:
    """Save what people fill.

    Args:
        values: by line (``funds``, the key of an indicator …) the fields ``so_far``, ``expected``,
            ``expected_amount`` (yuan or None), ``causes``, ``explanation``, ``likelihood``, ``remark``.
        heads: ``filled_by``, ``phone``, ``head``.
        seen: the edition that the form began with.

    Raises:
        BusinessError: ``changed`` when another has saved since; ``invalid``; or as ``workflow.services.move``.
    """
    data = {"do": "lines", "name": "", "values": values, "heads": heads, "seen": seen}
    move(monitoring, "save", by=by, now=now, data=data, address=address)
    monitoring.refresh_from_db()
    return monitoring


def monitoring_take(*, monitoring: Monitoring, seen: int, by: User, now: datetime, address: str = "") -> Monitoring:
    """Take the figures of the data anew (从数据重新取数): what people wrote stays, but a value that the data have.

    Raises:
        BusinessError: ``changed``, or as ``workflow.services.move``.
    """
    move(monitoring, "save", by=by, now=now, data={"do": "take", "name": "", "seen": seen}, address=address)
    monitoring.refresh_from_db()
    return monitoring


def save_record(monitoring: Monitoring, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``save``: what ``data["do"]`` names. The form is locked."""
    if monitoring.edition != data["seen"]:
        raise BusinessError(
            "没有保存：这份监控表刚刚由别人改过。请核对两边的内容，合在一起再保存。"
            if data["do"] == "lines"
            else "没有取数：这份监控表刚刚由别人改过，请看过再取。",
            "changed",
        )
    if data["do"] == "lines":
        _lines_write(monitoring, data)
    else:
        _take_write(monitoring, now)
    monitoring.edition += 1
    monitoring.save(update_fields=["edition", "taken_at", *HEADS])


def _text(value: Any, label: str, longest: int) -> str:
    words = str(value or "").replace("\r\n", "\n").strip()
    if len(words) > longest or first_not_typed(words):
        raise refuse(NOT_SAVED, f"{label}超过 {longest} 字，或者有不能保存的控制字符")
    return words


def _lines_write(monitoring: Monitoring, data: dict[str, Any]) -> None:
    known = {one.line: one for one in monitoring.lines.all()}
    changed = []
    for name, values in data["values"].items():
        line = known.get(name)
        if line is None:
            raise refuse(NOT_SAVED, "监控表里没有这一行，请重新打开页面")
        _fill(line, values)
        changed.append(line)
    fields = [*TEXTS, "expected_amount", "causes", "likelihood"]
    MonitoringLine.objects.bulk_update(changed, fields)
    for name, longest in HEADS.items():
        if name in data["heads"]:
            setattr(monitoring, name, _text(data["heads"][name], "签署栏", longest))


def _fill(line: MonitoringLine, values: Mapping[str, Any]) -> None:
    for name, longest in TEXTS.items():
        if name in values:
            label = str(MonitoringLine._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            setattr(line, name, _text(values[name], f"“{line.name}”的{label}", longest))
    if "causes" in values:
        line.causes = [one for one in MonitoringLine.Cause.values if one in values["causes"]]
    if "likelihood" in values:
        line.likelihood = str(values["likelihood"] or "")
    if line.is_money:
        amount: Decimal | None = values.get("expected_amount", line.expected_amount)
        line.expected_amount, line.so_far, line.expected = amount, "", ""
    checked(line, NOT_SAVED)


def _take_write(monitoring: Monitoring, now: datetime) -> None:
    table = GoalTable.objects.select_related("scheme").get(pk=monitoring.goal_table_id)
    known = {one.line: one for one in monitoring.lines.all()}
    for one in taken(monitoring.fiscal_year, monitoring.program_year, table, monitoring.through_month):
        line = known[one.line]
        line.initial_amount, line.adjusted_amount, line.spent_amount = one.initial, one.adjusted, one.spent
        line.so_far = one.so_far or line.so_far
    fields = ["initial_amount", "adjusted_amount", "spent_amount", "so_far"]
    MonitoringLine.objects.bulk_update(known.values(), fields)
    monitoring.taken_at = now
