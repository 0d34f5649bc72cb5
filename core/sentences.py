"""What forms say when something is wrong, in the house's words: said once for every field, also of forms to come.

Django's own sentences are translations for programmers ("确保该变量包含不超过 100 字符"); here each says what to do.
A field may still say it better (``error_messages=``).
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError

REQUIRED = "请填写这一项。"
CHOOSE = "请选择一项。"
NO_CHOICE = "没有这一项，请从列出的里重新选择。"
NUMBER = "请只填数字。"
NULL = "有不能保存的控制字符，请删去后重写。"

FIELDS: dict[type[forms.Field], dict[str, str]] = {
    forms.Field: {"required": REQUIRED},
    forms.IntegerField: {"invalid": "请填整数，只用数字。"},
    forms.FloatField: {"invalid": NUMBER},
    forms.DecimalField: {"invalid": "请填数字，例如 1268000.00。"},
    forms.DateField: {"invalid": "日期写成 2026-03-02 这样。"},
    forms.TimeField: {"invalid": "时刻写成 09:00 这样。"},
    forms.DateTimeField: {"invalid": "时间写成 2026-03-02 09:00 这样。"},
    forms.DurationField: {"invalid": "时长写成 1:30:00 这样。", "overflow": "时长太长，请核对。"},
    forms.FileField: {
        "invalid": "没有收到文件，请重新选择。",
        "missing": "没有收到文件，请重新选择。",
        "empty": "这个文件是空的，请重新选择。",
        "max_length": "文件名超过 %(max)d 个字，现在有 %(length)d 个，请改短后再传。",
        "contradiction": "请只选一样：传新文件，或者删去旧文件。",
    },
    forms.ImageField: {"invalid_image": "这不是图片，或者图片已损坏，请重新选择。"},
    forms.ChoiceField: {"invalid_choice": NO_CHOICE},
    forms.MultipleChoiceField: {"invalid_choice": NO_CHOICE, "invalid_list": NO_CHOICE},
    forms.ModelChoiceField: {"invalid_choice": NO_CHOICE},
    forms.ModelMultipleChoiceField: {
        "invalid_list": NO_CHOICE,
        "invalid_choice": NO_CHOICE,
        "invalid_pk_value": NO_CHOICE,
    },
    forms.URLField: {"invalid": "网址应以 https:// 或者 http:// 开头。"},
    forms.UUIDField: {"invalid": "编号写得不对，请核对。"},
    forms.JSONField: {"invalid": "内容不是合法的 JSON，请核对。"},
}
VALIDATORS: dict[type[Any], Any] = {
    validators.MaxLengthValidator: "最多 %(limit_value)d 个字，现在有 %(show_value)d 个，请精简。",
    validators.MinLengthValidator: "至少 %(limit_value)d 个字，现在有 %(show_value)d 个，请补充。",
    validators.MaxValueValidator: "不能大于 %(limit_value)s，请核对。",
    validators.MinValueValidator: "不能小于 %(limit_value)s，请核对。",
    validators.StepValueValidator: "应是 %(limit_value)s 的倍数，请核对。",
    validators.ProhibitNullCharactersValidator: NULL,
    validators.RegexValidator: "写法不对，请核对。",
    validators.URLValidator: "网址应以 https:// 或者 http:// 开头。",
    validators.EmailValidator: "电子邮箱写成 name@example.cn 这样。",
}
DECIMALS = {
    "invalid": NUMBER,
    "max_digits": "最多 %(max)s 位数字，请核对。",
    "max_decimal_places": "最多 %(max)s 位小数，请核对。",
    "max_whole_digits": "小数点前最多 %(max)s 位，请核对。",
}


# Several validators look for the same: one sentence is enough.
CHARACTERS = frozenset({"null_characters_not_allowed", "not_storable", "not_plain"})
_all_validators_run = forms.Field.run_validators


def _validators_run(field: forms.Field, value: Any) -> None:
    """As Django's, but each trouble is said once."""
    try:
        _all_validators_run(field, value)
    except ValidationError as found:
        said: dict[str, ValidationError] = {}
        for error in found.error_list:
            key = "characters" if error.code in CHARACTERS else "".join(error.messages)
            said.setdefault(key, error)
        raise ValidationError(list(said.values())) from None


def sentences_install() -> None:
    """Give Django's fields and validators these sentences; once, when the applications are loaded."""
    for field, messages in FIELDS.items():
        field.default_error_messages = {**field.__dict__.get("default_error_messages", {}), **messages}
    for validator, message in VALIDATORS.items():
        validator.message = message
    for one in (validators.validate_slug, validators.validate_unicode_slug):
        one.message = "只能用字母、数字、下划线和连字符。"
    validators.DecimalValidator.messages = dict(DECIMALS)
    every: Any = forms.Field
    every.run_validators = _validators_run
