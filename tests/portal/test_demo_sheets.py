"""The demonstration looks like a center that works today: fresh columns, sheets in every state, rules with versions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.demo import demo_accounts
from accounts.models import Instance
from portal.demo_sheets import demo_part
from portal.models import Article, ArticleDraft, RuleVersion
from portal.selectors.rules import rules_public
from portal.services.watch import site_watch
from portal.states import ArticleState, RuleState

pytestmark = pytest.mark.django_db


def test_every_state_is_shown_and_nothing_is_stale_and_twice_changes_nothing() -> None:
    now = timezone.now()
    Instance.objects.get_or_create(pk=1, defaults={"kind": Instance.Kind.DEMO, "created_at": now})
    demo_accounts(now=now)
    assert demo_part(size="small", now=now) == "已写入演示文章 6 篇、文章稿 5 份、制度 7 份。"
    assert set(ArticleDraft.objects.values_list("state", flat=True)) == set(ArticleState.values)
    assert set(RuleVersion.objects.values_list("state", flat=True)) == set(RuleState.values) - {RuleState.DISCARDED}
    assert [row.status for row in rules_public(now=now)] == ["in-force", "in-force", "repealed"]
    run = site_watch(now=now + timedelta(minutes=1), day=None, outside=False)
    assert run is not None
    # Guides come from another part of the demonstration.
    assert [f.page for f in run.findings.all()] == ["/articles/guides/"]
    counts = [model.objects.count() for model in (Article, ArticleDraft, RuleVersion)]
    assert demo_part(size="small", now=now + timedelta(days=1)) == ""
    assert [model.objects.count() for model in (Article, ArticleDraft, RuleVersion)] == counts


def test_without_people_only_the_articles_are_there() -> None:
    assert demo_part(size="small", now=timezone.now()) == "已写入演示文章 6 篇、文章稿 0 份、制度 0 份。"
