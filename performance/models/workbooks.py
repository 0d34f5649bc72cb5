"""Blank workbooks of the finance bureau, and which cell takes which figure."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from documents.models import StoredFile
from performance.models.common import NAME_LENGTH, person
from performance.models.years import FiscalYear

SHEET_LENGTH = 31


class BureauWorkbook(models.Model):
    """A blank form as the bureau gave it: the file itself is never changed, copies of it are filled."""

    class Purpose(models.TextChoices):
        PROJECT = "project", "项目支出自评"
        DEPARTMENT = "department", "部门整体支出自评"
        MONITORING = "monitoring", "绩效运行监控"

    name = models.CharField("名称", max_length=NAME_LENGTH)
    purpose = models.CharField("用于", max_length=20, choices=Purpose)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="空白表格")
    file_name = models.CharField("文件名", max_length=200)
    first_year = models.PositiveSmallIntegerField("自哪年起")
    last_year = models.PositiveSmallIntegerField("到哪年止", null=True, blank=True)
    is_active = models.BooleanField("在用", default=True)
    uploaded_by = person("上传人")
    uploaded_at = models.DateTimeField("上传时间")
    # When a filled copy was first taken; one that never was may be removed.
    filled_at = models.DateTimeField("首次填表时间", null=True, blank=True)

    class Meta:
        verbose_name = "财政表格"
        verbose_name_plural = "财政表格"
        ordering = ["-is_active", "purpose", "-first_year", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(is_active=True), name="performance_workbook_once",
                                    violation_error_message="在用的表格里已经有这个名称，请换一个。"),
            models.CheckConstraint(condition=Q(first_year__gte=2000, first_year__lte=2100),
                                   name="performance_workbook_first",
                                   violation_error_message="起用年度应在 2000 至 2100 之间。"),
            models.CheckConstraint(condition=Q(last_year__isnull=True) | Q(last_year__gte=F("first_year")),
                                   name="performance_workbook_last",
                                   violation_error_message="停用年度不能早于起用年度。"),
            models.CheckConstraint(condition=Q(purpose__in=["project", "department", "monitoring"]),
                                   name="performance_workbook_purpose"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def suits(self, year: FiscalYear) -> bool:
        """Whether it is the form of a budget year."""
        return self.first_year <= year.year and (self.last_year is None or year.year <= self.last_year)


class WorkbookCell(models.Model):
    """What a cell takes; of figures that repeat it is the first of ``rows`` cells below each other."""

    class Format(models.TextChoices):
        AUTO = "auto", "按单元格的格式"
        TEXT = "text", "文字（与报告上印的一样）"
        NUMBER = "number", "数字"
        YUAN = "yuan", "金额以元计"

    workbook = models.ForeignKey(BureauWorkbook, models.CASCADE, related_name="cells", verbose_name="财政表格")
    sheet = models.CharField("工作表", max_length=SHEET_LENGTH)
    cell = models.CharField("单元格", max_length=10)
    # A name of performance.selectors.workbook_fields.
    field = models.CharField("内容", max_length=120)
    rows = models.PositiveSmallIntegerField("行数", default=1)
    format = models.CharField("写法", max_length=20, choices=Format, default=Format.AUTO)

    class Meta:
        verbose_name = "单元格的内容"
        verbose_name_plural = "单元格的内容"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["workbook", "sheet", "cell"], name="performance_workbookcell_once",
                                    violation_error_message="这一格已经指定过，请先取消再改。"),
            models.CheckConstraint(condition=Q(cell__regex=r"^[A-Z]{1,3}[1-9][0-9]{0,5}$"),
                                   name="performance_workbookcell_address",
                                   violation_error_message="单元格写成 C7 这样。"),
            models.CheckConstraint(condition=Q(rows__gte=1, rows__lte=200), name="performance_workbookcell_rows",
                                   violation_error_message="行数应在 1 至 200 之间。"),
            models.CheckConstraint(condition=Q(format__in=["auto", "text", "number", "yuan"]),
                                   name="performance_workbookcell_format"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell}"
