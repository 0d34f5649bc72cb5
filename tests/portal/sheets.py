"""Sheets of articles and versions of rules for tests, taken to any state through the real moves."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from typing import Any

from accounts.duties import Duty
from accounts.models import Department, User
from portal.models import Article, ArticleDraft, CenterRule, Column, RuleVersion
from portal.services.articles import draft_create
from portal.services.rules import version_create
from portal.states import ArticleState, RuleState
from tests.portal.factories import REVERSED, SCRIPT
from tests.workflow.people import make_staff
from workflow.moves import Move
from workflow.services import move

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ISSUED, BEGINS = date(2026, 2, 1), date(2026, 3, 1)
TEXT = "一、时间\n自3月9日起。\n- 带好[通知](/about/)\n- 提前到场"
ARTICLE_WAYS: dict[str, tuple[str, ...]] = {
    ArticleState.DRAFT: (),
    ArticleState.SUBMITTED: ("submit",),
    ArticleState.PUBLISHED: ("submit", "publish"),
    ArticleState.WITHDRAWN: ("submit", "publish", "ask_withdraw", "withdraw"),
    ArticleState.DISCARDED: ("discard",),
}
RULE_WAYS: dict[str, tuple[str, ...]] = {
    RuleState.DRAFT: (),
    RuleState.SUBMITTED: ("submit",),
    RuleState.RELEASED: ("submit", "release"),
    RuleState.REPEALED: ("submit", "release", "ask_repeal", "repeal"),
    RuleState.DISCARDED: ("discard",),
}
CHECKING = ("publish", "release", "return", "withdraw")
_numbers = itertools.count(1)


def news() -> Column:
    """中心动态."""
    return Column.objects.get(slug="news")


def make_draft(
    state: str = ArticleState.DRAFT,
    *,
    writer: User | None = None,
    checker: User | None = None,
    now: datetime = NOW,
    **fields: Any,
) -> ArticleDraft:
    """A sheet in ``state``; writer and checker are made when not given."""
    writer = writer or make_staff(Duty.ARTICLE_EDIT)
    checker = checker or make_staff(Duty.OFFICE_HEAD)
    given = {
        "column": news(), "title": f"开标室调整（{next(_numbers)}）", "text": TEXT, "source": "综合科", **fields
    }  # fmt: skip
    draft = draft_create(by=writer, now=now, **given)
    for name in ARTICLE_WAYS[state]:
        move(draft, name, by=checker if name in CHECKING else writer, now=now, comment="内容有误，已另发通知。")
    return ArticleDraft.objects.get(pk=draft.pk)


def make_published(**fields: Any) -> Article:
    """A published article."""
    found = make_draft(ArticleState.PUBLISHED, **fields).article
    assert found is not None
    return found


def make_version(
    state: str = RuleState.DRAFT,
    *,
    writer: User | None = None,
    checker: User | None = None,
    head: User | None = None,
    now: datetime = NOW,
    repealed_on: date = date(2026, 6, 1),
    offices: tuple[str, ...] = ("general",),
    **fields: Any,
) -> RuleVersion:
    """A version in ``state``; the people are made when not given."""
    writer = writer or make_staff(Duty.RULE_EDIT)
    checker = checker or make_staff(Duty.OFFICE_HEAD)
    number = next(_numbers)
    given = {
        "document_number": f"云泽交易〔2026〕{number}号", "title": f"开标室管理办法（{number}）", "text": TEXT,
        "issued_on": ISSUED, "in_force_from": BEGINS, **fields,
    }  # fmt: skip
    version = version_create(by=writer, now=now, offices=list(Department.objects.filter(code__in=offices)), **given)
    for name in RULE_WAYS[state]:
        by = checker if name in CHECKING else head or make_staff(Duty.DIRECTOR) if name == "repeal" else writer
        data = {"repealed_on": repealed_on, "replaced_by": None} if name.endswith("repeal") else None
        move(version, name, by=by, now=now, data=data, comment="由新办法代替。")
    return RuleVersion.objects.get(pk=version.pk)


def ask_repeal(version: RuleVersion, day: date) -> None:
    """Somebody asks that a rule be repealed."""
    data = {"repealed_on": day, "replaced_by": None}
    move(version, "ask_repeal", by=make_staff(Duty.RULE_EDIT), now=NOW, data=data, comment="不再需要。")


def make_rules() -> int:
    """A public rule of two versions with hard content, and a repealed one; the number of the first."""
    old = make_version(RuleState.RELEASED, title="旧" * 300, text="W" * 90 + "\n甲\t乙\t丙\n1\t2", in_force_from=BEGINS)
    hard = f"一、{SCRIPT}\n- {SCRIPT}\n[{REVERSED}](/about/)\n表：x\n\t乙"
    make_version(
        RuleState.RELEASED,
        rule=old.rule,
        title=SCRIPT,
        text=hard,
        in_force_from=date(2026, 3, 2),
        offices=("general", "finance", "intake"),
    )
    make_version(RuleState.REPEALED, repealed_on=date(2026, 3, 2))
    return old.rule_id


def make_edited() -> tuple[int, int]:
    """An old version of an article with files of its own, and a withdrawn one; their numbers."""
    hard = (
        f"一、{SCRIPT}\n1. {REVERSED}\n2. [{'长' * 150}](https://example.test/{'w' * 500})\n表：{SCRIPT}\n{SCRIPT}\t2"
    )
    old = make_published(title=SCRIPT, text=hard, source=SCRIPT)
    make_draft(ArticleState.PUBLISHED, replaces=old, title="W" * 300, text="x")
    gone = make_draft(ArticleState.WITHDRAWN, title="长" * 300).article
    assert gone is not None
    return old.pk, gone.pk


def draft_sample(state: str, step: Move, person: User | None) -> tuple[ArticleDraft, dict[str, Any]]:
    """For the matrix of moves: a sheet in ``state`` for which ``person`` lacks nothing."""
    writer = person if person and step.name == "recall" else None
    draft = make_draft(state, writer=writer)
    if state == ArticleState.PUBLISHED and step.name == "withdraw":
        move(draft, "ask_withdraw", by=make_staff(Duty.OFFICE_HEAD), now=NOW, comment="活动取消。")
    data = {"column": news(), "title": "新标题", "text": "新正文", "source": "综合科", "publish_at": None}
    return draft, data if step.name == "edit" else {}


def draft_unsaved(person: User) -> ArticleDraft:
    """A sheet that ``person`` is about to begin."""
    return ArticleDraft(column=news(), title="通知", text=TEXT, source="综合科", created_by=person, created_at=NOW)


def version_sample(state: str, step: Move, person: User | None) -> tuple[RuleVersion, dict[str, Any]]:
    """For the matrix of moves: a version in ``state`` for which ``person`` lacks nothing."""
    writer = person if person and step.name == "recall" else None
    version = make_version(state, writer=writer, offices=("general", "intake"))
    if step.name.endswith("repeal"):
        if state == RuleState.RELEASED and step.name == "repeal":
            ask_repeal(version, date(2026, 7, 1))
        return version, {"repealed_on": date(2026, 7, 1), "replaced_by": None}
    if step.name == "edit":
        return version, {
            "document_number": "云泽交易〔2026〕900号", "title": "新名称", "text": "新正文", "issued_on": ISSUED,
            "in_force_from": BEGINS, "is_public": True,
        }  # fmt: skip
    return version, {}


def version_unsaved(person: User) -> RuleVersion:
    """A version that ``person`` is about to begin."""
    rule = CenterRule.objects.create(created_at=NOW)
    return RuleVersion(
        rule=rule, document_number="云泽交易〔2026〕901号", title="办法", text=TEXT, issued_on=ISSUED,
        in_force_from=BEGINS, created_by=person, created_at=NOW,
    )  # fmt: skip
