"""制度库: the center's own rules, version by version. (This package's name for a rule of the center: CenterRule.)"""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Department
from portal.models.articles import TEXT_LENGTH, TITLE_LENGTH, _File
from portal.states import RuleState

STANDING = ("released", "repealed")  # states of what has been published


class CenterRule(models.Model):
    """One rule through all its versions; the row is what two releases at once take turns on."""

    created_at = models.DateTimeField("建立时间")

    class Meta:
        verbose_name = "制度"
        verbose_name_plural = "制度"

    def __str__(self) -> str:
        return f"制度 {self.pk}"


class RuleVersion(models.Model):
    """One version of a rule: in force from ``in_force_from`` up to the day before ``repealed_on``.

    ``number`` counts the released versions of a rule from 1. After the release a trigger keeps all but the repeal.
    Checked at the end of a transaction (migration 0005): no two versions are in force on one day, no two released
    ones have one document number, a released one has a number and a time, a repealed one its day.
    """

    rule = models.ForeignKey(CenterRule, models.PROTECT, related_name="versions", verbose_name="制度")
    number = models.PositiveIntegerField("版本", null=True, blank=True)
    document_number = models.CharField("文号", max_length=80)
    title = models.CharField("名称", max_length=TITLE_LENGTH)
    text = models.TextField("正文", max_length=TEXT_LENGTH, blank=True, default="")
    issued_on = models.DateField("印发日期")
    in_force_from = models.DateField("施行日期")
    repealed_on = models.DateField("失效日期", null=True, blank=True)
    replaced_by = models.ForeignKey(
        CenterRule, models.PROTECT, related_name="replaces", verbose_name="代替它的制度", null=True, blank=True
    )
    offices = models.ManyToManyField(Department, related_name="+", verbose_name="负责科室", blank=True)
    is_public = models.BooleanField("对外公开", default=True)
    state = models.CharField("状态", max_length=20, choices=RuleState, default=RuleState.DRAFT)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="起草人")
    created_at = models.DateTimeField("起草时间")
    released_at = models.DateTimeField("发布时间", null=True, blank=True)

    class Meta:
        verbose_name = "制度版本"
        verbose_name_plural = "制度版本"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RuleState.values), name="portal_ruleversion_state",
                violation_error_message="没有这个状态。",
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(document_number=""), name="portal_ruleversion_named",
                violation_error_message="名称和文号都要填写。",
            ),
            models.CheckConstraint(
                condition=Q(in_force_from__gte=F("issued_on")), name="portal_ruleversion_issued",
                violation_error_message="施行日期不能早于印发日期。",
            ),
            models.CheckConstraint(
                condition=Q(repealed_on=None) | Q(repealed_on__gte=F("in_force_from")),
                name="portal_ruleversion_repealed",
                violation_error_message="失效日期不能早于施行日期。",
            ),
            models.UniqueConstraint(
                fields=["rule", "number"], name="portal_ruleversion_number",
                violation_error_message="这项制度已有这个版本号。",
            ),
            models.UniqueConstraint(
                fields=["rule"], condition=Q(state__in=["draft", "submitted"]), name="portal_ruleversion_open",
                violation_error_message="这项制度已有一份未办完的新版本，请在那一份上改。",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "-id"], name="portal_ruleversion_list")]

    def __str__(self) -> str:
        return self.title

    def in_force(self, day: date) -> bool:
        """Whether the version is released and holds on ``day``."""
        ended = self.repealed_on is not None and self.repealed_on <= day
        return self.state in STANDING and self.in_force_from <= day and not ended


class RuleFile(_File):
    """A file of a version of a rule."""

    version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="files", verbose_name="制度版本")

    class Meta:
        verbose_name = "制度附件"
        verbose_name_plural = "制度附件"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="portal_rulefile_position"),
            models.UniqueConstraint(fields=["version", "sha256"], name="portal_rulefile_content"),
        ]
