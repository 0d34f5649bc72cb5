"""Rows of what was done: written once, read by the audit administrator."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from audit.log_models import LogCheckpoint, LogDayEnd, LogHead, LogKey, LogLeaf, LogNode, LogObject
from audit.tags import Tag

__all__ = [
    "ActionRow",
    "LogCheckpoint",
    "LogDayEnd",
    "LogHead",
    "LogKey",
    "LogLeaf",
    "LogNode",
    "LogObject",
]


class ActionRow(models.Model):
    """One action of one person or of the system; append-only."""

    at = models.DateTimeField("时间")
    tag = models.CharField("动作", max_length=40, choices=Tag)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="操作人", null=True, related_name="+", db_index=False
    )
    by_name = models.CharField("操作人姓名", max_length=150, blank=True, default="")
    subject = models.CharField("对象", max_length=200, blank=True, default="")
    detail = models.JSONField("说明", default=dict)
    address = models.CharField("来源地址", max_length=64, blank=True, default="")
    success = models.BooleanField("成功", default=True)

    class Meta:
        verbose_name = "操作记录"
        verbose_name_plural = "操作记录"
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_actionrow_time"),
            models.Index(fields=["by", "-id"], name="audit_actionrow_by"),
            models.Index(fields=["subject", "-id"], name="audit_actionrow_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_tag_display()}"


class WaitingRow(models.Model):
    """A row that no seal holds yet; a trigger writes it in the transaction of its row, the sealer takes it out.

    So a row that commits late is found, whatever numbers have been sealed meanwhile.
    """

    row_id = models.BigIntegerField("操作记录号", primary_key=True)

    class Meta:
        verbose_name = "待封操作记录"
        verbose_name_plural = "待封操作记录"

    def __str__(self) -> str:
        return str(self.row_id)


class Seal(models.Model):
    """A link of the chain over the action rows; append-only. Its head covers the head before it and its rows."""

    no = models.BigIntegerField("封条号", primary_key=True)
    at = models.DateTimeField("封存时间")
    previous = models.CharField("上一封条值", max_length=64, unique=True)
    head = models.CharField("封条值", max_length=64, unique=True)
    count = models.PositiveIntegerField("行数")

    class Meta:
        verbose_name = "操作记录封条"
        verbose_name_plural = "操作记录封条"
        indexes = [models.Index(fields=["at"], name="audit_seal_time")]
        constraints = [
            models.CheckConstraint(condition=models.Q(no__gte=1, count__gte=1), name="audit_seal_numbers"),
        ]

    def __str__(self) -> str:
        return f"{self.no} {self.head[:16]}"


class SealedRow(models.Model):
    """Which seal holds a row, and the row's own digest; append-only. The primary key keeps it from a second seal."""

    row = models.OneToOneField(
        ActionRow, models.PROTECT, primary_key=True, verbose_name="操作记录", related_name="sealed"
    )
    seal = models.ForeignKey(Seal, models.PROTECT, verbose_name="封条", related_name="rows")
    digest = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = "已封操作记录"
        verbose_name_plural = "已封操作记录"

    def __str__(self) -> str:
        return f"{self.row_id} {self.digest[:16]}"


class DayDigest(models.Model):
    """The chain's head at the end of a day, as it went into the transparency log; append-only."""

    day = models.DateField("日期", primary_key=True)
    seal_no = models.BigIntegerField("封条号")
    head = models.CharField("封条值", max_length=64)
    at = models.DateTimeField("写入时间")

    class Meta:
        verbose_name = "每日封条"
        verbose_name_plural = "每日封条"

    def __str__(self) -> str:
        return f"{self.day} {self.head[:16]}"


class Verification(models.Model):
    """One check of the whole chain and its outcome; append-only."""

    at = models.DateTimeField("时间")
    ok = models.BooleanField("相符")
    seals = models.BigIntegerField("封条数")
    rows = models.BigIntegerField("已封行数")
    waiting = models.BigIntegerField("待封行数")
    message = models.TextField("结论")

    class Meta:
        verbose_name = "操作记录核验"
        verbose_name_plural = "操作记录核验"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.message}"


class LoginFailure(models.Model):
    """Failed logins of one address in one minute; counted, not append-only, swept by audit.rulebook."""

    pk = models.CompositePrimaryKey("address", "minute")
    address = models.CharField("来源地址", max_length=64)
    minute = models.DateTimeField("分钟")
    count = models.PositiveIntegerField("次数", default=0)
    names = models.JSONField("所试登录名的摘要", default=list)

    class Meta:
        verbose_name = "登录失败"
        verbose_name_plural = "登录失败"
        indexes = [models.Index(fields=["minute"], name="audit_loginfailure_minute")]

    def __str__(self) -> str:
        return f"{self.address} {self.minute:%Y-%m-%d %H:%M} {self.count}"


class Denial(models.Model):
    """Staff pages refused to one person in one minute; counted, not append-only, swept by audit.rulebook."""

    pk = models.CompositePrimaryKey("user", "minute")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="人员", related_name="+", db_index=False
    )
    minute = models.DateTimeField("分钟")
    count = models.PositiveIntegerField("次数", default=0)
    routes = models.JSONField("页面", default=list)

    class Meta:
        verbose_name = "无权访问"
        verbose_name_plural = "无权访问"
        indexes = [models.Index(fields=["minute"], name="audit_denial_minute")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.minute:%Y-%m-%d %H:%M} {self.count}"
