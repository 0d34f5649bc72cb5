"""What the center itself has to say to the public: columns (栏目) and their articles."""

from __future__ import annotations

from django.db import models


class Column(models.Model):
    """A column of the site, e.g. 通知公告; which ones there are is data."""

    slug = models.SlugField("网址名", unique=True)
    name = models.CharField("栏目", max_length=50, unique=True)
    position = models.PositiveSmallIntegerField("次序")

    class Meta:
        verbose_name = "栏目"
        verbose_name_plural = "栏目"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Article(models.Model):
    """One article as published; never changed, so a page once read stays what it was."""

    column = models.ForeignKey(Column, models.PROTECT, related_name="articles", verbose_name="栏目")
    title = models.CharField("标题", max_length=300)
    text = models.TextField("正文", blank=True, default="")
    source = models.CharField("来源", max_length=200)
    published_at = models.DateTimeField("发布时间")
    created_at = models.DateTimeField("入库时间")

    class Meta:
        verbose_name = "文章"
        verbose_name_plural = "文章"
        constraints = [
            models.UniqueConstraint(fields=["column", "title", "published_at"], name="portal_article_identity"),
            models.CheckConstraint(condition=~models.Q(title=""), name="portal_article_title"),
        ]
        indexes = [models.Index(fields=["column", "-published_at", "-id"], name="portal_article_time")]

    def __str__(self) -> str:
        return self.title
