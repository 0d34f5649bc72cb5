"""Writes of the indicators of a draft: each change is a ``save`` of its table, so that approver and maker differ."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Department, User
from core.errors import BusinessError
from core.fields import not_plain
from core.measures import measure_find
from core.text import first_not_typed
from performance.models import GoalTable, Indicator
from performance.selectors.goals import FIELDS, indicators_of
from performance.selectors.schemes import groups_of
from performance.selectors.versions import field_words, indicator_words
from workflow.models import StateChange
from workflow.services import move

MOST_INDICATORS = 100
_ONE_LINE = ("level1", "level2", "name", "target", "measure")
_SHOWN = 60


def _refuse(reason: str, code: str = "invalid", field: str = "") -> BusinessError:
    return BusinessError(f"没有保存：{reason}。", code, field=field)


def indicator_digest(one: Indicator) -> str:
    """Names what an indicator says now: a form that was opened with another one is not saved over it."""
    words = {**indicator_words(one), "office": str(one.office_id or ""), "measure": one.measure}
    return hashlib.sha256(json.dumps(words, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def _cleaned(table: GoalTable, values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they will be stored. Raises BusinessError."""
    found: dict[str, Any] = {}
    for name in (one for one in FIELDS if one not in ("weight", "office")):
        text = str(values.get(name) or "").replace("\r\n", "\n").strip()
        if first_not_typed(text) or (name in _ONE_LINE and name != "target" and not_plain(text)):
            raise _refuse(f"{FIELDS[name]}里有不能用的字符，请删去后重写", field=name)
        found[name] = text
    if found["level1"] not in dict(groups_of(table.scheme)):
        raise _refuse("一级指标应从评分方案的一级指标里选", field="level1")
    if found["measure"] and measure_find(found["measure"]) is None:
        raise _refuse("没有这个自动取数项目，请从列出的里选", field="measure")
    weight = values.get("weight")
    if not isinstance(weight, Decimal) or not weight.is_finite() or not 0 <= weight <= 100:
        raise _refuse("分值应在 0 至 100 之间", field="weight")
    office: Department | None = values.get("office")
    return {**found, "weight": weight, "office": office}


def _stored(one: Indicator) -> None:
    """Check every field and constraint, then save. Raises BusinessError."""
    try:
        one.full_clean()
    except ValidationError as error:
        for field, messages in error.message_dict.items():
            label = FIELDS.get(field)
            text = str(messages[0]).rstrip("。")
            raise _refuse(f"{label}：{text}" if label else text, field=field if label else "") from None
    one.save()


def indicator_add(
    *, table: GoalTable, values: Mapping[str, Any], by: User, now: datetime, address: str = "",
    key: uuid.UUID | None = None,
) -> Indicator:  # fmt: skip
    """Add an indicator to a draft, last in its group.

    Args:
        values: by name of ``performance.selectors.goals.FIELDS``; weight a Decimal, office a Department or None.
        key: only for what is to be the same indicator as in another table.

    Raises:
        BusinessError: ``invalid`` (with ``field``), ``too_many``, or as ``workflow.services.move``.
    """
    wanted = key or uuid.uuid4()
    data = {"do": "add", "name": str(values.get("name") or "")[:100], "values": values, "key": wanted}
    move(table, "save", by=by, now=now, data=data, address=address)
    return Indicator.objects.get(table=table, key=wanted)


def add_write(table: GoalTable, data: dict[str, Any], change: StateChange) -> None:
    """Record of an addition."""
    places = list(table.indicators.values_list("position", flat=True))
    if len(places) >= MOST_INDICATORS:
        raise _refuse(f"一张表最多 {MOST_INDICATORS} 个指标", "too_many")
    fields = _cleaned(table, data["values"])
    _stored(Indicator(table=table, key=data["key"], position=max(places, default=0) + 1, **fields))


def indicator_edit(
    *, indicator: Indicator, values: Mapping[str, Any], seen: str, by: User, now: datetime, address: str = ""
) -> Indicator:
    """Change an indicator of a draft.

    Args:
        values: as for :func:`indicator_add`.
        seen: :func:`indicator_digest` of what the form began with; where it says something else by now, nothing is
            saved and the refusal shows both.

    Raises:
        BusinessError: ``changed``, ``gone``, ``invalid`` (with ``field``), or as ``workflow.services.move``.
    """
    data = {"do": "edit", "name": indicator.name, "values": values, "key": indicator.key, "seen": seen}
    move(indicator.table, "save", by=by, now=now, data=data, address=address)
    return Indicator.objects.select_related("office", "table").get(table=indicator.table_id, key=indicator.key)


def _present(table: GoalTable, key: uuid.UUID, name: str) -> Indicator:
    found = Indicator.objects.select_related("office").filter(table=table, key=key).first()
    if found is None:
        raise _refuse(f"指标“{name}”已经被别人删去；您填的还在表单里，可以作为新指标增加", "gone")
    return found


def _last_editor(table: GoalTable, name: str, change: StateChange) -> str:
    changes = StateChange.objects.filter(
        subject_type="performance.goaltable", subject_id=table.pk, number__lt=change.number, data__name=name
    )
    last = changes.select_related("by", "on_behalf_of").order_by("-number").first()
    return last.person_words if last else "别人"


def _conflict(now: Indicator, wanted: Mapping[str, Any], who: str) -> BusinessError:
    """The sentence that shows both."""
    mine = Indicator(table=now.table, key=now.key, **wanted)
    differ = [
        f"{label}现在是“{field_words(now, name)[:_SHOWN]}”，您填的是“{field_words(mine, name)[:_SHOWN]}”"
        for name, label in FIELDS.items()
        if field_words(now, name) != field_words(mine, name)
    ]
    both = "；".join(differ) or "改成的内容和您填的一样"
    return _refuse(f"您打开之后，{who}改过指标“{now.name}”：{both}。请对照后再保存，您填的还在表单里", "changed")


def edit_write(table: GoalTable, data: dict[str, Any], change: StateChange) -> None:
    """Record of a change."""
    one = _present(table, data["key"], data["name"])
    fields = _cleaned(table, data["values"])
    if indicator_digest(one) != data["seen"]:
        raise _conflict(one, fields, _last_editor(table, one.name, change))
    for name, value in fields.items():
        setattr(one, name, value)
    _stored(one)


def indicator_delete(*, indicator: Indicator, seen: str, by: User, now: datetime, address: str = "") -> None:
    """Take an indicator out of a draft.

    Raises:
        BusinessError: ``changed`` when it says something else by now, ``gone``, or as ``workflow.services.move``.
    """
    data = {"do": "delete", "name": indicator.name, "key": indicator.key, "seen": seen}
    move(indicator.table, "save", by=by, now=now, data=data, address=address)


def delete_write(table: GoalTable, data: dict[str, Any], change: StateChange) -> None:
    """Record of a deletion."""
    one = Indicator.objects.select_related("office").filter(table=table, key=data["key"]).first()
    if one is None:
        raise BusinessError(f"没有删去：指标“{data['name']}”已经被别人删去。", "gone")
    if indicator_digest(one) != data["seen"]:
        who = _last_editor(table, one.name, change)
        raise BusinessError(
            f"没有删去：您打开之后，{who}改过指标“{one.name}”（现在 {one.target}，{one.weight} 分），请看过再决定。",
            "changed",
        )
    one.delete()


def indicator_shift(*, indicator: Indicator, step: int, by: User, now: datetime, address: str = "") -> None:
    """Move an indicator of a draft up (-1) or down (1) within its group; at the end nothing happens.

    Raises:
        BusinessError: ``gone``, or as ``workflow.services.move``.
    """
    data = {"do": "shift", "name": indicator.name, "key": indicator.key, "step": 1 if step > 0 else -1}
    move(indicator.table, "save", by=by, now=now, data=data, address=address)


def shift_write(table: GoalTable, data: dict[str, Any], change: StateChange) -> None:
    """Record of a shift: the group is numbered anew."""
    one = _present(table, data["key"], data["name"])
    group = [other for other in indicators_of(table) if other.level1 == one.level1]
    here = next(place for place, other in enumerate(group) if other.key == one.key)
    there = here + data["step"]
    if not 0 <= there < len(group):
        return
    group[here], group[there] = group[there], group[here]
    for place, other in enumerate(group, 1):
        other.position = place
    Indicator.objects.bulk_update(group, ["position"])
