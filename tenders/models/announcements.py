"""Announcements as published, the names they use, and what search needs of them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import simplejson
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Category(models.Model):
    """A kind of trade (交易类别); four from the start, further ones are rows."""

    name = models.CharField("类别", max_length=100, unique=True)
    position = models.PositiveSmallIntegerField("次序", default=100)

    class Meta:
        verbose_name = "交易类别"
        verbose_name_plural = "交易类别"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class AnnouncementType(models.Model):
    """A type of announcement (公告类型), and which part it plays in a project's chain."""

    class Stage(models.TextChoices):
        INTENTION = "intention", "采购意向"
        NOTICE = "notice", "公告"
        CORRECTION = "correction", "更正澄清"
        CANDIDATES = "candidates", "候选人公示"
        RESULT = "result", "结果"
        CONTRACT = "contract", "合同"
        TERMINATION = "termination", "终止"
        OTHER = "other", "其他"

    name = models.CharField("公告类型", max_length=200, unique=True)
    stage = models.CharField("环节", max_length=20, choices=Stage, default=Stage.OTHER)

    class Meta:
        verbose_name = "公告类型"
        verbose_name_plural = "公告类型"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    stage__in=[
                        "intention",
                        "notice",
                        "correction",
                        "candidates",
                        "result",
                        "contract",
                        "termination",
                        "other",
                    ]
                ),
                name="tenders_announcementtype_stage",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Region(models.Model):
    """A region that announcements name (地区)."""

    name = models.CharField("地区", max_length=200, unique=True)

    class Meta:
        verbose_name = "地区"
        verbose_name_plural = "地区"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class CategoryType(models.Model):
    """A type that occurs in a category; a trigger adds the row with the first announcement (migration 0010)."""

    category = models.ForeignKey(
        Category, models.PROTECT, to_field="name", db_column="category", related_name="+", verbose_name="交易类别",
        db_index=False,
    )  # fmt: skip
    type = models.ForeignKey(
        AnnouncementType, models.PROTECT, to_field="name", db_column="type", related_name="+",
        verbose_name="公告类型", db_index=False,
    )  # fmt: skip

    class Meta:
        verbose_name = "类别的公告类型"
        verbose_name_plural = "类别的公告类型"
        constraints = [models.UniqueConstraint(fields=["category", "type"], name="tenders_categorytype_once")]

    def __str__(self) -> str:
        return f"{self.category_id} {self.type_id}"


class Announcement(models.Model):
    """One published announcement: its facts. The text stands in the canonical record, once."""

    source_name = models.CharField("来源", max_length=200)
    external_id = models.CharField("来源编号", max_length=500)
    source_page = models.TextField("来源网址", blank=True, default="")
    category = models.ForeignKey(
        Category, models.PROTECT, to_field="name", db_column="category", verbose_name="交易类别", db_index=False
    )
    type = models.ForeignKey(
        AnnouncementType, models.PROTECT, to_field="name", db_column="type", verbose_name="公告类型", db_index=False
    )
    region = models.ForeignKey(
        Region, models.PROTECT, to_field="name", db_column="region", verbose_name="地区", null=True, db_index=False
    )
    title = models.CharField("标题", max_length=1000)
    published_at = models.DateTimeField("发布时间")
    project_code = models.CharField("项目编号", max_length=300, blank=True, default="")
    unified_deal_code = models.CharField("统一交易标识码", max_length=100, blank=True, default="")
    purchaser = models.CharField("采购人（招标人）", max_length=500, blank=True, default="")
    agency = models.CharField("代理机构", max_length=500, blank=True, default="")
    supplier = models.CharField("供应商（中标人）", max_length=500, blank=True, default="")
    place = models.CharField("开标地点", max_length=500, blank=True, default="")
    deadline = models.DateTimeField("截止时间", null=True)
    budget = models.DecimalField("预算金额（元）", max_digits=18, decimal_places=2, null=True)
    fields = models.JSONField("结构化信息", default=dict)
    content_digest = models.CharField("内容摘要", max_length=64)
    created_at = models.DateTimeField("入库时间")
    masked_at = models.DateTimeField("遮蔽时间", null=True)

    class Meta:
        verbose_name = "公告"
        verbose_name_plural = "公告"
        constraints = [
            models.UniqueConstraint(fields=["source_name", "external_id"], name="tenders_announcement_identity"),
            models.CheckConstraint(condition=~models.Q(title=""), name="tenders_announcement_title"),
            models.CheckConstraint(
                condition=models.Q(budget__isnull=True) | models.Q(budget__gt=0), name="tenders_announcement_budget"
            ),
        ]
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="tenders_announcement_time"),
            models.Index(fields=["category", "-published_at", "-id"], name="tenders_announcement_cat"),
            models.Index(
                fields=["project_code", "source_name"],
                condition=~models.Q(project_code=""),
                name="tenders_announcement_chain",
            ),
            models.Index(
                fields=["deadline"], condition=models.Q(deadline__isnull=False), name="tenders_announcement_deadline"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @cached_property
    def content(self) -> dict[str, Any]:
        """The canonical record, read."""
        found: dict[str, Any] = simplejson.loads(bytes(self.record.content), use_decimal=True)
        return found

    @property
    def text(self) -> str:
        """The announcement's text, from its canonical bytes."""
        return str(self.content["text"])

    @property
    def sha256(self) -> str:
        """Digest of the canonical bytes, lower-case hex."""
        return self.record.sha256


class AnnouncementRecord(models.Model):
    """The canonical bytes of an announcement, stored once when it is published and never changed."""

    announcement = models.OneToOneField(
        Announcement, models.PROTECT, primary_key=True, related_name="record", verbose_name="公告"
    )
    content = models.BinaryField("存证原文")
    sha256 = models.CharField("SHA-256", max_length=64)

    class Meta:
        verbose_name = "存证原文"
        verbose_name_plural = "存证原文"

    def __str__(self) -> str:
        return self.sha256


class Attachment(models.Model):
    """A file of an announcement: kept here, or known by its address elsewhere."""

    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="attachments", verbose_name="公告")
    position = models.PositiveSmallIntegerField("次序")
    name = models.CharField("文件名", max_length=300)
    size = models.BigIntegerField("字节数", null=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, default="")
    url = models.TextField("原网址", blank=True, default="")
    stored = models.BooleanField("本站保存", default=False)

    class Meta:
        verbose_name = "附件"
        verbose_name_plural = "附件"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["announcement", "position"], name="tenders_attachment_position"),
            models.CheckConstraint(
                condition=models.Q(stored=False) | models.Q(sha256__regex=r"^[0-9a-f]{64}$"),
                name="tenders_attachment_digest",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SearchEntry(models.Model):
    """The tokens of an announcement (tenders.tokens) under a GIN index: derived, can be rebuilt at any time.

    Rows are narrow, so that the index is small.
    """

    announcement = models.OneToOneField(
        Announcement, models.CASCADE, primary_key=True, related_name="search", verbose_name="公告"
    )
    published_at = models.DateTimeField("发布时间")
    tokens = ArrayField(models.IntegerField(), verbose_name="词元")

    class Meta:
        verbose_name = "检索条目"
        verbose_name_plural = "检索条目"

    def __str__(self) -> str:
        return f"{self.announcement_id}"


class SearchText(models.Model):
    """The folded text that search compares: title, text, names and codes; derived as well, read in order of time."""

    announcement = models.OneToOneField(
        Announcement, models.CASCADE, primary_key=True, related_name="search_text", verbose_name="公告"
    )
    published_at = models.DateTimeField("发布时间")
    filters = ArrayField(models.IntegerField(), verbose_name="筛选词元")
    folded_title = models.TextField("标题（检索）")
    folded_text = models.TextField("全文（检索）")

    class Meta:
        verbose_name = "检索全文"
        verbose_name_plural = "检索全文"
        indexes = [models.Index(fields=["-published_at", "-announcement"], name="tenders_searchtext_time")]

    def __str__(self) -> str:
        return self.folded_title
