"""Input of 自评工作方案 and of 结果应用."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from accounts.models import Department
from core.fields import FIRST_YEAR, LAST_YEAR, plain, storable
from performance.forms.amounts import AmountField
from performance.forms.fields import area
from performance.forms.reports import members_read
from performance.models import EvaluationPlan, FiscalYear, PlanStep, ProgramYear, ResultUse
from performance.models.common import NAME_LENGTH, REASON_LENGTH
from performance.models.process import METHOD_LENGTH
from workflow.forms import HouseForm

_STEP = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\s*[:：]?\s*(.+?)\s*(?:[（(]([^（）()]+)[）)])?")
_FROM_LIST = {"invalid_choice": "请从列出的里面选。"}


class PlanNewForm(HouseForm):
    """编制方案."""

    fiscal_year = forms.ModelChoiceField(
        FiscalYear.objects.none(), label="预算年度", empty_label=None, error_messages=dict(_FROM_LIST),
        help_text="已批复、还没有方案的年度；名单按已批复的项目列出，领导小组沿用上一次的，都可以再改。",
    )  # fmt: skip

    def __init__(self, *args: Any, years: Iterable[FiscalYear], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["fiscal_year"]
        field.queryset = FiscalYear.objects.filter(pk__in=[one.pk for one in years]).select_related("unit")


class PlanForm(HouseForm):
    """方案的文字."""

    document_number = forms.CharField(
        label="文号", required=False, max_length=60, validators=[plain], help_text="如：云资交〔2026〕2号。"
    )
    members = forms.CharField(
        label="领导小组", required=False, max_length=2000, validators=[storable], widget=area(4),
        help_text="每行一种职务，如：组长：周文博；下一行 组员：吴婷、邓凯。批准后新建的自评报告沿用。",
    )  # fmt: skip
    steps = forms.CharField(
        label="进度安排", required=False, max_length=4000, validators=[storable], widget=area(7),
        help_text="每行一步：2026-01-15 布置自评工作（综合科）。科室可不写。",
    )  # fmt: skip
    method = forms.CharField(
        label="评价方法", required=False, max_length=METHOD_LENGTH, validators=[storable], widget=area(6),
        help_text="依据什么数据、怎样对照、怎样计分、问卷怎样做。",
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def clean_members(self) -> list[tuple[str, str]]:
        """Role and name each, in order."""
        return members_read(str(self.cleaned_data["members"]))

    def clean_steps(self) -> list[tuple[date, str, Department | None]]:
        """Day, what and office each."""
        offices = {one.name: one for one in Department.objects.filter(is_active=True)}
        lines = [line.strip() for line in str(self.cleaned_data["steps"]).splitlines()]
        return [_step(line, offices) for line in lines if line]


def _step(line: str, offices: dict[str, Department]) -> tuple[date, str, Department | None]:
    found = _STEP.fullmatch(line)
    if found is None:
        raise forms.ValidationError(f"“{line[:30]}”没有写日期，应写成“2026-01-15 布置自评工作（综合科）”。")
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise forms.ValidationError(f"“{line[:30]}”的日期不存在，请核对。") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise forms.ValidationError(f"“{line[:30]}”的年份应在 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间。")
    if found[5] and found[5] not in offices:
        raise forms.ValidationError(f"“{line[:30]}”里的“{found[5][:20]}”不是现有的科室，请核对名称。")
    if len(found[4]) > NAME_LENGTH:
        raise forms.ValidationError(f"“{line[:30]}…”超过 {NAME_LENGTH} 字，请精简。")
    return day, found[4], offices.get(found[5] or "")


def step_words(step: PlanStep) -> str:
    """The line of a stored step."""
    return f"{step.due_on:%Y-%m-%d} {step.name}" + (f"（{step.office}）" if step.office else "")


class ProgramChoiceForm(HouseForm):
    """一个项目列不列入自评、是不是重点评价."""

    chosen = forms.BooleanField(label="列入自评", required=False)
    focus = forms.BooleanField(label="重点评价", required=False)
    reason = forms.CharField(
        label="理由", required=False, max_length=REASON_LENGTH, validators=[storable], widget=area(2),
        help_text="重点评价和不列入自评的都要写：金额大、政策要求、群众反映等。",
    )  # fmt: skip


def choice_forms(plan: EvaluationPlan, programs: Iterable[ProgramYear], data: Any = None) -> list[Any]:
    """The program and its form each."""
    stored = {one.program_year_id: one for one in plan.programs.all()}
    found = []
    for one in programs:
        row = stored.get(one.pk)
        start = {"chosen": row.chosen if row else True, "focus": row.focus if row else False,
                 "reason": row.reason if row else ""}  # fmt: skip
        found.append((one, ProgramChoiceForm(data, prefix=f"p{one.pk}", initial=start)))
    return found


class ResultUseForm(HouseForm):
    """登记结果应用."""

    decision = forms.ChoiceField(label="处理", choices=ResultUse.Decision.choices, error_messages=dict(_FROM_LIST))
    program_year = forms.ModelChoiceField(
        ProgramYear.objects.none(), label="下一年度项目", required=False, empty_label="没有或者还没有申报",
        error_messages=dict(_FROM_LIST), help_text="结果用在哪个项目的预算里。",
    )  # fmt: skip
    amount = AmountField(label="涉及金额（元）", required=False, help_text="增加或者核减多少；不涉及金额的不填。")
    text = forms.CharField(
        label="说明", max_length=REASON_LENGTH, validators=[storable], widget=area(4),
        help_text="依据自评的哪一项结果，预算或者管理怎样改变。",
    )  # fmt: skip

    def __init__(self, *args: Any, programs: Iterable[ProgramYear], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["program_year"]
        field.queryset = ProgramYear.objects.filter(pk__in=[one.pk for one in programs]).select_related(
            "program", "fiscal_year"
        )
