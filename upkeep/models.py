"""What is known of the instance itself: holds, backups, readings of the clock."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class HoldEvent(models.Model):
    """A recovery hold begins or ends; append-only. It is on while the newest row is one that begins."""

    class Kind(models.TextChoices):
        BEGUN = "begun", "开始保全"
        ENDED = "ended", "解除保全"

    at = models.DateTimeField("时间")
    kind = models.CharField("种类", max_length=10, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="操作人", null=True, related_name="+")
    by_name = models.CharField("操作人姓名", max_length=150, blank=True, default="")
    reason = models.CharField("原因", max_length=300)
    detail = models.JSONField("说明", default=dict)

    class Meta:
        verbose_name = "恢复保全"
        verbose_name_plural = "恢复保全"
        constraints = [models.CheckConstraint(condition=Q(kind__in=["begun", "ended"]), name="upkeep_hold_kind")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_kind_display()}"


class BackupRun(models.Model):
    """One backup that was tried, written when it was over; append-only."""

    class Kind(models.TextChoices):
        NIGHTLY = "nightly", "每夜备份"
        COMMAND = "command", "命令备份"
        UPGRADE = "upgrade", "升级前备份"

    class Verified(models.TextChoices):
        NONE = "none", "未核验"
        DIGESTS = "digests", "逐项回读核验"
        RESTORED = "restored", "试恢复核验"

    started_at = models.DateTimeField("开始时间")
    finished_at = models.DateTimeField("结束时间")
    kind = models.CharField("种类", max_length=10, choices=Kind)
    success = models.BooleanField("成功")
    verified = models.CharField("核验", max_length=10, choices=Verified, default=Verified.NONE)
    path = models.CharField("文件", max_length=1000, blank=True, default="")
    size = models.PositiveBigIntegerField("字节数", default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, default="")
    damaged = models.PositiveIntegerField("丢失或损坏的文件数", default=0)
    sentence = models.CharField("结果", max_length=500)

    class Meta:
        verbose_name = "备份"
        verbose_name_plural = "备份"
        indexes = [models.Index(fields=["-finished_at", "-id"], name="upkeep_backup_time")]
        constraints = [
            models.CheckConstraint(condition=Q(finished_at__gte=F("started_at")), name="upkeep_backup_period"),
            models.CheckConstraint(
                condition=Q(success=False) | Q(sha256__regex=r"^[0-9a-f]{64}$"), name="upkeep_backup_digest"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finished_at:%Y-%m-%d %H:%M} {self.get_kind_display()}"


class ClockReading(models.Model):
    """What a comparison of this machine's clock gave; append-only."""

    class Source(models.TextChoices):
        NTP = "ntp", "时间服务器"
        PEOPLE = "people", "双人核对"

    at = models.DateTimeField("时间")
    source = models.CharField("来源", max_length=10, choices=Source)
    reference = models.CharField("对照", max_length=200)
    offset_ms = models.BigIntegerField("偏差（毫秒，正为本机快）", null=True)
    error = models.CharField("没有读到的原因", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "时钟读数"
        verbose_name_plural = "时钟读数"
        indexes = [models.Index(fields=["-at", "-id"], name="upkeep_reading_time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(offset_ms__isnull=False, error="") | (Q(offset_ms__isnull=True) & ~Q(error="")),
                name="upkeep_reading_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.offset_ms} ms"


class ClockComparison(models.Model):
    """A person reads another clock; a second person confirms or refuses what was entered."""

    entered_at = models.DateTimeField("录入时间")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="录入人", related_name="+")
    reference = models.CharField("对照的时钟", max_length=100)
    reference_time = models.DateTimeField("对照时钟的读数")
    offset_ms = models.BigIntegerField("偏差（毫秒，正为本机快）")
    decided_at = models.DateTimeField("复核时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="复核人", null=True, blank=True, related_name="+"
    )
    confirmed = models.BooleanField("属实", null=True, blank=True)

    class Meta:
        verbose_name = "时钟核对"
        verbose_name_plural = "时钟核对"
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("entered_by")),
                name="upkeep_comparison_two_people",
                violation_error_message="录入和复核应是两个人。",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True, confirmed__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False, confirmed__isnull=False),
                name="upkeep_comparison_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entered_at:%Y-%m-%d %H:%M} {self.reference}"


class ClockAlarm(models.Model):
    """The clock jumped, or is off by more than the limit; on every staff page until an administrator has seen it."""

    class Kind(models.TextChoices):
        JUMP = "jump", "时钟跳变"
        OFFSET = "offset", "时钟偏差过大"

    at = models.DateTimeField("时间")
    kind = models.CharField("种类", max_length=10, choices=Kind)
    offset_ms = models.BigIntegerField("幅度（毫秒）")
    host = models.CharField("主机", max_length=100, blank=True, default="")
    seen_at = models.DateTimeField("处理时间", null=True, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="处理人", null=True, blank=True, related_name="+"
    )
    note = models.CharField("处理情况", max_length=300, blank=True, default="")

    class Meta:
        verbose_name = "时钟告警"
        verbose_name_plural = "时钟告警"
        indexes = [models.Index(fields=["-id"], name="upkeep_alarm_open", condition=Q(seen_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_kind_display()}"
