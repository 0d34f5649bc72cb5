"""Legal periods that run, and every time one of them was started, recalculated or stopped."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Clock(models.Model):
    """A legal period of one object.

    ``rule_since`` fixes the version of the rule: a change of law leaves running periods alone. ``due_on`` is the day
    by the letter of the rule; ``due_at`` the moment to compare with (see ``workflow.services.clocks``).
    """

    class Kind(models.TextChoices):
        EARLIEST = "earliest", "最早"
        LATEST = "latest", "最迟"

    subject_type = models.CharField("对象种类", max_length=80)
    subject_id = models.BigIntegerField("对象编号")
    rule_id = models.CharField("期限规则", max_length=80)
    rule_since = models.DateField("规则施行日期")
    kind = models.CharField("种类", max_length=10, choices=Kind)
    started_at = models.DateTimeField("起算")
    due_on = models.DateField("到期日")
    due_at = models.DateTimeField("到期时刻")
    reason = models.CharField("依据", max_length=300)
    provisional = models.BooleanField("暂定", default=False, help_text="其间有的年份节假日安排尚未导入")
    stopped_at = models.DateTimeField("停止", null=True, blank=True)

    class Meta:
        verbose_name = "法定期限"
        verbose_name_plural = "法定期限"
        indexes = [
            models.Index(fields=["due_at"], condition=Q(stopped_at__isnull=True), name="workflow_clock_running"),
            models.Index(fields=["subject_type", "subject_id"], name="workflow_clock_subject"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "rule_id"], condition=Q(stopped_at__isnull=True),
                name="workflow_clock_once", violation_error_message="这个期限已经在计算。",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True)
                | Q(stopped_at__gte=F("started_at"))
                | Q(due_at__lt=F("started_at")),
                name="workflow_clock_stop", violation_error_message="停止时间不能早于起算时间。",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["earliest", "latest"]), name="workflow_clock_kind",
                violation_error_message="期限只有最早和最迟两种。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.reason


class ClockChange(models.Model):
    """What happened to a clock; append-only."""

    class Kind(models.TextChoices):
        STARTED = "started", "起算"
        RECALCULATED = "recalculated", "重新推算"
        STOPPED = "stopped", "停止"

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="changes", verbose_name="法定期限")
    kind = models.CharField("种类", max_length=20, choices=Kind)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="操作人", null=True, db_index=False
    )
    cause = models.CharField("原因", max_length=300)
    old_due = models.DateField("原到期日", null=True)
    new_due = models.DateField("新到期日", null=True)

    class Meta:
        verbose_name = "期限变动"
        verbose_name_plural = "期限变动"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.cause}"
