"""Who comes to the site, and the pages each of them needs first."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

GUIDES = "guides"  # slug of the column of guides


@dataclass(frozen=True)
class RoleLink:
    """A link of a role to the list with one condition, e.g. ``{"type": "更正公告"}``."""

    label: str
    params: tuple[tuple[str, str], ...]

    @property
    def url(self) -> str:
        return f"{reverse('portal:announcements')}?{urlencode(self.params)}"


@dataclass(frozen=True)
class Table:
    """A table for ``partials/table.html``; the first cell of a row heads it."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Role:
    """A kind of visitor; its guide is ``templates/portal/guides/<slug>.html``."""

    slug: str
    name: str
    who: str
    links: tuple[RoleLink, ...]
    table: Table | None = None

    @property
    def template(self) -> str:
        return f"portal/guides/{self.slug}.html"


def _words(label: str, text: str) -> RoleLink:
    return RoleLink(label, (("q", text), ("sort", "relevance")))


BIDDER_TIMES = Table(
    "常用的法定时间",
    ("事项", "工程建设", "政府采购"),
    (
        ("文件发出至投标截止", "不少于20日（招标投标法第二十四条）", "公开招标不少于20日（政府采购法第三十五条）"),
        (
            "澄清、修改",
            "截止15日前，不足的顺延（实施条例第二十一条）",
            "截止15日前，不足的顺延（财政部令第87号第二十七条）",
        ),
        ("对文件有意见", "截止10日前提出异议（实施条例第二十二条）", "7个工作日内质疑（政府采购法第五十二条）"),
        (
            "对结果有意见",
            "候选人公示期内提出异议（实施条例第五十四条）",
            "结果公告期满起7个工作日内质疑（财政部令第94号第十条）",
        ),
        ("答复", "3日内，答复前暂停（实施条例第二十二、五十四条）", "7个工作日内（财政部令第94号第十三条）"),
        ("投诉", "知道之日起10日内（实施条例第六十条）", "答复期满后15个工作日内（财政部令第94号第十七条）"),
    ),
)
PURCHASER_TIMES = Table(
    "排时间时要留足的日子",
    ("步骤", "时间", "依据"),
    (
        ("工程招标文件发售", "不少于5日", "招标投标法实施条例第十六条"),
        ("采购招标文件提供", "不少于5个工作日", "财政部令第87号第十八条"),
        ("文件发出至投标截止", "不少于20日", "招标投标法第二十四条、政府采购法第三十五条"),
        ("中标候选人公示", "收到评标报告3日内开始，不少于3日", "招标投标法实施条例第五十四条"),
        ("确定中标供应商", "收到评标报告后5个工作日内", "财政部令第87号第六十八条"),
        ("结果公告", "确定后2个工作日内", "财政部令第87号第六十九条"),
        ("签订合同", "中标通知书发出后30日内", "招标投标法第四十六条、政府采购法第四十六条"),
        ("合同公告", "签订后2个工作日内", "政府采购法实施条例第五十条"),
    ),
)
ROLES = (
    Role(
        "bidder",
        "投标人、供应商",
        "参加投标、响应和竞买的单位与个人",
        (_words("查招标公告", "招标公告"), _words("查更正、澄清", "更正"), _words("查中标候选人公示", "候选人公示")),
        BIDDER_TIMES,
    ),
    Role(
        "purchaser",
        "招标人、采购人",
        "项目业主、采购单位、出让方与转让方",
        (_words("查采购意向", "采购意向"), _words("查结果公告", "结果公告"), _words("查合同公告", "合同")),
        PURCHASER_TIMES,
    ),
    Role(
        "agency",
        "代理机构",
        "受委托办理招标、采购、出让和转让的机构",
        (_words("查单一来源公示", "单一来源"), _words("查竞争性磋商公告", "磋商"), _words("查终止公告", "终止")),
    ),
)
