"""Writes of goals by office and month: who is to do what, and what was done; added only, the newest row holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.models import Department, User
from core.errors import BusinessError
from performance.models import FiscalYear, GoalProgress, GoalShare, GoalState, Indicator, YearState
from performance.models.common import REASON_LENGTH
from performance.models.monthly import MONTHS
from performance.scoring.values import is_qualitative
from performance.selectors.goal_progress import adds_up, newest_progress, newest_shares
from performance.selectors.offices import fills_all, offices_of
from performance.selectors.progress import last_month
from performance.services.common import refuse, texts_storable, told, writing
from workflow.actors import actor_of

NOT_SAVED = "没有保存"
PLACES = Decimal("0.0001")
LARGEST = Decimal(10) ** 15


@dataclass(frozen=True)
class Wish:
    """What an office is to do in a month: a number in the unit of the target, words, or both; neither: nothing."""

    planned: Decimal | None = None
    text: str = ""


@dataclass(frozen=True)
class Deed:
    """What an office did in a month for an indicator: a number in the unit of the target, words, or both.

    Args:
        seen: number of the newest row that the form showed, 0 for none; None: do not ask.
    """

    indicator: Indicator
    department: Department
    value: Decimal | None = None
    text: str = ""
    seen: int | None = None


def _number_refused(value: Decimal | None, what: str) -> None:
    if value is None:
        return
    if not value.is_finite() or not 0 <= value < LARGEST or value != value.quantize(PLACES):
        raise refuse(NOT_SAVED, f"{what}应不小于 0，最多 4 位小数")


def _text_read(text: str, what: str) -> str:
    texts_storable(NOT_SAVED, text)
    said = text.replace("\r\n", "\n").strip()
    if len(said) > REASON_LENGTH:
        raise refuse(NOT_SAVED, f"{what}超过 {REASON_LENGTH} 字，请精简")
    return said


def _held(indicators: Iterable[Indicator]) -> dict[int, Indicator]:
    """The indicators, locked, of approved tables of a year that is not closed. Raises BusinessError."""
    numbers = [one.pk for one in indicators]
    rows = Indicator.objects.select_for_update(of=("self",), no_key=True).select_related("table__fiscal_year")
    found = {one.pk: one for one in rows.filter(pk__in=numbers).order_by("pk")}
    for pk in numbers:
        one = found.get(pk)
        if one is None or one.table.state != GoalState.APPROVED:
            raise refuse(NOT_SAVED, "指标所在的目标表不是现行批准的版本，请从列表重新打开", code="blocked")
        if one.table.fiscal_year.state == YearState.CLOSED:
            raise refuse(NOT_SAVED, "这个年度的决算已经确认，不能再填", code="blocked")
    return found


def _shared_once(indicator: Indicator, department: Department, wishes: Mapping[int, Wish]) -> None:
    """The numbers of an indicator whose months do not add up come from one office: shares cannot be added."""
    if all(one.planned is None for one in wishes.values()):
        return
    if is_qualitative(indicator.target):
        raise refuse(NOT_SAVED, "定性指标没有计划数，请只写工作内容")
    if adds_up(indicator.target):
        return
    others = newest_shares(indicator.table.fiscal_year_id, indicator_key=indicator.key)
    other = next((o for o in others if o.department_id != department.pk and o.planned is not None), None)
    if other is not None:
        raise refuse(
            NOT_SAVED, f"“{indicator.target}”的数不能在科室之间相加，计划数只由一个科室填（现在是{other.department}），"
            "其他科室请只写工作内容",
        )  # fmt: skip


def goal_shares_set(
    *, indicator: Indicator, department: Department, wishes: Mapping[int, Wish], by: User, now: datetime,
    seen: int | None = None, address: str = "",
) -> int:  # fmt: skip
    """Give an office its part of an indicator, month by month.

    Args:
        indicator: of an approved goal table.
        wishes: month -> what is to be done; months that are left out stay as they are.
        seen: number of the newest share of this office that the form showed, 0 for none.

    Returns:
        How many months were written; what is as it was is not written again.

    Raises:
        BusinessError: ``没有保存：…``; ``invalid``, ``blocked``, ``changed``.
    """
    if not set(wishes) <= set(MONTHS):
        raise refuse(NOT_SAVED, "月份应在 1 至 12 之间")
    if not department.is_active:
        raise refuse(NOT_SAVED, f"{department}已经停用，请另选科室")
    clean = {month: Wish(one.planned, _text_read(one.text, "工作内容")) for month, one in wishes.items()}
    for one in clean.values():
        _number_refused(one.planned, "计划数")
    with writing(NOT_SAVED):
        held = _held([indicator])[indicator.pk]
        _shared_once(held, department, clean)
        known = {
            one.month: one
            for one in newest_shares(
                held.table.fiscal_year_id, indicator_key=held.key, department=department
            )
        }  # fmt: skip
        if seen is not None and max((one.pk for one in known.values()), default=0) != seen:
            raise refuse(NOT_SAVED, f"您打开之后，别人改过{department}的分解，请对照现在的数再保存", code="changed")
        rows = [
            GoalShare(fiscal_year=held.table.fiscal_year, indicator_key=held.key, department=department, month=month,
                      planned=one.planned, text=one.text, by=by, at=now)
            for month, one in sorted(clean.items()) if _differs(known.get(month), one)
        ]  # fmt: skip
        GoalShare.objects.bulk_create(rows)
        if rows:
            told(what="goal_shares", obj=held, by=by, now=now, address=address, office=department.code,
                 count=len(rows))  # fmt: skip
    return len(rows)


def _differs(before: GoalShare | None, wish: Wish) -> bool:
    if before is None:
        return wish.planned is not None or bool(wish.text)
    return (before.planned, before.text) != (wish.planned, wish.text)


def goal_progress_set(
    *, year: FiscalYear, month: int, deeds: Sequence[Deed], by: User, now: datetime, address: str = ""
) -> list[GoalProgress]:
    """Tell what offices did in a month, all of it or nothing; a correction is a further row.

    Args:
        month: 1 to 12, not one to come.
        deeds: each with a share of that office and month; one without number and words is left out.

    Raises:
        BusinessError: ``没有保存：…``; ``not_allowed`` (another office's), ``invalid``, ``blocked``, ``changed``.
    """
    if not 1 <= month <= last_month(year.year, now=now):
        raise refuse(NOT_SAVED, "这个月还没有到，到了再填")
    actor = actor_of(by, now=now)
    kept = [(one, _text_read(one.text, "完成情况")) for one in deeds]
    kept = [(one, said) for one, said in kept if said or one.value is not None]
    for one, _ in kept:
        if not fills_all(actor) and one.department.pk not in offices_of(actor):
            raise BusinessError(f"没有保存：“{one.indicator}”在这里由{one.department}填报。", "not_allowed")
        _number_refused(one.value, "完成数")
        if one.value is not None and is_qualitative(one.indicator.target):
            raise refuse(NOT_SAVED, f"“{one.indicator}”是定性指标，没有完成数，请写完成情况")
    with writing(NOT_SAVED):
        held = _held([one.indicator for one, _ in kept])
        rows = _progress_rows(year, month, kept, held, by, now)
        for row in rows:
            row.save(force_insert=True)
        if rows:
            told(what="goal_progress", obj=year, by=by, now=now, address=address, month=month, count=len(rows))
    return rows


def _progress_rows(
    year: FiscalYear, month: int, kept: Sequence[tuple[Deed, str]], held: Mapping[int, Indicator], by: User,
    now: datetime,
) -> list[GoalProgress]:  # fmt: skip
    keys = [one.key for one in held.values()]
    shares = {(o.indicator_key, o.department_id): o for o in newest_shares(year, indicator_key__in=keys, month=month)}
    known = {(o.indicator_key, o.department_id): o for o in newest_progress(year, indicator_key__in=keys, month=month)}
    rows = []
    for one, said in kept:
        indicator = held[one.indicator.pk]
        place = (indicator.key, one.department.pk)
        share, before = shares.get(place), known.get(place)
        if indicator.table.fiscal_year_id != year.pk or share is None or (share.planned is None and not share.text):
            raise refuse(NOT_SAVED, f"“{indicator}”本月没有分给{one.department}，请先分解目标")
        if one.seen is not None and (before.pk if before else 0) != one.seen:
            who = before.by.name if before else ""
            raise refuse(NOT_SAVED, f"您打开之后，{who}填过“{indicator}”，请对照后再保存", code="changed")
        if before is None or (before.value, before.text) != (one.value, said):
            rows.append(GoalProgress(fiscal_year=year, indicator_key=indicator.key, department=one.department,
                                     month=month, value=one.value, text=said, by=by, at=now))  # fmt: skip
    return rows
