"""Every change of a state, once written never changed."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

COMMENT_LENGTH = 2000


class StateChange(models.Model):
    """One move of one object, or its creation (from the empty state); append-only.

    ``number`` counts the changes of one object from 1 without gaps: two moves at once cannot both be number n.
    """

    subject_type = models.CharField("对象种类", max_length=80)
    subject_id = models.BigIntegerField("对象编号")
    number = models.PositiveIntegerField("序号")
    move = models.CharField("动作", max_length=40)
    source = models.CharField("原状态", max_length=40, blank=True)
    target = models.CharField("新状态", max_length=40)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="办理人", null=True, db_index=False
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="代谁", null=True, db_index=False
    )
    at = models.DateTimeField("时间")
    comment = models.TextField("意见", blank=True, max_length=COMMENT_LENGTH)
    data = models.JSONField("内容", default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "办理记录"
        verbose_name_plural = "办理记录"
        indexes = [
            models.Index(fields=["by", "-id"], name="workflow_statechange_by"),
            models.Index(fields=["by", "subject_type", "subject_id"], name="workflow_statechange_mine"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "number"], name="workflow_statechange_once",
                violation_error_message="这一步已经有人办理。",
            ),
            models.CheckConstraint(
                condition=(Q(number=1) & Q(source="")) | (Q(number__gt=1) & ~Q(source="")),
                name="workflow_statechange_first",
                violation_error_message="只有第一条办理记录没有原状态。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.subject_type}:{self.subject_id} {self.move}"

    @property
    def person_words(self) -> str:
        """Who did it, and for whom."""
        if self.by is None:
            return "系统"
        return f"{self.by}（代{self.on_behalf_of}）" if self.on_behalf_of_id else str(self.by)
