"""Notices of a lag: asked once, frozen figures, answered by who answers for it, accepted by another; the schedule."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.duties import Duty
from accounts.models import Department, User
from core.errors import BusinessError
from notices.models import Notice
from performance.models import LagAnswer, LagNotice, ProgramYear
from performance.selectors.lags import lag_files, lag_rows, lags_visible
from performance.selectors.progress import year_flow
from performance.selectors.progress_page import progress_view
from performance.services import lags
from performance.services.files import files_keep
from performance.services.goal_shares import Deed, Wish, goal_progress_set, goal_shares_set
from performance.services.lags import ask_words, lag_ask, lags_ask, months_over, subject_of
from performance.services.month_plans import month_plans_set
from performance.services.program_office import program_department_set
from performance.services.reminders import performance_remind
from performance.tasks import ask_lags, remind_performance
from tests.documents.samples import PDF
from tests.performance import goals_factories
from tests.performance.lag_samples import ANSWER, make_lag, office
from tests.performance.money_factories import NOW, Budget, make_budget
from tests.staff import client_of
from tests.workflow.people import make_staff
from upkeep.services.holds import hold_begin
from workflow.actors import actor_of
from workflow.services import move

pytestmark = pytest.mark.django_db


def at(month: int, day: int, *, year: int = 2025, hour: int = 2) -> datetime:
    """A moment; 02:00 UTC is ten in the morning of the same day in Shanghai."""
    return datetime(year, month, day, hour, tzinfo=UTC)


def running(department: str = "it") -> Budget:
    """2025, approved: a program that should pay 8,000.00 by the end of June, and an office that answers for it."""
    budget = make_budget()
    program_department_set(
        program_year=budget.program, department=office(department), by=budget.cast.performance, now=NOW
    )
    return budget


def ask(budget: Budget, month: int = 6, **more: Any) -> LagNotice:
    subject = subject_of(year_flow(budget.year), program_year=budget.program)
    given: dict[str, Any] = {"department": office(), "text": "请说明", "by": budget.cast.performance, "now": NOW}
    return lag_ask(subject=subject, month=month, **(given | more))


def said(call: Any) -> BusinessError:
    with pytest.raises(BusinessError) as caught:
        call()
    return caught.value


def test_the_figures_stay_as_they_stood() -> None:
    budget = running()
    budget.spend("1000.00", line=budget.project, spent_on=date(2025, 6, 30))
    notice = ask(budget)
    budget.spend("500.00", line=budget.project, spent_on=date(2025, 6, 29))
    notice.refresh_from_db()
    assert (notice.budget, notice.planned, notice.spent, notice.rate) == (
        Decimal("20000.00"), Decimal("8000.00"), Decimal("1000.00"), Decimal("5.00"),
    )  # fmt: skip
    assert notice.due_on == date(2026, 3, 9)  # five working days after Monday, 2 March 2026
    with pytest.raises(ProgrammingError), transaction.atomic():
        LagNotice.objects.filter(pk=notice.pk).update(spent=Decimal(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        LagNotice.objects.filter(pk=notice.pk).update(state="accepted")


def test_a_month_is_asked_about_once_also_after_a_recall() -> None:
    budget = running()
    notice = ask(budget)
    assert "已经要求说明过" in said(lambda: ask(budget)).message
    move(notice, "recall", by=budget.cast.performance, now=NOW, comment="计划填错了")
    assert "已经要求说明过" in said(lambda: ask(budget)).message
    assert ask(budget, month=7).month == 7
    with pytest.MonkeyPatch.context() as patch:  # as if the other had asked just after this one looked
        patch.setattr(LagNotice, "validate_constraints", lambda self, exclude=None: None)
        assert said(lambda: ask(budget, month=7)).code == "changed"


def test_what_does_not_lag_has_no_plan_or_is_not_over_is_not_asked_about() -> None:
    budget = running()
    assert "没有滞后" in said(lambda: ask(budget, month=5)).message
    assert "月份结束以后" in said(lambda: ask(budget, now=at(6, 30, hour=15))).message
    basic = subject_of(year_flow(budget.year), category="routine")
    given: dict[str, Any] = {"department": office(), "text": "请说明", "by": budget.cast.performance, "now": NOW}
    assert "没有完整的用款计划" in said(lambda: lag_ask(subject=basic, month=6, **given)).message
    for text in ("", "  ", "a\x00b", "长" * 4001):
        assert said(lambda text=text: ask(budget, text=text)).facts["field"] == "text"
    closed = make_budget("closed", program_state="closed")
    assert "已批复、未决算" in said(lambda: ask(closed)).message
    assert said(lambda: subject_of(year_flow(budget.year), category="project")).code == "invalid"
    assert said(lambda: subject_of(year_flow(closed.year), program_year=budget.program)).code == "invalid"


def test_basic_spending_is_asked_about_by_its_kind() -> None:
    budget = running()
    month_plans_set(
        year=budget.year, plans={budget.routine.pk: [Decimal("100.00")] * 12}, by=budget.cast.finance, now=NOW
    )
    subject = subject_of(year_flow(budget.year), category="routine")
    notice = lag_ask(
        subject=subject, month=3, department=office("finance"), text=ask_words(subject.flow, 3),
        by=budget.cast.director, now=NOW,
    )  # fmt: skip
    assert (notice.program_year, notice.category, notice.planned) == (None, "routine", Decimal("300.00"))
    assert "300.00 元" in notice.text and "执行率 0.00%" in notice.text
    head, leaderless = make_staff(Duty.OFFICE_HEAD, department="finance"), make_staff(Duty.FINANCE)
    assert said(lambda: move(notice, "answer", by=leaderless, now=NOW, data=ANSWER)).code == "not_allowed"
    assert move(notice, "answer", by=head, now=NOW, data=ANSWER).target == "answered"


def test_the_head_of_the_office_or_the_leader_answers_and_nobody_else() -> None:
    leader = make_staff(Duty.INTAKE, department="intake")
    notice = make_lag(leader=leader)
    for person in (
        make_staff(Duty.OFFICE_HEAD, department="general"), make_staff(Duty.EQUIPMENT, department="it"),
        make_staff(Duty.DIRECTOR, department="directors"),
    ):  # fmt: skip
        error = said(lambda person=person: move(notice, "answer", by=person, now=NOW, data=ANSWER))
        assert error.code == "not_allowed" and "负责人" in error.message
    move(notice, "answer", by=leader, now=NOW, data=ANSWER)
    answer = LagAnswer.objects.get()
    assert (answer.by, answer.cause, answer.pay_on) == (leader, "money", date(2026, 4, 1))


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"text": " "}, "还没有写情况说明"), ({"cause": ""}, "还没有选原因"),
        ({"pay_on": None}, "还没有写新的支付时间"),
        ({"pay_on": date(2026, 3, 1)}, "今天或以后"), ({"pay_on": date(2036, 3, 1)}, "五年以内"),
        ({"text": "长" * 4001}, "超过 4000 字"),
    ],
)  # fmt: skip
def test_an_answer_is_whole(broken: dict[str, Any], words: str) -> None:
    notice = make_lag()
    head = make_staff(Duty.OFFICE_HEAD, department="it")
    assert words in said(lambda: move(notice, "answer", by=head, now=NOW, data={**ANSWER, **broken})).message
    assert not LagAnswer.objects.exists()


def test_who_answered_does_not_accept_and_a_returned_answer_is_followed_by_another() -> None:
    both = make_staff(Duty.OFFICE_HEAD, Duty.PERFORMANCE, department="it")
    notice, other = make_lag(), make_staff(Duty.PERFORMANCE)
    move(notice, "answer", by=both, now=NOW, data=ANSWER)
    for name in ("accept", "return"):
        assert said(lambda name=name: move(notice, name, by=both, now=NOW, comment="可以")).code == "same_person"
    assert said(lambda: move(notice, "return", by=other, now=NOW)).code == "comment_missing"
    move(notice, "return", by=other, now=NOW, comment="没有写措施")
    move(notice, "answer", by=both, now=NOW, data={**ANSWER, "text": "已经催票，4月1日付清。"})
    move(notice, "accept", by=other, now=NOW)
    assert [one.text for one in notice.answers.all()] == [ANSWER["text"], "已经催票，4月1日付清。"]


def test_the_notice_stands_on_the_desk_of_the_office_and_is_told() -> None:
    head, stranger = make_staff(Duty.OFFICE_HEAD, department="it"), make_staff(Duty.OFFICE_HEAD, department="general")
    budget = running()
    notice = ask(budget)
    told = Notice.objects.filter(cause_type="performance.lagnotice", cause_id=str(notice.pk))
    assert set(told.values_list("user", flat=True)) == {head.pk}
    title = f"{budget.program.program}：2025年6月用款进度滞后"
    assert title in client_of(head).get("/staff/").content.decode()
    assert title not in client_of(stranger).get("/staff/").content.decode()


def test_papers_come_with_the_answer() -> None:
    notice, head = make_lag(), make_staff(Duty.OFFICE_HEAD, department="it")
    kept = files_keep(uploads=[SimpleUploadedFile("合同.pdf", PDF)], now=NOW)
    move(notice, "answer", by=head, now=NOW, data={**ANSWER, "papers": kept})
    paper = LagAnswer.objects.get().papers.get()
    assert paper.name == "合同.pdf" and paper.file.sha256 == kept[0].file.sha256
    assert [one.name for one in lag_files(lag_rows(now=NOW).get())] == ["合同.pdf"]


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (date(2025, 1, 1), 0), (date(2025, 2, 4), 0), (date(2025, 2, 5), 1), (date(2025, 7, 4), 5),
        (date(2025, 7, 5), 6), (date(2026, 1, 4), 11), (date(2026, 1, 5), 12), (date(2027, 1, 1), 12),
        (date(2024, 12, 31), 0),
    ],
)  # fmt: skip
def test_a_month_is_asked_about_from_the_fifth_of_the_next(today: date, month: int) -> None:
    assert months_over(2025, today) == month


def test_the_schedule_asks_once_however_often_it_runs() -> None:
    budget = running()
    assert lags_ask(now=at(7, 4)) == 0
    assert lags_ask(now=at(7, 5)) == 1
    assert lags_ask(now=at(7, 5)) == lags_ask(now=at(7, 20)) == 0
    notice = LagNotice.objects.get()
    assert (notice.program_year, notice.month, notice.created_by, notice.state) == (budget.program, 6, None, "asked")
    assert notice.department == office("it") and notice.due_on == date(2025, 7, 11)
    assert "计划支出 8,000.00 元" in notice.text


def test_what_was_missed_is_asked_about_later_with_the_figures_of_each_month() -> None:
    budget = running()
    budget.spend("3000.00", line=budget.project, spent_on=date(2025, 8, 1))
    assert lags_ask(now=at(10, 5)) == 4
    found = LagNotice.objects.order_by("month").values_list("month", "spent")
    assert list(found) == [
        (6, Decimal("0.00")), (7, Decimal("0.00")), (8, Decimal("3000.00")), (9, Decimal("3000.00")),
    ]  # fmt: skip


def test_december_is_asked_about_in_january_and_no_year_after_that() -> None:
    budget = running()
    assert lags_ask(now=at(2, 5, year=2026)) == 0
    assert lags_ask(now=at(1, 5, year=2026)) == 7
    assert LagNotice.objects.filter(program_year=budget.program, month=12).exists()


def test_only_approved_years_that_are_not_closed_are_asked_about() -> None:
    make_budget("closed", program_state="closed")
    make_budget("drafting", program_state="drafting")
    assert lags_ask(now=at(9, 9)) == 0


def test_a_program_that_is_not_approved_yet_or_has_ended_is_not_asked_about() -> None:
    for state in ("submitted", "closed"):
        budget = make_budget(program_state=state)
        program_department_set(
            program_year=budget.program, department=office(), by=budget.cast.performance, now=NOW
        )  # fmt: skip
    assert lags_ask(now=at(9, 9)) == 0


def test_a_month_before_an_accepted_day_of_payment_is_not_asked_about_again() -> None:
    budget = running()
    lags_ask(now=at(7, 5))
    notice, head = LagNotice.objects.get(), make_staff(Duty.OFFICE_HEAD, department="it")
    move(notice, "answer", by=head, now=at(7, 6), data={**ANSWER, "pay_on": date(2025, 9, 10)})
    assert lags_ask(now=at(8, 5)) == 1  # not accepted yet: July is asked about
    move(notice, "accept", by=budget.cast.director, now=at(8, 6))
    assert lags_ask(now=at(9, 5)) == 0  # the end of August is before the day that was accepted
    assert lags_ask(now=at(10, 5)) == 1
    assert sorted(LagNotice.objects.values_list("month", flat=True)) == [6, 7, 9]


def test_what_an_office_promised_to_pay_is_a_forecast_of_its_own() -> None:
    budget = running()
    flow = year_flow(budget.year)
    view = progress_view(flow, month=6, last=12, over=12)
    assert view.owed > 0 and view.promised == 0 and view.unpromised == view.owed
    lags_ask(now=at(7, 5))
    notice, head = LagNotice.objects.get(), make_staff(Duty.OFFICE_HEAD, department="it")
    move(notice, "answer", by=head, now=at(7, 6), data={**ANSWER, "pay_on": date(2025, 9, 10)})
    assert progress_view(flow, month=6, last=12, over=12).promised == 0, "not accepted yet"
    move(notice, "accept", by=budget.cast.director, now=at(8, 6))
    view = progress_view(flow, month=6, last=12, over=12)
    assert view.promised == view.owed and view.unpromised == 0
    assert progress_view(flow, month=9, last=12, over=12).promised == 0, "the day has gone by"


def test_without_an_office_the_leaders_is_asked_and_without_both_whoever_manages_is_told() -> None:
    budget = make_budget()
    manager = budget.cast.performance
    assert lags_ask(now=at(7, 5)) == lags_ask(now=at(7, 6)) == 0
    notice = Notice.objects.get(dedup_key__startswith="performance.lag:no-office", user=manager)
    assert str(budget.program.program) in notice.text and notice.link.endswith("/department/")
    leader = make_staff(Duty.WITNESS, department="witness")
    ProgramYear.objects.filter(pk=budget.program.pk).update(leader=leader)
    assert lags_ask(now=at(7, 6)) == 1
    assert LagNotice.objects.get().department == office("witness")


def test_nothing_is_asked_or_reminded_during_a_recovery_hold() -> None:
    budget = running()
    ask(budget, now=NOW)
    hold_begin(reason="从备份恢复", now=NOW)
    assert lags_ask(now=at(9, 9)) == 0
    assert performance_remind(now=at(9, 9, year=2026)) == 0


def test_of_two_schedules_at_once_one_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    running()
    due, first = lags._due, []

    def both(view: Any, today: date) -> Any:
        found = due(view, today)
        if not first:
            first.append(True)
            assert lags_ask(now=at(7, 5)) == 1  # the other one, after this one looked
        return found

    monkeypatch.setattr(lags, "_due", both)
    assert lags_ask(now=at(7, 5)) == 0
    assert LagNotice.objects.count() == 1


def test_an_overdue_answer_is_reminded_of_once_a_week() -> None:
    leader, head = make_staff(Duty.INTAKE), make_staff(Duty.OFFICE_HEAD, department="it")
    notice = make_lag(leader=leader)
    heads = set(User.objects.filter(pk__in=(head.pk, leader.pk)).values_list("pk", flat=True))

    def reminded() -> set[int]:
        return set(Notice.objects.filter(dedup_key__contains=":overdue:").values_list("user", flat=True))

    assert performance_remind(now=at(3, 9, year=2026)) == 0  # the last day
    assert performance_remind(now=at(3, 10, year=2026)) == 2
    assert reminded() == heads
    assert performance_remind(now=at(3, 10, year=2026)) == performance_remind(now=at(3, 15, year=2026)) == 0
    assert performance_remind(now=at(3, 16, year=2026)) == 2
    move(notice, "answer", by=head, now=at(3, 16, year=2026), data=ANSWER)
    assert performance_remind(now=at(3, 30, year=2026)) == 0


def test_offices_that_told_nothing_of_last_month_are_reminded_from_the_fifth() -> None:
    cast, now = goals_factories.Cast(), at(4, 4, year=2022)
    rows = ({"level1": "产出指标", "name": "检修次数", "target": "≥4次", "weight": Decimal(50)},
            {"level1": "效益指标", "name": "完好率", "target": "≥95%", "weight": Decimal(30)},
            {"level1": "满意度指标", "name": "满意度", "target": "≥90%", "weight": Decimal(10)})  # fmt: skip
    fiscal = goals_factories.approve_year(goals_factories.make_year(unit=goals_factories.make_unit()))
    table = goals_factories.make_goals("approved", cast=cast, fiscal=fiscal, indicators=rows)
    it, general = make_staff(Duty.EQUIPMENT, department="it"), make_staff(Duty.GENERAL_AFFAIRS, department="general")
    times, whole = (goals_factories.named(table, name) for name in ("检修次数", "完好率"))
    for one, code in ((times, "it"), (whole, "it"), (times, "general")):
        goal_shares_set(indicator=one, department=office(code), wishes={3: Wish(Decimal(1))}, by=cast.maker, now=now)
    deed = Deed(times, office("general"), Decimal(1))
    goal_progress_set(year=fiscal, month=3, deeds=[deed], by=general, now=now)
    assert performance_remind(now=now) == 0
    late = at(4, 5, year=2022)
    assert performance_remind(now=late) == 1 and performance_remind(now=late) == 0
    notice = Notice.objects.get(dedup_key__startswith="performance.progress:")
    assert notice.user == it and "检修次数、完好率" in notice.text
    assert client_of(it).get(notice.link).status_code == 200


def test_the_tasks_call_the_services() -> None:
    assert ask_lags() is None and remind_performance() is None


def test_the_office_of_a_program_changes_after_the_approval_but_not_after_the_final_accounts() -> None:
    budget = running()
    budget.program.refresh_from_db()
    assert (budget.program.state, budget.program.department) == ("approved", office("it"))
    program_department_set(program_year=budget.program, department=None, by=budget.cast.finance, now=NOW)
    assert ProgramYear.objects.get(pk=budget.program.pk).department is None
    Department.objects.filter(code="general").update(is_active=False)
    idle = Department.objects.get(code="general")
    given: dict[str, Any] = {"by": budget.cast.finance, "now": NOW}
    assert "已经停用" in said(
        lambda: program_department_set(program_year=budget.program, department=idle, **given)
    ).message  # fmt: skip
    closed = make_budget("closed", program_state="closed")
    assert "决算已经确认" in said(
        lambda: program_department_set(program_year=closed.program, department=office("it"), **given)
    ).message  # fmt: skip


def test_the_database_keeps_a_notice_of_one_thing_and_one_month() -> None:
    notice = make_lag()
    with connection.cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
        cursor.execute("DELETE FROM performance_lagnotice WHERE id = %s", [notice.pk])
    stranger = actor_of(make_staff(Duty.INTAKE), now=NOW)
    assert not lags_visible(lag_rows(now=NOW), actor=stranger).exists()
