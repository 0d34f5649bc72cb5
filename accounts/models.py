"""People, and what kind of instance this is."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


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
