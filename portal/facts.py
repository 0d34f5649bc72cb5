"""The facts of an announcement that a reader looks for first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.moments import minute_words
from portal import words
from tenders.facts import read_amount
from tenders.models import Announcement

# Who invites is called differently in each kind of trade (DOMAIN 11).
OWNER = {"工程建设": "招标人", "政府采购": "采购人", "土地使用权": "出让人", "国有产权": "转让方"}
METHOD = {"工程建设": "招标方式", "政府采购": "采购方式"}
METHODS = re.compile("招标|谈判|磋商|询价|单一来源|框架协议|比选|竞价|挂牌|拍卖|协议|直接")
BUDGET = {"工程建设": "合同估算价"}
WINNER = {"工程建设": "中标人", "土地使用权": "受让人", "国有产权": "受让方"}
AMOUNTS = (
    ("max_price_yuan", "最高限价"),
    ("start_price_yuan", "起始价"),
    ("deposit_yuan", "保证金"),
    ("award_amount_yuan", "中标（成交）金额"),
    ("deal_price_yuan", "成交价"),
)
# Given in 万元 by land bureaus.
WAN_AMOUNTS = (("start_wan", "起始价"), ("deposit_wan", "保证金"), ("deal_wan", "成交价"))
DATES = (
    ("apply_until", "报名截止"),
    ("doc_get_until", "文件获取截止"),
    ("deposit_deadline", "保证金到账截止"),
    ("qualification_confirm_by", "资格确认截止"),
    ("deal_date", "成交日期"),
)
BY_TENDER = ("工程建设", "政府采购")
LONGEST = 300


@dataclass(frozen=True)
class Fact:
    """A line of the fact list; ``kind`` is money (with ``more`` in 万元), or text."""

    label: str
    value: str
    kind: str = "text"
    more: str = ""


def _money(label: str, amount: Any) -> Iterator[Fact]:
    # Blank forms are pushed as 0元: a nought is no fact.
    if amount is not None and amount > 0:
        more = words.money_wan(amount) if amount >= words.WAN else ""
        yield Fact(label, words.money(amount), "money", more)


def _text(label: str, value: object) -> Iterator[Fact]:
    text = value.strip() if isinstance(value, str) else ""
    if text and text not in ("/", "无", "-", "--"):
        yield Fact(label, text if len(text) <= LONGEST else text[:LONGEST] + "…")


def _medium(medium: object) -> Iterator[Fact]:
    """The designated medium and when it was first published there (财政部令第101号 arts 8, 11)."""
    if isinstance(medium, dict):
        yield from _text("指定媒介", medium.get("name"))
        yield from _text("媒介网址", medium.get("url"))
        try:
            at = datetime.fromisoformat(str(medium.get("first_published")))
        except ValueError:
            return
        if at.tzinfo is not None:
            yield from _text("媒介首次发布", minute_words(at))


def _facts(announcement: Announcement) -> Iterator[Fact]:
    tender = announcement.category_id in BY_TENDER
    published = announcement.content["fields"]
    fields = published if isinstance(published, dict) else {}
    yield from _money(BUDGET.get(announcement.category_id, "预算金额"), announcement.budget)
    for name, label in AMOUNTS:
        yield from _money(label, read_amount(fields.get(name)))
    for name, label in WAN_AMOUNTS:
        amount = read_amount(fields.get(name))
        yield from _money(label, amount and amount * 10_000)
    for name, label in DATES:
        if not (name == "apply_until" and announcement.deadline):
            yield from _text(label, fields.get(name))
    yield from _text(OWNER.get(announcement.category_id, "采购人（招标人）"), announcement.purchaser)
    yield from _text("代理机构", announcement.agency)
    yield from _text(WINNER.get(announcement.category_id, "中标（成交）供应商"), announcement.supplier)
    method = str(fields.get("method") or "")
    # Some sources write a budget heading where the method should stand.
    yield from _text(METHOD.get(announcement.category_id, "交易方式"), method if METHODS.search(method) else "")
    yield from _text("开标地点" if tender else "交易地点", announcement.place)
    yield from _text("项目编号", announcement.project_code)
    yield from _medium(fields.get("medium"))
    yield from _text("统一交易标识码", announcement.unified_deal_code)
    yield from _text("地区", announcement.region_id)


def facts(announcement: Announcement) -> list[Fact]:
    """Facts worth showing, in the order of a reader's questions: how much, who, where, under which number."""
    return list(_facts(announcement))


def deadline_name(announcement: Announcement) -> str:
    """What ends: bids in tenders, else simply the deadline."""
    if announcement.category_id == "工程建设":
        return "投标截止"
    return "投标（响应）截止" if announcement.category_id in BY_TENDER else "报名（报价）截止"
