"""Demonstration drafts in every state, a correction and a masked announcement, made through the real moves.

People, firms and numbers are made up; the identity number is the sample of GB 11643 itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from accounts.duties import Duty
from accounts.models import User
from accounts.selectors import assignments_now, people_with
from core.moments import SHANGHAI
from core.workdays import deadline_compute
from tenders.drafts import filled, published_at_of, review_of
from tenders.models import Announcement, AnnouncementDraft, AnnouncementTemplate
from tenders.rulebook import rule_of
from tenders.services.drafts import draft_create, draft_save
from tenders.services.masking import masking_request
from tenders.services.templates import template_save
from workflow.selectors import calendar_current
from workflow.services import move

SAMPLE_IDENTITY = "11010519491231002X"
SAMPLE_NAME = "郑样例"
OFFICE_HOURS = "咨询时间为工作日9时至17时。"
CONCLUSION = "经审查，不含国家秘密、工作秘密和不应公开的个人信息，可以公开。"
WAYS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "submitted": ("submit",),
    "examined": ("submit", "secrecy_check"),
    "checked": ("submit", "secrecy_check", "check"),
    "scheduled": ("submit", "secrecy_check", "check", "schedule"),
    "published": ("submit", "secrecy_check", "check", "schedule", "publish"),
    "returned": ("submit", "return"),
    "withdrawn": ("withdraw",),
}
BASE = {
    "purchaser": "云泽县教育局",
    "owner_address": "云泽县人民路16号",
    "owner_contact": "计财股 0300-8612001",
    "agency": "云泽正衡招标代理有限公司",
    "agency_address": "云泽县建设街66号",
    "agency_contact": "业务部 0300-8619002",
    "small_policy": "专门面向中小企业采购。",
    "qualification": "无。",
    "doc_get_way": "云泽县公共资源电子交易系统，免费下载",
    "place": "云泽县公共资源交易中心第一开标室",
    "contract_term": "合同签订后30日内完成供货和安装",
    "transferor": "云泽县机关事务服务中心",
    "approval_body": "云泽县财政局（云财资〔2026〕31号）",
    "trade_way": "网络竞价",
    "trade_terms": "按现状转让，受让方自行踏勘。",
    "apply_way": "登录电子交易系统报名并交纳保证金。",
}


@dataclass(frozen=True)
class Script:
    """One demonstration draft: template, title, where it stands, what differs from BASE, what is added to the text."""

    code: str
    title: str
    state: str
    fields: Mapping[str, str]
    extra: str = ""
    about: str = ""
    change: str = ""
    days: int = 0
    comment: str = ""


SCRIPTS = (
    Script(
        "purchase-tender",
        "云泽县教育局智慧黑板采购项目公开招标公告",
        "published",
        {
            "project_code": "YZZC-2026-0911",
            "project_name": "云泽县教育局智慧黑板采购项目",
            "budget_yuan": "1860000.00",
            "need": "采购86英寸智慧黑板78套，含运输、安装、调试和三年质保。",
        },
    ),
    Script(
        "purchase-correction",
        "云泽县教育局智慧黑板采购项目更正公告",
        "scheduled",
        {
            "change_reason": "采购数量有误。",
            "change_content": "原采购数量78套，现更正为80套，预算金额不变。",
            "affects_bids": "no",
        },
        about="云泽县教育局智慧黑板采购项目公开招标公告",
        change="采购数量由78套更正为80套。",
        days=2,
    ),
    Script(
        "purchase-consultation",
        "云泽县教育局校园保安服务项目竞争性磋商公告",
        "submitted",
        {
            "project_code": "YZZC-2026-0917",
            "project_name": "云泽县教育局校园保安服务项目",
            "budget_yuan": "960000.00",
            "need": "为6所学校配备持证保安员20名。",
        },
        extra="\n磋商保证金账户：云泽农商银行，账号 6222021001116248。",
    ),
    Script(
        "purchase-negotiation",
        "云泽县教育局食堂厨房设备采购项目竞争性谈判公告",
        "examined",
        {
            "project_code": "YZZC-2026-0921",
            "project_name": "云泽县教育局食堂厨房设备采购项目",
            "budget_yuan": "480000.00",
            "need": "采购灶具、蒸饭柜、洗消设备12台（套）。",
        },
    ),
    Script(
        "purchase-inquiry",
        "云泽县教育局办公家具采购项目询价公告",
        "checked",
        {
            "project_code": "YZZC-2026-0923",
            "project_name": "云泽县教育局办公家具采购项目",
            "budget_yuan": "320000.00",
            "need": "采购办公桌椅、文件柜60件（套）。",
        },
    ),
    Script(
        "property-lease",
        "云泽县人民路门面房三年期租赁权公开招租公告",
        "returned",
        {
            "project_code": "YZCQ-2026-0102",
            "project_name": "人民路门面房三年期租赁权",
            "lot": "临街一层门面房，建筑面积86平方米，现状空置。",
            "list_price_yuan": "58000.00",
            "lease_term": "3年",
        },
        comment="标的现状请写明水电情况，附平面图。",
    ),
    Script(
        "property-asset",
        "云泽县机关事务服务中心报废公务车辆转让公告",
        "draft",
        {
            "project_code": "YZCQ-2026-0105",
            "project_name": "报废公务车辆一批",
            "lot": "已批准报废的公务车辆9辆。",
            "list_price_yuan": "27000.00",
        },
    ),
    Script(
        "purchase-tender",
        "云泽县教育局学生课桌椅采购项目公开招标公告",
        "withdrawn",
        {
            "project_code": "YZZC-2026-0908",
            "project_name": "云泽县教育局学生课桌椅采购项目",
            "budget_yuan": "720000.00",
            "need": "采购学生课桌椅2200套。",
        },
        comment="采购计划已调整。",
    ),
    Script(
        "purchase-result",
        "云泽县教育局校舍维修改造项目成交结果公告",
        "published",
        {
            "project_code": "YZZC-2026-0836",
            "project_name": "云泽县教育局校舍维修改造项目",
            "supplier": "云泽恒筑建设有限公司",
            "supplier_address": "云泽县南环路3号",
            "award_amount_yuan": "1356000.00",
            "award_items": "校舍维修改造工程一项",
            "reviewers": "见评审报告",
            "agency_fee": "按合同约定，1.62万元",
            "notice_period": "自本公告发布之日起1个工作日",
        },
        extra=f"\n成交供应商项目负责人{SAMPLE_NAME}，身份证号{SAMPLE_IDENTITY}。",
    ),
)
MASKED = "云泽县教育局校舍维修改造项目成交结果公告"


@dataclass(frozen=True)
class Cast:
    """Who plays: different people for what different people must do."""

    maker: User
    checker: User
    secrecy: User
    maskers: tuple[User, ...]

    def of(self, name: str) -> User:
        """Who does a move."""
        if name in ("check", "schedule", "publish", "return"):
            return self.checker
        return self.secrecy if name == "secrecy_check" else self.maker


def _cast(now: datetime) -> Cast | None:
    def first(duty: Duty, *but: User) -> User | None:
        return people_with(duty, now=now).exclude(pk__in=[user.pk for user in but]).first()

    maker = first(Duty.ANNOUNCEMENT_DRAFT)
    checker = first(Duty.ANNOUNCEMENT_CHECK, maker) if maker else None
    secrecy = first(Duty.SECRECY_CHECK, maker) if maker else None
    if maker is None or checker is None or secrecy is None:
        return None
    return Cast(maker, checker, secrecy, tuple(people_with(Duty.MASKING, now=now)[:2]))


def _began(cast: Cast, now: datetime) -> datetime:
    """The first moment at which everybody had a duty."""
    people = [cast.maker.pk, cast.checker.pk, cast.secrecy.pk, *(user.pk for user in cast.maskers)]
    first: dict[int, datetime] = {}
    for user, begins in assignments_now(now=now).filter(user__in=people).values_list("user_id", "begins_at"):
        first[user] = min(begins, first.get(user, begins))
    return max(first.values())


def _dates(template: AnnouncementTemplate, at: datetime) -> dict[str, str]:
    """Dates that the law allows for a publication at ``at``, some days beyond the earliest."""
    today, calendar = at.astimezone(SHANGHAI).date(), calendar_current()
    days: dict[str, date] = {
        "doc_get_from": today,
        "awarded_on": today,
        "doc_get_until": today + timedelta(days=12),
        "deadline": today + timedelta(days=27),
        "disclosure_until": today + timedelta(days=45),
        "apply_until": today + timedelta(days=45),
    }
    for one in template.periods:
        start = days.get(one["start"], today)
        due = deadline_compute(rule_of(one["rule"], today).period, start, calendar).practical
        if one["end"] in days and not one["late"]:
            days[one["end"]] = max(days[one["end"]], due)
    kinds = {one["name"]: one["kind"] for one in template.fields}
    return {
        name: f"{day} 09:00" if kinds[name] == "moment" else day.isoformat()
        for name, day in days.items()
        if name in kinds
    }


def _play(script: Script, cast: Cast, at: datetime) -> AnnouncementDraft:
    template = AnnouncementTemplate.objects.get(code=script.code)
    target = Announcement.objects.filter(title=script.about).order_by("-pk").first() if script.about else None
    draft = draft_create(template=template, target=target, by=cast.maker, now=at)
    known = {one["name"] for one in template.fields}
    fields = {name: value for name, value in (BASE | draft.fields | dict(script.fields)).items() if name in known}
    fields |= _dates(template, at + timedelta(days=script.days))
    values: dict[str, Any] = {
        "title": script.title,
        "text": filled(draft.text, template, fields) + script.extra,
        "fields": fields,
        "region": "云泽县",
        "target_change": script.change,
        "publish_at": at + timedelta(days=script.days) if script.days else None,
    }
    if draft.needs_medium:
        address = f"https://ccgp.example/notice/{fields.get('project_code', '').lower()}"
        values |= {"medium_name": "中国政府采购网省级分网", "medium_url": address, "medium_at": at}
    draft_save(draft=draft, values=values, seen=None, by=cast.maker, now=at)
    draft.refresh_from_db()
    reasons = {one.key: "已核对，是对外公布的号码" for one in review_of(draft, at=published_at_of(draft, at)).matters}
    if reasons and script.state != "draft":
        draft_save(draft=draft, values={}, answers=reasons, seen=None, by=cast.maker, now=at)
    for name in WAYS[script.state]:
        draft.refresh_from_db()
        data: dict[str, Any] = {"conclusion": CONCLUSION} if name == "secrecy_check" else {}
        if name == "check":
            data = {"confirmed": review_of(draft, at=published_at_of(draft, at)).to_confirm}
        move(draft, name, by=cast.of(name), now=at, data=data, comment=script.comment)
    return draft


def _mask(draft: AnnouncementDraft, cast: Cast, at: datetime) -> None:
    draft.refresh_from_db()
    if draft.announcement is None or len(cast.maskers) < 2:
        return
    first, second = cast.maskers
    asked = masking_request(
        announcement=draft.announcement,
        texts=[SAMPLE_NAME, SAMPLE_IDENTITY],
        by=first,
        now=at,
        reason="误将成交供应商项目负责人的姓名和身份证号公布。",
    )
    move(asked, "confirm", by=second, now=at)


def _template_changed(cast: Cast, at: datetime) -> None:
    """One template has been changed once, so that its versions can be seen."""
    template = AnnouncementTemplate.objects.get(code="property-lease")
    if not template.versions.exists() and OFFICE_HOURS not in template.skeleton:
        skeleton = f"{template.skeleton}\n{OFFICE_HOURS}"
        template_save(template=template, values={"skeleton": skeleton}, seen=1, by=cast.checker, now=at)


def demo_part(*, size: str, now: datetime) -> str:
    """Add the demonstration drafts that are not there yet.

    Returns:
        A sentence; empty when nothing was added, also when there are no demonstration people.
    """
    cast = _cast(now)
    if cast is None:
        return ""
    at = max(now - timedelta(hours=2), _began(cast, now))
    _template_changed(cast, at)
    there = set(AnnouncementDraft.objects.values_list("title", flat=True))
    added = 0
    for script in SCRIPTS:
        if script.title in there:
            continue
        draft = _play(script, cast, at)
        if script.title == MASKED:
            _mask(draft, cast, now)
        added += 1
    return f"已写入演示公告稿 {added} 件。" if added else ""
