"""What the services of budget and spending share: refusals in words, and what the audit log keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import ProtectedError

from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.text import first_not_typed
from workflow.models import StateChange
from workflow.services import move

T = TypeVar("T")
LOCK_SECONDS = 10
_REPORT_SHUT = "报告不在编制中，不能修改；已提交的请先收回，已审核、定稿的由主任重新编制"
_PLAN_SHUT = "自评工作方案已经提交或批准，不能修改；请先收回或者调整"
REPORT_FROZEN = "自评报告已经定稿，它的数字不再改变；要更正，先由主任写明理由重新编制报告"
# What the triggers say (migrations 0002, 0004 and those of the slices), and what a person is told.
REFUSALS = {
    "the report is not being drafted": _REPORT_SHUT,
    "performance_report is frozen": _REPORT_SHUT,
    "performance_planmember is frozen": _PLAN_SHUT,
    "performance_planstep is frozen": _PLAN_SHUT,
    "performance_planprogram is frozen": _PLAN_SHUT,
    "performance_evaluationplan is frozen": _PLAN_SHUT,
    "performance_rectification is frozen": "整改事项列入台账以后不能改写；要改期限请延长，写错的请撤销后重新列入",
    "is frozen with its approval": "已经提交或批复，不能再改；要变动金额，请登记预算调整",
    "entry and line are of different years": "登记的年度与预算的年度不同，请重新选择",
    "the day is not in the fiscal year": "日期不在这个预算年度里，请核对日期或者换一个年度",
    "a figure of a frozen report": REPORT_FROZEN,
    "the final accounts are confirmed": "这个年度的决算已经确认，不能再登记",
    "expense line of another program": "支出明细不属于这个项目，请重新选择",
    "a reversal takes back one whole entry": "冲销只能整笔进行，金额、科目、明细与原登记相同",
    "a reversal gives back to the approval": "冲销要退回原登记所用的特别批准",
    "above the balance of the line": "超过这项预算的余额，请先登记预算调整",
    "outside of what the line is for": "用途与这项预算不符，请选用途相符的预算",
    "the program is closed": "这个项目已经结束，不能再支出",
    "earmarked money: balance,": "同时违反几项专款专用的规定，一份特别批准不能都解决，请先办预算调整或更换用途",
    "earmarked money: balance": "超过项目或明细的余额，请先登记预算调整，或者申请特别批准",
    "earmarked money: before,": "同时违反几项专款专用的规定，一份特别批准不能都解决，请先办项目批复",
    "earmarked money: before": "项目资金还没有批复（或者日期早于批复），请等批复，或者申请特别批准",
    "earmarked money: purpose": "用于规定用途以外，请更换资金来源，或者申请特别批准",
    "the approval is for something else": "所选的特别批准不适用于这笔支出，请重新选择",
    "the approval does not reach": "所选的特别批准余额不够，请另行申请",
    "more than is left of the line": "金额大于这项预算的结余，请核对",
    "the expense line has no budget of its own": "这项支出明细没有单列预算，不用调整",
    "adjustment and line are of different years": "调整的年度与预算的年度不同，请重新选择",
    "only an approved budget is adjusted": "只有已批复、未决算的预算才能调整；编制中的预算请直接修改",
    "below what was spent": "调整后会低于已经支出的金额，请核对调整金额",
    "the payment is entered already": "这张支付单在这项预算里已经登记过，请核对支付单号",
    "reversal_of_id": "这一笔已经冲销过",
    "a changed plan says why": "改动填过的计划要写明调整理由",
    "performance_monitoring_once": "别人刚刚建立了这个月份的监控表，请在那一份上填",
    "performance_workbook_once": "在用的表格里已经有这个名称，请换一个",
    "performance_import_applied": "导入的确认没有写全，请重新确认",
}


def refuse(what: str, *reasons: str, code: str = "invalid", field: str = "") -> BusinessError:
    """``<what>：<reasons>。`` to be raised.

    Args:
        what: what was not done, e.g. ``没有登记``.
        reasons: without a full stop.
        code: ``invalid`` (400) or ``blocked`` (409).
        field: the form's field that it is about.
    """
    return BusinessError(f"{what}：{'；'.join(reasons)}。", code, field=field, reasons=list(reasons))


def _told(error: IntegrityError) -> str:
    said = str(error)
    return next((words for mark, words in REFUSALS.items() if mark in said), "")


@contextmanager
def writing(what: str) -> Iterator[None]:
    """A transaction whose refusals by the database are told in words.

    Args:
        what: as :func:`refuse`.

    Raises:
        BusinessError: ``blocked`` (a trigger or constraint refused), ``busy`` (somebody else holds the rows).
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            yield
    except IntegrityError as error:
        if not (told := _told(error)):
            raise
        raise refuse(what, told, code="blocked") from error
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") not in ("55P03", "40P01"):
            raise
        raise refuse(what, "别人正在登记同一项预算，请过一会儿再试", code="busy") from error
    except ProtectedError as error:
        raise refuse(what, "还有登记、调整或其他内容用到它，不能删除", code="blocked") from error


def checked(obj: Any, what: str) -> None:
    """``obj.full_clean()``, its first complaint in words with the field's name. Raises BusinessError."""
    try:
        obj.full_clean()
    except ValidationError as error:
        names = {field.name: str(field.verbose_name) for field in obj._meta.fields}
        for name, messages in error.message_dict.items():
            words = f"{names[name]}：{messages[0]}" if name in names else messages[0]
            raise refuse(what, words.rstrip("。"), field=name if name in names else "") from None


def texts_storable(what: str, *texts: str) -> None:
    """Raises BusinessError: a text that no store can hold."""
    if any(first_not_typed(text) for text in texts):
        raise refuse(what, "文字里有不能保存的控制字符，请删去后重写")


def told(*, what: str, obj: Any, by: Any, now: datetime, address: str = "", **detail: Any) -> None:
    """One row of the audit log, in the caller's transaction.

    Args:
        what: a name of ``performance.audit_words.DEEDS``.
        obj: what it was done to.
        detail: numbers and codes, no personal data.
    """
    action_record(
        tag=Tag.MOVE, by=by, now=now, subject=f"{obj._meta.label_lower}:{obj.pk}", address=address,
        detail={"what": what, **{name: str(value) for name, value in detail.items() if value not in (None, "")}},
    )  # fmt: skip


def draft_write(
    *, obj: Any, do: str, write: Callable[[Any], T], by: Any, now: datetime, name: str = "", seen: int | None = None,
    address: str = "",
) -> T:  # fmt: skip
    """One change of what is drafted: the move ``save``, which locks it and remembers who wrote.

    Args:
        obj: of a table with a move ``save`` whose record is :func:`write_record`.
        do: what is changed, for its history (performance.templatetags.goals); name: of the part.
        write: called with the locked object in the move's transaction; what it returns is given back.
        seen: number of the last change that the page showed, where one of anybody else is to be a refusal.

    Raises:
        BusinessError: as ``workflow.services.move`` (``wrong_state``: not drafted now), and what ``write`` raises.
    """
    kept: list[T] = []
    data = {"do": do, "name": name, "write": lambda locked: kept.append(write(locked))}
    move(obj, "save", by=by, now=now, data=data, seen=seen, address=address)
    return kept[0]


def write_record(obj: Any, *, change: StateChange, by: Any, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``save``: the change itself. The object is locked."""
    data["write"](obj)
