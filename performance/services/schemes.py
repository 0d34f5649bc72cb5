"""Writes of schemes: one is never changed, a new one follows it (migration 0006 has the database see to it)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import IntegrityError, transaction

from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.fields import not_plain
from performance.models import GradeBand, Scheme, SchemeGroup
from performance.models.common import NAME_LENGTH, REASON_LENGTH
from performance.weights import WHOLE, ZERO, decimal

MOST_GROUPS, MOST_BANDS = 6, 5
FIRST_YEAR, LAST_YEAR = 2000, 2100


def _refuse(reason: str, code: str = "invalid", field: str = "") -> BusinessError:
    return BusinessError(f"没有保存方案：{reason}。", code, field=field)


def _texts_check(**texts: tuple[str, str, int]) -> None:
    for field, (label, text, most) in texts.items():
        if not text.strip():
            raise _refuse(f"{label}不能是空的", field=field)
        if len(text) > most or not_plain(text):
            raise _refuse(f"{label}太长（最多 {most} 字），或者有不能用的字符", field=field)


def _groups_check(funds_weight: Decimal, groups: Sequence[tuple[str, Decimal, Sequence[str]]]) -> None:
    if not 1 <= len(groups) <= MOST_GROUPS:
        raise _refuse(f"一级指标应有 1 至 {MOST_GROUPS} 个", field="groups")
    names = [name.strip() for name, _, _ in groups]
    for name in [*names, *(two for _, _, level2 in groups for two in level2)]:
        _texts_check(groups=("指标名称", name, NAME_LENGTH))
    if len(set(names)) < len(names):
        raise _refuse("一级指标有重名的", field="groups")
    weights = [funds_weight, *(weight for _, weight, _ in groups)]
    if any(not one.is_finite() or one < 0 or one > WHOLE or one != round(one, 2) for one in weights):
        raise _refuse("分值应在 0 至 100 之间，最多两位小数", field="groups")
    total = sum(weights, ZERO)
    if total != WHOLE:
        raise _refuse(f"预算执行率和各一级指标的分值合计 {decimal(total)} 分，应是 100 分", field="groups")


def _bands_check(bands: Sequence[tuple[str, Decimal]]) -> None:
    if not 2 <= len(bands) <= MOST_BANDS:
        raise _refuse(f"等级应有 2 至 {MOST_BANDS} 档", field="bands")
    for grade, lowest in bands:
        _texts_check(bands=("等级名称", grade, 10))
        if not lowest.is_finite() or not 0 <= lowest <= WHOLE or lowest != round(lowest, 2):
            raise _refuse("等级的最低得分应在 0 至 100 之间，最多两位小数", field="bands")
    lowest_first = [lowest for _, lowest in bands]
    if any(one <= two for one, two in pairwise(lowest_first)) or lowest_first[-1] != 0:
        raise _refuse("等级应从高到低，最低得分逐档减小，最后一档从 0 分起", field="bands")
    if len({grade.strip() for grade, _ in bands}) < len(bands):
        raise _refuse("等级有重名的", field="bands")


def scheme_make(
    *,
    name: str,
    kind: str,
    first_year: int,
    basis: str,
    heading: str,
    funds_weight: Decimal,
    reverse_rule: str,
    denominator: str,
    decimals: int,
    groups: Sequence[tuple[str, Decimal, Sequence[str]]],
    bands: Sequence[tuple[str, Decimal]],
    by: Any,
    now: datetime,
    seen: int | None = None,
    address: str = "",
) -> Scheme:
    """Make a scheme that goal tables made from now on are scored by, from a year on.

    The one that was in use from the same year on is retired; tables that name it keep it.

    Args:
        kind: ``project`` or ``department``.
        first_year: the first budget year it is for.
        basis: document that says so; heading: 表头 of the form.
        funds_weight: points of the execution rate; with those of the groups 100.
        reverse_rule: one of Scheme.Reverse; denominator: one of Scheme.Denominator; decimals: of scores, 0 to 2.
        groups: name of level 1, points, names offered for level 2.
        bands: grade and its lowest total, the best first, the last from 0.
        seen: number of the scheme in use from that year on as the form showed it, 0 for none; None: do not ask.

    Raises:
        BusinessError: ``invalid`` (with ``field``), ``changed`` when somebody was faster.
    """
    _texts_check(
        name=("名称", name, NAME_LENGTH), basis=("依据", basis, REASON_LENGTH), heading=("表头", heading, NAME_LENGTH)
    )
    _groups_check(funds_weight, groups)
    _bands_check(bands)
    if kind not in ("project", "department") or not FIRST_YEAR <= first_year <= LAST_YEAR or not 0 <= decimals <= 2:
        raise _refuse("适用、年度或者小数位数不对")
    if reverse_rule not in Scheme.Reverse.values or denominator not in Scheme.Denominator.values:
        raise _refuse("反向指标或者分母的规则不对")
    fields = {
        "name": name.strip(), "kind": kind, "first_year": first_year, "basis": basis.strip(),
        "heading": heading.strip(), "funds_weight": funds_weight, "reverse_rule": reverse_rule,
        "denominator": denominator, "decimals": decimals, "created_by": by, "created_at": now,
    }  # fmt: skip
    try:
        with transaction.atomic():
            return _made(fields, groups, bands, seen=seen, address=address)
    except IntegrityError as error:
        raise _refuse("别人刚刚为同一年建了方案，请刷新页面看过再建", "changed") from error


def _made(
    fields: dict[str, Any],
    groups: Sequence[tuple[str, Decimal, Sequence[str]]],
    bands: Sequence[tuple[str, Decimal]],
    *,
    seen: int | None,
    address: str,
) -> Scheme:
    kind, first_year, by, now = fields["kind"], fields["first_year"], fields["created_by"], fields["created_at"]
    before = Scheme.objects.select_for_update().filter(kind=kind, first_year=first_year, is_active=True).first()
    if seen is not None and seen != (before.pk if before else 0):
        words = f"从 {first_year} 年起现在用的是“{before}”" if before else f"{first_year} 年的方案刚刚停用了"
        raise _refuse(f"您打开之后有变动：{words}，您填的是“{fields['name']}”，请核对后再保存", "changed")
    if before is not None:
        before.is_active = False
        before.save(update_fields=["is_active"])
    made = Scheme.objects.create(**fields)
    SchemeGroup.objects.bulk_create(
        SchemeGroup(scheme=made, level1=level1.strip(), weight=weight, level2=list(level2), position=place)
        for place, (level1, weight, level2) in enumerate(groups, 1)
    )
    GradeBand.objects.bulk_create(GradeBand(scheme=made, grade=grade.strip(), lowest=lowest) for grade, lowest in bands)
    detail = {"what": "scheme_make", "version": made.pk, "from": before.pk if before else ""}
    action_record(
        tag=Tag.SETTING, by=by, now=now, subject=f"performance.scheme:{made.pk}", detail=detail, address=address
    )
    return made


def scheme_retire(*, scheme: Scheme, by: Any, now: datetime, address: str = "") -> Scheme:
    """Take a scheme out of use for new tables; another one must be left for its kind.

    Raises:
        BusinessError: ``wrong_state``, ``invalid``.
    """
    with transaction.atomic():
        rows = list(Scheme.objects.select_for_update().filter(kind=scheme.kind, is_active=True).order_by("pk"))
        found = next((one for one in rows if one.pk == scheme.pk), None)
        if found is None:
            raise BusinessError("没有停用：这个方案已经停用了，请刷新页面。", "wrong_state")
        if not any(one.first_year < found.first_year for one in rows):
            raise BusinessError(
                f"没有停用：停用以后 {found.first_year} 年就没有方案可用了，请新建一个同年起用的方案来替代。",
                "invalid",
            )
        found.is_active = False
        found.save(update_fields=["is_active"])
        action_record(
            tag=Tag.SETTING, by=by, now=now, subject=f"performance.scheme:{found.pk}",
            detail={"what": "scheme_retire"}, address=address,
        )  # fmt: skip
    return found
