"""Input of the pages of drafts and masking."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils import timezone

from core.fields import DayField, MomentField, plain, storable
from core.moments import SHANGHAI
from tenders.models import AnnouncementDraft, AnnouncementTemplate, Region, ScanWord
from tenders.models.drafts import REASON_LENGTH, SECRECY_PROBLEM, TEXT_LENGTH, TITLE_LENGTH
from workflow.forms import HouseForm

FIELD = "field_"
ANSWER = "answer_"
LARGEST = Decimal("9999999999999999.99")
SECRECY_WORDS = "经审查，不含国家秘密、工作秘密、商业秘密和不应公开的个人信息，可以公开。"


def _text(label: str, longest: int, help_text: str = "", *, rows: int = 0, required: bool = False) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(
        label=label, max_length=longest, help_text=help_text, required=required, widget=widget,
        validators=[storable], error_messages={"max_length": f"{label}超过 {longest} 字，请精简。"},
    )  # fmt: skip


def _field(one: dict[str, Any]) -> forms.Field:
    """The form's field for a field of a template; what is required is asked for when the draft is submitted."""
    label = one["label"] + ("" if not one.get("required") else " *")
    common: dict[str, Any] = {"label": label, "required": False, "help_text": one.get("help", "")}
    kind = one["kind"]
    if kind == "money":
        return forms.DecimalField(
            max_digits=18, decimal_places=2, min_value=Decimal("0.01"), max_value=LARGEST,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            error_messages={"invalid": "金额应是数字，例如 1268000.00。", "min_value": "金额应大于 0。",
                            "max_decimal_places": "金额最多两位小数。"}, **common,
        )  # fmt: skip
    if kind == "date":
        return DayField(**common)
    if kind == "moment":
        return MomentField(**common)
    if kind == "yesno":
        choices = [("", "请选择"), ("yes", "是"), ("no", "否")]
        return forms.ChoiceField(choices=choices, error_messages={"invalid_choice": "请选是或者否。"}, **common)
    rows = 4 if kind == "long" else 0
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(max_length=4000 if rows else 500, widget=widget, validators=[storable], **common)


def _stored(value: Any) -> str:
    """A cleaned value as drafts keep it."""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return "" if value is None else str(value)


class DraftForm(HouseForm):
    """The content of a draft: title, the fields of its template, text, what it is about, medium, time."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    title = _text("标题", TITLE_LENGTH, "写全项目名称和公告类型。", required=True)
    title.validators.append(plain)
    text = _text("正文", TEXT_LENGTH, "【】中的要素填写后，可用“把要素填入正文”自动替换。", rows=24, required=True)
    region = _text("地区", 200, "例如：云泽县。")
    target_change = _text("改了什么、为什么", 2000, "写明原来的内容、现在的内容和理由。", rows=4)
    medium_name = _text("指定媒介", 100, "财政部令第101号、国家发展改革委令第10号规定的媒介。")
    medium_url = _text("媒介上的网址", 500, "在指定媒介上的这份公告的网址。")
    medium_at = MomentField(label="媒介首次发布时间", required=False, help_text="公告期限从这时起算。")
    publish_at = MomentField(label="拟发布时间", required=False, help_text="不填的，复核后尽快发布。")
    exception_reason = _text("适用例外的理由", 1000, "只有规定本身写明例外的期限才可填写，并附依据文件。", rows=3)

    def __init__(self, *args: Any, draft: AnnouncementDraft, seen: int, **kwargs: Any) -> None:
        self.draft = draft
        super().__init__(*args, initial=draft_initial(draft) | {"seen": seen}, **kwargs)
        for one in draft.template.fields:
            self.fields[FIELD + one["name"]] = _field(one)
        for name in self._left_out():
            del self.fields[name]

    def _left_out(self) -> list[str]:
        found = [] if self.draft.template.relation else ["target_change"]
        if self.draft.template.medium == AnnouncementTemplate.Medium.NONE:
            found += ["medium_name", "medium_url", "medium_at"]
        return found

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The fields of the template."""
        return [self[name] for name in self.fields if name.startswith(FIELD)]

    @property
    def head_fields(self) -> list[forms.BoundField]:
        """What comes before them."""
        return [self[name] for name in ("title", "region", "target_change") if name in self.fields]

    @property
    def publication_fields(self) -> list[forms.BoundField]:
        """What comes after the text."""
        names = ("medium_name", "medium_url", "medium_at", "publish_at", "exception_reason")
        return [self[name] for name in names if name in self.fields]

    def clean_medium_url(self) -> str:
        """An address of the web."""
        text = str(self.cleaned_data["medium_url"]).strip()
        try:
            parts = urlsplit(text)
        except ValueError:
            parts = urlsplit("")
        if text and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise forms.ValidationError("网址应以 https:// 或者 http:// 开头。")
        return text

    def values(self) -> dict[str, Any]:
        """What tenders.services.drafts.draft_save takes."""
        data = dict(self.cleaned_data)
        fields = {name.removeprefix(FIELD): _stored(data.pop(name)) for name in list(data) if name.startswith(FIELD)}
        data.pop("seen", None)
        return data | {"fields": {name: value for name, value in fields.items() if value}}


def draft_initial(draft: AnnouncementDraft) -> dict[str, Any]:
    """A draft as the form shows it."""
    found: dict[str, Any] = {
        name: getattr(draft, name)
        for name in ("title", "text", "region", "target_change", "medium_name", "medium_url", "medium_at",
                     "publish_at", "exception_reason")
    }  # fmt: skip
    for one in draft.template.fields:
        value = draft.fields.get(one["name"], "")
        if one["kind"] == "moment" and value:
            value = str(value).replace(" ", "T")
        found[FIELD + one["name"]] = value
    return found


class SecrecyForm(HouseForm):
    """保密审查: the examiner says which it is; nothing is chosen beforehand, so that nobody passes it by a tap."""

    outcome = forms.ChoiceField(
        label="审查结论", widget=forms.RadioSelect,
        choices=[
            ("clear", "无涉密：不含国家秘密、工作秘密、商业秘密和不应公开的个人信息，可以公开"),
            ("problem", "有问题：暂不能公开，写明是哪一处、为什么"),
        ],
        error_messages={"required": "请选择审查结论。", "invalid_choice": "请从列出的两项里选。"},
    )  # fmt: skip
    words = _text("说明", 400, "有问题的必须写；无涉密的，有要记下的再写。", rows=3)

    def clean(self) -> dict[str, Any]:
        """``conclusion``: as it is kept."""
        data = super().clean() or {}
        words, outcome = " ".join(str(data.get("words", "")).split()), data.get("outcome")
        if outcome == "problem" and not words and "words" not in self.errors:
            self.add_error("words", "请写明哪一处不能公开、为什么。")
        data["conclusion"] = SECRECY_PROBLEM + words if outcome == "problem" else SECRECY_WORDS + words
        return data


class ScheduleForm(HouseForm):
    """定时发布."""

    publish_at = MomentField(label="发布时间", required=False, help_text="不填的，一分钟内发布。")

    def clean_publish_at(self) -> datetime | None:
        """Not in the past; now is well."""
        at: datetime | None = self.cleaned_data["publish_at"]
        if at is not None and at < timezone.now().replace(second=0, microsecond=0):
            raise forms.ValidationError("发布时间已经过去。")
        return at


class AnswersForm(HouseForm):
    """A reason for each thing that the scan found; the keys come from the draft."""

    def __init__(self, *args: Any, keys: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, reason in keys.items():
            self.fields[ANSWER + key] = forms.CharField(
                label="为什么保留", required=False, max_length=REASON_LENGTH, initial=reason, validators=[storable],
                error_messages={"max_length": f"说明超过 {REASON_LENGTH} 字，请精简。"},
            )  # fmt: skip

    def answers(self) -> dict[str, str]:
        """Reasons by key, empty ones too."""
        return {name.removeprefix(ANSWER): value for name, value in self.cleaned_data.items()}


class ScanWordForm(forms.ModelForm):
    """A word to look for."""

    class Meta:
        model = ScanWord
        fields = ["word", "kind", "suggestion", "is_active"]
        help_texts = {"word": "公告里出现的原样。", "suggestion": "应改成什么，或者请核对什么。"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["word"].validators.append(plain)
        self.fields["suggestion"].validators.append(plain)
        self.fields["word"].error_messages |= {"unique": "已经有这个词。", "required": "这一项要填写。"}
        self.fields["kind"].error_messages |= {"required": "这一项要填写。"}


class TemplateForm(HouseForm):
    """A template: its words and what it asks for; which fields there are follows from law and stays."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    name = _text("名称", 100, "拟稿时按这个名称选择。", required=True)
    basis = _text("依据", 2000, "法律、法规、规章及其条款，拟稿页面上原样显示。", rows=3, required=True)
    skeleton = _text(
        "正文样式", TEXT_LENGTH, "要素写成【名称】，名称与下面要素表中的一致，拟稿时替换成填写的内容。", rows=24,
        required=True,
    )  # fmt: skip
    medium_name = _text("指定媒介", 100, "几个媒介用“、”隔开，新公告稿先填第一个。")
    required = forms.MultipleChoiceField(
        label="另外要求必填的要素", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="依据条款要求的要素总是必填，不在这里。还没有提交的公告稿也按改后的要求检查。",
        error_messages={"invalid_choice": "请从列出的要素里选。"},
    )  # fmt: skip
    is_active = forms.BooleanField(
        label="在用", required=False, help_text="停用以后不能再用它拟新公告，已有的公告稿不受影响。"
    )

    def __init__(self, *args: Any, template: AnnouncementTemplate, optional: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        chosen = self.fields["required"]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101 (for the type checker)
        chosen.choices = optional
        if not optional:
            del self.fields["required"]
        if template.medium == AnnouncementTemplate.Medium.NONE:
            del self.fields["medium_name"]

    def values(self) -> dict[str, Any]:
        """What tenders.services.templates.template_save takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class MaskingForm(HouseForm):
    """申请遮蔽: the texts, one a line, exactly as published; whole attachments; why."""

    texts = _text("要遮蔽的文字", 20_000, "每行一段，与公告原文完全一致；公告里每一处相同的文字都会遮蔽。", rows=5)
    found = forms.MultipleChoiceField(label="检查发现的号码", required=False, widget=forms.CheckboxSelectMultiple)
    withheld = forms.TypedMultipleChoiceField(
        label="整份不再公开的附件", required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    reason = _text(
        "理由",
        500,
        "至少四个字，不要重复要遮蔽的内容。例如：误将中标人法定代表人身份证号全文公布。",
        rows=2,
        required=True,
    )

    def __init__(self, *args: Any, found: list[tuple[str, str]], files: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("found", found), ("withheld", files)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 (for the type checker)
            field.choices = choices
            field.error_messages["invalid_choice"] = "请从列出的里选。"
            if not choices:
                del self.fields[name]

    def chosen(self) -> list[str]:
        """The texts, each once, in the order given."""
        lines = [line.strip() for line in self.cleaned_data["texts"].splitlines()]
        return list(dict.fromkeys([*self.cleaned_data.get("found", []), *(line for line in lines if line)]))


class ReasonForm(HouseForm):
    """Why a sealed original is read."""

    reason = _text("查看理由", 500, "会记入操作记录，至少四个字。", required=True)


def region_names() -> list[str]:
    """Names that announcements have used, for a list of suggestions."""
    return list(Region.objects.order_by("name").values_list("name", flat=True)[:500])
