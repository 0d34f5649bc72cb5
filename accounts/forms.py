"""Forms of the staff side: one column, sentences for errors, drawn by partials/staff_form.html."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms

from accounts.duties import ADMINISTRATORS, Duty
from accounts.models import Department, DutyAssignment, User
from accounts.selectors import assignments_listed, assignments_now
from core.errors import BusinessError
from core.fields import DayField, plain
from core.moments import SHANGHAI

REQUIRED = {"required": "请填写这一项。"}
CHOICE = {"required": "请选择一项。", "invalid_choice": "没有这一项，请重新选择。"}


def attempt(form: forms.BaseForm, action: Callable[[], Any], **fields: str) -> Any:
    """Call a service; its refusal becomes the form's error.

    Args:
        form: a valid form.
        action: the call.
        **fields: which field an error code belongs to; others stand above the form.

    Returns:
        What the service returned, None when it refused.
    """
    try:
        return action()
    except BusinessError as error:
        field = str(error.facts.get("field", "")) or fields.get(error.code)
        form.add_error(field if field in form.fields else None, error.message)
        # The page answers 429 then, as the login does.
        form.locked = error.code == "locked"  # type: ignore[attr-defined]
        return None


def form_status(form: forms.Form) -> int:
    """The status of a form's page: 429 while a lock lasts (RFC 6585, 4), 400 with errors, else 200."""
    if getattr(form, "locked", False):
        return 429
    return 400 if form.errors else 200


def password_field(label: str, *, new: bool = False, help_text: str = "") -> forms.CharField:
    """A password as typed: spaces belong to it."""
    kind = "new-password" if new else "current-password"
    return forms.CharField(
        label=label,
        strip=False,
        max_length=128,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"autocomplete": kind}),
        error_messages={**REQUIRED, "max_length": "密码太长，不要超过 128 个字符。"},
    )


PASSWORD_HELP = (
    "至少 10 位；大写字母、小写字母、数字、符号中至少三种；不是常用词加年份；不含登录名、姓名和本县的名称；"  # noqa: S105 (help)
    "不是最近 5 个用过的。"
)


def code_field(*, required: bool = True, help_text: str = "") -> forms.CharField:
    """A code from the phone or from paper."""
    return forms.CharField(
        label="验证码",
        max_length=30,
        required=required,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}),
        error_messages={**REQUIRED, "max_length": "验证码没有这么长。"},
    )


class IdentityForm(forms.Form):
    """The password again, and a code of who has a second factor."""

    password = password_field("现在的密码")

    def __init__(self, *args: Any, has_factor: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if has_factor:
            self.fields["code"] = code_field(help_text="手机上显示的 6 位数字，或一个没用过的备用码。")


class PasswordForm(forms.Form):
    """A change of the own password."""

    password = password_field("现在的密码")
    new = password_field("新密码", new=True, help_text=PASSWORD_HELP)
    again = password_field("再输一次新密码", new=True)

    def clean(self) -> dict[str, Any]:
        """Both new ones are alike."""
        data = super().clean() or {}
        if data.get("new") and data.get("again") and data["new"] != data["again"]:
            self.add_error("again", "两次输入的新密码不一样，请重新输入。")
        return data


class CodeForm(forms.Form):
    """The first code of a new factor."""

    code = code_field(help_text="手机应用里这个账号现在显示的 6 位数字。")


class PersonForm(forms.Form):
    """A new account."""

    name = forms.CharField(label="姓名", max_length=100, validators=[plain], error_messages=REQUIRED)
    username = forms.CharField(
        label="登录名",
        max_length=30,
        help_text="2 到 30 个小写字母、数字或 . _ -，以字母开头，例如 lixiaomei。建立后不能改。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
        error_messages=REQUIRED,
    )
    employer = forms.CharField(
        label="所在单位",
        max_length=100,
        required=False,
        validators=[plain],
        help_text="本中心的人不填；其他单位派来的管理员写单位全称。",
    )


class PeriodForm(forms.Form):
    """From one day to another, both inclusive, Asia/Shanghai."""

    begins = DayField(label="从哪一天起", error_messages=REQUIRED)
    ends = DayField(label="到哪一天止", error_messages=REQUIRED, help_text="含这一天。")

    def period(self, now: datetime) -> tuple[datetime, datetime | None]:
        """Begin and end of the valid form; from today means from now."""
        first: date = self.cleaned_data["begins"]
        last: date | None = self.cleaned_data["ends"]
        begin = datetime.combine(first, time(), SHANGHAI)
        today = now.astimezone(SHANGHAI).date()
        end = datetime.combine(last + timedelta(days=1), time(), SHANGHAI) if last else None
        return (now if first == today else begin), end


class AssignmentForm(PeriodForm):
    """A duty for a person."""

    user = forms.ModelChoiceField(User.objects.none(), label="人员", error_messages=CHOICE, empty_label="请选择")
    duty = forms.ChoiceField(label="职责", choices=[("", "请选择"), *Duty.choices], error_messages=CHOICE)
    department = forms.ModelChoiceField(
        Department.objects.none(),
        label="科室",
        required=False,
        empty_label="不属于科室",
        help_text="管理员的职责可以不属于科室。",
        error_messages=CHOICE,
    )
    field_order = ("user", "duty", "department", "begins", "ends")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        people = User.objects.filter(kind=User.Kind.STAFF, is_active=True).order_by("id")
        self.fields["user"].queryset = people  # type: ignore[attr-defined]
        self.fields["department"].queryset = Department.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["ends"].required = False
        self.fields["ends"].help_text = "含这一天；长期担任的不填。"

    def clean(self) -> dict[str, Any]:
        """A business duty belongs to an office."""
        data = super().clean() or {}
        duty = data.get("duty")
        if duty and duty not in ADMINISTRATORS and not data.get("department") and "department" not in self.errors:
            self.add_error("department", "业务职责应属于一个科室，请选择。")
        return data


class OwnDutyField(forms.ModelChoiceField):
    """Choice of an assignment, told as person and duty."""

    def label_from_instance(self, obj: Any) -> str:
        """``李晓梅：公告拟稿（受理科）``."""
        office = f"（{obj.department}）" if obj.department else ""
        return f"{obj.user}：{obj.get_duty_display()}{office}"


class DelegationForm(PeriodForm):
    """A duty handed on for a period."""

    own = OwnDutyField(DutyAssignment.objects.none(), label="谁的哪项职责", error_messages=CHOICE, empty_label="请选择")
    deputy = forms.ModelChoiceField(User.objects.none(), label="交给谁", error_messages=CHOICE, empty_label="请选择")
    field_order = ("own", "deputy", "begins", "ends")

    def __init__(self, *args: Any, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        own = assignments_listed(now=now).exclude(duty__in=ADMINISTRATORS).filter(user__is_active=True)
        self.fields["own"].queryset = own  # type: ignore[attr-defined]
        # Administrators do no business: the service refuses them always.
        managing = assignments_now(now=now).filter(duty__in=ADMINISTRATORS).values("user")
        people = User.objects.filter(kind=User.Kind.STAFF, is_active=True).exclude(pk__in=managing).order_by("id")
        self.fields["deputy"].queryset = people  # type: ignore[attr-defined]


class SetupForm(forms.Form):
    """The three administrators of a new instance."""

    setup_code = forms.CharField(
        label="设置码",
        max_length=100,
        help_text="启动 make serve 的终端里显示的一串字符。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages=REQUIRED,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for duty in (Duty.SYSTEM_ADMIN, Duty.SECURITY_ADMIN, Duty.AUDIT_ADMIN):
            for key, field in PersonForm.base_fields.items():
                copy = forms.CharField(
                    label=f"{duty.label}：{field.label}",
                    max_length=field.max_length,  # type: ignore[attr-defined]
                    required=field.required,
                    help_text=field.help_text,
                    validators=[plain],
                    error_messages=REQUIRED,
                )
                self.fields[f"{duty.value}-{key}"] = copy
            self.fields[f"{duty.value}-password"] = password_field(
                f"{duty.label}：密码", new=True, help_text=PASSWORD_HELP
            )
