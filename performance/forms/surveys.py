"""Input of surveys: what is asked, and what is answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from accounts.models import Department
from core.fields import DayField, plain, storable
from performance.forms.fields import CountField, NumberField, area
from performance.models import FiscalYear, Indicator, Survey, SurveyQuestion
from performance.models.common import NAME_LENGTH, REASON_LENGTH
from performance.models.surveys import OPTION_LENGTH, QUESTION_LENGTH
from performance.selectors.goals import subject_of
from performance.services.survey_slips import MOST_PAPERS, MOST_SLIPS, NOTE_LENGTH
from performance.services.surveys import MOST_POSTER_DAILY, POSTER_DAILY
from performance.survey_rulebook import CHOICES, LONGEST_TEXT, MOST_OPTIONS, SCALE, TEXT, YESNO, options_of
from performance.survey_texts import INTRO
from workflow.forms import HouseForm

STANDARD, EMPTY = "standard", "empty"
_LIMIT = "同一个网络地址另限十分钟 6 份；现场人多的，请发一人一码。"
_LISTED = {"invalid_choice": "请从列出的科室里选。"}


def _offices() -> Any:
    return Department.objects.filter(is_active=True)


def indicator_value(year: int, key: UUID | None) -> str:
    """What the form sends for an indicator of a year; empty for none."""
    return f"{year}:{key}" if key else ""


class SurveyForm(HouseForm):
    """一项调查."""

    fiscal_year = forms.ModelChoiceField(FiscalYear.objects.none(), label="预算年度", empty_label=None)
    kind = forms.ChoiceField(label="种类", choices=Survey.Kind.choices)
    title = forms.CharField(
        label="标题", max_length=NAME_LENGTH, validators=[plain], help_text="印在问卷最上面，例如“窗口服务满意度调查”。"
    )
    source = forms.ChoiceField(label="题目", help_text="建立以后逐题修改、增减。")
    opens_on = DayField(label="开始日期")
    closes_on = DayField(label="截止日期", help_text="这一天结束以前都可以作答。")
    department = forms.ModelChoiceField(
        Department.objects.none(), label="牵头科室", empty_label="请选择",
        help_text="没有写明涉及科室的题目和总体评价，满意率偏低时由它整改。", error_messages=_LISTED,
    )  # fmt: skip
    low_bound = NumberField(label="满意率下限（%）", initial=85, help_text="低于它的题目，结束时自动列入问题整改台账。")
    indicator_key = forms.ChoiceField(
        label="对应的满意度指标", required=False, help_text="选了的，结束时把发放、收回、有效、满意份数写入这个指标。"
    )
    has_poster = forms.BooleanField(label="在窗口张贴二维码，任何人可以扫码作答", required=False, initial=True)
    poster_daily = CountField(
        label="扫码自填每天最多（份）", least=1, most=MOST_POSTER_DAILY, initial=POSTER_DAILY, help_text=_LIMIT
    )
    intro = forms.CharField(
        label="卷首语", required=False, max_length=REASON_LENGTH, validators=[storable], widget=area(4), initial=INTRO
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(
        self, *args: Any, indicators: Sequence[Indicator], sources: Sequence[Survey] | None = None,
        year: FiscalYear | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = _offices()  # type: ignore[attr-defined]
        # An indicator keeps its key from year to year: what is chosen is the key in a year.
        groups: dict[str, list[tuple[str, str]]] = {}
        for one in indicators:
            if year is None or one.table.fiscal_year_id == year.pk:
                words = f"{one.table.fiscal_year.year}年度 {one.table.fiscal_year.unit.name}"
                label = f"{subject_of(one.table)}：{one.name}（{one.table.fiscal_year.year}年度）"
                groups.setdefault(words, []).append((indicator_value(one.table.fiscal_year_id, one.key), label))
        self.fields["indicator_key"].choices = [("", "不写入指标"), *groups.items()]  # type: ignore[attr-defined]
        self.year = year
        if sources is None:
            # A survey that is there keeps its year and kind.
            for name in ("fiscal_year", "kind", "source"):
                del self.fields[name]
            return
        years = FiscalYear.objects.select_related("unit").order_by("-unit__is_home", "-year")
        self.fields["fiscal_year"].queryset = years  # type: ignore[attr-defined]
        copies = [(str(one.pk), f"复制“{one.title}”的题目") for one in sources]
        self.fields["source"].choices = [  # type: ignore[attr-defined]
            (STANDARD, "从标准问卷开始"), *copies, (EMPTY, "从空白问卷开始"),
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The indicator is one of the year's; the days are in order."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        year, chosen = found.get("fiscal_year", self.year), found.get("indicator_key")
        if chosen and year and int(chosen.split(":")[0]) != year.pk:
            self.add_error("indicator_key", f"这个指标不是{year.year}年度这个单位的，请在{year}的指标里选，或者不选。")
        opens, closes = found.get("opens_on"), found.get("closes_on")
        if opens and closes and closes < opens:
            self.add_error("closes_on", "截止日期不能早于开始日期。")
        return found

    def values(self) -> dict[str, Any]:
        """What the services want, but for ``source``."""
        found = {name: value for name, value in self.cleaned_data.items() if name not in ("source", "seen")}
        chosen = found["indicator_key"]
        return found | {"indicator_key": UUID(chosen.split(":")[1]) if chosen else None}


class QuestionForm(HouseForm):
    """一道题."""

    text = forms.CharField(
        label="题目", max_length=QUESTION_LENGTH, validators=[plain], help_text="只问一件事，写成“您对……的评价”最好答。"
    )
    kind = forms.ChoiceField(label="题型", choices=SurveyQuestion.Kind.choices)
    options = forms.CharField(
        label="选项", required=False, max_length=MOST_OPTIONS * (OPTION_LENGTH + 1), validators=[storable],
        widget=area(5), help_text=f"单选、多选才填，一行一个，2 至 {MOST_OPTIONS} 个，每个不超过 {OPTION_LENGTH} 字。",
    )  # fmt: skip
    required = forms.BooleanField(label="必须回答", required=False, initial=True)
    counts = forms.BooleanField(
        label="计入满意度（五级满意度、是或否才能计入，“是”算满意）", required=False, initial=True
    )
    department = forms.ModelChoiceField(
        Department.objects.none(), label="涉及科室", required=False, empty_label="由牵头科室负责",
        help_text="这道题满意率偏低时由它整改。", error_messages=_LISTED,
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = _offices()  # type: ignore[attr-defined]

    def clean_options(self) -> list[str]:
        """One a line. Raises ValidationError: one is too long or cannot be shown."""
        found = [line.strip() for line in str(self.cleaned_data["options"]).splitlines() if line.strip()]
        for one in found:
            plain(one)
            if len(one) > OPTION_LENGTH:
                raise forms.ValidationError(f"“{one[:20]}…”超过 {OPTION_LENGTH} 字，请精简。", "too_long")
        return found

    def clean(self) -> dict[str, Any]:
        """What counts must be a question of satisfaction."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if found.get("counts") and found.get("kind") not in (None, SCALE, YESNO):
            self.add_error("counts", "这种题型不能计入满意度，请去掉勾选，或者改成五级满意度。")
        return found

    def values(self) -> dict[str, Any]:
        """What the service wants."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class SlipsForm(HouseForm):
    """制作一人一码."""

    count = CountField(label="份数", least=1, most=MOST_SLIPS, help_text=f"一次最多 {MOST_SLIPS} 份，不够再做一批。")
    note = forms.CharField(
        label="发放对象", required=False, max_length=NOTE_LENGTH, validators=[plain],
        help_text="例如：三季度中标单位。不写个人姓名。",
    )  # fmt: skip
    page = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)


class PosterLimitForm(HouseForm):
    """扫码上限."""

    count = CountField(label="扫码自填每天最多（份）", least=1, most=MOST_POSTER_DAILY, help_text=_LIMIT)


class PapersGivenForm(SlipsForm):
    """登记发放纸质问卷."""

    count = CountField(label="份数", least=1, most=MOST_PAPERS, help_text="实际发出去的份数，收回的再逐份录入。")


class AnswerForm(HouseForm):
    """A questionnaire as the public fills it; ``whole``: required questions must be answered (not on paper)."""

    use_required_attribute = False

    def __init__(self, *args: Any, questions: Sequence[SurveyQuestion], whole: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = list(questions)
        for number, one in enumerate(self.questions, 1):
            field = _answer_field(one, f"{number}. {one.text}", required=one.required and whole)
            field.error_messages["required"] = "这道题要回答。"
            field.error_messages["invalid_choice"] = "请从列出的选项里选。"
            self.fields[f"q{one.pk}"] = field

    def values(self) -> dict[str, Any]:
        """The answers by the question's number as text; what was left out is not there."""
        found = {str(one.pk): self.cleaned_data.get(f"q{one.pk}") for one in self.questions}
        return {key: value.replace("\r\n", "\n") if isinstance(value, str) else value
                for key, value in found.items() if value}  # fmt: skip


def _answer_field(one: SurveyQuestion, label: str, *, required: bool) -> forms.Field:
    if one.kind == TEXT:
        return forms.CharField(
            label=label, required=required, max_length=LONGEST_TEXT, validators=[storable], widget=area(4),
            help_text=f"不超过 {LONGEST_TEXT} 字。请不要写姓名、电话等能认出人的内容。",
            error_messages={"max_length": f"超过 {LONGEST_TEXT} 字，请精简。"},
        )  # fmt: skip
    choices = list(options_of(one))
    if one.kind == CHOICES:
        widget = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(label=label, required=required, choices=choices, widget=widget)
    return forms.ChoiceField(label=label, required=required, choices=choices, widget=forms.RadioSelect)
