"""All staff pages are valid HTML: the demonstration's people walk from link to link, the Nu checker reads along."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from accounts.access import staff_addresses
from accounts.demo import demo_accounts
from accounts.duties import Duty
from accounts.models import Instance, User
from accounts.selectors import people_with
from audit.failures import login_failure_count
from notices.services.delivery import notice_deliver
from portal import demo_sheets
from portal.models import RuleVersion
from tenders.demo import drafts as demo_drafts
from tenders.models import Announcement, AnnouncementTemplate
from tenders.services.drafts import draft_create
from tests.accounts.factories import make_person as person_with_password
from tests.accounts.factories import post_login
from tests.browser.conftest import Watched
from tests.browser.test_markup import CHECKER
from tests.browser.test_pages import findings
from tests.notices.factories import make_notice
from tests.performance.walk import performance_demo
from tests.staff import client_of
from upkeep.models import HoldEvent
from workflow import demo as demo_tasks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Pages of one route; a route with many kinds of page (moves, drafts in their states) has more.
MOST = {
    "staff_move": 14,
    "staff_expense_line": 12,
    "staff_program_year": 6,
    "staff_draft": 8,
    "staff_task": 8,
    "staff_article": 6,
    "staff_rule": 6,
    "staff_report": 8,
    "staff_report_versions": 8,
}
USUAL = 2
WALKERS = (
    *("zhouwenbo", "lixiaomei", "zhaoyifan", "xuhuilan", "gaoyulan", "weilihua", "panyuchen", "heguoqing"),
    *("xitong.guo", "anquan.jiang", "shenji.bai", "wuting", "qianshulin"),
)
# What no link leads to, or what leads elsewhere at once.
NO_PAGE = {
    *("staff_login", "staff_code", "staff_setup", "staff_trust", "staff_trust_authority", "staff_logout"),
    *("staff_desk_xlsx", "staff_task_paper_open", "staff_article_file_open", "staff_rule_file_open"),
    *("staff_draft_file", "staff_masking_start", "staff_masking_original", "staff_person_unlock", "staff_person_open"),
    *("staff_masking_new", "staff_rule_version"),
    *("staff_factor_begin", "staff_factor_confirm", "staff_delegation_end", "notices:open"),
    "staff_balance_reverse",  # there is something to take back from December on
    *("staff_entries_xlsx", "staff_entry_paper", "staff_import_template", "staff_report_pdf", "staff_report_form"),
    *("staff_surveys_xlsx", "staff_survey_xlsx", "staff_survey_links"),
    *("staff_progress_xlsx", "staff_month_plans_xlsx", "staff_lags_xlsx", "staff_lag_paper"),
    *("staff_monitorings_xlsx", "staff_monitoring_xlsx", "staff_monitoring_pdf"),
    *("staff_workbook_blank", "staff_workbook_filled"),
    *("staff_goal_xlsx", "staff_indicators_xlsx", "staff_actual_paper", "staff_deal_paper", "staff_score_file"),
    *("staff_rectifications_xlsx", "staff_rectification_paper", "staff_plan_xlsx"),
    *("staff_appraisal_xlsx", "staff_appraisal_kept_xlsx", "staff_compare_xlsx", "staff_scan"),
}
# Forms that are sent empty: what they answer is a page, too.
EMPTY = {
    *("staff_task_new", "staff_person_create", "staff_duty_give", "staff_delegate", "staff_word_new"),
    *("staff_template", "staff_article_new", "staff_rule_new", "staff_draft_new", "staff_draft_edit"),
    *("staff_password", "staff_move", "upkeep:compare"),
}
LINK = re.compile(r'(?:href|action|formaction)="([^"]*)"')


@pytest.fixture
def walkers(live_server: Any) -> dict[str, Client]:
    """Enough people for every duty with pages, in a house that is at work."""
    now = timezone.now()
    Instance.objects.get_or_create(pk=1, defaults={"kind": Instance.Kind.DEMO, "created_at": now})
    demo_accounts(now=now)
    for part in (demo_tasks, demo_drafts, demo_sheets):
        part.demo_part(size="small", now=now)
    performance_demo(now)
    for user in people_with(Duty.SYSTEM_ADMIN, now=now) | people_with(Duty.DIRECTOR, now=now):
        notice = make_notice(user=user, subject="请核对", text="一\n\n二", link="/staff/", now=now)
        notice_deliver(number=notice.pk, now=now)
    make_notice(subject="在等", now=now)
    login_failure_count(address="192.0.2.1", username_digest="a", now=now)
    HoldEvent.objects.create(at=now, kind="begun", reason="从 2026-03-01 02:30 的备份恢复。", detail={})
    return {name: client_of(User.objects.get(username=name)) for name in WALKERS}


class Walk:
    """What was seen: pages by their address, how many of each route."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.routes: Counter[str] = Counter()
        self.unknown: list[str] = []

    def _name(self, path: str) -> str:
        try:
            return resolve(path.split("?")[0]).view_name
        except Resolver404:
            self.unknown.append(path)
            return ""

    def keep(self, address: str, answer: Any) -> bool:
        """Keep an answer when it is a page; whether it was."""
        is_page = "text/html" in answer.headers.get("Content-Type", "") and not answer.streaming
        if answer.streaming:
            assert b"".join(answer) is not None  # read to the end, so that the file is closed
        if is_page and answer.status_code in (200, 400, 403, 409):
            self.pages[address] = answer.content
        return is_page and answer.status_code == 200

    def go(self, client: Client) -> None:
        """From the start page to some pages of every route that this person is led to."""
        waiting, seen, own = ["/staff/"], set(), Counter[str]()
        while waiting:
            address = waiting.pop(0)
            name = self._name(address)
            if not name or address in seen or own[name] >= MOST.get(name, USUAL):
                continue
            seen.add(address)
            own[name] += 1
            answer = client.get(address)
            if not self.keep(f"{len(self.pages)} {address}", answer):
                continue
            self.routes[name] += 1
            if name in EMPTY and self.routes[name] <= USUAL:
                self.keep(f"{len(self.pages)} POST {address}", client.post(address, {"seen": "1"}))
            links = [urljoin(address, unescape(link)) for link in LINK.findall(answer.content.decode())]
            waiting += [link.split("#")[0] for link in links if link.startswith("/staff/")]


def test_every_staff_page_is_valid_html(walkers: dict[str, Client], tmp_path: Path) -> None:
    walk = Walk()
    for client in walkers.values():
        walk.go(client)
    assert walk.unknown == []
    # These one comes to by typing a number.
    announcement = Announcement.objects.filter(masked_at=None).earliest("pk")
    address = reverse("staff_masking_new", args=[announcement.pk])
    assert walk.keep("staff_masking_new", walkers["gaoyulan"].get(address))
    template = AnnouncementTemplate.objects.get(code="purchase-correction")
    about = Announcement.objects.filter(category="政府采购").earliest("pk")
    maker = User.objects.get(username="zhaoyifan")
    draft = draft_create(template=template, target=about, by=maker, now=timezone.now())
    address = reverse("staff_draft_target", args=[draft.pk])
    for name, words in (("empty", ""), ("found", about.title[:6]), ("none", "绝无此事")):
        assert walk.keep(f"staff_draft_target {name}", walkers["zhaoyifan"].get(address, {"q": words}))
        new = walkers["zhaoyifan"].get(reverse("staff_draft_new"), {"q": words})
        assert walk.keep(f"staff_draft_new {name}", new)
    new = walkers["zhaoyifan"].get(reverse("staff_draft_new"), {"target": about.pk})
    assert walk.keep("staff_draft_new about", new)
    walk.routes["staff_draft_target"] += 1
    version = RuleVersion.objects.filter(state="released").earliest("pk")
    address = reverse("staff_rule_version", args=[version.rule_id, version.number])
    walk.keep("staff_rule_version", walkers["weilihua"].get(address, follow=True))
    anonymous = Client()
    for name in ("staff_login", "staff_setup", "staff_trust"):
        walk.keep(name, anonymous.get(reverse(name)))
    walk.keep("POST staff_login", anonymous.post(reverse("staff_login"), {"username": "nobody", "password": "x"}))
    someone = person_with_password(Duty.DIRECTOR, factor=True)
    post_login(anonymous, someone.username)
    walk.keep("staff_code", anonymous.get(reverse("staff_code")))
    walk.keep("POST staff_code", anonymous.post(reverse("staff_code"), {"code": "1"}))
    found = {name for name, count in walk.routes.items() if count} | {"staff_home"}
    pages = {a.name for a in staff_addresses() if not _only_post(walkers, a.name)}
    missing = sorted(pages - found - NO_PAGE)
    assert missing == [], " ".join(missing)
    assert {"staff_login", "POST staff_login", "staff_code", "POST staff_code"} <= walk.pages.keys()
    names = {f"{n}.html": address for n, address in enumerate(walk.pages)}
    for name, address in names.items():
        (tmp_path / name).write_bytes(walk.pages[address])
    java = shutil.which("java")
    assert java, "没有找到 Java。请运行:sudo apt-get install default-jre-headless"
    told = subprocess.run(
        [java, "-jar", str(CHECKER), "--format", "json", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True, check=False,
    )  # fmt: skip
    messages = json.loads(told.stderr)["messages"]
    wrong = {(m["message"], m.get("extract", "")[:150]): names.get(Path(m["url"]).name) for m in messages}
    assert wrong == {}
    assert len(walk.pages) > 150


def _only_post(walkers: dict[str, Client], name: str) -> bool:
    """Does the address answer 405 to who may use it?"""
    found = next(a for a in staff_addresses() if a.name == name)
    # A number that nothing has: who is let in gets a 404 or 405.
    arguments = [10**9 if "int:" in part else "x" for part in found.route.split("<") if ">" in part]
    address = reverse(name, args=arguments)
    for client in walkers.values():
        answer = client.get(address)
        if answer.streaming:
            assert b"".join(answer)
        if answer.status_code != 403:
            return answer.status_code == 405
    return False


@pytest.mark.parametrize(("width", "mode"), [(390, ""), (390, "/large"), (1280, ""), (1280, "/large")])
def test_pages_that_no_other_test_looks_at_are_accessible(
    open_page: Any, walkers: dict[str, Client], live_server: Any, width: int, mode: str
) -> None:
    assert walkers["shenji.bai"].get("/staff/people/new/").status_code == 403
    addresses = {
        "lixiaomei": [
            *("/staff/announcements/templates/", "/staff/announcements/templates/property-lease/"),
            "/staff/announcements/templates/purchase-tender/",
        ],
        "shenji.bai": ["/staff/audit/denials/", "/staff/audit/denials/?day=2020-01-01"],
        "xitong.guo": ["/staff/upkeep/"],
        "zhouwenbo": ["/staff/upkeep/", "/staff/notices/"],
    }
    seen: Watched = open_page(width=width)
    wrong: list[str] = []
    for username, paths in addresses.items():
        cookie = walkers[username].cookies[settings.SESSION_COOKIE_NAME]
        seen.page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        for path in paths:
            answer = seen.page.goto(mode + path)
            assert answer is not None and answer.status == 200, path
            wrong += [f"{path}: {one}" for one in findings(seen)]
            if seen.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wrong.append(f"{path}: wider than the window")
    assert wrong == []
    assert (seen.console, seen.elsewhere) == ([], [])
