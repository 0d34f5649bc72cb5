"""Forms of the editors' pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from accounts.forms import CHOICE, REQUIRED
from accounts.models import Department
from core.fields import DayField, MomentField, plain
from portal.models import CenterRule, Column
from portal.models.articles import SOURCE_LENGTH, TEXT_LENGTH, TITLE_LENGTH
from portal.models.rules import STANDING
from portal.selectors.rules import rule_titles

SIGNS = (
    "“一、”开头的短行是标题，“- ”开头是列点，“1. ”开头是编号；"
    "表格每格之间按 Tab 键（可从表格软件直接粘贴），第一行是表头；链接写成 [文字](地址)。"
)


NULL = {"null_characters_not_allowed": "含有不能保存的控制字符，请删去后重写。"}


def _line(label: str, longest: int, help_text: str = "") -> forms.CharField:
    errors = {**REQUIRED, **NULL, "max_length": f"{label}超过 {longest} 字，请精简。"}
    return forms.CharField(
        label=label, max_length=longest, help_text=help_text, validators=[plain], error_messages=errors
    )


def _text() -> forms.CharField:
    return forms.CharField(
        label="正文",
        required=False,
        strip=False,
        max_length=TEXT_LENGTH,
        help_text=SIGNS,
        widget=forms.Textarea(attrs={"rows": 18, "class": "editor"}),
        error_messages={**NULL, "max_length": f"正文超过 {TEXT_LENGTH:,} 字，请拆成几篇或改用附件。"},
    )


class ArticleForm(forms.Form):
    """An article's sheet."""

    column = forms.ModelChoiceField(Column.objects.all(), label="栏目", empty_label="请选择", error_messages={**CHOICE})
    title = _line("标题", TITLE_LENGTH)
    source = _line("来源", SOURCE_LENGTH, "写作单位或转载出处，公开页面会显示。")
    publish_at = MomentField(
        label="发布时间", required=False, help_text="留空为复核发布的时刻；填以后的时间，到时自动公开。"
    )
    text = _text()

    def __init__(self, *args: Any, role: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        if role:
            self.fields["column"].disabled = True

    def values(self) -> dict[str, Any]:
        """The cleaned values, line ends as the database keeps them."""
        found = dict(self.cleaned_data)
        found["text"] = _unix(found["text"])
        moment: datetime | None = found["publish_at"]
        found["publish_at"] = moment
        return found


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


class RuleForm(forms.Form):
    """A version of a rule."""

    document_number = _line("文号", 80, "例如 云泽交易〔2026〕12号。")
    title = _line("名称", TITLE_LENGTH)
    issued_on = DayField(label="印发日期", error_messages=REQUIRED)
    in_force_from = DayField(
        label="施行日期", error_messages=REQUIRED,
        help_text="不早于印发日期；修订的，应晚于上一版本的施行日期，上一版本自这一天起失效。",
    )  # fmt: skip
    offices = forms.ModelMultipleChoiceField(
        Department.objects.filter(is_active=True), label="负责科室", required=False,
        widget=forms.CheckboxSelectMultiple, error_messages={**CHOICE, "invalid_pk_value": "请从列出的科室里选。"},
    )  # fmt: skip
    is_public = forms.BooleanField(label="对外公开", required=False, help_text="不勾选的，只在工作平台里看得到。")
    text = _text()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean(self) -> dict[str, Any]:
        """In force not before it was issued."""
        found = super().clean() or {}
        issued, begins = found.get("issued_on"), found.get("in_force_from")
        if issued and begins and begins < issued:
            self.add_error("in_force_from", "施行日期不能早于印发日期，请核对两个日期。")
        return found

    def values(self) -> dict[str, Any]:
        """The cleaned values, line ends as the database keeps them."""
        return {**self.cleaned_data, "text": _unix(self.cleaned_data["text"])}


class _RuleChoice(forms.ModelChoiceField):
    """Rules by the title of their newest version."""

    def label_from_instance(self, obj: Any) -> str:
        if not hasattr(self, "_titles"):
            self._titles = rule_titles(CenterRule.objects.values_list("pk", flat=True), public=False)
        return self._titles.get(obj.pk, str(obj))


class RepealForm(forms.Form):
    """废止."""

    repealed_on = DayField(label="失效日期", error_messages=REQUIRED, help_text="自这一天起不再有效。")
    replaced_by = _RuleChoice(
        CenterRule.objects.filter(versions__state__in=STANDING).distinct().order_by("pk"), label="由哪项制度代替",
        required=False, empty_label="没有代替的制度", error_messages={**CHOICE},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
