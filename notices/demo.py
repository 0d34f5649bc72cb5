"""Demonstration: messages for the staff, rows of the action log, failed logins; written once."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.duties import Duty
from accounts.models import User
from accounts.selectors import people_with
from audit.failures import login_failure_count
from audit.models import ActionRow
from audit.services import action_record, export_record
from audit.tags import Tag
from notices.models import Notice
from notices.services import notice_create

LETTERS = (
    (
        Duty.ANNOUNCEMENT_CHECK,
        "请复核：云泽县澄江小学课桌椅采购项目招标公告",
        "受理科已拟好，请在今天下班前复核。",
    ),
    (
        Duty.ANNOUNCEMENT_DRAFT,
        "已退回：县医院物业服务采购项目更正公告",
        "第二条缺少原公告的条款编号，请补正后再送。",
    ),
    (Duty.OFFICE_HEAD, "交办事项今天到期：三季度交易数据分析", "主任交办的事项今天到期，请在工作台上答复办理情况。"),
    (Duty.DIRECTOR, "待批：财务科小李申请委托保证金复核职责", "委托时间为下周一至下周三，理由是参加省里的培训。"),
    (Duty.SYSTEM_ADMIN, "昨晚的备份已核验", "备份文件 2.3 GB，恢复演练用时 3 分 20 秒，摘要相符。"),
    (Duty.AUDIT_ADMIN, "昨晚的操作记录核验相符", "全部封条逐行重新计算，没有发现改动。"),
)
# Documentation addresses (RFC 5737): nobody's.
ATTEMPTS = (("203.0.113.9", 31, "a"), ("203.0.113.9", 30, "b"), ("198.51.100.24", 12, "c"), ("192.0.2.77", 3, "d"))


def _letters(now: datetime) -> None:
    for duty, subject, text in LETTERS:
        for user in people_with(duty, now=now):
            notice_create(
                channel=Notice.Channel.IN_SITE,
                user=user,
                subject=subject,
                text=text,
                cause=("accounts.user", user.pk),
                link="/staff/",
                dedup_key=f"demo:{duty}:{user.pk}",
                now=now,
            )


def _rows(now: datetime) -> None:
    for count, user in enumerate(User.objects.filter(kind=User.Kind.STAFF).order_by("pk")[:12]):
        at = now - timedelta(minutes=7 * count + 3)
        action_record(
            tag=Tag.LOGIN, by=user, now=at, subject=f"accounts.user:{user.pk}", address=f"192.0.2.{count + 10}"
        )
    first = next(iter(people_with(Duty.AUDIT_ADMIN, now=now)), None)
    if first is not None:
        export_record(by=first, now=now - timedelta(days=1), what="操作记录：上月", rows=412, address="192.0.2.33")


def notices_demo(*, now: datetime) -> None:
    """Fill inbox and action log of a demonstration; a second call changes nothing.

    Args:
        now: aware time; it needs the demonstration's people, and does nothing without them.
    """
    if not User.objects.exists():
        return
    _letters(now)
    if ActionRow.objects.filter(tag=Tag.LOGIN).exists():
        return
    _rows(now)
    for address, minutes, name in ATTEMPTS:
        login_failure_count(address=address, username_digest=name, now=now - timedelta(minutes=minutes))
