"""Tasks that a head hands out (交办督办), their answers and papers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Department
from workflow.states import TaskState

TEXT_LENGTH = 4000


class AssignedTask(models.Model):
    """A task: what is to be done, for whom, by which office, until when."""

    class Source(models.TextChoices):
        MEETING = "meeting", "会议"
        INSTRUCTION = "instruction", "领导批示"
        SUPERIOR = "superior", "上级来文"
        OTHER = "other", "其他"

    title = models.CharField("事项", max_length=100)
    text = models.TextField("要求", max_length=TEXT_LENGTH)
    source = models.CharField("来源", max_length=20, choices=Source)
    reference = models.CharField("来源名称或文号", max_length=200, blank=True, help_text="会议名称、批示日期或来文文号")
    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="交办人"
    )  # fmt: skip
    lead_office = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="牵头科室")
    helping_offices = models.ManyToManyField(Department, related_name="+", verbose_name="协办科室", blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人", null=True, blank=True
    )
    due_on = models.DateField("办结期限")
    first_due_on = models.DateField("原定期限")
    state = models.CharField("状态", max_length=20, choices=TaskState, default=TaskState.DRAFT)
    created_at = models.DateTimeField("建立时间")

    class Meta:
        verbose_name = "交办事项"
        verbose_name_plural = "交办事项"
        indexes = [
            models.Index(fields=["state", "due_on"], name="workflow_task_due"),
            models.Index(fields=["lead_office", "-id"], name="workflow_task_office"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=TaskState.values), name="workflow_task_state",
                violation_error_message="没有这个状态。",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | ~Q(person=F("giver")), name="workflow_task_person",
                violation_error_message="经办人不能是交办人自己。",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("first_due_on")), name="workflow_task_extended",
                violation_error_message="延期后的期限不能早于原定期限。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class TaskAnswer(models.Model):
    """What an office answered; append-only, a second answer after a return is a second row."""

    task = models.ForeignKey(AssignedTask, models.PROTECT, related_name="answers", verbose_name="交办事项")
    text = models.TextField("办理情况", max_length=TEXT_LENGTH)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="反馈人")
    at = models.DateTimeField("反馈时间")

    class Meta:
        verbose_name = "办理反馈"
        verbose_name_plural = "办理反馈"

    def __str__(self) -> str:
        return f"{self.task} {self.at:%Y-%m-%d}"


class TaskPaper(models.Model):
    """A paper of a task, named by its content: the file itself is kept by ``documents``; append-only."""

    task = models.ForeignKey(AssignedTask, models.PROTECT, related_name="papers", verbose_name="交办事项")
    name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("内容校验值", max_length=64)
    size = models.BigIntegerField("大小（字节）")
    # Empty: it came with the task or was added on the way.
    answer = models.ForeignKey(
        TaskAnswer, models.PROTECT, related_name="papers", verbose_name="随哪次反馈", null=True, blank=True
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "交办材料"
        verbose_name_plural = "交办材料"
        constraints = [
            models.UniqueConstraint(
                fields=["task", "sha256"], name="workflow_taskpaper_once",
                violation_error_message="这份材料已经上传过。",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="workflow_taskpaper_digest",
                violation_error_message="校验值应是 64 位十六进制数。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name
