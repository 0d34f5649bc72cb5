"""The page of one announcement, joined by hand: each is another one, so that rendering it is all that it costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from django.http import HttpRequest
from django.template.loader import get_template
from django.urls import get_script_prefix, reverse
from django.utils.html import escape
from django.utils.text import Truncator

from audit.log_selectors import redaction_seq
from core.moments import day_words, minute_words
from portal import words
from portal.context import page_url, permalink, switch_url
from portal.facts import Fact, deadline_name, facts
from portal.fragments import BODY_MARK, DAY_SECONDS, LINK_MARK, SWITCH_MARK, TITLE_MARK, columns, kept, store
from portal.text import text_html
from portal.words import visible
from tenders.models import Announcement, AnnouncementType, Attachment
from tenders.selectors import ChainLink, announcement_with_chain, attachments_of, record_read

ENDED = AnnouncementType.Stage.TERMINATION
TITLE_LIMIT = 80
FRAME_SECONDS = 3600.0
# 财政部令第101号 arts 8, 11, 13: the designated medium prevails.
PREVAILS = {
    "政府采购": "政府采购信息以中国政府采购网及其省级分网发布的为准。",
    "工程建设": "依法必须招标项目的公告和公示以法定发布媒介发布的为准。",
}


@dataclass(frozen=True)
class _Page:
    """What the parts of the page are made from."""

    announcement: Announcement
    chain: list[ChainLink]
    now: datetime

    @property
    def ending(self) -> Announcement | None:
        """The later announcement that ended the project, if one did."""
        here = (self.announcement.published_at, self.announcement.pk)
        found = [link.announcement for link in self.chain if _stage(link) == ENDED]
        return next((one for one in found if (one.published_at, one.pk) > here), None)

    @property
    def correction(self) -> Announcement | None:
        """The newest announcement that names this one as the one it corrects."""
        here = self.announcement.pk
        found = [link.announcement for link in self.chain if link.corrects and link.corrects.pk == here]
        return found[-1] if found else None

    @property
    def has_ended(self) -> bool:
        return self.ending is not None or any(link.is_current and _stage(link) == ENDED for link in self.chain)


def _stage(link: ChainLink) -> str:
    return str(getattr(link.announcement, "stage", ""))


def _http(address: str) -> str:
    """An address that may be linked: anything but http(s) would run or surprise."""
    return address if address.startswith(("https://", "http://")) else ""


def _link(announcement: Announcement) -> str:
    url = page_url("portal:announcement", announcement.pk)
    return f'<a href="{url}"><bdi>{visible(announcement.title)}</bdi></a>'


def _crumbs(announcement: Announcement) -> str:
    home, every = page_url("portal:home"), page_url("portal:announcements")
    return (
        f'<nav class="crumbs" aria-label="当前位置"><ol><li><a href="{home}">首页</a></li>'
        f'<li><a href="{every}">交易公告</a></li>'
        f'<li><a href="{every}?category={quote(announcement.category_id, safe="")}">'
        f"{visible(announcement.category_id)}</a></li></ol></nav>"
    )


def _head(announcement: Announcement) -> str:
    source, moment = visible(announcement.source_name), announcement.published_at
    if page := _http(announcement.source_page):
        source = f'<a href="{escape(page)}" rel="noopener external">{source}</a>'  # type: ignore[assignment]
    return (
        '<header class="article-head">\n'
        f'<p class="kind-line"><span class="kind">{visible(announcement.category_id)}</span>'
        f" {visible(announcement.type_id)}</p>\n"
        f"<h1><bdi>{visible(announcement.title)}</bdi></h1>\n"
        f'<p class="meta"><span>发布时间 <time datetime="{words.machine_time(moment)}">{words.published(moment)}</time>'
        f"</span><span>来源 {source}</span></p>\n</header>"
    )


def _masked(announcement: Announcement) -> str:
    if announcement.masked_at is None:
        return ""
    day = day_words(announcement.masked_at)
    return f'<p class="notice">本公告中的个人信息已于{day}遮蔽（＊＊＊），其余内容未变，存证可以核对。</p>'


def _notice(page: _Page) -> str:
    later = page.ending or page.correction
    if later is None:
        return ""
    begin, end = ("这个项目已经终止：", "。") if page.has_ended else ("这份公告已有更正：", "，请以更正后的内容为准。")
    return f'<p class="notice">{begin}{_link(later)}（{day_words(later.published_at)}）{end}</p>'


def _deadline(page: _Page) -> str:
    moment = page.announcement.deadline
    if moment is None or page.has_ended:
        return ""
    due, machine = words.deadline(moment, page.now), words.machine_time(moment)
    left = f'<p class="deadline-left" role="timer" data-deadline="{machine}">{due.words}</p>'
    if page.correction:
        left = '<p class="deadline-left">已有更正，以更正后的为准</p>'
    return (
        f'<div class="deadline {due.state}">\n<p class="deadline-name">{deadline_name(page.announcement)}</p>\n'
        f'<p class="deadline-time"><time datetime="{machine}">{minute_words(moment)}</time></p>\n{left}\n</div>'
    )


def _fact(fact: Fact) -> str:
    kind = ' class="money"' if fact.kind == "money" else ""
    more = f' <span class="wan">（{fact.more}）</span>' if fact.more else ""
    return f"<div><dt>{fact.label}</dt><dd{kind}><bdi>{visible(fact.value)}</bdi>{more}</dd></div>"


def _facts(announcement: Announcement) -> str:
    lines = "".join(map(_fact, facts(announcement)))
    return f"<dl>{lines}</dl>" if lines else ""


def _text(announcement: Announcement, has_files: bool) -> str:
    text = f'<div class="prose" dir="auto">{text_html(announcement.text)}</div>'
    if not announcement.text.strip():
        page = escape(_http(announcement.source_page))
        where = f'请到<a href="{page}" rel="noopener external">来源网站</a>查看。' if page else "请向发布单位索取。"
        text = f'<p class="empty">这份公告没有正文。{"内容见附件。" if has_files else where}</p>'
    return f'<section class="text" aria-labelledby="text"><h2 id="text">公告正文</h2>\n{text}\n</section>'


def _file(announcement: Announcement, file: Attachment) -> str:
    name, rel = f"<bdi>{visible(file.name)}</bdi>", "" if file.stored else ' rel="noopener external"'
    address = _http(file.url)
    if file.stored:
        address = reverse("portal:attachment", args=[announcement.pk, file.position])
    size = f' <span class="size">{words.file_size(file.size)}</span>' if file.size else ""
    place = "" if file.stored else ' <span class="size">（在来源网站）</span>'
    digest = f'<span class="digest">SHA-256 <code>{file.sha256}</code></span>' if file.sha256 else ""
    link = f'<a href="{escape(address)}"{rel}>{name}</a>' if address else name
    return f"<li>{link}{size}{place}{digest}</li>"


def _files(announcement: Announcement, attached: Iterable[Attachment]) -> str:
    lines = "".join(_file(announcement, file) for file in attached)
    return (
        f'<section aria-labelledby="files"><h2 id="files">附件</h2>\n<ul class="files">{lines}</ul></section>'
        if lines
        else ""
    )


def _step(link: ChainLink) -> str:
    one = link.announcement
    time = f'<time datetime="{words.machine_time(one.published_at)}">{words.published(one.published_at)}</time>'
    title = f"<bdi>{visible(one.title)}</bdi>" if link.is_current else _link(one)
    mark, here = (" here", ' <strong class="step-here">本页</strong>') if link.is_current else ("", "")
    note = f'\n<p class="step-note">针对：{visible(link.corrects.title)}</p>' if link.corrects else ""
    return (
        f'<li class="step{mark}">\n<p class="step-time">{time} <span class="step-kind">{visible(one.type_id)}</span>'
        f'{here}</p>\n<p class="step-title">{title}</p>{note}\n</li>'
    )


def _timeline(chain: list[ChainLink]) -> str:
    """The project's announcements; nothing when the page stands alone."""
    if len(chain) < 2:
        return ""
    steps = "\n".join(map(_step, chain))
    head = '<section aria-labelledby="chain"><h2 id="chain">项目进程</h2>'
    return f'{head}\n<ol class="timeline">\n{steps}</ol></section>'


def _receipt(announcement: Announcement) -> str:
    """The number of its leaf in the public log, with the receipt and the page that checks it."""
    seq = getattr(announcement, "leaf_seq", None)
    if seq is None:
        return ""
    found = _leaf("存证凭证", seq)
    # What is served of a masked one has a leaf of its own: by it alone the present bytes can be checked.
    if announcement.masked_at is not None and (redaction := redaction_seq(str(announcement.pk))) is not None:
        found += _leaf("遮蔽凭证", redaction)
    return found


def _record_words(announcement: Announcement) -> str:
    return "发布时保存的原文（JSON）" if announcement.masked_at is None else "遮蔽后的存证原文（JSON）"


def _leaf(name: str, seq: int) -> str:
    receipt = f"{page_url('portal:log')}receipt/{seq}.json"
    check = f"{page_url('portal:log_verify')}?seq={seq}"
    return (
        f'\n<div><dt>{name}</dt><dd>第 {seq} 号：<a href="{check}">在线核验</a>，'
        f'<a href="{receipt}">凭证（JSON）</a></dd></div>'
    )


def _cite(one: Announcement, address: str) -> str:
    address = escape(address)
    code, canonical = page_url("portal:qr", one.pk), page_url("portal:canonical", one.pk)
    return (
        '<section class="cite" aria-labelledby="cite"><h2 id="cite">引用与核对</h2>\n<div class="cite-body">'
        f'<div class="cite-qr"><img class="qr" src="{code}" alt="本页网址二维码" width="144" height="144">'
        "<p>手机扫码看本页</p></div>\n"
        f'<dl><div><dt>固定网址</dt><dd><a class="permalink" href="{address}">{address}</a>'
        f' <button type="button" data-copy="{address}" hidden>复制网址</button></dd></div>\n'
        f'<div><dt>存证原文</dt><dd><a href="{canonical}">{_record_words(one)}</a></dd></div>\n'
        f"<div><dt>原文 SHA-256</dt><dd><code>{one.sha256}</code></dd></div>{_receipt(one)}</dl></div>\n"
        '<p class="small">正文按原文显示，只为便于阅读分了段；核对时以存证原文为准。'
        f"{PREVAILS.get(one.category_id, '')}</p>\n"
        '<p class="buttons"><button type="button" data-print hidden>打印本页</button></p>\n'
        '<p class="hidden" role="status" data-status></p>\n</section>'
    )


class _Lasting(NamedTuple):
    """What of a page never changes, because the announcement does not."""

    title: str
    head: str
    facts: str
    text: str
    cite: str


def _lasting(one: Announcement, address: str) -> _Lasting:
    record_read(one)
    attached = attachments_of(one) if one.content.get("attachments") else []
    return _Lasting(
        title=escape(Truncator(words.plain(one.title)).chars(TITLE_LIMIT)),
        head=f'{_crumbs(one)}\n<article class="announcement">\n{_head(one)}\n',
        facts=_facts(one),
        text=f"{_text(one, bool(attached))}\n{_files(one, attached)}\n",
        cite=_cite(one, address),
    )


def _body(page: _Page, lasting: _Lasting) -> str:
    return (
        f'{lasting.head}{_masked(page.announcement)}{_notice(page)}\n<section class="facts" aria-labelledby="facts">'
        f'<h2 id="facts" class="hidden">要点</h2>\n{_deadline(page)}\n{lasting.facts}\n</section>\n'
        f'<div class="two"><div class="two-main">\n{lasting.text}</div>\n<div class="two-side">\n'
        f"{_timeline(page.chain)}\n{lasting.cite}\n</div></div>\n</article>"
    )


def _frame(request: HttpRequest) -> str:
    marks = {"title": TITLE_MARK, "permalink": LINK_MARK, "body": BODY_MARK, "switch_url": SWITCH_MARK}
    return get_template("portal/announcement_detail.html").render(marks, request)


def detail_html(pk: int, now: datetime, request: HttpRequest) -> str:
    """The whole page of one announcement: facts first, then its text, files, chain and how to check it.

    Args:
        pk: its number.
        now: aware time of the request.
        request: for the addresses of the page.

    Raises:
        Announcement.DoesNotExist: there is none with this number.
    """
    announcement, chain = announcement_with_chain(pk)
    address = permalink(request, "portal:announcement", pk)
    page = _Page(announcement, chain, now)
    frame = kept(("detail", get_script_prefix(), columns()), lambda: _frame(request), FRAME_SECONDS)
    key = (announcement.pk, announcement.content_digest, announcement.masked_at, get_script_prefix(), address)
    lasting = store().pages.get(key, lambda: _lasting(announcement, address), DAY_SECONDS)
    found = frame.replace(SWITCH_MARK, escape(switch_url(request))).replace(LINK_MARK, escape(address))
    return found.replace(TITLE_MARK, lasting.title).replace(BODY_MARK, _body(page, lasting))
