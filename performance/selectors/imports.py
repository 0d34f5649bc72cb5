"""Lists to import as their pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count

from performance.models import FiscalYear, ImportLine, SpendingImport
from performance.selectors.money import ZERO
from performance.sheets.layout import heads_ordered

PAGE, LINES = 20, 100
STALE = timedelta(seconds=60)
State, Verdict = SpendingImport.State, ImportLine.Verdict


@dataclass(frozen=True)
class Preview:
    """What the page of a list shows.

    Args:
        counts: (verdict, label, number) of every verdict; lines: of one page; following: row of the next, or 0.
        heads: the columns as the file calls them; new_sum: yuan of what would be entered.
        percent: how far the reading is; stale: no sign of life of its reader.
    """

    counts: list[tuple[str, str, int]]
    lines: list[ImportLine]
    following: int
    heads: list[str]
    new_sum: Decimal
    percent: int
    stale: bool
    verdict: str

    @property
    def number(self) -> dict[str, int]:
        """Lines by verdict."""
        return {verdict: count for verdict, _, count in self.counts}


def imports_page(year: FiscalYear, before: int) -> tuple[list[SpendingImport], int]:
    """The year's lists, newest first, and the number of the last one when there are more."""
    rows = SpendingImport.objects.filter(fiscal_year=year).select_related("by", "applied_by").order_by("-pk")
    found = list((rows.filter(pk__lt=before) if before else rows)[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else 0


def _new_sum(batch: SpendingImport) -> Decimal:
    rows = batch.lines.filter(verdict=Verdict.NEW).values_list("values__amount", flat=True)
    return sum((Decimal(str(one)) for one in rows), ZERO)


def preview_of(batch: SpendingImport, *, verdict: str, after: int, now: datetime) -> Preview:
    """Counts and one page of lines; four queries at most.

    Args:
        verdict: of ``ImportLine.Verdict``, or empty for all; after: row after which the page begins.
    """
    counted = dict(batch.lines.order_by().values_list("verdict").annotate(all=Count("pk")))
    counts = [(value, str(label), counted.get(value, 0)) for value, label in Verdict.choices]
    chosen = verdict if verdict in Verdict.values else ""
    rows = batch.lines.select_related("entry").filter(row__gt=after).order_by("row")
    found = list((rows.filter(verdict=chosen) if chosen else rows)[: LINES + 1])
    heads = heads_ordered(batch.kind, (head for line in found[:LINES] for head in line.cells))
    percent = min(99, batch.rows_read * 100 // batch.rows_all) if batch.rows_all else 0
    stale = batch.state == State.READING and (batch.alive_at is None or batch.alive_at < now - STALE)
    return Preview(
        counts, found[:LINES], found[LINES - 1].row if len(found) > LINES else 0, heads, _new_sum(batch), percent,
        stale, chosen,
    )  # fmt: skip
