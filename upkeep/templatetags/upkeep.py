"""What staff pages show of the instance itself."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from accounts.models import Instance
from upkeep.selectors import BackupAge, backup_age, banners

register = template.Library()


@register.inclusion_tag("upkeep/banner.html")
def upkeep_banner() -> dict[str, Any]:
    """The sentences that stand on top of every staff page while a hold or an alarm is on; empty otherwise."""
    return {"sentences": banners()}


@register.simple_tag
def upkeep_backup_age() -> BackupAge:
    """The age of the newest verified backup, for the staff home page: ``{% upkeep_backup_age as backup %}``."""
    since = Instance.objects.values_list("created_at", flat=True).first()
    return backup_age(now=timezone.now(), since=since)
