"""The nightly look at the site: what leads nowhere, what is too old; other sites are asked politely or not at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connection

from core.moments import SHANGHAI
from portal.links import Link, broken_paths, inside_path, published_links
from portal.models import Article, Column, WatchFinding, WatchRun
from portal.outside import Manners, outside_fault, outside_faults
from portal.rulebook import freshness_of, months_before
from portal.services.watch import site_watch, site_watch_due, watch_day
from portal.states import ArticleState, RuleState
from tests.portal.factories import make_article
from tests.portal.sheets import NOW, make_draft, make_published, make_version
from tests.tenders.factories import make_announcement

pytestmark = pytest.mark.django_db
POLITE = Manners(pause=0.0, timeout=1.0, private=True)


class _Answers(BaseHTTPRequestHandler):
    """``/404`` and the like answer with that number; ``/moved`` leads away; the heads asked for are noted."""

    def do_HEAD(self) -> None:
        self.server.asked.append((self.path, self.headers["User-Agent"]))  # type: ignore[attr-defined]
        code = int(self.path[1:4]) if self.path[1:4].isdigit() else 200
        self.send_response(code)
        if code == 302:
            self.send_header("Location", "http://127.0.0.1:1/404")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def other() -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.asked = []  # type: ignore[attr-defined]
    server.base = f"http://127.0.0.1:{server.server_address[1]}"  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def found(kind: str) -> list[str]:
    return [f.words for f in WatchFinding.objects.filter(kind=kind).order_by("id")]


def test_links_of_the_site_are_resolved_against_addresses_and_database() -> None:
    announcement, article = make_announcement(), make_published()
    gone = make_draft(ArticleState.WITHDRAWN).article
    rule = make_version(RuleState.RELEASED)
    inner = make_version(RuleState.RELEASED, is_public=False)
    assert gone is not None
    good = [
        "/", "/about/", f"/announcements/{announcement.pk}/", f"/articles/news/{article.pk}/", "/articles/notices/",
        "/guides/bidder/", f"/rules/{rule.rule_id}/", f"/rules/{rule.rule_id}/versions/1/", "/api/schema/",
        "/static/css/tokens.css", "/feeds/announcements.atom", "/healthz",
    ]  # fmt: skip
    bad = {
        "/nothing/", f"/announcements/{announcement.pk + 1}/", f"/articles/news/{gone.pk}/",
        f"/articles/notices/{article.pk}/", "/articles/nothing/", "/guides/nobody/", f"/rules/{inner.rule_id}/",
        f"/rules/{rule.rule_id}/versions/2/", "/static/nothing.css",
    }  # fmt: skip
    assert broken_paths([*good, *bad], now=NOW) == bad


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/about/", "/about/"), ("/large/about/?a=1#b", "/about/"), ("https://jy.example.test/rules/", "/rules/"),
        ("https://other.example.test/rules/", None), ("mailto:a@example.test", None), ("about/", None),
        ("http://[bad/", None), ("/%E5%85%AC/", "/公/"),
    ],
)  # fmt: skip
def test_what_is_inside(target: str, path: str | None, settings: Any) -> None:
    settings.CONFIG.SITE_HOST = ("jy.example.test",)
    try:
        assert inside_path(target) == path
    finally:
        settings.CONFIG.SITE_HOST = ()


@pytest.mark.parametrize("rows", [1, 3])
def test_many_links_take_the_same_number_of_queries(rows: int, django_assert_num_queries: Any) -> None:
    paths = [f"/announcements/{n}/" for n in range(rows)] + [f"/articles/news/{n}/" for n in range(rows)]
    with django_assert_num_queries(3):
        broken_paths(paths, now=NOW)


def test_dead_links_are_found_with_what_to_do() -> None:
    make_published(title="有坏链接", text="见[旧页](/nothing/)和[工作台](/staff/)、[好页](/about/)。")
    make_version(RuleState.RELEASED, text="见[附件](/articles/news/999/)。")
    site_watch(now=NOW, day=date(2026, 3, 2), outside=False)
    assert found("dead") == ["“旧页”所指的页面不存在或已撤下", "“附件”所指的页面不存在或已撤下"]
    assert found("internal") == ["“工作台”链接到工作平台，公众打不开"]
    one = WatchFinding.objects.filter(kind="dead").first()
    assert one is not None and one.advice.startswith("修订这篇文章") and one.title == "有坏链接"
    run = WatchRun.objects.get()
    assert (run.links > 4, run.outside, run.finished_at is not None) == (True, 0, True)


def test_guides_of_the_software_have_no_dead_link() -> None:
    links = [link for link in published_links(now=NOW) if link.page.startswith("/guides/")]
    assert len(links) >= 4
    assert broken_paths([path for link in links if (path := inside_path(link.target))], now=NOW) == set()


def test_columns_are_stale_by_the_rules_of_the_survey() -> None:
    make_article(column="中心动态", published="2026-02-15 09:00")
    make_article(column="通知公告", published="2025-09-01 09:00")
    make_article(column="政策法规", published="2025-09-02 12:00")
    make_article(column="办事指南", published="2020-01-01 09:00")
    site_watch(now=NOW, day=None, outside=False)
    stale = found("stale")
    assert len(stale) == 2
    assert "通知公告" in stale[0] and "6个月" in stale[0] and "中心动态" in stale[1] and "2周" in stale[1]
    assert len(found("home")) == 1 and found("empty") == []


def test_fresh_site_has_nothing_to_mend() -> None:
    for column in ("中心动态", "通知公告", "政策法规", "办事指南"):
        make_article(column=column, published="2026-03-01 09:00")
    run = site_watch(now=NOW, day=None, outside=False)
    assert run is not None and not run.findings.exists()


def test_new_version_of_tomorrow_makes_no_column_fresh() -> None:
    for column in Column.objects.all():
        make_article(column=column.slug, published="2026-03-01 09:00")
    make_published(publish_at=NOW + timedelta(days=1))
    Article.objects.filter(column__slug="news").count()
    run = site_watch(now=NOW + timedelta(days=13), day=None, outside=False)
    assert run is not None and [f.kind for f in run.findings.all()] == []


def test_empty_columns_are_told_of() -> None:
    site_watch(now=NOW, day=None, outside=False)
    assert len(found("empty")) == 4 and len(found("home")) == 1 and found("stale") == []


def test_night_runs_once_and_a_missed_one_is_made_up_for() -> None:
    night = datetime(2026, 3, 2, 2, 5, tzinfo=SHANGHAI)
    assert watch_day(night - timedelta(minutes=6)) == date(2026, 3, 1)
    assert site_watch_due(now=night) == date(2026, 3, 2)
    assert site_watch(now=night, day=date(2026, 3, 2), outside=False) is not None
    assert site_watch_due(now=night + timedelta(hours=20)) is None
    assert site_watch(now=night, day=date(2026, 3, 2), outside=False) is None
    late = night + timedelta(days=3, hours=9)
    assert site_watch_due(now=late) == date(2026, 3, 5)
    assert WatchRun.objects.count() == 1


def test_run_that_a_power_cut_ended_is_begun_anew() -> None:
    WatchRun.objects.create(day=date(2026, 3, 2), begun_at=NOW)
    assert site_watch(now=NOW + timedelta(minutes=30), day=date(2026, 3, 2), outside=False) is None
    assert site_watch(now=NOW + timedelta(hours=3), day=date(2026, 3, 2), outside=False) is not None
    assert WatchRun.objects.count() == 1


def test_old_runs_go() -> None:
    site_watch(now=NOW, day=None, outside=False)
    site_watch(now=NOW + timedelta(days=91), day=None, outside=False)
    assert WatchRun.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_looks() -> None:
    barrier, results = threading.Barrier(2), []

    def look() -> None:
        barrier.wait()
        results.append(site_watch(now=NOW, day=date(2026, 3, 2), outside=False) is not None)
        connection.close()

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, True]


def test_other_sites_are_asked_only_when_the_setting_allows_it(other: Any) -> None:
    make_published(text=f"[没了]({other.base}/404) [在]({other.base}/ok) [要登录]({other.base}/403)")
    site_watch(now=NOW, day=None, outside=False, manners=POLITE)
    assert other.asked == [] and found("outside") == []
    run = site_watch(now=NOW, day=None, outside=True, manners=POLITE)
    assert run is not None and run.outside == 3
    assert found("outside") == ["“没了”：对方网站说没有这一页（404）"]
    assert sorted(path for path, _ in other.asked) == ["/403", "/404", "/ok"]
    assert {agent for _, agent in other.asked} == {"TradingCenterPortal-LinkCheck/1.0"}


def test_sources_and_files_of_announcements_are_asked_for_from_the_newest_down(other: Any) -> None:
    make_announcement(source={"name": "甲网", "page": f"{other.base}/410"})
    make_announcement(source={"name": "乙网"}, attachments=[{"name": "文件.pdf", "url": f"{other.base}/500"}])
    site_watch(now=NOW, day=None, outside=True, manners=POLITE)
    assert found("outside") == ["“文件.pdf”：对方网站出错（500）", "“原文链接”：对方网站说没有这一页（410）"]


@pytest.mark.parametrize(
    ("path", "words"), [("/200", ""), ("/302", ""), ("/403", ""), ("/404", "404"), ("/503", "503")]
)
def test_answers_of_other_sites(other: Any, path: str, words: str) -> None:
    fault = outside_fault(other.base + path, POLITE)
    assert words in fault if words else fault == ""
    assert len(other.asked) == 1


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9/", "http://localhost/", "http://[::1]/", "http://169.254.169.254/", "http://10.0.0.1/"],
)
def test_inner_networks_are_never_asked(address: str) -> None:
    assert outside_fault(address, Manners()) == "地址在内部网络，公众打不开"


@pytest.mark.parametrize(
    "address", ["http://", "ftp://a/", "http://[bad/", "http://a\x00b/", "http://" + "a" * 300 + "/"]
)
def test_what_is_no_address_is_told(address: str) -> None:
    assert outside_fault(address, POLITE)


def test_limits_hold(other: Any) -> None:
    addresses = [f"{other.base}/404?{n}" for n in range(9)]
    faults, asked = outside_faults(addresses + addresses, Manners(pause=0.0, timeout=1.0, private=True, most=5))
    assert (len(faults), asked, len(other.asked)) == (5, 5, 5)


def test_site_that_does_not_answer_is_given_up(other: Any) -> None:
    address = f"{other.base}/x"
    other.shutdown()
    other.server_close()
    assert outside_fault(address, POLITE) == "连不上"


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 8, 31), 6, date(2026, 2, 28)),
        (date(2026, 3, 2), 6, date(2025, 9, 2)),
        (date(2024, 8, 31), 6, date(2024, 2, 29)),
    ],
)
def test_months_end_where_the_month_ends(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before


def test_last_day_in_time_is_in_time() -> None:
    rule = freshness_of("news", date(2026, 3, 2))
    assert rule is not None
    assert not rule.is_late(datetime(2026, 2, 16, 0, 0, tzinfo=SHANGHAI), NOW)
    assert rule.is_late(datetime(2026, 2, 15, 23, 59, tzinfo=SHANGHAI), NOW)
    assert freshness_of("none", date(2026, 3, 2)) is None and freshness_of("news", date(2010, 1, 1)) is None


def test_link_knows_where_it_leads() -> None:
    assert Link("/", "首页", "/about/", "关于").is_inside
    assert not Link("/", "首页", "https://example.test/", "别处").is_inside
    assert NOW.tzinfo is UTC
