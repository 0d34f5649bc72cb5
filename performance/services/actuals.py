"""Writes of actual values: typed with evidence, or computed; append-only, the newest of an indicator holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from django.core.exceptions import ValidationError

from accounts.models import User
from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.measures import rows_json, rows_sha256, value_words
from core.text import first_not_typed
from performance.models import ActualPaper, ActualValue, GoalState, Indicator
from performance.models.common import REASON_LENGTH
from performance.scoring.form import half_up
from performance.scoring.scores import BANDS
from performance.scoring.values import normalised, quantity_read, same_unit, target_read
from performance.selectors.actuals import is_satisfaction, measured_now, qualitative
from performance.selectors.offices import may_fill
from performance.services.common import writing
from performance.services.files import KeptFile
from workflow.actors import actor_of

LONGEST_VALUE = 200
MOST_FORMS = 10_000_000


@dataclass(frozen=True)
class Survey:
    """Forms of a satisfaction survey: sent, returned, valid, satisfied; None is unknown, which is not zero."""

    sent: int | None = None
    returned: int | None = None
    valid: int | None = None
    satisfied: int | None = None

    @property
    def known(self) -> bool:
        """Whether any figure is given."""
        return any(one is not None for one in astuple(self))

    @property
    def rate(self) -> Fraction | None:
        """Satisfied of valid, per cent, exact."""
        if self.valid and self.satisfied is not None:
            return Fraction(self.satisfied * 100, self.valid)
        return None


NO_SURVEY = Survey()


def _refuse(reason: str, field: str = "", code: str = "invalid") -> BusinessError:
    return BusinessError(f"没有保存：{reason}。", code, field=field)


def _survey_check(indicator: Indicator, survey: Survey) -> None:
    if not survey.known:
        return
    if not is_satisfaction(indicator):
        raise _refuse("只有满意度指标才填调查份数", "sent")
    names = ("发放", "收回", "有效", "满意")
    known = [(n, v) for n, v in zip(names, astuple(survey), strict=True) if v is not None]
    if any(not 0 <= value <= MOST_FORMS for _, value in known):
        raise _refuse("调查份数应是不小于 0 的整数", "sent")
    for (more, first), (less, second) in pairwise(known):
        if second > first:
            raise _refuse(f"{less}的份数（{second}）不能多于{more}的份数（{first}）", "returned")


def _survey_value(survey: Survey, value: str) -> str:
    """The value by the survey where none was typed; a typed one must be what the survey gives."""
    rate = survey.rate
    if rate is None:
        return value
    computed = f"{half_up(rate)}%"
    if not value:
        return computed
    said = quantity_read(normalised(value))
    if said is None or said.unit not in ("", "%"):
        return value
    decimals = len(normalised(value).rstrip("%").partition(".")[2])
    if said.number != Fraction(half_up(rate, min(decimals, 4))):
        raise _refuse(f"按满意÷有效应是 {computed}，与填的“{value}”不符，请核对；留空则由系统计算", "value")
    return value


def _quantity_check(indicator: Indicator, value: str) -> None:
    actual, target = quantity_read(normalised(value)), target_read(indicator.target)
    if actual is None:
        raise _refuse(f"实际完成值“{value[:40]}”不是数值，请写成与指标值“{indicator.target}”同一口径的数", "value")
    if actual.number < 0:
        raise _refuse("实际完成值不能是负数", "value")
    if target is not None and same_unit(target, actual) is None:
        raise _refuse(f"实际完成值的单位“{actual.unit}”与指标值的单位“{target.unit}”不同，请换算后再填", "value")


def _ratio_checked(value: str, ratio: Decimal | None) -> None:
    if value not in BANDS:
        raise _refuse("定性指标的完成情况应从三种说法里选一种", "value")
    if ratio is None:
        return
    _, low, high, closed = BANDS[value]
    given = Fraction(ratio) if ratio.is_finite() else Fraction(-1)
    if not low <= given <= high or (given == high and not closed):
        upper = f"{float(high):g}" + ("" if closed else "（不含）")
        raise _refuse(f"选“{value}”时，得分比例应在 {float(low):g} 至 {upper} 之间", "ratio")


def _cleaned(indicator: Indicator, value: str, ratio: Decimal | None, evidence: str, survey: Survey) -> str:
    """The value as it will be stored. Raises BusinessError."""
    for field, text, most in (("value", value, LONGEST_VALUE), ("evidence", evidence, REASON_LENGTH)):
        if len(text) > most or first_not_typed(text):
            raise _refuse(f"文字超过 {most} 字，或者有不能保存的控制字符", field)
    _survey_check(indicator, survey)
    found = value.strip()
    if qualitative(indicator):
        _ratio_checked(found, ratio)
        return found
    if ratio is not None:
        raise _refuse("只有定性指标才填得分比例", "ratio")
    found = _survey_value(survey, found)
    if not found:
        raise _refuse("还没有写实际完成值", "value")
    _quantity_check(indicator, found)
    return found


def _locked(indicator: Indicator, by: User, now: datetime) -> Indicator:
    """The indicator, locked so that two values are given one after the other. Raises BusinessError."""
    found = Indicator.objects.select_for_update(of=("self",)).select_related("table__fiscal_year").get(pk=indicator.pk)
    if found.table.state != GoalState.APPROVED:
        raise BusinessError("没有保存：这个指标所在的目标表不是现行批准的版本，请从列表重新打开。", "wrong_state")
    if not may_fill(actor_of(by, now=now), found):
        office = found.office or "绩效管理人员"
        raise BusinessError(f"没有保存：这个指标由{office}填报。", "not_allowed")
    return found


def _unseen(indicator: Indicator, seen: int | None, mine: str) -> None:
    if seen is None:
        return
    rows = ActualValue.objects.filter(fiscal_year=indicator.table.fiscal_year_id, indicator_key=indicator.key)
    last = rows.select_related("by").order_by("-id").first()
    if last is not None and last.pk != seen:
        who = last.by.name if last.by else "系统"
        raise _refuse(f"您打开之后，{who}填了“{last.value}”，您填的是“{mine}”，请对照后再保存", code="changed")


def _record(actual: ActualValue, what: str, *, by: User, now: datetime, address: str) -> None:
    action_record(
        tag=Tag.SETTING, by=by, now=now, subject=f"performance.actualvalue:{actual.pk}", address=address,
        detail={"what": what, "count": actual.papers.count()},
    )  # fmt: skip


def actual_set(
    *,
    indicator: Indicator,
    value: str,
    by: User,
    now: datetime,
    ratio: Decimal | None = None,
    evidence: str = "",
    survey: Survey = NO_SURVEY,
    files: Sequence[KeptFile] = (),
    seen: int | None = None,
    address: str = "",
) -> ActualValue:
    """Give what an indicator came to; a correction is a further row.

    Args:
        indicator: of an approved table.
        value: with its unit, comparable with the target; of a qualitative one of the three words; may be empty where
            the survey gives it.
        ratio: of a qualitative value, the share of the weight within the word's band; None: the band's own.
        evidence: what it is known from; files: stored papers (``files_keep``). One of both is needed.
        seen: number of the newest value that the form showed, 0 for none; None: do not ask.

    Raises:
        BusinessError: ``invalid`` (with ``field``), ``not_allowed``, ``wrong_state``, ``changed`` showing both values.
    """
    found = _cleaned(indicator, value, ratio, evidence, survey)
    if not evidence.strip() and not files:
        raise _refuse("实际完成值要有佐证：写明数据来源，或者附上材料", "evidence")
    with writing("没有保存"):
        locked = _locked(indicator, by, now)
        _unseen(locked, seen, found)
        actual = ActualValue(
            fiscal_year=locked.table.fiscal_year, indicator_key=locked.key, value=found, ratio=ratio,
            evidence=evidence.strip(), sent=survey.sent, returned=survey.returned, valid=survey.valid,
            satisfied=survey.satisfied, by=by, at=now,
        )  # fmt: skip
        _stored(actual)
        ActualPaper.objects.bulk_create(ActualPaper(actual=actual, file=one.file, name=one.name) for one in files)
        _record(actual, "actual_set", by=by, now=now, address=address)
    return actual


def _stored(actual: ActualValue) -> None:
    try:
        actual.full_clean()
    except ValidationError as error:
        raise _refuse(str(next(iter(error.message_dict.values()))[0]).rstrip("。")) from None
    actual.save()


def actual_compute(
    *, indicator: Indicator, by: User, now: datetime, seen: int | None = None, address: str = ""
) -> ActualValue:
    """Take an indicator's value from its measure (取数): value, rows and their digest are kept.

    Args:
        indicator: of an approved table, with a measure.
        seen: as for :func:`actual_set`.

    Raises:
        BusinessError: ``no_measure``, ``own_only``, ``no_value``, ``invalid``, ``not_allowed``, ``wrong_state``,
            ``changed``.
    """
    found = measured_now(indicator)
    if found is None:
        raise BusinessError("没有取数：这个指标没有设自动取数项目，请直接填报。", "no_measure")
    measure, measured = found
    if measure.own_only and not indicator.table.fiscal_year.unit.is_home:
        raise BusinessError(
            f"没有取数：“{measure.label}”只统计本中心的业务，这个指标是{indicator.table.fiscal_year.unit}的，请直接填报。",
            "own_only",
        )
    if measured.value is None:
        raise BusinessError(f"没有取数：系统里还没有可以计算“{measure.label}”的数据，请先登记。", "no_value")
    if qualitative(indicator):
        raise BusinessError("没有取数：定性指标的完成情况要由人从三种说法里选。", "invalid")
    value = value_words(measure, measured.value)
    _quantity_check(indicator, value)
    text = rows_json(measured.rows)
    with writing("没有取数"):
        locked = _locked(indicator, by, now)
        _unseen(locked, seen, value)
        actual = ActualValue.objects.create(
            fiscal_year=locked.table.fiscal_year, indicator_key=locked.key, value=value, measure=measure.name,
            rows=text, rows_sha256=rows_sha256(text), evidence=f"{measure.label}：{measure.definition}", by=by, at=now,
        )  # fmt: skip
        _record(actual, "actual_compute", by=by, now=now, address=address)
    return actual
