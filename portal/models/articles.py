"""What the center itself has to say to the public: columns (栏目), their articles, the sheets they are written on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.states import ArticleState

TITLE_LENGTH = 300
SOURCE_LENGTH = 200
TEXT_LENGTH = 100_000
ROLE_LENGTH = 30


class Column(models.Model):
    """A column of the site, e.g. 通知公告; which ones there are is data."""

    class Pace(models.TextChoices):
        """How often a column must bring something new (portal.rulebook)."""

        NEWS = "news", "动态类"
        NOTICE = "notice", "通知政策类"
        NONE = "none", "不限"

    slug = models.SlugField("网址名", unique=True)
    name = models.CharField("栏目", max_length=50, unique=True)
    position = models.PositiveSmallIntegerField("次序")
    pace = models.CharField("更新要求", max_length=10, choices=Pace, default=Pace.NONE, db_default=Pace.NONE)

    class Meta:
        verbose_name = "栏目"
        verbose_name_plural = "栏目"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Article(models.Model):
    """One article as published; never changed, so a page once read stays what it was.

    A new version is a new row that ``replaces`` the one before; ``original`` is the first of them. ``role``: the guide
    of that kind of visitor (portal.guides), blank for all others. ``edited``: written here, with the signs of
    portal.prose; what was imported is shown as portal.text arranges it.
    """

    column = models.ForeignKey(Column, models.PROTECT, related_name="articles", verbose_name="栏目")
    title = models.CharField("标题", max_length=TITLE_LENGTH)
    text = models.TextField("正文", blank=True, default="")
    source = models.CharField("来源", max_length=SOURCE_LENGTH)
    published_at = models.DateTimeField("发布时间")
    created_at = models.DateTimeField("入库时间")
    replaces = models.OneToOneField(
        "self", models.PROTECT, related_name="replaced_by", verbose_name="所代替的版本", null=True, blank=True
    )
    original = models.ForeignKey(
        "self", models.PROTECT, related_name="later_versions", verbose_name="最初的版本", null=True, blank=True
    )
    role = models.CharField("办事人", max_length=ROLE_LENGTH, blank=True, default="", db_default="")
    edited = models.BooleanField("在本站编辑", default=False, db_default=False)

    class Meta:
        verbose_name = "文章"
        verbose_name_plural = "文章"
        constraints = [
            models.UniqueConstraint(fields=["column", "title", "published_at"], name="portal_article_identity"),
            models.CheckConstraint(condition=~Q(title=""), name="portal_article_title"),
            models.CheckConstraint(
                condition=Q(replaces=None, original=None) | Q(replaces__isnull=False, original__isnull=False),
                name="portal_article_chain",
            ),
            # A guide has one line of versions.
            models.UniqueConstraint(
                fields=["role"], condition=Q(replaces=None) & ~Q(role=""), name="portal_article_role"
            ),
        ]
        indexes = [models.Index(fields=["column", "-published_at", "-id"], name="portal_article_time")]

    def __str__(self) -> str:
        return self.title

    @property
    def root_id(self) -> int:
        """The number of the first version."""
        return self.original_id or self.pk


class _File(models.Model):
    """A file under the name it is offered by; the content is a ``documents.StoredFile``."""

    position = models.PositiveSmallIntegerField("次序")
    name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveBigIntegerField("字节数")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class ArticleFile(_File):
    """A file of a published article; append-only."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="files", verbose_name="文章")

    class Meta:
        verbose_name = "文章附件"
        verbose_name_plural = "文章附件"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["article", "position"], name="portal_articlefile_position")]


class ArticleWithdrawal(models.Model):
    """That an article was taken from the site with all its versions; append-only."""

    article = models.OneToOneField(Article, models.PROTECT, related_name="withdrawal", verbose_name="最初的版本")
    reason = models.CharField("理由", max_length=2000)
    at = models.DateTimeField("撤下时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="办理人")

    class Meta:
        verbose_name = "文章撤下"
        verbose_name_plural = "文章撤下"
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="portal_articlewithdrawal_reason")]

    def __str__(self) -> str:
        return self.reason


class ArticleDraft(models.Model):
    """The sheet on which an article is written and checked; ``article`` is what it became."""

    column = models.ForeignKey(Column, models.PROTECT, related_name="+", verbose_name="栏目")
    role = models.CharField("办事人", max_length=ROLE_LENGTH, blank=True, default="")
    title = models.CharField("标题", max_length=TITLE_LENGTH)
    text = models.TextField("正文", max_length=TEXT_LENGTH, blank=True, default="")
    source = models.CharField("来源", max_length=SOURCE_LENGTH)
    publish_at = models.DateTimeField("发布时间", null=True, blank=True)
    replaces = models.ForeignKey(
        Article, models.PROTECT, related_name="drafts", verbose_name="所代替的版本", null=True, blank=True
    )
    article = models.OneToOneField(
        Article, models.PROTECT, related_name="draft", verbose_name="发布成的文章", null=True, blank=True
    )
    state = models.CharField("状态", max_length=20, choices=ArticleState, default=ArticleState.DRAFT)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="起草人")
    created_at = models.DateTimeField("起草时间")

    class Meta:
        verbose_name = "文章稿"
        verbose_name_plural = "文章稿"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ArticleState.values), name="portal_articledraft_state",
                violation_error_message="没有这个状态。",
            ),
            models.CheckConstraint(
                condition=~Q(title=""), name="portal_articledraft_title", violation_error_message="标题不能是空的。"
            ),
            models.UniqueConstraint(
                fields=["replaces"], condition=Q(state__in=["draft", "submitted"]), name="portal_articledraft_open",
                violation_error_message="这篇文章已有一份未办完的修订稿，请在那一份上改。",
            ),
            models.UniqueConstraint(
                fields=["role"], condition=Q(state__in=["draft", "submitted"]) & ~Q(role=""),
                name="portal_articledraft_role",
                violation_error_message="这份办事指南已有一份未办完的修订稿，请在那一份上改。",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "-id"], name="portal_articledraft_list")]

    def __str__(self) -> str:
        return self.title


class DraftFile(_File):
    """A file that will go out with the article."""

    draft = models.ForeignKey(ArticleDraft, models.CASCADE, related_name="files", verbose_name="文章稿")

    class Meta:
        verbose_name = "文章稿附件"
        verbose_name_plural = "文章稿附件"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "position"], name="portal_draftfile_position"),
            models.UniqueConstraint(fields=["draft", "sha256"], name="portal_draftfile_content"),
        ]
