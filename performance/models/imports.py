"""Excel lists of spending: read, shown line by line, and only then entered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from documents.models import StoredFile
from performance.models.budget import SpendingEntry
from performance.models.common import REASON_LENGTH, person
from performance.models.years import FiscalYear


class SpendingImport(models.Model):
    """One uploaded list. Nothing of it is entered until a person has seen what will happen; then all or nothing."""

    class Kind(models.TextChoices):
        ENTRIES = "entries", "支出登记表"
        PAYMENTS = "payments", "财政支付清单"

    class State(models.TextChoices):
        READING = "reading", "读取中"
        READ = "read", "待确认"
        REFUSED = "refused", "读不出"
        APPLIED = "applied", "已登记"
        DISCARDED = "discarded", "已放弃"

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="imports", verbose_name="预算年度")
    kind = models.CharField("种类", max_length=20, choices=Kind)
    state = models.CharField("状态", max_length=20, choices=State, default=State.READING)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    name = models.CharField("文件名", max_length=200)
    message = models.CharField("说明", max_length=REASON_LENGTH, blank=True, default="")
    rows_read = models.PositiveIntegerField("已读行数", default=0)
    rows_all = models.PositiveIntegerField("全部行数", default=0)
    # What the reader noticed of the file as a whole (hidden sheets, columns it does not know): sentences.
    notes = models.JSONField("读表说明", default=list, blank=True)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    # Whoever reads it renews the time; an old one may be taken over.
    claim = models.UUIDField("占用标识", null=True, blank=True)
    alive_at = models.DateTimeField("最近活动", null=True, blank=True)
    by = person("上传人")
    at = models.DateTimeField("上传时间")
    finished_at = models.DateTimeField("读完时间", null=True, blank=True)
    applied_by = person("确认人", null=True, blank=True)
    applied_at = models.DateTimeField("登记时间", null=True, blank=True)

    class Meta:
        verbose_name = "支出导入"
        verbose_name_plural = "支出导入"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="applied") | Q(applied_by__isnull=False, applied_at__isnull=False),
                name="performance_import_applied",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ImportLine(models.Model):
    """One row of a list: what it says, what will happen, and why not."""

    class Verdict(models.TextChoices):
        NEW = "new", "将登记"
        KNOWN = "known", "已登记过"
        MATCHED = "matched", "与登记相符"
        DIFFERS = "differs", "与登记不符"
        WRONG = "wrong", "有错"

    batch = models.ForeignKey(SpendingImport, models.PROTECT, related_name="lines", verbose_name="支出导入")
    row = models.PositiveIntegerField("行号")
    cells = models.JSONField("原文", default=dict)
    values = models.JSONField("读出的内容", default=dict)
    verdict = models.CharField("结果", max_length=20, choices=Verdict)
    message = models.CharField("说明", max_length=REASON_LENGTH, blank=True, default="")
    entry = models.ForeignKey(
        SpendingEntry, models.PROTECT, related_name="import_lines", verbose_name="支出登记", null=True, blank=True
    )

    class Meta:
        verbose_name = "导入行"
        verbose_name_plural = "导入行"
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="performance_importline_once")]

    def __str__(self) -> str:
        return f"{self.batch} {self.row}"
