"""Parameters of budget and spending that come from rules, each with its source."""

from __future__ import annotations

import re

# Money held for others is no income and no spending of the unit (《政府会计准则——基本准则》第四十二条、第四十五条:
# 收入、费用是导致净资产变动的流入、流出; 《行政单位财务规则》: 应缴、暂存款项不得作为本单位收支). What follows on the
# word names a thing that the unit may well pay for (a system, a fee), not the money itself.
_THING = r"(?!.{0,8}(系统|平台|软件|模块|接口|手续费|服务费|制度|培训|印刷|档案|宣传|票据|账簿|业务))"
HELD_FOR_OTHERS = re.compile(
    rf"((投标|竞买|竞价|履约|质量|响应|交易)?(保证金|押金){_THING}|代收代管|代管资金|代管款|代收代付|代收款|暂存款|暂收款"
    r"|(土地|矿业权|探矿权|采矿权|产权)?(出让|成交)(价款|金)|竞买款|竞价款)"
)


def held_for_others(*texts: str) -> str:
    """The word by which one of ``texts`` speaks of money held for others; empty when none does."""
    for text in texts:
        if found := HELD_FOR_OTHERS.search(text):
            return found.group()
    return ""


# Limits of an Excel list: what a county's year has many times over, and what a bomb has not.
MOST_BYTES = 10 * 1024 * 1024
MOST_UNZIPPED = 80 * 1024 * 1024
MOST_PARTS = 500
MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_CELLS = 600_000
HEADER_WITHIN = 20
# Of a bureau's blank form (three to ten sheets of a few hundred cells as a rule): what is shown of a sheet, and held.
MOST_FORM_CELLS = 60_000
MOST_FORM_SHEETS = 40
MOST_FORM_ROWS = 2_000
MOST_FORM_COLUMNS = 200
MOST_FORM_FORMULAS = 5_000
SHOWN_ROWS = 300
