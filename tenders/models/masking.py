"""Masking (遮蔽) of personal data in what is published: asked for by one person, done by another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tenders.models.announcements import Announcement


class MaskingState(models.TextChoices):
    """What becomes of a request."""

    REQUESTED = "requested", "待确认"
    CONFIRMED = "confirmed", "已遮蔽"
    REJECTED = "rejected", "未同意"
    WITHDRAWN = "withdrawn", "已撤回"


class MaskingRequest(models.Model):
    """Which bytes of an announcement's canonical record are to be masked, and why. It names places, never the text.

    ``pieces`` are ``[begin, end, kind]``: offsets in bytes into the record whose digest is ``before_sha256``; the kinds
    are those of ``tenders.masking``. The database itself computes the masked record from them (migration 0009), so
    that nothing else can be changed by this way.
    """

    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="maskings", verbose_name="公告")
    state = models.CharField("状态", max_length=20, choices=MaskingState, default=MaskingState.REQUESTED)
    reason = models.CharField("理由", max_length=500)
    pieces = models.JSONField("遮蔽之处")
    insert_at = models.IntegerField("原文摘要插入处", null=True, blank=True)
    before_sha256 = models.CharField("遮蔽前 SHA-256", max_length=64)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人")
    requested_at = models.DateTimeField("申请时间")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="确认人", null=True, blank=True
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)

    class Meta:
        verbose_name = "遮蔽申请"
        verbose_name_plural = "遮蔽申请"
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("requested_by")),
                name="tenders_masking_two_persons",
                violation_error_message="遮蔽须由申请人以外的另一个人确认。",
            ),
            models.UniqueConstraint(
                fields=["announcement"],
                condition=Q(state="requested"),
                name="tenders_masking_one_open",
                violation_error_message="这份公告已有一份遮蔽申请在等确认，请先办完那一份。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id} {self.get_state_display()}"


class SealedFile(models.Model):
    """An attachment that is withheld: which, and its encrypted copy in the storage; append-only.

    It is written when the masking is asked for, since the storage cannot be part of the transaction that confirms it.
    """

    masking = models.ForeignKey(MaskingRequest, models.PROTECT, related_name="sealed_files", verbose_name="遮蔽申请")
    position = models.PositiveIntegerField("次序")
    clear = models.ForeignKey("documents.StoredFile", models.PROTECT, related_name="+", verbose_name="原文件")
    sealed = models.ForeignKey("documents.StoredFile", models.PROTECT, related_name="+", verbose_name="封存件")

    class Meta:
        verbose_name = "封存的附件"
        verbose_name_plural = "封存的附件"
        constraints = [models.UniqueConstraint(fields=["masking", "position"], name="tenders_sealedfile_once")]

    def __str__(self) -> str:
        return f"{self.masking_id} {self.position}"


class SealedOriginal(models.Model):
    """The canonical record as it was before a masking, encrypted (core.keys); append-only."""

    masking = models.OneToOneField(
        MaskingRequest, models.PROTECT, primary_key=True, related_name="sealed", verbose_name="遮蔽申请"
    )
    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="sealed", verbose_name="公告")
    content = models.TextField("封存的原文")
    sha256 = models.CharField("原文 SHA-256", max_length=64)
    masked_sha256 = models.CharField("遮蔽后 SHA-256", max_length=64)
    sealed_at = models.DateTimeField("封存时间")

    class Meta:
        verbose_name = "封存的原文"
        verbose_name_plural = "封存的原文"

    def __str__(self) -> str:
        return self.sha256
