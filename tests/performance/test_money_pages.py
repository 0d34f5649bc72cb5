"""Pages of budget and spending: who opens what, a year's work through the forms, fixed numbers of queries."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.duties import Duty
from audit.models import ActionRow
from performance.models import BudgetUnit, FiscalYear, IncomeEntry, SpendingEntry, SpendingImport
from performance.services import imports, programs
from performance.services.adjustments import carry_over_take, line_settle, settle_reverse
from performance.services.entries import income_enter, income_reverse
from tests.performance import books
from tests.performance.money_factories import DAY, NOW, Budget, make_approval, make_budget, make_unit, subject
from tests.portal.conftest import plain_static
from tests.staff import client_of, make_person
from tests.workflow.people import enter as log_in
from tests.workflow.people import make_staff

pytestmark = pytest.mark.django_db
__all__ = ["plain_static"]


def client(*duties: Duty) -> Client:
    return client_of(make_person(*duties))


def text(answer: Any) -> str:
    return answer.content.decode()


def rich(budget: Budget) -> dict[str, int]:
    """One more of everything that pages list; the numbers of some."""
    cast = budget.cast
    entry = budget.spend("10.00")
    budget.spend("5.00", line=budget.project, expense_line=budget.program.expense_lines.get(name="日常办公"))
    income = income_enter(
        line=budget.income, received_on=DAY, amount=Decimal("50.00"), summary="财政拨款", by=cast.finance, now=NOW
    )
    leave = make_approval(budget.program, "purpose", "90.00", cast)
    budget.spend("1.00", line=budget.project, used_for="other", approval=leave)
    found = programs.inspection_add(
        program_year=budget.program,
        plan="例行督查",
        inspected_on=DAY,
        people="周文博",
        findings="凭证齐全",
        by=cast.performance,
        now=NOW,
    )
    programs.remedy_add(inspection=found, text="补签收单", done_on=DAY, by=cast.performance, now=NOW)
    unit = budget.year.unit
    duty = programs.responsibility_save(unit=unit, name=f"职责{entry.pk}", by=cast.finance, now=NOW)
    activity = programs.activity_save(responsibility=duty, name="组织交易", by=cast.finance, now=NOW)
    program = programs.program_save(
        unit=unit, code=f"P{entry.pk}", name=f"项目{entry.pk}", activity=activity, by=cast.finance, now=NOW
    )
    programs.program_year_create(
        program=program, year=budget.year, purpose="运转", applied_amount=Decimal(1), by=cast.finance, now=NOW
    )
    batch = SpendingImport.objects.create(
        fiscal_year=budget.year, kind="entries", file=_file(), name="清单.xlsx", by=cast.finance, at=NOW, state="read"
    )
    batch.lines.create(row=2, verdict="wrong", message="金额没有填。", cells={"金额": ""})
    batch.lines.create(row=3, verdict="known", cells={"金额": "10"}, entry=entry, values={"spent_on": "2025-06-10"})
    return {"entry": entry.pk, "income": income.pk, "leave": leave.pk, "batch": batch.pk}


def _file() -> Any:
    from documents.models import StoredFile  # noqa: PLC0415 (only here)

    return StoredFile.objects.get_or_create(
        sha256="a" * 64, defaults={"size": 1, "content_type": "text/plain", "created_at": NOW}
    )[0]


def lists(budget: Budget, numbers: dict[str, int]) -> list[str]:
    year = [budget.year.pk]
    return [
        reverse("staff_budget_years"),
        reverse("staff_budget_units"),
        reverse("staff_budget_subjects"),
        reverse("staff_budget_year", args=year),
        reverse("staff_programs"),
        reverse("staff_entries", args=year),
        reverse("staff_income_entries", args=year),
        reverse("staff_imports", args=year),
        reverse("staff_program_year", args=[budget.program.pk]),
        reverse("staff_import", args=[numbers["batch"]]),
        reverse("staff_spending_line", args=[budget.routine.pk]),
        reverse("staff_income_line", args=[budget.income.pk]),
        reverse("staff_expense_line", args=[budget.program.expense_lines.first().pk]),
        reverse("staff_special_approval", args=[numbers["leave"]]),
        reverse("staff_entry", args=[numbers["entry"]]),
    ]


def queries(person: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        answer = person.get(address)
    assert answer.status_code == 200, address
    return len(caught)


def test_every_page_asks_the_same_number_of_queries_however_much_there_is() -> None:
    budget, person = make_budget(), client(Duty.FINANCE)
    numbers = rich(budget)
    addresses = lists(budget, numbers)
    for address in addresses:
        person.get(address)
    before = {address: queries(person, address) for address in addresses}
    for _ in range(2):
        rich(budget)
    make_unit()
    assert {address: queries(person, address) for address in addresses} == before
    assert max(before.values()) < 40


def readable(budget: Budget, numbers: dict[str, int]) -> list[tuple[str, int]]:
    """Each page of one row with a number of it."""
    return [
        ("staff_budget_year", budget.year.pk),
        ("staff_entry", numbers["entry"]),
        ("staff_import", numbers["batch"]),
    ]


@pytest.mark.parametrize("duty", [Duty.FINANCE, Duty.PERFORMANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR])
def test_readers_read_and_only_writers_see_buttons(duty: Duty) -> None:
    budget = make_budget()
    numbers, person = rich(budget), client(duty)
    for address in lists(budget, numbers):
        assert person.get(address).status_code == 200, address
    page = text(person.get(reverse("staff_entries", args=[budget.year.pk])))
    assert ("登记支出</a>" in page) == (duty == Duty.FINANCE)
    new = reverse("staff_entry_new", args=[budget.year.pk])
    assert person.get(new).status_code == (200 if duty == Duty.FINANCE else 403)
    line = reverse("staff_spending_line_new", args=[budget.year.pk])
    assert person.get(line).status_code == (200 if duty in (Duty.FINANCE, Duty.PERFORMANCE) else 403)


def test_a_year_from_nothing_to_the_approval_through_the_forms() -> None:
    maker, head = client(Duty.FINANCE), client(Duty.DIRECTOR)
    assert "先填写本单位" in text(maker.get(reverse("staff_budget_years")))
    maker.post(reverse("staff_budget_unit_new"), {"code": "138001", "name": "云泽县公共资源交易中心"})
    unit = BudgetUnit.objects.get()
    assert unit.is_home
    maker.post(reverse("staff_budget_year_new"), {"unit": unit.pk, "year": "2025"})
    year = FiscalYear.objects.get()
    lines = reverse("staff_spending_line_new", args=[year.pk])
    common = {"functional": subject("2010350").pk, "economic": subject("30101").pk}
    maker.post(lines, {"category": "personnel", "initial_amount": "２,５５５,６００.00", **common})
    assert "项目支出要写明项目" in text(maker.post(lines, {"category": "project", "initial_amount": "5", **common}))
    maker.post(
        reverse("staff_income_line_new", args=[year.pk]), {"source": "appropriation", "initial_amount": "2555600"}
    )
    maker.post(reverse("staff_budget_post_new", args=[year.pk]), {"kind": "管理岗", "quota": "11"})
    page = text(maker.get(reverse("staff_budget_year", args=[year.pk])))
    assert "255.56" in page and "2,555,600.00" in page and "管理岗" in page and "不平" not in page
    maker.post(reverse("staff_move", args=["performance.fiscalyear", year.pk, "submit"]))
    approve = reverse("staff_move", args=["performance.fiscalyear", year.pk, "approve"])
    head.post(approve, {"document_number": "云财预〔2025〕1号", "approved_on": "2025-01-20", "confirmed": "yes"})
    year.refresh_from_db()
    assert (year.state, year.document_number) == ("approved", "云财预〔2025〕1号")
    answer = maker.post(
        reverse("staff_spending_line_edit", args=[year.spending_lines.get().pk]),
        {"category": "personnel", "initial_amount": "1", **common},
    )
    assert answer.status_code == 409 and "已经提交或批复，不能再改" in text(answer)
    answer = maker.post(reverse("staff_spending_line_remove", args=[year.spending_lines.get().pk]))
    assert answer.status_code == 400 and "不能再改" in text(answer)


def test_an_unbalanced_year_says_by_how_much() -> None:
    budget = make_budget("drafting", program_state="drafting")
    budget.income.initial_amount = Decimal("79999.99")
    budget.income.save()
    page = text(client(Duty.FINANCE).get(reverse("staff_budget_year", args=[budget.year.pk])))
    assert "支出大于收入 0.01 元" in page


def test_an_entry_through_the_form_with_its_papers_and_back() -> None:
    budget, person = make_budget(), client(Duty.FINANCE)
    new = reverse("staff_entry_new", args=[budget.year.pk])
    assert "余 10,000.00 元" in text(person.get(new))
    sent = {
        "spent_on": "2025-06-10",
        "amount": "1,280.50",
        "line": budget.routine.pk,
        "purpose": "购办公用纸",
        "used_for": "own",
        "payee": "文汇文具店",
        "voucher_number": "记-15",
    }
    answer = person.post(new, {**sent, "amount": "1e400"})
    assert answer.status_code == 400 and "不是金额" in text(answer) and "文汇文具店" in text(answer)
    answer = person.post(new, {**sent, "amount": "10000.01"})
    assert answer.status_code == 409 and "请先登记预算调整" in text(answer)
    assert person.post(new, sent).status_code == 302
    entry = SpendingEntry.objects.get()
    page = text(person.get(reverse("staff_entry", args=[entry.pk])))
    assert "1,280.50 元" in page and "记-15" in page
    back = reverse("staff_entry_reverse", args=[entry.pk])
    person.post(back, {"reversed_on": "2025-06-11", "reason": "金额登记错了"})
    assert SpendingEntry.objects.get(reversal_of=entry).amount == Decimal("-1280.50")
    assert "已冲销" in text(person.get(reverse("staff_entries", args=[budget.year.pk])))


def test_the_list_filters_pages_and_leaves_as_excel() -> None:
    budget, person = make_budget(), client(Duty.FINANCE)
    for number in range(60):
        budget.spend("1.00", purpose=f"第{number}次")
    budget.spend("2.50", line=budget.project, purpose="=cmd", spent_on=DAY.replace(month=7))
    address = reverse("staff_entries", args=[budget.year.pk])
    first = person.get(address)
    assert "共 61 笔，合计 <strong>62.50 元" in text(first) and first.context["next"]
    second = person.get(address, {"after": first.context["next"]})
    seen = [one.pk for page in (first, second) for one in page.context["entries"]]
    assert len(seen) == len(set(seen)) == 61
    assert len(person.get(address, {"q": "第7次"}).context["entries"]) == 1
    assert len(person.get(address, {"month": "7", "category": "project"}).context["entries"]) == 1
    assert len(person.get(address, {"program": budget.program.pk}).context["entries"]) == 1
    for bad in ({"after": "x"}, {"q": "\x00"}, {"month": "x"}, {"program": "9" * 30}):
        assert person.get(address, bad).status_code == 400, bad
    answer = person.get(reverse("staff_entries_xlsx", args=[budget.year.pk]), {"month": "7"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [cell.value for cell in sheet[2]][2] == 2.5 and sheet.max_row == 2
    assert ActionRow.objects.get(tag="data.export").detail == {"rows": 1}


def test_a_program_through_the_forms() -> None:
    budget = make_budget("drafting", program_state="drafting")
    person, head = client(Duty.PERFORMANCE), client(Duty.DIRECTOR)
    found = budget.program
    page = reverse("staff_program_year", args=[found.pk])
    person.post(reverse("staff_expense_line_new", args=[found.pk]), {"name": "维修", "economic_codes": "30213、31003"})
    assert found.expense_lines.get(name="维修").economic_codes == ["30213", "31003"]
    wrong = person.post(reverse("staff_expense_line_new", args=[found.pk]), {"name": "宣传", "economic_codes": "办公"})
    assert wrong.status_code == 400 and "不是 3 至 7 位数字" in text(wrong)
    person.post(
        reverse("staff_milestone_new", args=[found.pk]), {"name": "采购", "due_on": "2025-05-01", "planned_amount": "0"}
    )
    person.post(reverse("staff_move", args=["performance.programyear", found.pk, "submit"]))
    answer = head.post(
        reverse("staff_move", args=["performance.programyear", found.pk, "approve"]),
        {
            "approved_amount": "4000",
            "document_number": "云财预〔2025〕6号",
            "approved_on": "2025-01-20",
            "confirmed": "yes",
        },
    )
    assert answer.status_code == 409 and "超过批复金额 4,000.00 元" in text(answer)
    head.post(
        reverse("staff_move", args=["performance.programyear", found.pk, "approve"]),
        {
            "approved_amount": "20000",
            "document_number": "云财预〔2025〕6号",
            "approved_on": "2025-01-20",
            "confirmed": "yes",
        },
    )
    found.refresh_from_db()
    assert found.state == "approved"
    step = found.milestones.get(name="采购")
    person.post(reverse("staff_milestone_done", args=[step.pk]), {"done_on": "2025-05-04", "remark": "已签合同"})
    assert "比计划晚 3 天" in text(person.get(page))
    person.post(
        reverse("staff_inspection_new", args=[found.pk]),
        {"plan": "例行督查", "inspected_on": "2025-06-30", "people": "周文博", "findings": "一张发票未签收"},
    )
    person.post(
        reverse("staff_remedy_new", args=[found.inspections.get().pk]), {"text": "已补签", "done_on": "2025-07-02"}
    )
    assert "已补签" in text(person.get(page))
    person.post(
        reverse("staff_special_approval_new", args=[found.pk]), {"kind": "purpose", "amount": "50", "reason": "急用"}
    )
    leave = found.approvals.get()
    desk = text(head.get("/staff/"))
    assert "用于规定用途以外，50.00 元" in desk
    head.post(reverse("staff_move", args=["performance.specialapproval", leave.pk, "approve"]), {"confirmed": "yes"})
    leave.refresh_from_db()
    assert leave.state == "approved"


def test_the_director_who_asked_does_not_approve() -> None:
    both = make_staff(Duty.FINANCE, Duty.DIRECTOR)
    budget = make_budget()
    leave = programs.approval_request(
        program_year=budget.program, kind="balance", amount=Decimal(5), reason="超支", by=both, now=NOW
    )
    person = Client()
    log_in(person, both)
    address = reverse("staff_move", args=["performance.specialapproval", leave.pk, "approve"])
    answer = person.post(address, {"confirmed": "yes"})
    assert answer.status_code == 403 and "须由另一个人办理" in text(answer)
    shown = person.get(address)
    assert shown.status_code == 403 and "须由另一个人办理" in text(shown) and "<textarea" not in text(shown)


def test_pages_of_a_closed_year_say_so_before_anything_is_filled_in() -> None:
    budget = make_budget("closed")
    person = Client()
    log_in(person, make_staff(Duty.FINANCE, Duty.PERFORMANCE))
    line = budget.year.spending_lines.first()
    assert line is not None
    for address in (
        reverse("staff_entry_new", args=[budget.year.pk]), reverse("staff_month_plan", args=[line.pk]),
        reverse("staff_spending_adjust", args=[line.pk]), reverse("staff_month_plans", args=[budget.year.pk]),
    ):  # fmt: skip
        answer = person.get(address)
        assert answer.status_code == 409 and "不能再" in text(answer), address


def test_what_is_carried_over_becomes_income_of_the_next_year() -> None:
    budget = make_budget()
    day = DAY.replace(month=12, day=31)
    fixed: dict[str, Any] = {"by": budget.cast.finance, "now": NOW}
    carried = line_settle(line=budget.project, kind="carried", amount=Decimal("15000.00"), settled_on=day, **fixed)
    line_settle(line=budget.project, kind="returned", amount=Decimal("5000.00"), settled_on=day, **fixed)
    with pytest.raises(Exception, match=r"还剩 0\.00 元"):
        line_settle(line=budget.project, kind="returned", amount=Decimal("0.01"), settled_on=day, **fixed)
    following = make_budget("drafting", cast=budget.cast, unit=budget.year.unit, year=2026)
    person = client(Duty.FINANCE)
    person.post(reverse("staff_budget_carry_over", args=[following.year.pk]))
    assert following.year.income_lines.get(source="carry_over").initial_amount == Decimal("15000.00")
    carry_over_take(year=following.year, **fixed)
    assert following.year.income_lines.filter(source="carry_over").count() == 1
    with pytest.raises(Exception, match="已经把这笔结转列为收入"):
        settle_reverse(balance=carried, reversed_on=day, reason="登记错了", **fixed)


def test_income_is_entered_and_taken_back_and_no_deposits_among_it() -> None:
    budget, person = make_budget(), client(Duty.FINANCE)
    new = reverse("staff_income_entry_new", args=[budget.year.pk])
    sent = {"received_on": "2025-03-01", "amount": "100", "line": budget.income.pk, "summary": "财政拨款"}
    answer = person.post(new, {**sent, "summary": "收取投标保证金"})
    assert answer.status_code == 409 and "不是本单位的收入" in text(answer)
    person.post(new, sent)
    entry = IncomeEntry.objects.get()
    back = reverse("staff_income_entry_reverse", args=[entry.pk])
    assert person.post(back, {"reversed_on": "2025-03-02", "reason": "重复登记"}).status_code == 302
    with pytest.raises(Exception, match="已经冲销过"):
        income_reverse(entry=entry, reversed_on=DAY, reason="重复登记", by=budget.cast.finance, now=NOW)


@pytest.fixture
def real() -> Iterator[None]:
    yield


@pytest.mark.django_db(transaction=True)
def test_a_list_from_the_upload_to_the_confirmation_on_the_pages() -> None:
    budget, person = make_budget(), client(Duty.FINANCE)
    new = reverse("staff_import_new", args=[budget.year.pk])
    bad = SimpleUploadedFile("清单.xlsx", books.with_macros(books.book([books.entry(1)])))
    answer = person.post(new, {"kind": "entries", "file": bad})
    assert answer.status_code == 400 and "有宏" in text(answer)
    good = SimpleUploadedFile("清单.xlsx", books.book([books.entry(1), books.entry(2, amount="待定")]))
    where = person.post(new, {"kind": "entries", "file": good}).headers["Location"]
    page = text(person.get(where))
    assert 'http-equiv="refresh"' in page and "正在读" in page
    batch = SpendingImport.objects.get()
    imports.import_read(number=batch.pk, clock=lambda: NOW)
    page = text(person.get(where))
    assert "有 1 行有错，全部改好才能登记" in page and "“金额（元）”" not in page and 'http-equiv="refresh"' not in page
    answer = person.post(reverse("staff_import_apply", args=[batch.pk]))
    assert answer.status_code == 400 and "有 1 行有错" in text(answer)
    person.post(reverse("staff_import_discard", args=[batch.pk]))
    good = SimpleUploadedFile("清单.xlsx", books.book([books.entry(1)]))
    where = person.post(new, {"kind": "entries", "file": good}).headers["Location"]
    batch = SpendingImport.objects.latest("pk")
    imports.import_read(number=batch.pk, clock=lambda: NOW)
    assert "确认登记 1 笔" in text(person.get(where))
    person.post(reverse("staff_import_apply", args=[batch.pk]))
    assert "已登记 1 笔，合计 100.25 元" in text(person.get(where))
