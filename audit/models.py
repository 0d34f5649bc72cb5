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
