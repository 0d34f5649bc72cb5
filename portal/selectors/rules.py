"""Reads of 制度库."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.duties import ADMINISTRATORS, Duty
from core.moments import SHANGHAI, minute_words
from portal.models import CenterRule, RuleVersion
from portal.models.rules import STANDING
from workflow.actors import Actor
from workflow.moves import LEADERS

PAGE = 20
SEE_DRAFTS = frozenset({Duty.RULE_EDIT, *LEADERS})
# What a rule is on a day, in words that the pages mark with a shape each.
IN_FORCE, COMING, REVISED, REPEALED = "in-force", "coming", "revised", "repealed"
STATUS_WORDS = {IN_FORCE: "现行有效", COMING: "尚未施行", REVISED: "已被修订", REPEALED: "已废止"}


@dataclass(frozen=True)
class RuleRow:
    """A version as lists and timelines show it."""

    version: RuleVersion
    status: str

    @property
    def words(self) -> str:
        """The status in Chinese."""
        return STATUS_WORDS[self.status]


def status_of(version: RuleVersion, day: date) -> str:
    """What a released version is on ``day``."""
    if version.repealed_on is not None and version.repealed_on <= day:
        return REPEALED if version.state == "repealed" else REVISED
    return IN_FORCE if version.in_force_from <= day else COMING


def version_rows(*, now: datetime) -> QuerySet[RuleVersion]:
    """Versions with the names that lists show; two queries."""
    return RuleVersion.objects.select_related("created_by", "rule").prefetch_related("offices")


def versions_visible(rows: QuerySet[RuleVersion], *, actor: Actor) -> QuerySet[RuleVersion]:
    """All staff see what is released, internal ones too; editors and heads the drafts as well."""
    if actor.duties & SEE_DRAFTS:
        return rows
    if actor.duties - ADMINISTRATORS:
        return rows.filter(state__in=STANDING)
    return rows.none()


def version_title(version: RuleVersion) -> str:
    """The version in one line."""
    return f"{version.title}（{version.document_number}）"


def version_url(version: RuleVersion) -> str:
    """The version's staff page."""
    return reverse("staff_rule", args=[version.pk])


def version_facts(version: RuleVersion) -> list[tuple[str, str]]:
    """What one decides on."""
    return [
        ("文号", version.document_number),
        ("印发日期", f"{version.issued_on:%Y-%m-%d}"),
        ("施行日期", f"{version.in_force_from:%Y-%m-%d}"),
        ("负责科室", "、".join(str(office) for office in version.offices.all())),
        ("公开", "对外公开" if version.is_public else "仅供内部"),
        ("起草人", str(version.created_by)),
        ("起草时间", minute_words(version.created_at)),
    ]


def rule_locks(version: RuleVersion) -> Iterable[QuerySet[CenterRule]]:
    """The house's first rule, then the version's own: releases take turns, also those of different rules.

    Two that claim one document number would otherwise wait for each other in the exclusion constraint.
    """
    first = CenterRule.objects.order_by("pk").values("pk")[:1]
    return [CenterRule.objects.filter(Q(pk=version.rule_id) | Q(pk__in=first))]


def today_of(now: datetime) -> date:
    """The day of ``now`` in Asia/Shanghai."""
    return now.astimezone(SHANGHAI).date()


def _newest(rows: QuerySet[RuleVersion], day: date) -> list[RuleVersion]:
    """Of each rule the version that counts on ``day``: the one in force, else the last that was, else what comes."""
    rank: dict[int, tuple[int, int]] = {}
    best: dict[int, RuleVersion] = {}
    order = {IN_FORCE: 3, REPEALED: 2, REVISED: 1, COMING: 0}
    for version in rows:
        mark = (order[status_of(version, day)], version.number or 0)
        if version.rule_id not in rank or mark > rank[version.rule_id]:
            rank[version.rule_id], best[version.rule_id] = mark, version
    return list(best.values())


def rules_public(*, now: datetime) -> list[RuleRow]:
    """Every rule that the public may read, each with the version that counts: in force first, newest first."""
    day = today_of(now)
    rows = version_rows(now=now).filter(state__in=STANDING, is_public=True).defer("text")
    found = [RuleRow(version, status_of(version, day)) for version in _newest(rows, day)]
    order = [IN_FORCE, COMING, REVISED, REPEALED]
    found.sort(key=lambda row: (order.index(row.status), -row.version.in_force_from.toordinal(), -row.version.pk))
    return found


def rules_are_public() -> bool:
    """Whether there is any rule that the public may read: an empty page has no place in the navigation."""
    return RuleVersion.objects.filter(state__in=STANDING, is_public=True).exists()


def rule_versions(rule_id: int, *, now: datetime, public: bool) -> list[RuleRow]:
    """The released versions of a rule, oldest first, with their texts; ``public``: only those the public may read."""
    day = today_of(now)
    rows = version_rows(now=now).filter(rule=rule_id, state__in=STANDING).select_related("replaced_by")
    if public:
        rows = rows.filter(is_public=True)
    return [RuleRow(version, status_of(version, day)) for version in rows.order_by("number")]


def row_that_counts(rows: list[RuleRow]) -> RuleRow:
    """Of one rule's versions (at least one) the one in force, else the last that was, else the first that comes."""
    for status in (IN_FORCE, REPEALED, REVISED):
        found = [row for row in rows if row.status == status]
        if found:
            return found[-1]
    return rows[0]


def rule_titles(ids: Iterable[int], *, public: bool) -> dict[int, str]:
    """The title of the newest released version of each rule; ``public``: only of those the public may read."""
    rows = RuleVersion.objects.filter(rule__in=list(ids), state__in=STANDING)
    if public:
        rows = rows.filter(is_public=True)
    return dict(rows.order_by("number").values_list("rule_id", "title"))


def version_page(
    rows: QuerySet[RuleVersion], *, now: datetime, status: str = "", office: str = "", words: str = "", before: int = 0
) -> tuple[list[tuple[RuleVersion, str]], int]:
    """Twenty versions with their status (a ``RuleState`` while they are drafted), newest first, and the next cursor.

    Args:
        rows: what the person may see.
        status: ``in_force``, ``ended``, ``coming``, a ``RuleState`` of a draft, or blank; office: a code.
        words: a part of the title, the number or the text.
    """
    day = today_of(now)
    ended = Q(repealed_on__lte=day)
    conditions = {
        "in_force": Q(state__in=STANDING, in_force_from__lte=day) & ~ended,
        "ended": Q(state__in=STANDING) & ended,
        "coming": Q(state__in=STANDING, in_force_from__gt=day) & ~ended,
    }
    if status:
        rows = rows.filter(conditions.get(status, Q(state=status)))
    if office:
        rows = rows.filter(offices__code=office)
    if words:
        rows = rows.filter(Q(title__contains=words) | Q(document_number__contains=words) | Q(text__contains=words))
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.defer("text").order_by("-pk")[: PAGE + 1])
    told = [(v, status_of(v, day) if v.state in STANDING else v.state) for v in found[:PAGE]]
    return told, found[PAGE - 1].pk if len(found) > PAGE else 0
