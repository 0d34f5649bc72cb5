"""What staff pages show of the instance itself."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import Instance
from upkeep.selectors import BackupAge, backup_age, banners

register = template.Library()
# transparency-log.md: the checkpoint goes to at least two addresses outside.
ENOUGH = 2


NO_OUTSIDE = (
    "还没有设置检查点的外部收件人：存证日志的日终检查点没有人在中心以外保存，日志被整体改写时无从发现。"
    "请在设置 NOTICE_CHECKPOINT_TO 里写上中心以外至少两个邮件地址（例如财政局、公证处），重新启动后生效。"
)


def _outside_missing(request: Any) -> bool:
    """On the upkeep page, and on the system administrator's desk, of a real center."""
    if request is None or settings.INSTANCE == "demo" or len(settings.CONFIG.NOTICE_CHECKPOINT_TO) >= ENOUGH:
        return False
    page = getattr(getattr(request, "resolver_match", None), "view_name", "")
    administers = Duty.SYSTEM_ADMIN in getattr(request, "duties", ())
    return page == "upkeep:home" or (page == "staff_home" and administers)


@register.inclusion_tag("upkeep/banner.html", takes_context=True)
def upkeep_banner(context: Any) -> dict[str, Any]:
    """The sentences that stand on top of every staff page while a hold or an alarm is on; empty otherwise."""
    missing = [NO_OUTSIDE] if _outside_missing(getattr(context, "request", None)) else []
    return {"sentences": [*banners(), *missing]}


@register.simple_tag
def upkeep_backup_age() -> BackupAge:
    """The age of the newest verified backup, for the staff home page: ``{% upkeep_backup_age as backup %}``."""
    since = Instance.objects.values_list("created_at", flat=True).first()
    return backup_age(now=timezone.now(), since=since)
