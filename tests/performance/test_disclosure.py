"""The public edition of a report is disclosed, and withdrawn, by persons who looked at it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from accounts.duties import Duty
from core.errors import BusinessError
from performance.appraisal import use
from performance.appraisal.material import Material
from performance.models import (
    DisclosureWithdrawal,
    Report,
    ReportDisclosure,
)
from performance.selectors.editions import disclose_by, places_of
from performance.services.editions import disclosure_withdraw, report_disclose
from performance.services.reports import report_save
from tests.performance.goals_factories import Cast, told
from tests.performance.test_editions import MEMBERS, NOW, both, cast, disclosed, frozen, report
from tests.performance.test_runs import files_of_its_own, handed
from tests.portal.conftest import plain_static
from tests.staff import client_of, make_person

__all__ = ["cast", "files_of_its_own", "handed", "plain_static", "report"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_day_for_disclosing_follows_the_accounts(report: Report) -> None:
    assert disclose_by(report) is None
    report.fiscal_year.final_on = date(2023, 9, 10)
    assert disclose_by(report) == date(2023, 9, 30)


def test_the_button_asks_before_it_discloses(report: Report, cast: Cast) -> None:
    report = frozen(report, cast)
    _, public = both(report)
    client, url = client_of(make_person(Duty.PERFORMANCE)), reverse("staff_report_disclose", args=[public.pk])
    page = client.get(reverse("staff_report", args=[report.pk])).content.decode()
    assert reverse("staff_report_versions", args=[report.pk]) in page
    assert "不能收回" in client.get(url).content.decode()
    refused = client.post(url)
    assert refused.status_code == 400 and "没有核对" in refused.content.decode()
    marks = list(places_of(public).marks)
    assert client.post(url, {"checked": marks}).status_code == 302 and ReportDisclosure.objects.get().checked == marks
    refused = client.get(url)
    assert refused.status_code == 409 and "已经公开" in refused.content.decode()
    assert client.post(url).status_code == 400


def test_whoever_discloses_ticks_off_what_was_replaced_and_what_is_doubtful(report: Report, cast: Cast) -> None:
    values = {"goal_result": "由吴婷汇总；主任马林花主持会议；编号620012345。"}
    report = report_save(report=report, values=values, members=MEMBERS, seen=2, by=cast.maker, now=NOW)
    _, public = both(frozen(report, cast))
    found = places_of(public)
    assert [one.words for _, one in found.doubts] == ["马林花", "620012345"]
    assert any("吴婷" in before and "吴婷" not in after for before, after in found.replaced)
    with pytest.raises(BusinessError, match="还有 2 处没有核对") as caught:
        report_disclose(file=public, by=cast.director, now=NOW, checked=["replaced", "strange"])
    assert caught.value.code == "unchecked"
    page = client_of(make_person(Duty.PERFORMANCE)).get(reverse("staff_report_disclose", args=[public.pk]))
    assert page.content.decode().count('name="checked"') == 3 and "马林花" in page.content.decode()
    assert len(disclosed(file=public, by=cast.director, now=NOW).checked) == 3


def test_a_disclosure_is_withdrawn_by_another_person_with_a_reason(report: Report, cast: Cast) -> None:
    _, public = both(frozen(report, cast))
    made = disclosed(file=public, by=cast.director, now=NOW)
    with pytest.raises(BusinessError, match="另一个人"):
        disclosure_withdraw(disclosure=made, reason="写错了", by=cast.director, now=NOW)
    client, url = client_of(make_person(Duty.PERFORMANCE)), reverse("staff_disclosure_withdraw", args=[made.pk])
    assert client.post(url, {"reason": " "}).status_code == 400
    assert "撤下" in client.get(reverse("staff_report_versions", args=[report.pk])).content.decode()
    assert client.post(url, {"reason": "数字有误"}).status_code == 302
    page = client.get(reverse("staff_report_versions", args=[report.pk])).content.decode()
    assert "数字有误" in page and "还没有公开" in page
    visitor = Client()
    assert report.title not in visitor.get("/reports/").content.decode()
    assert visitor.get(f"/reports/{public.code}/report.pdf").status_code == 404
    assert public.file.sha256 in visitor.get(f"/reports/{public.code}/").content.decode()
    with pytest.raises(BusinessError, match="已经撤下"):
        disclosure_withdraw(disclosure=made, reason="再撤", by=cast.maker, now=NOW)
    with pytest.raises(ProgrammingError), transaction.atomic():
        DisclosureWithdrawal.objects.all().delete()


def test_a_withdrawn_disclosure_scores_nothing(report: Report, cast: Cast) -> None:
    _, public = both(frozen(report, cast))
    made = disclosed(file=public, by=cast.director, now=NOW)
    report.fiscal_year.final_on = NOW.date()
    later = NOW + timedelta(days=60)
    assert use.disclosed(Material(report.fiscal_year, later), "20").share == 1
    disclosure_withdraw(disclosure=made, reason="数字有误", by=cast.maker, now=NOW)
    assert use.disclosed(Material(report.fiscal_year, later), "20").share == 0


def test_a_report_that_is_worked_on_again_is_marked_in_the_public_list(report: Report, cast: Cast) -> None:
    report = frozen(report, cast)
    disclosed(file=both(report)[1], by=cast.director, now=NOW)
    assert "正在修订" not in Client().get("/reports/").content.decode()
    with transaction.atomic():
        told(report, "drafting", by=cast.director, now=NOW)
    assert "正在修订" in Client().get("/reports/").content.decode()
