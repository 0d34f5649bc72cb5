"""Input of the pages of the bureau's workbooks."""

from __future__ import annotations

from typing import Any

from django import forms

from core.fields import plain
from performance.forms.fields import CountField
from performance.models import BureauWorkbook, WorkbookCell
from performance.models.common import NAME_LENGTH
from performance.selectors.workbook_data import FormData
from performance.selectors.workbook_fields import COMMON, fields_of, key_parts, kinds_of_rows
from performance.services.files import LONGEST_NAME
from workflow.forms import HouseForm

EXAMPLE = 24


class WorkbookForm(HouseForm):
    """名称和年度."""

    name = forms.CharField(
        label="名称", max_length=NAME_LENGTH, validators=[plain], help_text="如：项目支出绩效自评表（2026年版）。"
    )
    first_year = CountField(label="自哪个预算年度起用", most=2100)
    last_year = CountField(label="用到哪个预算年度", most=2100, required=False, help_text="不填就一直用，直到换新表。")


class WorkbookNewForm(WorkbookForm):
    """上传空白表格."""

    purpose = forms.ChoiceField(label="用于", choices=BureauWorkbook.Purpose.choices)
    file = forms.FileField(
        label="空白表格", max_length=LONGEST_NAME,
        help_text="财政部门下发的 .xlsx 文件，不带宏、不加密，不超过 10 MB。",
        error_messages={"empty": "文件是空的，请核对后再传。", "max_length": "文件名太长，请改名后再传。"},
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )  # fmt: skip
    copy_from = forms.ModelChoiceField(
        BureauWorkbook.objects.none(), label="沿用哪份表格的对应关系", required=False, empty_label="不沿用，从头指定",
        help_text="换新版表格时选旧的那份：位置没有变的格子直接沿用，其余重新指定。",
    )  # fmt: skip
    field_order = ("name", "purpose", "file", "first_year", "last_year", "copy_from")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["copy_from"].queryset = BureauWorkbook.objects.all()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The form whose cells are taken over is for the same."""
        found = super().clean() or {}
        source = found.get("copy_from")
        if source is not None and source.purpose != found.get("purpose"):
            self.add_error("copy_from", "这份表格的用途不同，不能沿用。")
        return found


class CellForm(HouseForm):
    """这一格填什么."""

    field = forms.ChoiceField(
        label="这一格填什么", widget=forms.Select(attrs={"size": 14}),
        error_messages={"invalid_choice": "没有这项内容，请从列出的里选。"},
    )  # fmt: skip
    rows = CountField(
        label="往下一共有几行", most=200, initial=1,
        help_text="只对“逐行”的内容：从这一格起往下共留了几行。数据比行数多时，填表以前会提示。其余填 1。",
    )  # fmt: skip
    only = forms.ChoiceField(
        label="只填哪一类指标", required=False,
        help_text="表格把产出、效益、满意度（或者数量、质量等）分成几块的，每块选它自己的一类。只对“绩效指标（逐行）”。",
        error_messages={"invalid_choice": "没有这一类指标，请从列出的里选。"},
    )  # fmt: skip
    format = forms.ChoiceField(
        label="写法", choices=WorkbookCell.Format.choices, initial=WorkbookCell.Format.AUTO,
        help_text="金额默认以万元计；单元格是百分比格式的写成百分比，是日期格式的写成日期。",
    )  # fmt: skip

    def __init__(self, *args: Any, purpose: str, data: FormData | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field"].choices = _choices(purpose, data)  # type: ignore[attr-defined]
        names = kinds_of_rows()
        self.fields["only"].choices = [("", "全部"), *((one, one) for one in names)]  # type: ignore[attr-defined]

    def clean_rows(self) -> int:
        """At least one."""
        found: int = self.cleaned_data["rows"]
        if found < 1:
            raise forms.ValidationError("至少 1 行。")
        return found


def _choices(purpose: str, data: FormData | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields by group, each with its figure of now as an example."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in fields_of(purpose):
        groups.setdefault(one.group, []).append((one.key, one.label + _example(one.key, one.repeats, data)))
    return list(groups.items())


def _example(key: str, repeats: bool, data: FormData | None) -> str:
    # A measure is computed from all the rows of a year: not for an example.
    if data is None or key_parts(key)[0] == COMMON:
        return ""
    values = data.column(key) if repeats else [data.value(key)]
    first = next((one for one in values if one is not None), None)
    if first is None:
        return "（现在没有数据）"
    words = " ".join(first.words.split())
    return f"（如 {words[:EXAMPLE]}{'…' if len(words) > EXAMPLE else ''}）"


class AddressForm(HouseForm):
    """按地址打开一格."""

    cell = forms.RegexField(
        r"^\s*[A-Za-z]{1,3}[1-9][0-9]{0,5}\s*$", label="按地址打开", max_length=12,
        error_messages={"invalid": "写成 C7 这样。"},
    )  # fmt: skip
