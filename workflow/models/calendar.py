"""The calendar: what the yearly holiday notices said, every version of them kept."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from workflow.holidays import FIRST_YEAR, LAST_YEAR


class CalendarYear(models.Model):
    """One import of one year's notice. The newest row of a year counts; older ones are its history."""

    year = models.SmallIntegerField("年度")
    source = models.CharField("来源", max_length=200, blank=True)
    # A name and no key: what is written here stays as it was when the row was made.
    imported_by = models.CharField("导入人", max_length=150, blank=True, help_text="空为命令行或系统自带")
    imported_at = models.DateTimeField("导入时间")

    class Meta:
        verbose_name = "年度节假日安排"
        verbose_name_plural = "年度节假日安排"
        indexes = [models.Index(fields=["year", "-id"], name="workflow_calendaryear_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(year__gte=FIRST_YEAR, year__lte=LAST_YEAR),
                name="workflow_calendaryear_year",
                violation_error_message=f"年度应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.year} 年节假日安排"


class CalendarDay(models.Model):
    """One day named by a notice: off, or a working day at a weekend (调休)."""

    calendar_year = models.ForeignKey(
        CalendarYear, on_delete=models.PROTECT, related_name="days", verbose_name="年度节假日安排"
    )
    day = models.DateField("日期")
    is_working = models.BooleanField("上班")

    class Meta:
        verbose_name = "节假日安排中的日期"
        verbose_name_plural = "节假日安排中的日期"
        constraints = [
            models.UniqueConstraint(
                fields=["calendar_year", "day"],
                name="workflow_calendarday_once",
                violation_error_message="同一份安排里一个日期只能写一次。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day.isoformat()} {'上班' if self.is_working else '放假'}"
