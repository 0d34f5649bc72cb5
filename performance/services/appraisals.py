"""Writes of the department's own score: schemes that never change, scores that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.fields import not_plain
from core.measures import rows_sha256
from performance.appraisal.checks import check_find, parameter_fault
from performance.appraisal.score import appraisal_json, appraise
from performance.gates.reports import writers_of
from performance.models import FiscalYear, GoalTable, ManagementItem, ManagementScheme, ManagementScore, Report
from performance.models.common import NAME_LENGTH, REASON_LENGTH
from performance.selectors.appraisals import management_scheme_for, year_running
from performance.services.schemes import FIRST_YEAR, LAST_YEAR
from performance.weights import WHOLE, ZERO, decimal


@dataclass(frozen=True)
class Item:
    """An item of a scheme to be made; ``check`` is a name of performance.appraisal.checks."""

    check: str
    label: str
    weight: Decimal
    parameter: str = ""


def _refuse(reason: str, code: str = "invalid", field: str = "") -> BusinessError:
    return BusinessError(f"没有保存方案：{reason}。", code, field=field)


def _items_check(items: Sequence[Item]) -> None:
    if not items:
        raise _refuse("至少要有一个评分项")
    if len({one.check for one in items}) < len(items):
        raise _refuse("同一个评分项不能用两次")
    for one in items:
        check = check_find(one.check)
        if check is None:
            raise _refuse(f"系统里没有“{one.label}”这项检查")
        if not one.label.strip() or len(one.label) > NAME_LENGTH or not_plain(one.label):
            raise _refuse("评分项的名称是空的、太长，或者有不能用的字符", field=f"label_{one.check}")
        if not one.weight.is_finite() or not 0 < one.weight <= WHOLE or one.weight != round(one.weight, 2):
            raise _refuse(f"“{one.label}”的分值应大于 0，不超过 100，最多两位小数", field=f"weight_{one.check}")
        if fault := parameter_fault(check.parameter, one.parameter):
            raise _refuse(f"“{one.label}”：{fault}", field=f"parameter_{one.check}")
    total = sum((one.weight for one in items), ZERO)
    if total != WHOLE:
        raise _refuse(f"各项分值合计 {decimal(total)} 分，应是 100 分")


def management_scheme_make(
    *, name: str, first_year: int, basis: str, items: Sequence[Item], by: Any, now: datetime, seen: int | None = None,
    address: str = "",
) -> ManagementScheme:  # fmt: skip
    """Make a scheme; the one in use from the same year on is retired, scores kept by it stay as they are.

    Args:
        first_year: the first budget year that it judges.
        basis: the documents and decisions it rests on.
        items: checks with points (together 100) and parameters, in order.
        seen: number of the scheme in use from that year on as the form showed it, 0 for none; None: do not ask.

    Raises:
        BusinessError: ``invalid`` (with ``field``), ``changed`` when somebody was faster.
    """
    for field, text, most in (("name", name, NAME_LENGTH), ("basis", basis, REASON_LENGTH)):
        if not text.strip() or len(text) > most or not_plain(text):
            raise _refuse(f"名称和依据都要写，不超过 {most} 字，不能有控制字符", field=field)
    if not FIRST_YEAR <= first_year <= LAST_YEAR:
        raise _refuse(f"年度应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间", field="first_year")
    _items_check(items)
    try:
        with transaction.atomic():
            return _made(name.strip(), first_year, basis.strip(), items, by, now, seen, address)
    except IntegrityError as error:
        raise _refuse("别人刚刚为同一年建了方案，请刷新页面看过再建", "changed") from error


def _made(
    name: str, first_year: int, basis: str, items: Sequence[Item], by: Any, now: datetime, seen: int | None,
    address: str,
) -> ManagementScheme:  # fmt: skip
    before = ManagementScheme.objects.select_for_update().filter(first_year=first_year, is_active=True).first()
    if seen is not None and seen != (before.pk if before else 0):
        raise _refuse("您打开之后有人改过同一年的方案，请核对后再保存", "changed")
    if before is not None:
        before.is_active = False
        before.save(update_fields=["is_active"])
    made = ManagementScheme.objects.create(
        name=name, first_year=first_year, basis=basis, created_by=by, created_at=now
    )  # fmt: skip
    ManagementItem.objects.bulk_create(
        ManagementItem(
            scheme=made, group=check.group, check_name=one.check, label=one.label.strip(), weight=one.weight,
            parameter=one.parameter, position=place,
        )
        for place, one in enumerate(items, 1)
        if (check := check_find(one.check))
    )  # fmt: skip
    action_record(
        tag=Tag.SETTING, by=by, now=now, subject=f"performance.managementscheme:{made.pk}", address=address,
        detail={"what": "scheme_make", "version": made.pk, "from": before.pk if before else ""},
    )  # fmt: skip
    return made


def judged_people(fiscal_year: FiscalYear) -> frozenset[int]:
    """Whose work the score judges: who made the year's goals or wrote in its reports."""
    found = set(GoalTable.objects.filter(fiscal_year=fiscal_year).values_list("created_by", flat=True))
    for report in Report.objects.filter(fiscal_year=fiscal_year):
        found |= writers_of(report)
    return frozenset(one for one in found if one)


def management_score_keep(*, fiscal_year: FiscalYear, by: Any, now: datetime, address: str = "") -> ManagementScore:
    """Score a year by the scheme in force and keep it with every row it rests on; unchanged, the kept one is given.

    Raises:
        BusinessError: ``no_scheme``, ``not_home``, ``running`` before the year's end, ``not_allowed`` of who wrote its
            goals or reports, ``nothing`` when no item applies.
    """
    if not fiscal_year.unit.is_home:
        raise BusinessError("没有存档：只给本单位的绩效管理工作评分。", "not_home")
    if year_running(fiscal_year, now):
        raise BusinessError(f"没有存档：{fiscal_year.year} 年还没有结束，年度结束以后再存档评分。", "running")
    if by.pk in judged_people(fiscal_year):
        raise BusinessError("没有存档：这一年的目标或者报告是您编写的，要由另一位主任确认存档。", "not_allowed")
    scheme = management_scheme_for(fiscal_year.year)
    with transaction.atomic():
        # Two at once keep one.
        FiscalYear.objects.select_for_update(no_key=True).get(pk=fiscal_year.pk)
        found = appraise(fiscal_year=fiscal_year, scheme=scheme, now=now)
        if found.total is None or found.grade is None:
            raise BusinessError("没有存档：现在还没有可以评分的内容，有了目标、监控或者自评的记录再存。", "nothing")
        lines = appraisal_json(found.items)
        digest = rows_sha256(lines)
        held = ManagementScore.objects.filter(fiscal_year=fiscal_year).order_by("-id").first()
        if held is not None and (held.scheme_id, held.lines_sha256) == (scheme.pk, digest):
            return held
        kept = ManagementScore.objects.create(
            fiscal_year=fiscal_year, scheme=scheme, total=found.total, grade=found.grade, lines=lines,
            lines_sha256=digest, by=by, at=now,
        )  # fmt: skip
        action_record(
            tag=Tag.REPORT, by=by, now=now, subject=f"performance.managementscore:{kept.pk}", address=address,
            detail={"what": "management_keep", "version": kept.pk},
        )  # fmt: skip
    return kept
