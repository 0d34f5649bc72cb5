"""The transparency log (contracts: transparency log, version 1): all of it is append-only but the row that is locked.

Imported by audit.models, where Django looks for models.
"""

from __future__ import annotations

from django.db import models

# Each announcement has one leaf of one of these kinds.
PUBLISHED_KINDS = ("announcement", "correction")
# The bytes of these are at /log/objects/<seq>.json.
OBJECT_KINDS = ("opening_record", "result", "contract", "ledger_digest", "audit_digest", "library_digest", "restored")
KINDS = frozenset((*PUBLISHED_KINDS, "redaction", "draw_commitment", "draw_witnesses", "draw_outcome", *OBJECT_KINDS))
HEX_DIGEST = r"^[0-9a-f]{64}$"


class LogLeaf(models.Model):
    """One leaf: its facts, and the exact bytes that are hashed."""

    seq = models.BigIntegerField("序号", primary_key=True)
    at = models.DateTimeField("时间")
    kind = models.CharField("种类", max_length=40)
    ref = models.CharField("对象", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    content = models.BinaryField("凭证原文")

    class Meta:
        verbose_name = "存证凭证"
        verbose_name_plural = "存证凭证"
        constraints = [
            models.CheckConstraint(condition=models.Q(seq__gte=0), name="audit_logleaf_seq"),
            models.CheckConstraint(condition=models.Q(sha256__regex=HEX_DIGEST), name="audit_logleaf_digest"),
            models.UniqueConstraint(
                fields=["ref"],
                condition=models.Q(kind__in=PUBLISHED_KINDS),
                name="audit_logleaf_published_once",
                violation_error_message="这条公告已经存证。",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "ref", "seq"], condition=~models.Q(kind__in=PUBLISHED_KINDS), name="audit_logleaf_other"
            )
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.ref}"


class LogNode(models.Model):
    """The hash of a complete subtree above level 0 (audit.merkle): it never changes again."""

    id = models.BigIntegerField("节点号", primary_key=True)
    hash = models.BinaryField("散列")

    class Meta:
        verbose_name = "存证树节点"
        verbose_name_plural = "存证树节点"

    def __str__(self) -> str:
        return str(self.id)


class LogKey(models.Model):
    """The public half of each key that signed a checkpoint; the private half is in the keyring only."""

    version = models.IntegerField("版本", primary_key=True)
    public_key = models.CharField("公钥", max_length=64)
    at = models.DateTimeField("启用时间")

    class Meta:
        verbose_name = "存证公钥"
        verbose_name_plural = "存证公钥"
        constraints = [
            models.CheckConstraint(condition=models.Q(public_key__regex=HEX_DIGEST), name="audit_logkey_public")
        ]

    def __str__(self) -> str:
        return f"第 {self.version} 版"


class LogCheckpoint(models.Model):
    """What the log was after one batch, signed."""

    size = models.BigIntegerField("凭证数", primary_key=True)
    origin = models.CharField("日志名称", max_length=200)
    root = models.CharField("根", max_length=64)
    at = models.DateTimeField("时间")
    signature = models.BinaryField("签名")
    key = models.ForeignKey(LogKey, models.PROTECT, verbose_name="公钥", related_name="+", db_index=False)

    class Meta:
        verbose_name = "存证检查点"
        verbose_name_plural = "存证检查点"
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gte=0), name="audit_logcheckpoint_size"),
            models.CheckConstraint(condition=models.Q(root__regex=HEX_DIGEST), name="audit_logcheckpoint_root"),
        ]

    def __str__(self) -> str:
        return f"{self.size} {self.root[:16]}"


class LogDayEnd(models.Model):
    """Which checkpoint was the last of its day (Asia/Shanghai); days without one have no row."""

    day = models.DateField("日期", primary_key=True)
    checkpoint = models.OneToOneField(LogCheckpoint, models.PROTECT, related_name="day_end", verbose_name="检查点")
    at = models.DateTimeField("认定时间")

    class Meta:
        verbose_name = "日终检查点"
        verbose_name_plural = "日终检查点"

    def __str__(self) -> str:
        return f"{self.day}"


class LogObject(models.Model):
    """The bytes of a leaf whose thing has no page of its own: an opening record, a ledger's digest."""

    leaf = models.OneToOneField(
        LogLeaf, models.PROTECT, primary_key=True, db_column="seq", related_name="object", verbose_name="凭证"
    )
    content = models.BinaryField("存证原文")

    class Meta:
        verbose_name = "存证对象"
        verbose_name_plural = "存证对象"

    def __str__(self) -> str:
        return str(self.leaf_id)


class LogHead(models.Model):
    """One row, locked by whoever appends; it counts the leaves."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField("凭证数", default=0)

    class Meta:
        verbose_name = "存证日志头"
        verbose_name_plural = "存证日志头"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_loghead_single")]

    def __str__(self) -> str:
        return str(self.size)
