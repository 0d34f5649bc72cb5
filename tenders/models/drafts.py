"""Announcements before they are published: templates of their types, drafts, what the scan found, words to look for."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from tenders.models.announcements import Announcement, Category

TITLE_LENGTH = 200
# Templates that serve another kind of trade, too: the announcement is of the kind that it is about.
ALSO_ABOUT = {"assets-correction": ("土地使用权",), "assets-termination": ("土地使用权",)}
TEXT_LENGTH = 200_000
REASON_LENGTH = 200
# How the conclusion of a secrecy check begins that forbids publication.
SECRECY_PROBLEM = "有问题："


class DraftState(models.TextChoices):
    """From the first line to the publication."""

    DRAFT = "draft", "拟稿"
    SUBMITTED = "submitted", "待复核"
    CHECKED = "checked", "已复核"
    SCHEDULED = "scheduled", "待发布"
    PUBLISHED = "published", "已发布"
    RETURNED = "returned", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"


class AnnouncementTemplate(models.Model):
    """What an announcement of one type must say, as law lists it, and the skeleton of its text; loaded from data."""

    class Medium(models.TextChoices):
        ALWAYS = "always", "应当在指定媒介发布"
        MUST_TENDER = "must_tender", "依法必须招标的，应当在指定媒介发布"
        NONE = "none", "没有指定媒介"

    class Relation(models.TextChoices):
        NONE = "", "不针对已发布的公告"
        CORRECTION = "correction", "更正"
        TERMINATION = "termination", "终止"
        SUPPLEMENT = "supplement", "补充"

    code = models.SlugField("代码", max_length=60, unique=True)
    name = models.CharField("名称", max_length=100)
    category = models.ForeignKey(
        Category, models.PROTECT, to_field="name", db_column="category", verbose_name="交易类别", db_index=False
    )
    type = models.CharField("公告类型", max_length=200)
    basis = models.TextField("依据")
    skeleton = models.TextField("正文样式")
    fields = models.JSONField("要素", default=list)
    periods = models.JSONField("期限", default=list)
    medium = models.CharField("指定媒介", max_length=20, choices=Medium)
    medium_name = models.CharField("媒介名称", max_length=100, blank=True, default="")
    relation = models.CharField("与已发布公告的关系", max_length=20, choices=Relation, blank=True, default="")
    position = models.PositiveSmallIntegerField("次序", default=100)
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "公告样式"
        verbose_name_plural = "公告样式"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def required(self) -> list[dict[str, Any]]:
        """The fields that must be filled."""
        return [one for one in self.fields if one.get("required")]

    @property
    def about(self) -> tuple[str, ...]:
        """The kinds of trade whose announcements it may be about."""
        return (self.category_id, *ALSO_ABOUT.get(self.code, ()))

    def field(self, name: str) -> dict[str, Any]:
        """The declaration of one field; empty when there is none of that name."""
        return next((one for one in self.fields if one["name"] == name), {})


class TemplateVersion(models.Model):
    """What a template said from a moment on; append-only. Number 1 is what the portal came with."""

    template = models.ForeignKey(AnnouncementTemplate, models.PROTECT, related_name="versions", verbose_name="公告样式")
    number = models.PositiveIntegerField("版本")
    name = models.CharField("名称", max_length=100)
    basis = models.TextField("依据")
    skeleton = models.TextField("正文样式")
    medium_name = models.CharField("媒介名称", max_length=100, blank=True, default="")
    required = models.JSONField("必填要素", default=list)
    is_active = models.BooleanField("在用", default=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="修改人", null=True, blank=True
    )
    at = models.DateTimeField("修改时间", null=True, blank=True)

    class Meta:
        verbose_name = "公告样式的版本"
        verbose_name_plural = "公告样式的版本"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="tenders_templateversion_once"),
            models.CheckConstraint(
                condition=Q(number=1, by__isnull=True, at__isnull=True)
                | Q(number__gt=1, by__isnull=False, at__isnull=False),
                name="tenders_templateversion_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} 第{self.number}版"


class AnnouncementDraft(models.Model):
    """An announcement in the making. It is edited until it is submitted; what is published from it never changes."""

    template = models.ForeignKey(AnnouncementTemplate, models.PROTECT, related_name="drafts", verbose_name="公告样式")
    state = models.CharField("状态", max_length=20, choices=DraftState, default=DraftState.DRAFT)
    title = models.CharField("标题", max_length=TITLE_LENGTH)
    text = models.TextField("正文", max_length=TEXT_LENGTH)
    fields = models.JSONField("要素", default=dict, blank=True)
    region = models.CharField("地区", max_length=200, blank=True, default="")
    target = models.ForeignKey(
        Announcement, models.PROTECT, related_name="drafts_about", verbose_name="针对的公告", null=True, blank=True
    )
    target_change = models.TextField("更正（终止、补充）的内容和理由", max_length=2000, blank=True, default="")
    publish_at = models.DateTimeField("拟发布时间", null=True, blank=True)
    medium_name = models.CharField("指定媒介", max_length=100, blank=True, default="")
    medium_url = models.CharField("媒介上的网址", max_length=500, blank=True, default="")
    medium_at = models.DateTimeField("媒介首次发布时间", null=True, blank=True)
    exception_reason = models.TextField("适用例外的理由", max_length=1000, blank=True, default="")
    secrecy_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="保密审查人", null=True, blank=True
    )
    secrecy_at = models.DateTimeField("保密审查时间", null=True, blank=True)
    secrecy_conclusion = models.CharField("保密审查结论", max_length=500, blank=True, default="")
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="拟稿人")
    office = models.ForeignKey(
        "accounts.Department", models.PROTECT, related_name="+", verbose_name="科室", null=True, blank=True
    )
    created_at = models.DateTimeField("建立时间")
    saved_at = models.DateTimeField("最近保存时间")
    announcement = models.OneToOneField(
        Announcement, models.PROTECT, related_name="draft", verbose_name="发布的公告", null=True, blank=True
    )

    class Meta:
        verbose_name = "公告稿"
        verbose_name_plural = "公告稿"
        indexes = [
            models.Index(fields=["state", "-saved_at"], name="tenders_draft_state"),
            models.Index(fields=["publish_at"], condition=Q(state="scheduled"), name="tenders_draft_due"),
        ]
        # What each state asks for is checked at the end of the transaction: migration 0009.

    def __str__(self) -> str:
        return self.title

    @property
    def is_editable(self) -> bool:
        """Whether its content may still be changed."""
        return self.state in (DraftState.DRAFT, DraftState.RETURNED)

    @property
    def secrecy_passed(self) -> bool:
        """Whether it was examined and may be made public."""
        return bool(self.secrecy_by_id and self.secrecy_conclusion) and not self.secrecy_conclusion.startswith(
            SECRECY_PROBLEM
        )

    @property
    def category(self) -> str:
        """The kind of trade: of what it is about, where its template serves several."""
        if self.target is not None and self.target.category_id in self.template.about:
            return self.target.category_id
        return self.template.category_id

    @property
    def needs_medium(self) -> bool:
        """Whether law designates a medium (财政部令第101号 art 8; 国家发展改革委令第10号 art 8)."""
        medium = AnnouncementTemplate.Medium
        if self.template.medium == medium.MUST_TENDER:
            return bool(self.fields.get("must_tender") != "no")
        return self.template.medium == medium.ALWAYS


class DraftAttachment(models.Model):
    """A file that is published with the announcement, or a paper that allows an exception and is not."""

    draft = models.ForeignKey(AnnouncementDraft, models.PROTECT, related_name="attachments", verbose_name="公告稿")
    name = models.CharField("文件名", max_length=300)
    file = models.ForeignKey("documents.StoredFile", models.PROTECT, related_name="+", verbose_name="文件")
    is_paper = models.BooleanField("仅作依据，不公开", default=False)

    class Meta:
        verbose_name = "公告稿附件"
        verbose_name_plural = "公告稿附件"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "name"], name="tenders_draftattachment_name",
                violation_error_message="已经有同名的附件。",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """By which the second person says that it was opened; another file in its place has another."""
        return f"file:{self.pk}"


class FindingAnswer(models.Model):
    """Why something that the scan found may stay; by key, since the finding itself is computed (tenders.scan)."""

    draft = models.ForeignKey(AnnouncementDraft, models.PROTECT, related_name="answers", verbose_name="公告稿")
    key = models.CharField("发现", max_length=64)
    reason = models.CharField("理由", max_length=REASON_LENGTH)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="确认人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "核对结果"
        verbose_name_plural = "核对结果"
        constraints = [models.UniqueConstraint(fields=["draft", "key"], name="tenders_findinganswer_once")]

    def __str__(self) -> str:
        return self.reason


class ScanWord(models.Model):
    """A word that an announcement should not hold unnoticed; edited by those who check announcements."""

    class Kind(models.TextChoices):
        WRONG = "wrong", "错字错词"
        WORDING = "wording", "不规范表述"
        SENSITIVE = "sensitive", "敏感词"
        DISCRIMINATING = "discriminating", "可能排斥潜在投标人"

    word = models.CharField("词", max_length=50, unique=True)
    kind = models.CharField("种类", max_length=20, choices=Kind)
    suggestion = models.CharField("建议", max_length=200, blank=True, default="")
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "核对词"
        verbose_name_plural = "核对词"
        ordering = ["kind", "word"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(word=""), name="tenders_scanword_word", violation_error_message="词不能为空。"
            )
        ]

    def __str__(self) -> str:
        return self.word
