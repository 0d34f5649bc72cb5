"""Measures of publication: counted from the announcements themselves, by the day of publication in Shanghai."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse

from core.measures import MOST_ROWS, Compute, Measure, Measured, MeasureRow, measure_add
from core.moments import SHANGHAI
from tenders.models import Announcement, AnnouncementType

_Stage = AnnouncementType.Stage


def announcements_of(year: int, *stages: str) -> QuerySet[Announcement]:
    """What was published in a calendar year, perhaps of some stages only."""
    begin, end = (datetime(one, 1, 1, tzinfo=SHANGHAI) for one in (year, year + 1))
    rows = Announcement.objects.filter(published_at__gte=begin, published_at__lt=end)
    return rows.filter(type__stage__in=stages) if stages else rows


def _each(rows: QuerySet[Announcement]) -> Iterator[MeasureRow]:
    """One row each. No title: it may be masked later (个人信息), a stored row is not."""
    found = rows.order_by("published_at", "id").values_list("id", "type_id", "category_id", "published_at")
    for pk, kind, category, moment in found.iterator(chunk_size=2_000):
        day = moment.astimezone(SHANGHAI).date()
        yield MeasureRow(f"{category} {kind}（第 {pk} 号）", reverse("portal:announcement", args=[pk]), str(day))


def _by_day(rows: QuerySet[Announcement]) -> Iterator[MeasureRow]:
    """Sums by day, with a link to the day's list."""
    days = rows.annotate(day=TruncDate("published_at", tzinfo=SHANGHAI)).values("day").order_by("day")
    for day, count in days.annotate(count=Count("id")).values_list("day", "count"):
        url = f"{reverse('portal:announcements')}?since={day}&until={day}"
        yield MeasureRow(f"{day} 发布的公告", url, f"{count}件")


def rows_of(rows: QuerySet[Announcement], count: int) -> tuple[MeasureRow, ...]:
    """The announcements themselves, or their sums by day where there are too many to keep."""
    return tuple(_each(rows) if count <= MOST_ROWS else _by_day(rows))


def _counted(year: int, *stages: str) -> Measured:
    rows = announcements_of(year, *stages)
    count = rows.count()
    return Measured(Decimal(count), rows_of(rows, count))


def published(*, year: int, unit_id: int | None, program_year_id: int | None) -> Measured:
    """发布公告数."""
    return _counted(year)


def corrected(*, year: int, unit_id: int | None, program_year_id: int | None) -> Measured:
    """更正公告数."""
    return _counted(year, _Stage.CORRECTION)


def results(*, year: int, unit_id: int | None, program_year_id: int | None) -> Measured:
    """结果公告数."""
    return _counted(year, _Stage.RESULT)


def correction_rate(*, year: int, unit_id: int | None, program_year_id: int | None) -> Measured:
    """更正公告率; no value in a year without announcements."""
    total, corrections = announcements_of(year).count(), announcements_of(year, _Stage.CORRECTION)
    if not total:
        return Measured(None)
    count = corrections.count()
    rate = (Decimal(count) * 100 / total).quantize(Decimal("0.01"), ROUND_HALF_UP)
    url = f"{reverse('portal:announcements')}?since={year}-01-01&until={year}-12-31"
    return Measured(rate, (MeasureRow("全年发布的公告", url, f"{total}件"), *rows_of(corrections, count)))


_WORDS: tuple[tuple[str, str, str, str, Compute], ...] = (
    ("announcements_published", "发布公告数", "全年在本平台发布的公告件数，以发布时间为准。", "件", published),
    ("announcements_corrected", "更正公告数", "全年发布的更正、变更、澄清公告件数。", "件", corrected),
    ("announcements_results", "结果公告数", "全年发布的中标（成交）结果公告件数。", "件", results),
    ("announcements_correction_rate", "更正公告率",
     "更正公告数÷发布公告数×100%，四舍五入到两位小数；全年没有公告时取不到。", "%", correction_rate),
)  # fmt: skip
for _name, _label, _definition, _unit, _compute in _WORDS:
    measure_add(Measure(_name, _label, _definition, _unit, _compute, own_only=True))
