"""The charts of the comparison: money and results of some years."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from performance.amounts import wan
from performance.compare_charts import Chart, columns_chart, lines_chart
from performance.selectors.compare import Standing


def standing_charts(what: str, rows: list[Standing], today: date) -> list[Chart]:
    """Money and results of some years, a place for each year from the first to the last; none for fewer than two."""
    if len(rows) < 2:
        return []
    known = {one.year: one for one in rows}
    years = range(min(known), max(known) + 1)
    labels = [f"{one}年至{today.month}月" if one == today.year else f"{one}年" for one in years]

    def values(name: str) -> list[Decimal | None]:
        return [getattr(known[one], name) if one in known else None for one in years]

    money = [
        (label, [None if value is None else wan(value) for value in values(name)])
        for label, name in (("全年预算数", "adjusted"), ("全年执行数", "executed"))
    ]
    results = [("预算执行率（%）", values("rate")), ("自评得分", values("score"))]
    running = years.index(today.year) if today.year in years else None
    return [
        columns_chart(caption=f"{what}：预算和执行", unit="万元", labels=labels, series=money, running=running),
        lines_chart(caption=f"{what}：执行率和得分", unit="", labels=labels, series=results),
    ]
