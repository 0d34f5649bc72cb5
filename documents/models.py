"""Files, known by what they hold."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class StoredFile(models.Model):
    """One content, stored once; names and owners belong to whoever refers to it."""

    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    size = models.PositiveBigIntegerField("字节数")
    content_type = models.CharField("内容类型", max_length=100)
    created_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = "文件"
        verbose_name_plural = "文件"
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"),
                name="documents_storedfile_sha256",
                violation_error_message="SHA-256 应是 64 位小写十六进制数。",
            ),
            models.CheckConstraint(
                condition=Q(size__gt=0),
                name="documents_storedfile_size",
                violation_error_message="文件不能是空的。",
            ),
        ]

    def __str__(self) -> str:
        return self.sha256

    @property
    def storage_name(self) -> str:
        """Where the storage keeps it."""
        return storage_name(self.sha256)


class FileRemoval(models.Model):
    """A content that was taken out of the storage: its row stays, nobody opens it any more.

    Storing the same content anew takes the removal back.
    """

    stored = models.OneToOneField(
        StoredFile, models.PROTECT, primary_key=True, related_name="removal", verbose_name="文件"
    )
    removed_at = models.DateTimeField("移除时间")

    class Meta:
        verbose_name = "文件移除"
        verbose_name_plural = "文件移除"

    def __str__(self) -> str:
        return str(self.pk)


class FileFault(models.Model):
    """A content that the storage has lost or that was changed there, as last found; gone once it is whole again."""

    class Kind(models.TextChoices):
        MISSING = "missing", "丢失"
        ALTERED = "altered", "被改动"

    sha256 = models.CharField("SHA-256", max_length=64, primary_key=True)
    kind = models.CharField("情况", max_length=10, choices=Kind)
    found_at = models.DateTimeField("发现时间", db_default=Now())

    class Meta:
        verbose_name = "文件损坏"
        verbose_name_plural = "文件损坏"

    def __str__(self) -> str:
        return f"{self.sha256} {self.get_kind_display()}"


def storage_name(sha256: str) -> str:
    """Name in the storage of the content with this digest (64 lower-case hexadecimal digits)."""
    return f"{sha256[:2]}/{sha256}"
