"""What a cell of the bureau's form can take: fields by purpose, single ones and columns of rows that repeat."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from core.measures import measures_all
from performance.models import BureauWorkbook, SchemeGroup

Purpose = BureauWorkbook.Purpose
_KEY = re.compile(r"(?P<group>[a-z_]+)(?:@(?P<only>[^.@]{1,100}))?\.(?P<name>[a-z0-9_.]+)")
COMMON = "common"


@dataclass(frozen=True)
class Field:
    """A field.

    Args:
        key: ``funds.initial``; of rows ``indicators.name``, or ``indicators@产出指标.name`` for one group's alone.
        label: in words; group: the heading that it stands under.
        words: how forms write its label, normalised: where one of these stands beside a cell, it is suggested.
        repeats: whether it is a column of rows.
    """

    key: str
    label: str
    group: str
    words: tuple[str, ...] = ()
    repeats: bool = False


def _fields(group: str, *rows: str, repeats: bool = False) -> tuple[Field, ...]:
    """Fields of ``key|label|word|word…``."""
    found = []
    for row in rows:
        key, label, *words = row.split("|")
        found.append(Field(key, label, group, (label, *words), repeats))
    return tuple(found)


_UNIT = _fields(
    "单位和项目", "unit.name|单位名称|部门名称|部门（单位）名称|实施单位|填报单位|预算单位|项目单位",
    "unit.code|单位代码|预算单位代码|单位编码", "unit.credit_code|统一社会信用代码",
    "unit.department|主管部门|预算主管部门|项目主管部门", "program.name|项目名称", "program.code|项目代码|项目编码",
    "program.purpose|资金用途|项目用途", "year.number|年度|预算年度|评价年度|自评年度",
    "year.words|年度（写成“2022年度”）", "year.brackets|年度（写成“（2022年度）”）",
)  # fmt: skip
_PEOPLE = _fields(
    "人员和日期", "sign.filled_by|填表人|填报人|经办人", "sign.phone|联系电话|电话",
    "sign.head|单位负责人|负责人|部门负责人", "sign.dated_on|落款日期|填报日期|填表日期|报送日期",
)  # fmt: skip
_TEAM = _fields(
    "人员和日期", "team.chief|自评小组组长|组长", "team.deputies|自评小组副组长|副组长",
    "team.members|自评小组组员|组员", "posts.quota|编制人数|编制数", "posts.actual|实有人数|在职人数",
)  # fmt: skip
_FUNDS = _fields(
    "资金", "funds.initial|年初预算数", "funds.adjusted|全年预算数|全年预算数（A）",
    "funds.executed|全年执行数|全年执行数（B）", "funds.left|结余（全年预算数减执行数）|结余|结转结余",
    "funds.rate|预算执行率|执行率|执行率（B/A）|执行率（%）", "funds.weight|预算执行率分值",
    "funds.score|预算执行率得分", "funds.received|到位资金|实际到位资金|收入实际数", "funds.final_income|决算收入",
    "funds.final_spending|决算支出",
)  # fmt: skip
_SOURCES = tuple(
    Field(f"{key}.{name}", f"{label}：{column}", "资金（按来源）")
    for key, label in (("appropriation", "当年财政拨款"), ("carry_over", "上年结转资金"), ("other", "其他资金"))
    for name, column in (("initial", "年初预算数"), ("adjusted", "全年预算数"), ("executed", "全年执行数"))
)
_SCORES = _fields(
    "目标和得分", "goal.expected|预期目标|年度总体目标", "goal.result|实际完成情况|目标实际完成情况|总体目标完成情况",
    "score.weight|总分值", "score.total|总分|自评总分|自评得分|综合得分|得分",
    "score.grade|评价等级|自评等级|等级|绩效等级", "score.reported|填报总分", "reason.funds|预算执行率的偏差原因",
)  # fmt: skip
_SURVEY = _fields(
    "满意度调查", "survey.sent|发放份数|发放问卷数", "survey.returned|收回份数|回收份数", "survey.valid|有效份数",
    "survey.satisfied|满意份数", "survey.rate|满意率|满意度",
)  # fmt: skip
_INDICATORS = _fields(
    "绩效指标（逐行）", "indicators.level1|一级指标", "indicators.level2|二级指标",
    "indicators.name|三级指标|指标名称", "indicators.target|年度指标值|指标值|目标值",
    "indicators.actual|实际完成值|全年完成值|完成值", "indicators.weight|分值|权重", "indicators.score|得分",
    "indicators.gap|偏差原因分析及改进措施|偏差原因|偏差原因及改进措施", "indicators.definition|指标解释",
    "indicators.formula|计算方法", "indicators.evidence|佐证材料|佐证说明", "indicators.office|责任科室",
    repeats=True,
)  # fmt: skip
_EXPENSES = _fields(
    "支出明细（逐行）", "expenses.name|支出明细|支出内容", "expenses.adjusted|预算金额",
    "expenses.executed|支出金额|实际支出", "expenses.left|支出明细结余", "expenses.gap|支出差异原因", repeats=True,
)  # fmt: skip
_FUND_ROWS = _fields(
    "资金来源（逐行）", "sources.name|资金来源", "sources.initial|来源的年初预算数",
    "sources.adjusted|来源的全年预算数", "sources.executed|来源的全年执行数", repeats=True,
)  # fmt: skip
_DEALS = _fields(
    "交易业务量（逐行）", "deals.name|交易类别", "deals.count|宗数|交易宗数", "deals.amount|成交金额|交易金额",
    repeats=True,
)  # fmt: skip
_PROGRAMS = _fields(
    "部门的项目（逐行）", "programs.name|部门项目名称", "programs.code|部门项目代码",
    "programs.adjusted|项目全年预算数", "programs.executed|项目全年执行数", "programs.rate|项目执行率", repeats=True,
)  # fmt: skip
_WATCHED = _fields(
    "监控", "watch.month|监控截止月份", "watch.months|监控期间", "funds.initial|年初预算数",
    "funds.adjusted|全年预算数", "funds.spent|执行数|1—7月执行数|1-7月执行数|1—6月执行数|1-6月执行数",
    "funds.rate|执行率|1—7月执行率|1-7月执行率", "funds.expected|全年预计执行数|全年预计数",
    "funds.likelihood|资金完成可能性", "funds.causes|资金偏差原因", "funds.explanation|资金偏差说明",
    "goal.expected|年度总体目标|预期目标",
)  # fmt: skip
_LINES = _fields(
    "监控指标（逐行）", "lines.level1|一级指标", "lines.level2|二级指标", "lines.name|三级指标|指标名称",
    "lines.target|年度指标值|指标值|目标值",
    "lines.so_far|执行情况|1—7月执行情况|1-7月执行情况|1—6月执行情况|1-6月执行情况",
    "lines.expected|全年预计完成情况", "lines.causes|偏差原因", "lines.cause_funds|经费保障",
    "lines.cause_rules|制度保障", "lines.cause_people|人员保障", "lines.cause_hardware|硬件条件保障",
    "lines.cause_other|其他原因|其他", "lines.explanation|原因说明", "lines.likelihood|完成目标可能性",
    "lines.certain|确定能", "lines.possible|有可能", "lines.impossible|完全不可能", "lines.remark|备注", repeats=True,
)  # fmt: skip
_REPORT = (*_UNIT, *_PEOPLE, *_TEAM, *_FUNDS, *_SOURCES, *_SCORES, *_SURVEY, *_INDICATORS, *_EXPENSES, *_FUND_ROWS,
           *_DEALS)  # fmt: skip
_BY_PURPOSE: dict[str, tuple[Field, ...]] = {
    Purpose.PROJECT: _REPORT,
    Purpose.DEPARTMENT: (
        *(one for one in _REPORT if not one.key.startswith(("program.", "expenses."))), *_PROGRAMS
    ),
    Purpose.MONITORING: (*_UNIT, *_PEOPLE, *_WATCHED, *_LINES),
}  # fmt: skip


@cache
def _common() -> tuple[Field, ...]:
    """共性指标: the measures that apps declare, of the whole department."""
    return tuple(
        Field(f"{COMMON}.{one.name}", one.label, "共性指标（部门整体）", (one.label,)) for one in measures_all()
    )


def _base(purpose: str) -> tuple[Field, ...]:
    fixed = _BY_PURPOSE[purpose]
    return fixed if purpose == Purpose.MONITORING else (*fixed, *_common())


def fields_of(purpose: str) -> list[Field]:
    """Every field of a purpose, in the order of their groups."""
    return list(_base(purpose))


def kinds_of_rows() -> list[str]:
    """Names of levels 1 and 2 by which indicators can be picked (产出指标, 数量指标 …), from the schemes in use."""
    rows = SchemeGroup.objects.filter(scheme__is_active=True).order_by("position", "id")
    names: dict[str, None] = {}
    for group in rows:
        names.update(dict.fromkeys([group.level1, *map(str, group.level2)]))
    return list(names)


def field_find(purpose: str, key: str) -> Field | None:
    """The field of a key, with the name of the only group that it takes; None where there is none."""
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    plain = f"{found['group']}.{found['name']}"
    base = next((one for one in _base(purpose) if one.key == plain), None)
    if base is None or found["only"] is None:
        return base
    if found["group"] not in ("indicators", "lines"):
        return None
    return Field(key, f"{found['only']}：{base.label}", base.group, (), True)


def key_parts(key: str) -> tuple[str, str, str]:
    """(group, only, name) of a key; ``only`` may be empty."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise ValueError(key)
    return found["group"], found["only"] or "", found["name"]


def key_only(key: str, only: str) -> str:
    """The key that takes the rows of one level alone; the key itself without one."""
    group, _, name = key_parts(key)
    return f"{group}@{only}.{name}" if only else key
