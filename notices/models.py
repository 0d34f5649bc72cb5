"""The outbox, one row a message, and the inbox of the staff."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Notice(models.Model):
    """A message: history, work queue and proof of sending in one row.

    Recipient, subject and text of a confidential one are encrypted; its ``user`` is empty then, too.
    ``status`` is the queue's own, claimed by conditional update, no state of business that workflow moves.
    """

    class Channel(models.TextChoices):
        IN_SITE = "in_site", "站内消息"
        EMAIL = "email", "电子邮件"
        FILE = "file", "文件"

    class Status(models.TextChoices):
        WAITING = "waiting", "待发送"
        CLAIMED = "claimed", "发送中"
        SENT = "sent", "已发送"
        FAILED = "failed", "未送达"
        CANCELLED = "cancelled", "已取消"

    channel = models.CharField("渠道", max_length=20, choices=Channel)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="收件人", null=True, related_name="+", db_index=False
    )
    recipient = models.TextField("收件地址", blank=True, default="")
    subject = models.TextField("标题")
    text = models.TextField("正文")
    confidential = models.BooleanField("保密", default=False)
    link = models.CharField("办理页面", max_length=300, blank=True, default="")
    cause_type = models.CharField("起因类型", max_length=60)
    cause_id = models.CharField("起因编号", max_length=60)
    # Asks its reader to do something; settled when that is done, by whomever, or has become another's.
    asks = models.BooleanField("请办理", default=False, db_default=False)
    settled_at = models.DateTimeField("办过时间", null=True)
    dedup_key = models.CharField("去重标识", max_length=200, unique=True)

    created_at = models.DateTimeField("生成时间")
    not_before = models.DateTimeField("最早发送时间")
    expires_at = models.DateTimeField("失效时间", null=True)

    status = models.CharField("状态", max_length=10, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField("已试次数", default=0)
    next_try_at = models.DateTimeField("下次发送时间")
    enqueued_at = models.DateTimeField("最近排队时间")
    claim = models.UUIDField("占用标记", null=True)
    claimed_until = models.DateTimeField("占用到", null=True)
    sent_at = models.DateTimeField("发出时间", null=True)
    sent_by = models.CharField("发出方式", max_length=20, blank=True, default="")
    problem = models.CharField("未送达原因", max_length=300, blank=True, default="")

    class Meta:
        verbose_name = "通知"
        verbose_name_plural = "通知"
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(status="waiting"), name="notices_notice_waiting"),
            models.Index(fields=["claimed_until"], condition=Q(status="claimed"), name="notices_notice_claimed"),
            models.Index(fields=["status", "-id"], name="notices_notice_status"),
            models.Index(
                fields=["cause_type", "cause_id"],
                condition=Q(asks=True, settled_at__isnull=True),
                name="notices_notice_asking",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="claimed", claim__isnull=False, claimed_until__isnull=False)
                | (~Q(status="claimed") & Q(claim__isnull=True, claimed_until__isnull=True)),
                name="notices_notice_claim",
            ),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | (~Q(status="sent") & Q(sent_at__isnull=True)),
                name="notices_notice_sent",
            ),
            models.CheckConstraint(
                condition=Q(confidential=False) | Q(user__isnull=True), name="notices_notice_confidential"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.get_channel_display()}"


class InboxItem(models.Model):
    """A message that arrived in a person's inbox: at most one a notice, which is what keeps it from doubling."""

    notice = models.OneToOneField(Notice, models.PROTECT, primary_key=True, related_name="inbox", verbose_name="通知")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="收件人", related_name="+", db_index=False
    )
    arrived_at = models.DateTimeField("收到时间")
    read_at = models.DateTimeField("阅读时间", null=True)

    class Meta:
        verbose_name = "站内消息"
        verbose_name_plural = "站内消息"
        indexes = [
            models.Index(fields=["user", "-notice"], name="notices_inbox_user"),
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="notices_inbox_unread"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
