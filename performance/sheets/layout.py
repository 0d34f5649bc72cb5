"""The columns of the two lists: their names, what else bureaus call them, and how the header row is found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from performance.budget_rulebook import HEADER_WITHIN, MOST_COLUMNS
from performance.models import SpendingImport
from performance.sheets.book import Sheet, refused
from performance.sheets.cells import WAN, shown

Kind = SpendingImport.Kind


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        key: what it gives; label: how the template calls it; others: other names, normalised.
        required: whether a list without it is refused; longest: characters of its texts.
        help, sample: for the template.
    """

    key: str
    label: str
    others: tuple[str, ...] = ()
    required: bool = True
    longest: int = 100
    help: str = ""
    sample: str = ""


_DAY = Column(
    "spent_on",
    "支付日期",
    ("日期", "支出日期", "记账日期", "业务日期", "付款日期", "交易日期"),
    help="写成 2022-03-02",
    sample="2022-03-02",
)
_AMOUNT = Column(
    "amount",
    "金额",
    ("支付金额", "支出金额", "付款金额", "发生额", "实付金额"),
    help="单位元，两位小数，不写公式",
    sample="1280.00",
)
_FUNCTIONAL = Column(
    "functional",
    "功能科目",
    (
        "功能分类科目",
        "功能科目编码",
        "功能分类",
        "支出功能分类",
        "支出功能分类科目",
        "功能分类科目编码",
        "功能科目代码",
    ),
    help="编码，或者编码加名称",
    sample="2010350 事业运行",
)
_ECONOMIC = Column(
    "economic",
    "经济科目",
    (
        "经济分类科目",
        "经济科目编码",
        "经济分类",
        "支出经济分类",
        "支出经济分类科目",
        "部门经济分类",
        "部门预算支出经济分类",
        "经济分类科目编码",
        "经济科目代码",
    ),
    help="编码，或者编码加名称",
    sample="30201 办公费",
)
_PROGRAM = Column(
    "program",
    "项目",
    ("项目名称", "项目代码", "项目编码", "预算项目", "预算项目名称"),
    False,
    help="项目支出填项目代码或名称，基本支出空着",
)
_PURPOSE = Column(
    "purpose", "用途", ("摘要", "资金用途", "用途摘要", "支付用途", "付款用途"), longest=200, sample="购办公用纸"
)
_PAYEE = Column(
    "payee",
    "收款人",
    ("收款人名称", "收款人全称", "收款单位", "收款方", "收款方名称", "收款人户名"),
    sample="云泽县文汇文具店",
)
_CATEGORY = Column(
    "category",
    "支出类别",
    ("类别", "支出类型", "预算类别"),
    False,
    help="人员经费、日常公用经费、项目支出；科目分得清时可空着",
    sample="日常公用经费",
)
_PAYMENT_NAMES = ("支付凭证号", "支付令号", "支付申请单号", "支付单编号", "支付编号", "支付凭证编号", "财政支付单号")
COLUMNS: dict[str, tuple[Column, ...]] = {
    Kind.ENTRIES: (
        _DAY, _AMOUNT, _CATEGORY, _FUNCTIONAL, _ECONOMIC, _PROGRAM,
        Column("expense", "支出明细", ("明细", "项目明细"), False, help="项目有明细的填明细名称"),
        _PURPOSE, _PAYEE,
        Column("voucher_number", "凭证号", ("记账凭证号", "凭证编号", "会计凭证号"), longest=60, sample="记-0315"),
        Column("payment_number", "支付单号", _PAYMENT_NAMES, False, 60, help="财政支付单的编号，没有可空着"),
    ),
    Kind.PAYMENTS: (
        Column("payment_number", "支付单号", _PAYMENT_NAMES, longest=60, help="财政系统里的编号", sample="ZF22030201"),
        _DAY, _AMOUNT, _CATEGORY, _FUNCTIONAL, _ECONOMIC, _PROGRAM,
        Column("expense", "支出明细", ("明细", "项目明细"), False),
        _PURPOSE, _PAYEE,
        Column("voucher_number", "凭证号", ("记账凭证号", "凭证编号", "会计凭证号"), False, 60, help="可空"),
    ),
}  # fmt: skip
_UNIT = re.compile(r"\((万?元)\)$")
_SHEET_UNIT = re.compile(r"(金额)?单位:?(人民币)?(万?元)")


def _plain(text: str) -> str:
    return re.sub(r"[\s*:]", "", unicodedata.normalize("NFKC", text))


@dataclass(frozen=True)
class Layout:
    """Where what stands.

    Args:
        header: number of the header row; places: key -> number of the column, both from 1.
        factor: what amounts are multiplied by; notes: sentences about what was not read.
    """

    sheet: Sheet
    header: int
    places: dict[str, int]
    labels: dict[str, str]
    factor: int
    notes: tuple[str, ...]


def _known(columns: tuple[Column, ...]) -> dict[str, Column]:
    return {_plain(name): one for one in columns for name in (one.label, *one.others)}


def heads_ordered(kind: str, heads: Iterable[str]) -> list[str]:
    """Column names of a list, each once, in the order of the template: the database keeps none."""
    known = _known(COLUMNS[kind])
    places = {column.key: place for place, column in enumerate(COLUMNS[kind])}
    return sorted(set(heads), key=lambda head: (places[known[head].key] if head in known else len(places), head))


def _heads(cells: tuple[Any, ...]) -> list[tuple[int, str, str]]:
    """(number, plain name, unit) of the filled cells of a row."""
    found = []
    for number, cell in enumerate(cells, 1):
        text = _plain(shown(cell))
        unit = _UNIT.search(text)
        if text:
            found.append((number, _UNIT.sub("", text), unit[1] if unit else ""))
    return found


def _candidate(sheet: Sheet, columns: tuple[Column, ...]) -> tuple[int, list[tuple[int, str, str]], int]:
    """The row of the first rows that names the most columns: (number, heads, how many it names), and the unit above."""
    known = _known(columns)
    best: tuple[int, list[tuple[int, str, str]], int] = (0, [], 0)
    for number, cells in enumerate(sheet.rows(), 1):
        if number > HEADER_WITHIN:
            break
        heads = _heads(cells)
        named = len({known[name].key for _, name, _ in heads if name in known})
        if named > best[2]:
            best = (number, heads, named)
    return best


def _whole(columns: tuple[Column, ...], heads: list[tuple[int, str, str]]) -> bool:
    """Whether a header has every column that a list must have."""
    known = _known(columns)
    return {one.key for one in columns if one.required} <= {known[name].key for _, name, _ in heads if name in known}


def _unit_above(sheet: Sheet, header: int) -> str:
    for number, cells in enumerate(sheet.rows(), 1):
        if number >= header:
            break
        for cell in cells:
            if found := _SHEET_UNIT.search(_plain(shown(cell))):
                return found[3]
    return ""


def _checked_heads(sheet: Sheet, header: int, columns: tuple[Column, ...], heads: list[tuple[int, str, str]]) -> Layout:
    known, where = _known(columns), f"工作表“{sheet.title}”第 {header} 行（表头）"
    places: dict[str, int] = {}
    labels: dict[str, str] = {}
    unit, unknown = "", []
    for number, name, said in heads:
        column = known.get(name)
        if column is None:
            unknown.append(name[:20])
        elif column.key in places:
            raise refused(f"{where}里“{labels[column.key]}”和“{name}”重复，请只留一列", "duplicate_header")
        else:
            places[column.key], labels[column.key] = number, name
            unit = said if column.key == "amount" else unit
    if missing := [one.label for one in columns if one.required and one.key not in places]:
        raise refused(
            f"{where}缺少“{'”“'.join(missing)}”这{'几' if len(missing) > 1 else '一'}列，请对照模板补齐",
            "missing_column",
        )
    if hidden := [labels[key] for key, number in places.items() if number in sheet.scan.hidden_columns]:
        raise refused(f"“{hidden[0]}”这一列是隐藏的，请取消隐藏、核对以后再传", "hidden_column")
    if any(top <= header <= bottom and (bottom > header or first != last) and first <= max(places.values())
           for first, top, last, bottom in sheet.scan.merged):  # fmt: skip
        raise refused(f"{where}有合并单元格，表头只能一行、每列一格，请取消合并再传", "merged_header")
    factor = WAN if (unit or _unit_above(sheet, header)) == "万元" else 1
    notes = [f"没有用到的列：{'、'.join(unknown[:10])}。"] if unknown else []
    notes += ["金额按万元换算成元。"] if factor == WAN else []
    return Layout(sheet, header, places, labels, factor, tuple(notes))


def layout_of(sheets: list[Sheet], kind: str) -> Layout:
    """Find the list in a workbook.

    Args:
        sheets: of ``book_open``; kind: of ``SpendingImport.Kind``.

    Raises:
        BusinessError: no header, two lists, ``missing_column``, ``duplicate_header``, ``hidden_column``,
            ``merged_header``.
    """
    columns = COLUMNS[kind]
    visible = [one for one in sheets if one.visible]
    if not visible:
        raise refused("所有工作表都是隐藏的，请取消隐藏、核对以后再传", "hidden_sheet")
    found = [(one, *_candidate(one, columns)) for one in visible if one.scan.cells]
    found.sort(key=lambda one: -one[3])  # stable: of two alike the first sheet's
    lists = [one for one in found[:1] if one[3] >= 3]
    lists += [one for one in found[1:] if _whole(columns, one[2])]
    if not lists:
        names = "、".join(one.label for one in columns if one.required)
        raise refused(f"前 {HEADER_WITHIN} 行里找不到表头，表头要有：{names}；请下载模板对照", "missing_column")
    if len(lists) > 1:
        names = "”“".join(one[0].title for one in lists)
        raise refused(f"工作表“{names}”都像清单，一次只读一张，请删去其余的再传", "several_lists")
    sheet, header, heads, _ = lists[0]
    layout = _checked_heads(sheet, header, columns, heads)
    hidden = [one.title for one in sheets if not one.visible]
    others = [one.title for one in visible if one is not sheet and one.scan.cells]
    notes = [f"隐藏的工作表没有读：{'、'.join(hidden)}。"] if hidden else []
    notes += [f"其他工作表没有读：{'、'.join(others)}。"] if others else []
    if wide := max((number for number, _, _ in heads), default=0) >= MOST_COLUMNS:
        notes += [f"第 {MOST_COLUMNS} 列以后的内容没有读。"] if wide else []
    return Layout(sheet, header, layout.places, layout.labels, layout.factor, (*layout.notes, *notes))
