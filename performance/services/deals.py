"""Writes of deal figures: typed with their evidence; append-only, the newest of a category holds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from accounts.models import User
from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.text import first_not_typed
from performance.models import DealFigure, FiscalYear
from performance.models.common import REASON_LENGTH
from performance.services.common import writing
from performance.services.files import KeptFile

MOST_DEALS = 1_000_000
MOST_AMOUNT = Decimal(10) ** 14


def _refuse(reason: str, field: str = "", code: str = "invalid") -> BusinessError:
    return BusinessError(f"没有保存：{reason}。", code, field=field)


def deal_set(
    *,
    fiscal_year: FiscalYear,
    category: str,
    deal_count: int,
    amount: Decimal,
    evidence: str,
    by: User,
    now: datetime,
    file: KeptFile | None = None,
    seen: int | None = None,
    address: str = "",
) -> DealFigure:
    """Give the deals of a category in a year; a correction is a further row.

    Args:
        category: one of DealFigure.Category.
        deal_count: 宗; amount: yuan, at most two decimals.
        evidence: what the figures are known from; file: a stored paper of it.
        seen: number of the category's newest figure as the form showed it, 0 for none; None: do not ask.

    Raises:
        BusinessError: ``invalid`` (with ``field``), ``changed`` showing both.
    """
    if category not in DealFigure.Category.values:
        raise _refuse("没有这个交易类别", "category")
    if not 0 <= deal_count <= MOST_DEALS:
        raise _refuse("宗数应是不小于 0 的整数", "deal_count")
    if not amount.is_finite() or not 0 <= amount < MOST_AMOUNT or amount != round(amount, 2):
        raise _refuse("成交金额应不小于 0，换算成元以后最多两位小数", "amount")
    if not deal_count and amount:
        raise _refuse("宗数是 0，成交金额却不是 0，请核对", "amount")
    words = evidence.replace("\r\n", "\n").strip()
    if not words or len(words) > REASON_LENGTH or first_not_typed(words):
        raise _refuse(f"要写明数字的来源，不超过 {REASON_LENGTH} 字，不含控制字符", "evidence")
    with writing("没有保存"):
        # One after the other: the year's row is what they wait for.
        FiscalYear.objects.select_for_update().get(pk=fiscal_year.pk)
        rows = DealFigure.objects.filter(fiscal_year=fiscal_year, category=category).select_related("by")
        last = rows.order_by("-id").first()
        if seen is not None and seen != (last.pk if last else 0) and last is not None:
            raise _refuse(
                f"您打开之后，{last.by.name}填了 {last.deal_count} 宗、{last.amount} 元，您填的是 {deal_count} 宗、"
                f"{amount} 元，请对照后再保存",
                code="changed",
            )
        found = DealFigure.objects.create(
            fiscal_year=fiscal_year, category=category, deal_count=deal_count, amount=amount, evidence=words,
            file=file.file if file else None, file_name=file.name if file else "", by=by, at=now,
        )  # fmt: skip
        action_record(
            tag=Tag.SETTING, by=by, now=now, subject=f"performance.dealfigure:{found.pk}", address=address,
            detail={"what": "deal_set", "kind": category, "count": deal_count},
        )  # fmt: skip
    return found
