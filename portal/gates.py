"""Why a move of an article or a rule may not happen now: sentences that complete 不能…：."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accounts.duties import Duty
from core.text import first_not_storable
from portal.guides import GUIDES, role_named
from portal.models import Article, ArticleDraft, CenterRule, RuleVersion
from portal.models.articles import TEXT_LENGTH, TITLE_LENGTH
from portal.models.rules import STANDING
from portal.prose import markup_faults
from portal.scanning import findings
from portal.selectors.articles import is_withdrawn, newest_version
from workflow.actors import Holding
from workflow.models import StateChange
from workflow.selectors import changes_of

LONGEST_WAIT = timedelta(days=366)


def _words(values: dict[str, Any], names: dict[str, str]) -> list[str]:
    """Faults of texts: control characters, too long."""
    found = [f"{label}里有不能保存的控制字符" for name, label in names.items() if first_not_storable(values[name])]
    if len(values["title"]) > TITLE_LENGTH:
        found.append(f"标题超过 {TITLE_LENGTH} 字")
    if len(values["text"]) > TEXT_LENGTH:
        found.append(f"正文超过 {TEXT_LENGTH:,} 字，请拆成几篇或改用附件")
    return found


_ARTICLE_WORDS = {"title": "标题", "text": "正文", "source": "来源"}
_RULE_WORDS = {"title": "名称", "text": "正文", "document_number": "文号"}


def article_shape(draft: ArticleDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A new sheet: words that can be stored, a guide in the column of guides, for what is still the newest version."""
    found = _words({name: getattr(draft, name) for name in _ARTICLE_WORDS}, _ARTICLE_WORDS)
    if draft.role and (role_named(draft.role) is None or draft.column.slug != GUIDES):
        found.append("办事指南只能写在“办事指南”栏目里")
    return found


def article_data(draft: ArticleDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A change gives every field; only a wholly given one is written."""
    if not {*_ARTICLE_WORDS, "column", "publish_at"} <= data.keys():
        return ["请在修改页面上填写"]
    if not data["title"].strip():
        return ["标题不能是空的"]
    found = _words(data, _ARTICLE_WORDS)
    if draft.role and data["column"].slug != GUIDES:
        found.append("办事指南只能写在“办事指南”栏目里")
    return found


def article_complete(draft: ArticleDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """What the public sees has a text or a file, a source, a time that will come (政府网站普查: source and date)."""
    found = []
    if not draft.text.strip() and not draft.files.exists():
        found.append("正文和附件都是空的")
    if not draft.source.strip():
        found.append("没有写来源")
    if draft.publish_at and draft.publish_at > now + LONGEST_WAIT:
        found.append("发布时间在一年以后，请核对年份")
    return found + markup_faults(draft.text)


def article_clean(draft: ArticleDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """No identity, telephone or account numbers, no wrong or sensitive words (tenders.scan)."""
    return findings(f"{draft.title}\n{draft.text}", now=now)


def article_current(draft: ArticleDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """What a sheet replaces is still on the site, and nobody was quicker."""
    if draft.replaces is None:
        if draft.role and newest_guide_exists(draft.role):
            return ["这份办事指南已有新版本，请作废这一份，从最新版本修订"]
        return []
    if is_withdrawn(draft.replaces):
        return ["所修订的文章已撤下，请作废这一份"]
    newer = newest_version(draft.replaces).pk != draft.replaces_id
    return ["所修订的文章已有更新的版本，请作废这一份，从最新版本修订"] if newer else []


def newest_guide_exists(role: str) -> bool:
    """Whether a guide has been written here already; one that was withdrawn counts: its line goes on."""
    return Article.objects.filter(role=role).exists()


def article_newest(draft: ArticleDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """An article is withdrawn at its newest version; a guide of the house is revised, never withdrawn."""
    if draft.article is None:
        return ["它还没有发布"]
    if draft.role:
        return ["按身份的办事指南不能撤下，请发布修订后的版本"]
    if is_withdrawn(draft.article):
        return ["这篇文章已经撤下"]
    return [] if newest_version(draft.article).pk == draft.article_id else ["它已有新版本，请到最新版本撤下"]


def _last(obj: Any, name: str) -> StateChange | None:
    return next((change for change in reversed(changes_of(obj)) if change.move == name), None)


def withdrawal_open(draft: ArticleDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """It is asked for once."""
    asked = _last(draft, "ask_withdraw")
    return [f"{asked.person_words}已经申请撤下，请由另一个人确认"] if asked else []


def withdrawal_asked(draft: ArticleDraft, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """What the public sees is taken away by two: one asks, another confirms."""
    return [] if _last(draft, "ask_withdraw") else ["撤下要先由一个人“申请撤下”，再由另一个人确认"]


def repeal_asked(version: RuleVersion, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A rule is repealed by two, on the day that was asked for."""
    asked = _last(version, "ask_repeal")
    if asked is None:
        return ["废止要先由一个人“申请废止”，再由另一个人确认"]
    day = data.get("repealed_on")
    if day is not None and day.isoformat() != asked.data.get("repealed_on"):
        return [f"失效日期与申请的（{asked.data.get('repealed_on')}）不一致"]
    return []


def rule_leader(version: RuleVersion, *, holding: Holding) -> list[str]:
    """A rule is repealed by a director or by the head of an office that answers for it."""
    if holding.duty in (Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR):
        return []
    offices = {office.pk for office in version.offices.all()}
    return [] if holding.department_id in offices else ["只有主任室或者负责这项制度的科室的负责人才能废止"]


def article_writer(draft: ArticleDraft, *, holding: Holding) -> list[str]:
    """A sheet is taken back by who began it."""
    return [] if holding.person_id == draft.created_by_id else [f"只有起草人（{draft.created_by}）才能收回"]


def rule_dates(version: RuleVersion, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A new version: words that can be stored, in force not before it was issued."""
    found = _words({name: getattr(version, name) for name in _RULE_WORDS}, _RULE_WORDS)
    return found + _order(version.issued_on, version.in_force_from)


def _order(issued_on: Any, in_force_from: Any) -> list[str]:
    if in_force_from >= issued_on:
        return []
    return [f"施行日期（{in_force_from:%Y-%m-%d}）早于印发日期（{issued_on:%Y-%m-%d}）"]


def rule_data(version: RuleVersion, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A change gives every field."""
    if not {*_RULE_WORDS, "issued_on", "in_force_from", "is_public"} <= data.keys():
        return ["请在修改页面上填写"]
    if not data["title"].strip() or not data["document_number"].strip():
        return ["名称和文号都要填写"]
    return _words(data, _RULE_WORDS) + _order(data["issued_on"], data["in_force_from"])


def rule_complete(version: RuleVersion, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A rule has words, somebody who answers for it, a document number of its own; what is public is clean."""
    found = []
    if not version.text.strip() and not version.files.exists():
        found.append("正文和附件都是空的")
    if not version.offices.exists():
        found.append("没有写明负责科室")
    taken = RuleVersion.objects.filter(document_number=version.document_number, state__in=STANDING)
    if other := taken.first():
        found.append(f"文号“{version.document_number}”已用于“{other.title}”第 {other.number} 版")
    if version.is_public:
        found += findings(f"{version.title}\n{version.text}", now=now)
    return found + markup_faults(version.text)


def rule_follows(version: RuleVersion, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """No two versions are in force on one day: this one begins after the last began and not before that ends."""
    last = RuleVersion.objects.filter(rule=version.rule_id, state__in=STANDING).order_by("-number").first()
    if last is None:
        return []
    if last.repealed_on and version.in_force_from < last.repealed_on:
        return [f"第 {last.number} 版到 {last.repealed_on:%Y-%m-%d} 才失效，施行日期不能比它早"]
    if version.in_force_from <= last.in_force_from:
        return [f"第 {last.number} 版自 {last.in_force_from:%Y-%m-%d} 起施行，新版本的施行日期应比它晚"]
    return []


def rule_repealable(version: RuleVersion, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A repeal has a day, not before the rule came into force; only what has not ended is repealed."""
    if version.repealed_on is not None:
        return [f"它已由下一版本代替，自 {version.repealed_on:%Y-%m-%d} 起失效"]
    repealed_on = data.get("repealed_on")
    if repealed_on is None:
        # The button is judged without a day; the form asks for it.
        return [] if not data else ["没有写失效日期"]
    found = []
    if repealed_on < version.in_force_from:
        found.append(f"失效日期早于施行日期（{version.in_force_from:%Y-%m-%d}）")
    other: CenterRule | None = data.get("replaced_by")
    if other is not None and other.pk == version.rule_id:
        found.append("代替它的制度不能是它自己；修订请发布新版本")
    return found


def rule_writer(version: RuleVersion, *, holding: Holding) -> list[str]:
    """A version is taken back by who began it."""
    return [] if holding.person_id == version.created_by_id else [f"只有起草人（{version.created_by}）才能收回"]
