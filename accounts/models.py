"""People, their duties, sessions and second factors, and what kind of instance this is."""

from __future__ import annotations

from datetime import time, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from accounts.duties import ADMINISTRATORS, Duty
from core.moments import SHANGHAI


class UserManager(BaseUserManager["User"]):
    """Finds a user by the login name."""


class User(AbstractBaseUser):
    """A person who may log in.

    ``employer`` is blank for the center's own people; the three administrators may be people of other bodies.
    ``is_demo``: made by demo_load; the password is known to everybody, so it works on loopback alone.
    """

    class Kind(models.TextChoices):
        STAFF = "staff", "工作人员"
        ORGANISATION = "organisation", "经营主体"
        EXPERT = "expert", "评审专家"

    username = models.CharField("登录名", max_length=150, unique=True)
    name = models.CharField("姓名", max_length=100)
    kind = models.CharField("种类", max_length=20, choices=Kind, default=Kind.STAFF)
    is_active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    employer = models.CharField("所在单位", max_length=100, blank=True, default="", db_default="")
    must_change_password = models.BooleanField("须改密码", default=False, db_default=False)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True)
    is_demo = models.BooleanField("演示账号", default=False, db_default=False)

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
            ),
            # The rest (who excludes whom in time) is a trigger: migration 0006.
            models.CheckConstraint(
                condition=models.Q(delegated_from__isnull=True) | ~models.Q(duty__in=sorted(ADMINISTRATORS)),
                name="accounts_assignment_no_delegated_admin",
                violation_error_message="管理员的职责不能委托给别人。",
            ),
            models.CheckConstraint(
                condition=models.Q(delegated_from__isnull=True) | models.Q(ends_at__isnull=False),
                name="accounts_assignment_delegation_ends",
                violation_error_message="委托应写明到什么时候为止。",
            ),
            models.CheckConstraint(
                condition=models.Q(given_by__isnull=True) | ~models.Q(given_by=models.F("user")),
                name="accounts_assignment_not_to_oneself",
                violation_error_message="不能给自己授予职责。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_duty_display()}"

    @property
    def until(self) -> str:
        """Its end in words: the last day that belongs to it, or the moment of a day; empty without one."""
        if self.ends_at is None:
            return ""
        end = self.ends_at.astimezone(SHANGHAI)
        last = end - timedelta(microseconds=1)
        clock = "" if end.time() == time() else f" {end:%H:%M}"
        day = end if clock else last
        return f"{day.year}年{day.month}月{day.day}日{clock}"


class DutyPair(models.Model):
    """Two duties that check each other: nobody may have both of them at the same time, in whatever way."""

    maker = models.CharField("经办职责", max_length=40, choices=Duty)
    checker = models.CharField("复核职责", max_length=40, choices=Duty)
    reason = models.CharField("理由", max_length=200)

    class Meta:
        verbose_name = "互斥职责"
        verbose_name_plural = "互斥职责"
        constraints = [
            models.UniqueConstraint(fields=["maker", "checker"], name="accounts_dutypair_once"),
            models.CheckConstraint(
                condition=~models.Q(maker=models.F("checker")),
                name="accounts_dutypair_two",
                violation_error_message="互斥的应是两项不同的职责。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_maker_display()} / {self.get_checker_display()}"


class Session(AbstractBaseSession):
    """A login (or a login that still waits for its code: then without a user).

    ``session_key`` is the SHA-256 of the cookie: who reads the database or a backup cannot take over a session.
    Only the session's own store writes here (accounts.sessions); the columns repeat what its data say.
    """

    session_key = models.CharField("会话摘要", max_length=64, primary_key=True)
    session_data = models.TextField("会话内容")
    expire_date = models.DateTimeField("最晚到期", db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions", verbose_name="人员", null=True
    )
    begun_at = models.DateTimeField("登录时间", null=True)
    seen_at = models.DateTimeField("最近使用", null=True)
    address = models.CharField("来源地址", max_length=64, blank=True, default="")
    device = models.CharField("设备", max_length=200, blank=True, default="")

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        verbose_name = "登录会话"
        verbose_name_plural = "登录会话"

    @classmethod
    def get_session_store_class(cls) -> type:
        """The store that writes these rows."""
        from accounts.sessions import SessionStore  # noqa: PLC0415 (the store needs this model)

        return SessionStore


class Factor(models.Model):
    """The second factor of a person: a TOTP secret, encrypted; ``waiting`` becomes it once a first code was right.

    ``last_step`` is the newest 30-second step whose code was used: each code works once.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="factor", verbose_name="人员", primary_key=True
    )
    secret = models.TextField("密钥密文", blank=True, default="")
    waiting = models.TextField("待启用的密钥密文", blank=True, default="")
    created_at = models.DateTimeField("建立时间")
    confirmed_at = models.DateTimeField("启用时间", null=True, blank=True)
    last_step = models.BigIntegerField("最近用过的时段", default=0)

    class Meta:
        verbose_name = "第二重验证"
        verbose_name_plural = "第二重验证"

    def __str__(self) -> str:
        return f"{self.user}"


class RecoveryCode(models.Model):
    """A printed code that replaces the phone once; ``prefix`` (its first two letters) says which row to compare."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes", verbose_name="人员"
    )
    prefix = models.CharField("编号", max_length=2)
    encoded = models.CharField("散列", max_length=128)
    created_at = models.DateTimeField("生成时间")
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = "备用码"
        verbose_name_plural = "备用码"
        constraints = [models.UniqueConstraint(fields=["user", "prefix"], name="accounts_recoverycode_prefix")]

    def __str__(self) -> str:
        return f"{self.user} {self.prefix}"


class OldPassword(models.Model):
    """Hash of a password that a person had: the last ones are not taken again."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="old_passwords", verbose_name="人员"
    )
    encoded = models.CharField("散列", max_length=128)
    changed_at = models.DateTimeField("停用时间")

    class Meta:
        verbose_name = "旧密码"
        verbose_name_plural = "旧密码"

    def __str__(self) -> str:
        return f"{self.user} {self.changed_at:%Y-%m-%d}"


class KnownPlace(models.Model):
    """An address from which a person has logged in before: a lock of that address does not shut this person out."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="known_places", verbose_name="人员")
    place = models.CharField("网络地址", max_length=80)
    seen_at = models.DateTimeField("最近登录")

    class Meta:
        verbose_name = "登录过的地址"
        verbose_name_plural = "登录过的地址"
        constraints = [models.UniqueConstraint(fields=["user", "place"], name="accounts_knownplace_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.place}"


class FormAnswer(models.Model):
    """A form that was sent and done: sent once more, it leads to the same page and does nothing (accounts.once)."""

    digest = models.CharField("提交的摘要", max_length=64, primary_key=True)
    location = models.TextField("办完以后去的页面")
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = "已办的提交"
        verbose_name_plural = "已办的提交"

    def __str__(self) -> str:
        return self.location


class LoginGuard(models.Model):
    """Failed attempts under one key (an account by digest, an address, a person's codes), and until when it is locked.

    Compared with the time of the request; rows too old to matter are removed at a later login.
    """

    key = models.CharField("对象", max_length=100, unique=True)
    failures = models.PositiveIntegerField("连续失败次数", default=0)
    locks = models.PositiveIntegerField("锁定次数", default=0)
    locked_until = models.DateTimeField("锁定到", null=True, blank=True)
    failed_at = models.DateTimeField("最近失败", null=True, blank=True)
    touched_at = models.DateTimeField("最近尝试", db_index=True)

    class Meta:
        verbose_name = "登录限制"
        verbose_name_plural = "登录限制"

    def __str__(self) -> str:
        return f"{self.key}"
