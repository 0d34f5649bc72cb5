"""The outbox and the inbox."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import grant


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("in_site", "站内消息"), ("email", "电子邮件"), ("file", "文件")],
                        max_length=20,
                        verbose_name="渠道",
                    ),
                ),
                ("recipient", models.TextField(blank=True, default="", verbose_name="收件地址")),
                ("subject", models.TextField(verbose_name="标题")),
                ("text", models.TextField(verbose_name="正文")),
                ("confidential", models.BooleanField(default=False, verbose_name="保密")),
                ("link", models.CharField(blank=True, default="", max_length=300, verbose_name="办理页面")),
                ("cause_type", models.CharField(max_length=60, verbose_name="起因类型")),
                ("cause_id", models.CharField(max_length=60, verbose_name="起因编号")),
                ("dedup_key", models.CharField(max_length=200, unique=True, verbose_name="去重标识")),
                ("created_at", models.DateTimeField(verbose_name="生成时间")),
                ("not_before", models.DateTimeField(verbose_name="最早发送时间")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="失效时间")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "待发送"),
                            ("claimed", "发送中"),
                            ("sent", "已发送"),
                            ("failed", "未送达"),
                            ("cancelled", "已取消"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="已试次数")),
                ("next_try_at", models.DateTimeField(verbose_name="下次发送时间")),
                ("enqueued_at", models.DateTimeField(verbose_name="最近排队时间")),
                ("claim", models.UUIDField(null=True, verbose_name="占用标记")),
                ("claimed_until", models.DateTimeField(null=True, verbose_name="占用到")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="发出时间")),
                ("sent_by", models.CharField(blank=True, default="", max_length=20, verbose_name="发出方式")),
                ("problem", models.CharField(blank=True, default="", max_length=300, verbose_name="未送达原因")),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="收件人",
                    ),
                ),
            ],
            options={
                "verbose_name": "通知",
                "verbose_name_plural": "通知",
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "waiting")), fields=["next_try_at"], name="notices_notice_waiting"
                    ),
                    models.Index(
                        condition=models.Q(("status", "claimed")),
                        fields=["claimed_until"],
                        name="notices_notice_claimed",
                    ),
                    models.Index(fields=["status", "-id"], name="notices_notice_status"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("claim__isnull", False), ("claimed_until__isnull", False), ("status", "claimed")),
                            models.Q(
                                models.Q(("status", "claimed"), _negated=True),
                                ("claim__isnull", True),
                                ("claimed_until__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="notices_notice_claim",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("status", "sent")),
                            models.Q(models.Q(("status", "sent"), _negated=True), ("sent_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="notices_notice_sent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("confidential", False), ("user__isnull", True), _connector="OR"),
                        name="notices_notice_confidential",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InboxItem",
            fields=[
                (
                    "notice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="inbox",
                        serialize=False,
                        to="notices.notice",
                        verbose_name="通知",
                    ),
                ),
                ("arrived_at", models.DateTimeField(verbose_name="收到时间")),
                ("read_at", models.DateTimeField(null=True, verbose_name="阅读时间")),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="收件人",
                    ),
                ),
            ],
            options={
                "verbose_name": "站内消息",
                "verbose_name_plural": "站内消息",
                "indexes": [
                    models.Index(fields=["user", "-notice"], name="notices_inbox_user"),
                    models.Index(
                        condition=models.Q(("read_at__isnull", True)), fields=["user"], name="notices_inbox_unread"
                    ),
                ],
            },
        ),
        grant("notices_notice"),
        grant("notices_inboxitem"),
    ]
