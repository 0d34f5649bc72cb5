"""What belongs to a file that was made: the scan of its signed and stamped print, its disclosure to the public."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from documents.models import StoredFile
from performance.models.common import REASON_LENGTH, person
from performance.models.reports import Report, ReportFile


class StampedScan(models.Model):
    """The signed and stamped print of a submission file, scanned; append-only, the newest of a file holds."""

    report_file = models.ForeignKey(ReportFile, models.PROTECT, related_name="scans", verbose_name="报送版")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="扫描件")
    name = models.CharField("文件名", max_length=200)
    pages = models.PositiveIntegerField("页数")
    stamped_on = models.DateField("盖章日期")
    note = models.CharField("说明", max_length=REASON_LENGTH, blank=True, default="")
    by = person("上传人")
    at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "盖章扫描件"
        verbose_name_plural = "盖章扫描件"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["report_file", "file"], name="performance_scan_once",
                                    violation_error_message="这份扫描件已经传过。"),
            models.CheckConstraint(condition=Q(pages__gte=1), name="performance_scan_pages"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class ReportDisclosure(models.Model):
    """A public edition shown to everybody (预算法第十四条); append-only, the newest of a report is the one shown."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="disclosures", verbose_name="报告")
    report_file = models.OneToOneField(
        ReportFile, models.PROTECT, related_name="disclosure", verbose_name="公开版",
        error_messages={"unique": "这份公开版已经公开。"},
    )  # fmt: skip
    # Numbers of the replacements and doubtful places that were looked at (performance.selectors.editions.Places).
    checked = models.JSONField("核对过的地方", default=list, blank=True)
    by = person("公开人")
    at = models.DateTimeField("公开时间")

    class Meta:
        verbose_name = "报告公开"
        verbose_name_plural = "报告公开"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.report} {self.at:%Y-%m-%d}"


class DisclosureWithdrawal(models.Model):
    """A disclosure taken back (撤下), by another person and with the reason; append-only."""

    disclosure = models.OneToOneField(
        ReportDisclosure, models.PROTECT, related_name="withdrawal", verbose_name="公开",
        error_messages={"unique": "这份公开版已经撤下。"},
    )  # fmt: skip
    reason = models.CharField("撤下的理由", max_length=REASON_LENGTH)
    by = person("撤下人")
    at = models.DateTimeField("撤下时间")

    class Meta:
        verbose_name = "撤下公开"
        verbose_name_plural = "撤下公开"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="performance_withdrawal_reason",
                                   violation_error_message="撤下要写明理由。"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.disclosure} {self.reason}"
