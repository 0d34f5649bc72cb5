"""The published announcement that a draft corrects, ends or supplements: whether it may, where it is found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.moments import SHANGHAI
from tenders.masking import MASK
from tenders.models import Announcement, AnnouncementTemplate, AnnouncementType
from tenders.models.drafts import TITLE_LENGTH
from tenders.queries import AnnouncementQuery
from tenders.selectors import announcement_page
from tenders.stages import stage_of

MOST_FOUND = 12
# Fields that name the original; its title stands as it is published, masked words and all.
ORIGINAL = "original_title"
_NUMBER = re.compile(r"[0-9]{1,18}")
# What a title ends with after the project's name; the longer ones first.
_ENDING = re.compile(
    r"(国有建设用地使用权)?(挂牌|拍卖|招标)?(公开招标|竞争性谈判|竞争性磋商|邀请招标|单一来源(采购)?|资格预审|询价|招标|采购|采购意向|"
    r"意向公开|中标候选人|中标（成交）结果|中标结果|成交结果|中标|成交|结果|合同|出让|转让|招租|公开招租|更正|终止|补充)(公告|公示)$"
)


def target_refusal(template: AnnouncementTemplate, target: Announcement) -> str:
    """Why an announcement of a template cannot be about ``target``: a clause without full stop; empty when it can."""
    if target.category_id not in template.about:
        kinds = "、".join(template.about)
        return f"“{template.name}”用于{kinds}，所选公告属于{target.category_id}，不是同一交易类别"
    ends = template.relation == AnnouncementTemplate.Relation.TERMINATION
    if ends and stage_of(target.type_id) == AnnouncementType.Stage.TERMINATION:
        return "所选公告本身就是终止公告，不能再终止一次"
    return ""


def templates_about(target: Announcement, templates: Sequence[AnnouncementTemplate]) -> list[AnnouncementTemplate]:
    """Those of ``templates`` by which ``target`` may be corrected, ended or supplemented."""
    return [one for one in templates if one.relation and not target_refusal(one, target)]


def targets_found(words: str, *, now: datetime) -> list[Announcement]:
    """Published announcements by number, project code or words of the title and text, newest first, at most 12.

    Raises:
        BusinessError: words that cannot be looked for.
    """
    query = AnnouncementQuery.parse({"q": words})
    if not query.terms:
        return []
    found = list(announcement_page(query, now=now, limit=MOST_FOUND, count=False).rows)
    if _NUMBER.fullmatch(words.strip()):
        own = Announcement.objects.filter(pk=int(words)).first()
        found = ([own] if own else []) + [one for one in found if own is None or one.pk != own.pk]
    return found[:MOST_FOUND]


def original_fields(target: Announcement) -> dict[str, str]:
    """The fields by which a draft names what it is about."""
    day = target.published_at.astimezone(SHANGHAI).date().isoformat()
    return {ORIGINAL: target.title, "original_on": day, "project_code": target.project_code}


def taken_over(template: AnnouncementTemplate, target: Announcement | None) -> dict[str, str]:
    """What an announcement about an older one takes over from it; nothing that is masked."""
    if target is None:
        return {}
    old: Any = target.content["fields"]
    known = {one["name"] for one in template.fields}
    pairs = old.items() if isinstance(old, dict) else ()
    taken = {name: str(value) for name, value in pairs if value} | original_fields(target)
    return {
        name: value
        for name, value in taken.items()
        if name in known and value and (name == ORIGINAL or MASK not in value)
    }


def title_begun(template: AnnouncementTemplate, target: Announcement | None, project: str) -> str:
    """The title of a new draft: the project's name and the type; the mark for it where nothing is known.

    Args:
        project: the project's name, perhaps empty.
    """
    name = re.sub(r"（[^）]*）", "", template.name)
    if not project and target is not None and MASK not in target.title:
        project = _ENDING.sub("", target.title)
    if not project and template.field("project_name"):
        project = "【项目名称】"
    return project[: TITLE_LENGTH - len(name)] + name
