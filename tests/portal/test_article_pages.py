"""Public pages of articles, guides and rules: source and time everywhere, old versions and withdrawals say so."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal import fragments
from portal.guides import ROLES
from portal.models import Article, Column
from portal.states import ArticleState, RuleState
from tests.portal.sheets import make_draft, make_published, make_version

pytestmark = pytest.mark.django_db


def shown(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    assert "Set-Cookie" not in response.headers and "Vary" not in response.headers
    return response.content.decode()


def ago(**back: int) -> Any:
    return timezone.now() - timedelta(**back)


def test_article_shows_its_signs_as_markup() -> None:
    article = make_published(text="一、办法\n- 甲\n- [乙](/about/)\n表：数\n项\t值\n<b>\t1\n名称：值", now=ago(days=1))
    page = shown(Client(), f"/articles/news/{article.pk}/")
    for part in ("<h3>一、办法</h3>", "<ul><li>甲</li>", '<a href="/about/">乙</a>', "<caption>数</caption>",
                 '<th scope="col">项</th>', '<th scope="row">&lt;b&gt;</th>', '<span class="label">名称：</span>值',
                 "来源 综合科"):  # fmt: skip
        assert part in page
    assert '<a href="/large/about/">乙</a>' in shown(Client(), f"/large/articles/news/{article.pk}/")


def test_old_version_says_so_and_leads_to_the_newest() -> None:
    old = make_published(title="第一版标题", now=ago(days=2))
    new = make_draft(ArticleState.PUBLISHED, replaces=old, title="第二版标题", now=ago(days=1)).article
    assert new is not None
    page = shown(Client(), f"/articles/news/{old.pk}/")
    assert "本页是旧版本" in page and f'href="/articles/news/{new.pk}/"' in page
    page = shown(Client(), f"/articles/news/{new.pk}/")
    assert "本页是旧版本" not in page and "历次版本" in page and f'href="/articles/news/{old.pk}/"' in page
    listed = shown(Client(), "/articles/news/")
    assert "第二版标题" in listed and "第一版标题" not in listed


def test_withdrawn_article_says_when_and_why_at_every_version() -> None:
    old = make_published(title="被撤的", text="秘密正文", now=ago(days=2))
    draft = make_draft(ArticleState.WITHDRAWN, replaces=old, title="被撤的第二版", text="秘密正文", now=ago(days=1))
    for pk in (old.pk, draft.article_id):
        page = shown(Client(), f"/articles/news/{pk}/", 410)
        assert "撤下理由" in page and "内容有误，已另发通知。" in page and "秘密正文" not in page
    assert "被撤的" not in shown(Client(), "/articles/news/")


def test_article_of_tomorrow_is_not_there_yet() -> None:
    article = make_published(publish_at=timezone.now() + timedelta(days=1))
    shown(Client(), f"/articles/news/{article.pk}/", 404)
    assert article.title not in shown(Client(), "/articles/news/")


@pytest.mark.parametrize("role", [role.slug for role in ROLES])
def test_guide_begins_with_the_text_of_the_software_and_goes_on_with_the_editors(role: str) -> None:
    page = shown(Client(), f"/guides/{role}/")
    assert "<h2>一、" in page and "2026年11月26日" in page and "来源 云泽县公共资源交易中心" in page
    make_published(column=Column.objects.get(slug="guides"), role=role, title="新指南", text="一、新的\n新写的。")
    fragments.forget()
    page = shown(Client(), f"/guides/{role}/")
    assert "<h2>一、新的</h2>" in page and "来源 综合科" in page and f"/guides/{role}/first/" in page
    first = shown(Client(), f"/guides/{role}/first/")
    assert "本页是旧版本" in first and "新写的" not in first


def test_rule_page_tells_status_facts_and_versions() -> None:
    old = make_version(RuleState.RELEASED, title="旧办法", text="三日内答复。", in_force_from=date(2026, 2, 1))
    new = make_version(
        RuleState.RELEASED, rule=old.rule, title="新办法", text="五日内答复。", in_force_from=date(2026, 3, 1)
    )
    page = shown(Client(), f"/rules/{old.rule_id}/")
    assert "新办法" in page and '<span class="rule-state in-force">现行有效</span>' in page and "综合科" in page
    assert f"/rules/{old.rule_id}/compare/1/2/" in page and new.document_number in page
    page = shown(Client(), f"/rules/{old.rule_id}/versions/1/")
    assert "已被修订" in page and "不再有效" in page
    page = shown(Client(), f"/rules/{old.rule_id}/compare/1/2/")
    assert '<del><span class="hidden">删去：</span>三</del>' in page
    assert '<ins><span class="hidden">增加：</span>五</ins>' in page
    shown(Client(), f"/rules/{old.rule_id}/versions/3/", 404)
    shown(Client(), f"/rules/{old.rule_id}/compare/1/3/", 404)


def test_repealed_rule_is_marked() -> None:
    rule = make_version(RuleState.REPEALED, repealed_on=date(2026, 4, 1))
    assert "已废止" in shown(Client(), "/rules/")
    assert "2026年4月1日起废止" in shown(Client(), f"/rules/{rule.rule_id}/")


def test_internal_rules_are_nowhere_public() -> None:
    inner = make_version(RuleState.RELEASED, is_public=False, title="内部办法")
    shown(Client(), f"/rules/{inner.rule_id}/", 404)
    assert "内部办法" not in shown(Client(), "/rules/") + shown(Client(), "/sitemap/")
    assert 'href="/rules/"' not in shown(Client(), "/")


def test_site_map_and_navigation_lead_to_public_rules() -> None:
    make_version(RuleState.RELEASED, title="公开办法")
    assert "公开办法" in shown(Client(), "/sitemap/")
    assert 'href="/rules/"' in shown(Client(), "/")


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [("/rules/", 4), ("/sitemap/", 6), ("/articles/news/", 4)])
def test_public_lists_take_the_same_number_of_queries(
    address: str, queries: int, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        make_version(RuleState.RELEASED)
        make_published(now=ago(days=1))
    fragments.forget()
    with django_assert_num_queries(queries):
        shown(Client(), address)


@pytest.mark.parametrize("versions", [1, 3])
def test_one_article_and_one_rule_take_the_same_number_of_queries(
    versions: int, django_assert_num_queries: Any
) -> None:
    article: Article | None = None
    rule = None
    for number in range(versions):
        article = make_draft(ArticleState.PUBLISHED, replaces=article, now=ago(days=9 - number)).article
        version = make_version(RuleState.RELEASED, rule=rule, in_force_from=date(2026, 3, 1 + number))
        rule = version.rule
    assert article is not None and rule is not None
    fragments.forget()
    with django_assert_num_queries(6):
        shown(Client(), f"/articles/news/{article.pk}/")
    fragments.forget()
    with django_assert_num_queries(5):
        shown(Client(), f"/rules/{rule.pk}/")
