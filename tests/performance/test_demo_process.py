"""The demonstration's year 2025 is played to its end by the same services as a person's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts import demo as people
from accounts.models import Instance, User
from core.moments import SHANGHAI
from performance.demo.parts import demo_part
from performance.models import EvaluationPlan, FiscalYear, Rectification, Report, ResultUse, Survey
from tests.workflow.people import enter

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def demonstration() -> None:
    Instance.objects.get_or_create(pk=1, defaults={"kind": Instance.Kind.DEMO, "created_at": NOW})


def test_the_demonstration_is_loaded_on_new_years_day_too() -> None:
    moment = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    people.demo_accounts(now=moment)
    assert demo_part(size="small", now=moment) != ""
    running = FiscalYear.objects.filter(unit__is_home=True).latest("year")
    assert running.year == moment.astimezone(SHANGHAI).year
    assert Survey.objects.count() == 5
    assert demo_part(size="small", now=moment) == ""


def test_the_year_is_frozen_followed_up_and_used() -> None:
    people.demo_accounts(now=NOW)
    assert demo_part(size="small", now=NOW)
    last = Report.objects.filter(fiscal_year__unit__is_home=True, fiscal_year__year=2025)
    assert {one.title: one.state for one in last} == {one.title: "frozen" for one in last}
    assert last.count() == 3
    assert EvaluationPlan.objects.get().state == "approved"
    items = Rectification.objects.filter(fiscal_year__year=2025).exclude(source="survey")
    assert sorted(items.values_list("state", flat=True)) == ["closed", "closed", "open"]
    assert sorted(ResultUse.objects.values_list("decision", flat=True)) == ["manage", "none", "same"]
    client = Client()
    enter(client, User.objects.get(username="qianshulin"))
    ledger = client.get(reverse("staff_rectifications")).content.decode()
    assert "上年结转（2025年度）" in ledger
    for report in last:
        assert client.get(reverse("staff_report", args=[report.pk])).status_code == 200
    # Loaded again, nothing is doubled.
    assert demo_part(size="small", now=NOW) == ""
    assert EvaluationPlan.objects.count() == 1
