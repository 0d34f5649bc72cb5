"""The pages of 绩效管理评分: who reads and keeps, what stands on them, how many queries they cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.duties import Duty
from core.errors import BusinessError
from core.moments import SHANGHAI
from performance.models import ManagementScheme
from performance.selectors.appraisals import management_scheme_for
from performance.services.appraisals import management_score_keep
from tests.pages import posted_forms
from tests.performance.goals_factories import (
    Cast,
    approve_program,
    make_goals,
    make_line,
    make_program,
    make_year,
    spend,
)
from tests.performance.test_appraisals import AFTER, READERS, cast, year_of
from tests.performance.test_goal_pages import text_of
from tests.portal.conftest import plain_static
from tests.workflow.people import enter, make_staff

pytestmark = pytest.mark.django_db
__all__ = ["cast", "plain_static"]


def client_with(*duties: Duty) -> Client:
    client = Client()
    enter(client, make_staff(*duties))
    return client


def test_who_reads_and_who_keeps(cast: Cast) -> None:
    fiscal = year_of(cast)
    kept = management_score_keep(fiscal_year=fiscal, by=cast.director, now=AFTER)
    scheme = management_scheme_for(2022)
    pages = [
        reverse("staff_appraisals"), reverse("staff_appraisal", args=[fiscal.pk]), reverse("staff_management_schemes"),
        reverse("staff_appraisal_kept", args=[kept.pk]), reverse("staff_appraisal_xlsx", args=[fiscal.pk]),
        reverse("staff_appraisal_kept_xlsx", args=[kept.pk]), reverse("staff_management_scheme", args=[scheme.pk]),
    ]  # fmt: skip
    for duty in Duty:
        client = client_with(duty)
        assert {client.get(page).status_code for page in pages} == {200 if duty in READERS else 403}, duty
        status = client.get(reverse("staff_management_scheme_new", args=[scheme.pk])).status_code
        assert status == (200 if duty == Duty.PERFORMANCE else 403)
        answer = client.post(reverse("staff_appraisal_keep", args=[fiscal.pk]))
        assert answer.status_code == (302 if duty == Duty.DIRECTOR else 403)
    client = client_with(Duty.PERFORMANCE)
    for name in ("staff_appraisal", "staff_appraisal_kept", "staff_management_scheme"):
        assert client.get(reverse(name, args=[2**62])).status_code == 404


def test_the_page_shows_each_item_with_its_rows(cast: Cast) -> None:
    fiscal = year_of(cast)
    text = text_of(client_with(Duty.DIRECTOR).get(reverse("staff_appraisal", args=[fiscal.pk])))
    for words in ("绩效目标全覆盖", "不适用", "折算成百分制", "2 项中 2 项有批准的绩效目标", "存档评分"):
        assert words in text, words
    page = client_with(Duty.FINANCE).get(reverse("staff_appraisal", args=[fiscal.pk]) + "?print").content.decode()
    assert "<details open>" in page and 'href="#keep"' not in page


def test_a_running_year_has_no_grade_and_is_not_kept(cast: Cast) -> None:
    year = timezone.now().astimezone(SHANGHAI).year
    fiscal = make_year(year)
    make_goals("approved", cast=cast, fiscal=fiscal)
    page = text_of(client_with(Duty.DIRECTOR).get(reverse("staff_appraisal", args=[fiscal.pk])))
    assert "截至目前" in page and "年度结束以后评定等级" in page and "存档评分…" not in page
    with pytest.raises(BusinessError, match="还没有结束"):
        management_score_keep(fiscal_year=fiscal, by=cast.director, now=timezone.now())


def test_who_made_the_goals_does_not_keep_the_score(cast: Cast) -> None:
    with pytest.raises(BusinessError, match="另一位主任"):
        management_score_keep(fiscal_year=year_of(cast), by=cast.maker, now=AFTER)


def test_the_pages_cost_the_same_for_one_and_for_three_programs(cast: Cast, django_assert_num_queries: Any) -> None:
    fiscal = year_of(cast)
    client, url = client_with(Duty.PERFORMANCE), reverse("staff_appraisal", args=[fiscal.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as first:
        client.get(url)
    for number in range(2):
        program = make_program(fiscal, name=f"项目{number}")
        approve_program(program)
        make_goals("approved", cast=cast, program=program)
        spend(make_line(fiscal, "100.00", program=program), "50.00")
    with django_assert_num_queries(len(first)):
        client.get(url)


def test_a_scheme_is_made_on_its_page(cast: Cast) -> None:
    scheme, client = management_scheme_for(2022), client_with(Duty.PERFORMANCE)
    url = reverse("staff_management_scheme_new", args=[scheme.pk])
    form = next(one for one in posted_forms(client.get(url).content.decode()) if "basis" in one.values)
    assert form.values["weight_disclosed"] == "5"
    sent = form.values | {"name": "改了分值", "weight_disclosed": "6"}
    refused = client.post(url, sent)
    assert refused.status_code == 400 and "应是 100 分" in refused.content.decode()
    assert "改了分值" in refused.content.decode()
    missing = 100 - sum(Decimal(v) for n, v in form.values.items() if n.startswith("weight_") and v)
    sent = form.values | {"name": "新方案", "weight_disclosed": str(Decimal(5) + missing), "parameter_disclosed": "15"}
    assert client.post(url, sent).status_code == 302
    made = ManagementScheme.objects.get(name="新方案")
    assert made.items.get(check_name="disclosed").parameter == "15"
    bad = client.post(url, sent | {"parameter_disclosed": "<b>", "first_year": "x", "weight_goals_complete": "1e9"})
    assert bad.status_code == 400
