"""Drafts for tests, taken to any state through the real moves."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from accounts.duties import Duty
from accounts.models import User
from tenders.drafts import filled, published_at_of, review_of
from tenders.models import AnnouncementDraft, AnnouncementTemplate
from tenders.services.drafts import draft_create, draft_save
from tests.workflow.people import make_staff
from workflow.services import move

# Monday 10:00 in Shanghai.
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
_numbers = itertools.count(1)
VALUES = {
    "project_code": "YZ-2026-001",
    "project_name": "云泽县第三中学食堂设备采购项目",
    "budget_yuan": "1268000.00",
    "need": "采购蒸饭柜、洗消设备等十二台。",
    "contract_term": "合同签订后30日内",
    "small_policy": "专门面向中小企业采购。",
    "qualification": "无。",
    "doc_get_from": "2026-03-02",
    "doc_get_until": "2026-03-10",
    "doc_get_way": "云泽县公共资源电子交易系统",
    "deadline": "2026-03-24 09:00",
    "place": "云泽县公共资源交易中心第一开标室",
    "purchaser": "云泽县第三中学",
    "owner_address": "云泽县学府路8号",
    "owner_contact": "总务处",
    "agency": "河北正诚招标代理有限公司",
    "agency_address": "云泽县建设街66号",
    "agency_contact": "业务部",
}
WAYS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "submitted": ("submit",),
    "checked": ("submit", "secrecy_check", "check"),
    "scheduled": ("submit", "secrecy_check", "check", "schedule"),
    "published": ("submit", "secrecy_check", "check", "schedule", "publish"),
    "returned": ("submit", "return"),
    "withdrawn": ("withdraw",),
}
CONCLUSION = "经审查，可以公开。"


@dataclass(frozen=True)
class Cast:
    """Who plays."""

    maker: User
    checker: User
    secrecy: User

    @classmethod
    def make(cls) -> Cast:
        """Three people with one duty each."""
        return cls(
            make_staff(Duty.ANNOUNCEMENT_DRAFT), make_staff(Duty.ANNOUNCEMENT_CHECK), make_staff(Duty.SECRECY_CHECK)
        )

    def of(self, name: str) -> User:
        """Who does a move."""
        if name in ("check", "schedule", "reschedule", "publish", "return"):
            return self.checker
        return self.secrecy if name == "secrecy_check" else self.maker


def template_of(code: str = "purchase-tender") -> AnnouncementTemplate:
    """One of the house's templates."""
    return AnnouncementTemplate.objects.get(code=code)


def make_draft(
    state: str = "draft",
    *,
    cast: Cast | None = None,
    code: str = "purchase-tender",
    fields: Mapping[str, str] | None = None,
    now: datetime = NOW,
    publish_at: datetime | None = None,
    extra_text: str = "",
    answers: Mapping[str, str] | None = None,
    target: Any = None,
    **values: Any,
) -> AnnouncementDraft:
    """A lawful draft in ``state``; every finding is answered."""
    cast = cast or Cast.make()
    template = template_of(code)
    draft = draft_create(template=template, target=target, by=cast.maker, now=now)
    known = {one["name"] for one in template.fields}
    data = {name: value for name, value in VALUES.items() if name in known} | dict(draft.fields) | dict(fields or {})
    text = filled(draft.text, template, data) + extra_text
    content = {
        "title": f"云泽县第三中学食堂设备采购项目（{next(_numbers)}）公告", "text": text, "fields": data,
        "region": "云泽县", "medium_name": "河北省政府采购网", "medium_url": "https://example.test/1",
        "medium_at": now, "publish_at": publish_at, **values,
    }  # fmt: skip
    draft_save(draft=draft, values=content, seen=1, by=cast.maker, now=now)
    draft.refresh_from_db()
    review = review_of(draft, at=published_at_of(draft, now))
    reasons = {one.key: "对外公布的号码，已核对" for one in review.matters} | {f.key: "已说明" for f in review.late}
    if wanted := {**reasons, **(answers or {})}:
        draft_save(draft=draft, values={}, answers=wanted, seen=2, by=cast.maker, now=now)
    for name in WAYS[state]:
        draft_move(draft, name, cast, now)
    draft.refresh_from_db()
    return draft


def draft_move(draft: AnnouncementDraft, name: str, cast: Cast, now: datetime = NOW) -> None:
    """One move by who may do it, with what it needs."""
    move(draft, name, by=cast.of(name), now=now, data=input_of(name, draft, now), comment="请照此办理。")


def input_of(name: str, draft: AnnouncementDraft, now: datetime = NOW) -> dict[str, Any]:
    """What a move needs to know."""
    if name == "secrecy_check":
        return {"conclusion": CONCLUSION}
    if name == "check":
        draft = AnnouncementDraft.objects.get(pk=draft.pk)
        return {"confirmed": review_of(draft, at=published_at_of(draft, now)).to_confirm}
    return {"values": {"region": "云泽县"}} if name == "save" else {}
