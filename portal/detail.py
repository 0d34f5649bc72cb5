"""What the page of one announcement shows before its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.template.loader import get_template
from django.urls import get_script_prefix, reverse
from django.utils.html import escape

from portal import words
from portal.context import origin, permalink, switch_url
from portal.fragments import SWITCH_MARK, columns, kept
from portal.qr import qr_svg
from portal.text import text_html
from tenders.facts import read_amount
from tenders.models import Announcement, AnnouncementType
from tenders.selectors import ChainLink, announcement_chain, attachments_of

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
ENDED = AnnouncementType.Stage.TERMINATION
BY_TENDER = ("工程建设", "政府采购")
LONGEST = 300
PAGE_SECONDS = 3600.0
# 财政部令第101号 arts 8, 11, 13: the designated medium prevails.
PREVAILS = {
    "政府采购": "政府采购信息以中国政府采购网及其省级分网发布的为准。",
    "工程建设": "依法必须招标项目的公告和公示以法定发布媒介发布的为准。",
}


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


def _facts(announcement: Announcement) -> Iterator[Fact]:
    tender = announcement.category_id in BY_TENDER
    fields = announcement.fields if isinstance(announcement.fields, dict) else {}
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
    yield from _text("统一交易标识码", announcement.unified_deal_code)
    yield from _text("地区", announcement.region_id)


def facts(announcement: Announcement) -> list[Fact]:
    """Facts worth showing, in the order of a reader's questions: how much, who, where, under which number."""
    return list(_facts(announcement))


def timeline(chain: list[ChainLink]) -> list[dict[str, Any]]:
    """The project's announcements for ``partials/timeline.html``; none when the page stands alone."""
    if len(chain) < 2:
        return []
    return [
        {
            "time": link.announcement.published_at,
            "words": link.announcement.type_id,
            "title": link.announcement.title,
            "url": reverse("portal:announcement", args=[link.announcement.pk]),
            "here": link.is_current,
            "note": f"针对：{link.corrects.title}" if link.corrects else "",
        }
        for link in chain
    ]


def corrected_by(chain: list[ChainLink], here: int) -> Announcement | None:
    """The newest announcement that names this one as the one it corrects."""
    found = [link.announcement for link in chain if link.corrects and link.corrects.pk == here]
    return found[-1] if found else None


def ended_by(chain: list[ChainLink], announcement: Announcement) -> Announcement | None:
    """The later announcement that ended the project, if one did."""
    here = (announcement.published_at, announcement.pk)
    found = [link.announcement for link in chain if _stage(link) == ENDED]
    return next((one for one in found if (one.published_at, one.pk) > here), None)


def _stage(link: ChainLink) -> str:
    return str(getattr(link.announcement, "stage", ""))


def _stage_here(chain: list[ChainLink]) -> str:
    return next((_stage(link) for link in chain if link.is_current), "")


def deadline_name(announcement: Announcement) -> str:
    """What ends: bids in tenders, else simply the deadline."""
    if announcement.category_id == "工程建设":
        return "投标截止"
    return "投标（响应）截止" if announcement.category_id in BY_TENDER else "报名（报价）截止"


def _http(address: str) -> str:
    """An address that may be linked: anything but http(s) would run or surprise."""
    return address if address.startswith(("https://", "http://")) else ""


def files(announcement: Announcement) -> list[dict[str, Any]]:
    """Attachments with the address to fetch them from (empty when there is none)."""
    return [
        {
            "name": file.name,
            "size": file.size,
            "sha256": file.sha256,
            "stored": file.stored,
            "href": reverse("portal:attachment", args=[announcement.pk, file.position])
            if file.stored
            else _http(file.url),
        }
        for file in attachments_of(announcement)
    ]


def _page(announcement: Announcement, chain: list[ChainLink], now: datetime, request: HttpRequest) -> str:
    address = permalink(request, "portal:announcement", announcement.pk)
    ending = ended_by(chain, announcement)
    later = ending or corrected_by(chain, announcement.pk)
    context = {
        "announcement": announcement,
        "text": text_html(announcement.text),
        "now": now,
        "permalink": address,
        "qr": qr_svg(address),
        "facts": facts(announcement),
        "attachments": files(announcement),
        "timeline": timeline(chain),
        "corrected_by": later,
        "ended": ending is not None or _stage_here(chain) == ENDED,
        "source_url": _http(announcement.source_page),
        "prevails": PREVAILS.get(announcement.category_id, ""),
        "deadline_name": deadline_name(announcement),
        "switch_url": SWITCH_MARK,
    }
    return get_template("portal/announcement_detail.html").render(context, request)


def detail_html(announcement: Announcement, now: datetime, request: HttpRequest) -> str:
    """The whole page of one announcement; kept, because only its chain and the words of its deadline change.

    Args:
        announcement: with its record.
        now: aware time of the request.
        request: for the addresses of the page.
    """
    chain = announcement_chain(announcement)
    links = tuple(link.announcement.pk for link in chain)
    due = words.deadline(announcement.deadline, now) if announcement.deadline else None
    key = (
        "detail",
        announcement.pk,
        announcement.content_digest,
        get_script_prefix(),
        origin(request),
        links,
        due,
        columns(),
    )
    page = kept(key, lambda: _page(announcement, chain, now, request), PAGE_SECONDS)
    return page.replace(SWITCH_MARK, escape(switch_url(request)))
