"""结果应用: what a frozen report led to, shown where the next money is asked for, and asked for where it was poor."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from accounts.duties import Duty
from core.errors import BusinessError
from performance.models import ProgramYear, Report, ResultUse
from performance.result_rulebook import RULES, rule_of
from performance.selectors.result_uses import earlier_of
from performance.services import programs as writes
from performance.services.result_uses import result_use_add
from performance.services.scores import reason_set
from tests.performance.goals_factories import make_year
from tests.performance.process_factories import NOW, World, confirm_accounts, draft_report, make_world, report_to
from tests.performance.process_samples import make_item
from tests.workflow.people import enter, make_staff
from workflow.services import move

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)


def refusal(deed: Any) -> BusinessError:
    with pytest.raises(BusinessError) as caught:
        deed()
    return caught.value


def frozen(spent: tuple[str, str]) -> tuple[World, Report]:
    """A program's frozen report of 2025."""
    world = make_world(spent=spent)
    report = draft_report(world)
    for line in world.lines.values():
        reason_set(report=report, line=f"expense:{line.pk}", text="招标节约。", cause="price", by=world.writer, now=NOW)
    confirm_accounts(world, spending=str(sum(map(Decimal, spent))))
    return world, report_to(report, "frozen", world)


def applied(world: World, year: int = 2026) -> ProgramYear:
    """The same program applied for in a later year."""
    fiscal = make_year(year, unit=world.fiscal.unit)
    return writes.program_year_create(
        program=world.program.program, year=fiscal, purpose="运转", applied_amount=Decimal("200000.00"), basis="文件",
        estimate="测算", expected_goal="目标", by=make_staff(Duty.FINANCE), now=NOW,
    )  # fmt: skip


def test_a_poor_result_is_used_or_the_next_application_waits() -> None:
    world, report = frozen(("60000.00", "64000.00"))
    row = applied(world)
    maker = row.created_by
    said = refusal(lambda: move(row, "submit", by=maker, now=LATER)).message
    assert "2025 年度自评预算执行率 62.00%，低于 80%" in said
    assert "登记结果应用" in said
    result_use_add(report=report, program_year=row, decision="less", amount=Decimal("40000"), text="按实际核减。",
                   by=world.writer, now=LATER)  # fmt: skip
    move(row, "submit", by=maker, now=LATER)
    assert row.state == "submitted"


def test_what_was_used_for_another_program_does_not_answer_for_this_one() -> None:
    world, report = frozen(("60000.00", "64000.00"))
    row, other = applied(world), applied(world, 2027)
    result_use_add(report=report, program_year=other, decision="same", text="保持。", by=world.writer, now=LATER)
    assert refusal(lambda: move(row, "submit", by=row.created_by, now=LATER)).code == "blocked"
    result_use_add(report=report, decision="manage", text="改进管理。", by=world.writer, now=LATER)
    move(row, "submit", by=row.created_by, now=LATER)


def test_a_good_result_asks_for_nothing_and_is_shown() -> None:
    world, report = frozen(("120000.00", "76000.00"))
    make_item(fiscal_year=world.fiscal, problem="验收资料不齐。")
    row = applied(world)
    found = earlier_of(row, now=LATER)
    assert found is not None
    assert (found.report, found.poor, [one.problem for one in found.items]) == (report, [], ["验收资料不齐。"])
    client = Client()
    enter(client, make_staff(Duty.FINANCE))
    page = client.get(reverse("staff_program_year", args=[row.pk])).content.decode()
    for words in ("上次自评结果", "98.00%", "优", "验收资料不齐", "还没有登记结果应用"):
        assert words in page
    move(row, "submit", by=row.created_by, now=LATER)


def test_a_report_that_is_not_frozen_counts_for_nothing() -> None:
    world = make_world(spent=("60000.00", "64000.00"))
    report = draft_report(world)
    row = applied(world)
    assert earlier_of(row, now=LATER) is None
    add = lambda: result_use_add(report=report, decision="same", text="保持。", by=world.writer, now=LATER)  # noqa: E731 (a deed)
    assert (refusal(add).code, refusal(add).message) == ("wrong_state", "没有登记：报告定稿以后才能登记结果应用。")


def test_a_result_of_long_ago_counts_no_more() -> None:
    world, report = frozen(("60000.00", "64000.00"))
    assert earlier_of(applied(world, 2027), now=LATER).report == report  # type: ignore[union-attr]
    assert earlier_of(applied(world, 2028), now=LATER) is None


def test_an_amount_belongs_to_more_and_less_and_programs_to_the_following_years() -> None:
    world, report = frozen(("120000.00", "76000.00"))
    common = {"report": report, "by": world.writer, "now": LATER, "text": "用于预算。"}
    for decision in ("more", "less"):
        assert "要写涉及金额" in refusal(lambda d=decision: result_use_add(decision=d, **common)).message
    assert "大于 0" in refusal(lambda: result_use_add(decision="more", amount=Decimal(-1), **common)).message
    stranger = applied(make_world(home=False))
    assert "不是这个单位下一年度的" in refusal(
        lambda: result_use_add(decision="same", program_year=stranger, **common)
    ).message  # fmt: skip
    assert "没有登记" in refusal(lambda: result_use_add(decision="luck", **common)).message
    assert "没有登记" in refusal(lambda: result_use_add(decision="same", **{**common, "text": " "})).message
    made = result_use_add(decision="same", **common)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        ResultUse.objects.filter(pk=made.pk).update(text="改")


def test_the_page_of_a_frozen_report_takes_it() -> None:
    world, report = frozen(("120000.00", "76000.00"))
    row = applied(world)
    url = reverse("staff_result_use_new", args=[report.pk])
    for duty in Duty:
        client = Client()
        enter(client, make_staff(duty))
        may = duty in (Duty.PERFORMANCE, Duty.DIRECTOR)
        assert client.get(url).status_code == (200 if may else 403)
    client = Client()
    enter(client, world.writer)
    sent = {"decision": "more", "program_year": row.pk, "amount": "", "text": "增加设备维护。"}
    wrong = client.post(url, sent)
    assert wrong.status_code == 400
    assert "增加设备维护。" in wrong.content.decode()
    assert client.post(url, sent | {"amount": "10,000"}).status_code == 302
    page = client.get(reverse("staff_report", args=[report.pk])).content.decode()
    assert "增加设备维护。" in page
    assert "10,000.00 元" in page
    assert (
        client.get(reverse("staff_result_use_new", args=[draft_report(make_world(home=False)).pk])).status_code == 400
    )


def test_every_year_has_a_rule_with_its_basis() -> None:
    assert [one.first_year for one in RULES] == sorted(one.first_year for one in RULES)
    assert all(rule_of(year).basis for year in range(2000, 2101))
