"""People, and what kind of instance this is."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from accounts.duties import Duty


class UserManager(BaseUserManager["User"]):
    """Finds a user by the login name."""


class User(AbstractBaseUser):
    """A person who may log in (the login pages come with step 2)."""

    class Kind(models.TextChoices):
        STAFF = "staff", "工作人员"
        ORGANISATION = "organisation", "经营主体"
        EXPERT = "expert", "评审专家"

    username = models.CharField("登录名", max_length=150, unique=True)
    name = models.CharField("姓名", max_length=100)
    kind = models.CharField("种类", max_length=20, choices=Kind, default=Kind.STAFF)
    is_active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = "用户"
        verbose_name_plural = "用户"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["staff", "organisation", "expert"]),
                name="accounts_user_kind",
                violation_error_message="用户种类只能是工作人员、经营主体或评审专家。",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.username


class Instance(models.Model):
    """One row: the instance is a demonstration or a real center, for life."""

    class Kind(models.TextChoices):
        DEMO = "demo", "演示"
        CENTER = "center", "正式"

    id = models.SmallIntegerField(primary_key=True, default=1)
    kind = models.CharField("种类", max_length=10, choices=Kind)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    class Meta:
        verbose_name = "实例"
        verbose_name_plural = "实例"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="accounts_instance_single"),
            models.CheckConstraint(condition=models.Q(kind__in=["demo", "center"]), name="accounts_instance_kind"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Department(models.Model):
    """An office of the center (科室); the eight of the seeds from the start, names are data."""

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=100, unique=True)
    position = models.PositiveSmallIntegerField("次序", default=100)
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "科室"
        verbose_name_plural = "科室"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class DutyAssignment(models.Model):
    """A duty that a person has in an office, from one moment to another; several rows for several offices.

    A delegation (A/B岗) is a row too: ``delegated_from`` is the person whose duty it is.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments", verbose_name="人员")
    duty = models.CharField("职责", max_length=40, choices=Duty)
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="assignments", verbose_name="科室", null=True, blank=True
    )
    begins_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束", null=True, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="授予人", null=True
    )
    delegated_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="delegations", verbose_name="代谁", null=True, blank=True
    )

    class Meta:
        verbose_name = "职责分配"
        verbose_name_plural = "职责分配"
        indexes = [models.Index(fields=["user", "duty"], name="accounts_assignment_user")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("begins_at")),
                name="accounts_assignment_period",
                violation_error_message="结束时间应晚于开始时间。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_duty_display()}"
