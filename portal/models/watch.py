"""What the nightly look at the site found: dead links, columns that bring nothing new."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class WatchRun(models.Model):
    """One look at the whole site. ``day``: the night it stands for, once each; None when somebody asked for it."""

    day = models.DateField("日期", null=True, unique=True)
    begun_at = models.DateTimeField("开始时间")
    finished_at = models.DateTimeField("完成时间", null=True)
    links = models.PositiveIntegerField("核对的链接", default=0)
    outside = models.PositiveIntegerField("核对的外部链接", default=0)
    checks_outside = models.BooleanField("是否核对外部链接", default=False)
    # Announcements are walked from the newest down, night by night: the number below which the next night goes on.
    cursor = models.BigIntegerField("公告位置", default=0)

    class Meta:
        verbose_name = "网站巡查"
        verbose_name_plural = "网站巡查"
        indexes = [models.Index(fields=["-begun_at"], name="portal_watchrun_time")]

    def __str__(self) -> str:
        return f"网站巡查 {self.pk}"


class WatchFinding(models.Model):
    """One thing to be put right."""

    class Kind(models.TextChoices):
        DEAD = "dead", "链接打不开"
        INTERNAL = "internal", "公开页面链接到内部地址"
        OUTSIDE = "outside", "外部链接打不开"
        STALE = "stale", "栏目超期未更新"
        EMPTY = "empty", "栏目是空的"
        HOME = "home", "首页超期未更新"

    run = models.ForeignKey(WatchRun, models.CASCADE, related_name="findings", verbose_name="巡查")
    kind = models.CharField("种类", max_length=10, choices=Kind)
    page = models.CharField("所在页面", max_length=500)
    title = models.CharField("页面标题", max_length=1000)
    target = models.TextField("链接", blank=True, default="")
    words = models.TextField("情况")
    advice = models.TextField("处理办法")

    class Meta:
        verbose_name = "巡查发现"
        verbose_name_plural = "巡查发现"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["dead", "internal", "outside", "stale", "empty", "home"]),
                                   name="portal_watchfinding_kind")
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.words
