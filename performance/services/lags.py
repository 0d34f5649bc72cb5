"""Writes of notices of a lag: asked by a person or by the schedule, once for each program and month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts.duties import Duty
from accounts.models import Department, User
from accounts.selectors import assignments_now, people_with
from core.errors import BusinessError
from core.moments import SHANGHAI
from core.text import first_not_typed
from core.workdays import Period, deadline_compute
from notices.models import Notice
from notices.services.outbox import notice_create
from performance.flows import Flow
from performance.models import (
    FiscalYear,
    LagAnswer,
    LagNotice,
    LagPaper,
    LagState,
    ProgramState,
    ProgramYear,
    YearState,
)
from performance.models.monthly import BASIC, TEXT_LENGTH
from performance.money_words import yuan
from performance.progress_rulebook import ANSWER_WORKDAYS, ASK_FROM_DAY, BEHIND, rule_of
from performance.selectors.progress import ProgramFlow, YearFlow, year_flow
from upkeep.gates import hold_is_on
from workflow.models import StateChange
from workflow.moves import STAFF
from workflow.selectors.calendar import calendar_current
from workflow.services import create

NOT_ASKED = "不能要求说明"


def _refused(reason: str, code: str = "invalid", field: str = "") -> BusinessError:
    return BusinessError(f"{NOT_ASKED}：{reason}。", code, field=field)


def answer_day(now: datetime) -> date:
    """The last day for an answer to what is asked now (民法典第二百零一条: the day of the asking does not count)."""
    start = now.astimezone(SHANGHAI).date()
    return deadline_compute(Period(ANSWER_WORKDAYS, "wd"), start, calendar_current()).due


def office_of(program_year: ProgramYear, *, now: datetime) -> Department | None:
    """The office that answers for a program: the one named, else that of its leader."""
    if program_year.department is not None:
        return program_year.department
    if program_year.leader_id is None:
        return None
    held = assignments_now(now=now).filter(user=program_year.leader_id, duty__in=STAFF, department__isnull=False)
    first = held.select_related("department").order_by("delegated_from", "id").first()
    return first.department if first else None


def ask_words(flow: Flow, month: int) -> str:
    """What an office is asked, where nobody wrote it otherwise."""
    planned, spent = flow.planned_to(month), flow.spent_to(month)
    return (
        f"截至{month}月末计划支出 {yuan(planned or spent)}，实际支出 {yuan(spent)}，"
        f"执行率 {flow.rate_at(month) if flow.rate_at(month) is not None else '—'}%。"
        "请说明滞后的原因、采取的措施和新的支付时间。"
    )  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """What lags: a program, or a kind of basic spending, with its year's flow."""

    year: FiscalYear
    flow: Flow
    program_year: ProgramYear | None = None
    category: str = ""


def subject_of(view: YearFlow, *, program_year: ProgramYear | None = None, category: str = "") -> Subject:
    """What is to be asked about, with its figures. Raises BusinessError: it has none in this year."""
    if program_year is not None:
        rows: list[ProgramFlow] = [one for one in view.programs if one.program_year.pk == program_year.pk]
        if rows:
            return Subject(view.year, rows[0].flow, rows[0].program_year)
    elif category in BASIC:
        for part in view.categories:
            if part.key == category:
                return Subject(view.year, part.flow, None, category)
    raise _refused("这一项在这个年度里没有预算，请从执行进度页面选择")


def _notice(subject: Subject, month: int, office: Department, text: str, due_on: date, **by: Any) -> LagNotice:
    planned = subject.flow.comparable_plan(month)
    if planned is None:
        raise _refused("这一项没有完整的用款计划，请先填月度用款计划", "blocked")
    return LagNotice(
        fiscal_year=subject.year, program_year=subject.program_year, category=subject.category, month=month,
        budget=subject.flow.budget_at(month), planned=planned, spent=subject.flow.spent_to(month),
        rate=subject.flow.rate_at(month), department=office, due_on=due_on, text=text, **by,
    )  # fmt: skip


def lag_ask(
    *, subject: Subject, month: int, department: Department, text: str, by: User | None, now: datetime,
    address: str = "",
) -> LagNotice:  # fmt: skip
    """Ask an office why a program (or basic spending) lags behind its plan; the figures are frozen as they stand.

    Args:
        subject: of :func:`subject_of`; month: 1 to 12, ended.
        text: what is to be explained; by: None for the schedule.

    Raises:
        BusinessError: 不能要求说明：…; as ``workflow.services.create``; asked already (``invalid``).
    """
    said = text.replace("\r\n", "\n").strip()
    if not said or len(said) > TEXT_LENGTH or first_not_typed(said):
        raise _refused(f"要求没有写、超过 {TEXT_LENGTH} 字，或者有不能保存的控制字符", field="text")
    if not 1 <= month <= 12:
        raise _refused("月份应在 1 至 12 之间")
    row = _notice(subject, month, department, said, answer_day(now), created_by=by, created_at=now)
    try:
        create(row, by=by, now=now, address=address)
    except IntegrityError as error:
        if "performance_lag_once" not in str(error):
            raise
        raise _refused("这个月已经要求说明过", "changed") from error
    return row


def answer_record(notice: LagNotice, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``answer``: a row of its own, also the second time, with the papers that were stored before."""
    answer = LagAnswer.objects.create(
        notice=notice, cause=data["cause"], text=str(data["text"]).strip(), pay_on=data["pay_on"], by=by, at=now
    )
    LagPaper.objects.bulk_create(
        LagPaper(answer=answer, file=one.file, name=one.name) for one in data.get("papers", ())
    )


def months_over(year: int, today: date) -> int:
    """The last month of a budget year that is asked about on a day: that before, from the 5th on."""
    over = (today.year - year) * 12 + today.month - 1
    return max(0, min(12, over if today.day >= ASK_FROM_DAY else over - 1))


def years_asked(today: date) -> list[FiscalYear]:
    """The running years that are approved; in January also the year before, whose December is asked about then."""
    first = today.year - 1 if today.month == 1 else today.year
    rows = FiscalYear.objects.filter(state=YearState.APPROVED, year__gte=first, year__lte=today.year)
    return list(rows.select_related("unit").order_by("year", "pk"))


def _promised(program: ProgramYear) -> date | None:
    """Until when an accepted answer has put off the payment of a program; one query."""
    rows = LagAnswer.objects.filter(notice__program_year=program, notice__state=LagState.ACCEPTED)
    return rows.order_by("-pay_on").values_list("pay_on", flat=True).first()


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _due(view: YearFlow, today: date) -> list[tuple[ProgramFlow, int]]:
    """The programs under way and the months in which they lagged that were never asked about."""
    year, rule = view.year.year, rule_of(view.year.year)
    asked = set(LagNotice.objects.filter(fiscal_year=view.year).values_list("program_year", "month"))
    return [
        (one, month)
        for one in view.programs
        if one.program_year.state == ProgramState.APPROVED
        for month in range(1, months_over(year, today) + 1)
        if (one.program_year.pk, month) not in asked and one.flow.pace_at(month, rule) == BEHIND
    ]


def lags_ask(*, now: datetime) -> int:
    """Ask about every program that lagged in a month that is over: once for each, also what was missed.

    From the 5th of a month on it asks about the month before. A month before a payment day that was accepted in an
    earlier answer is not asked about again. Nothing is asked while a recovery hold is on.

    Returns:
        How many were asked.
    """
    if hold_is_on():
        return 0
    today, count = now.astimezone(SHANGHAI).date(), 0
    for year in years_asked(today):
        view = year_flow(year)
        for one, month in _due(view, today):
            count += _ask_one(view, one, month, now=now)
    return count


def _ask_one(view: YearFlow, one: ProgramFlow, month: int, *, now: datetime) -> bool:
    """Ask about one month of one program, unless somebody else does at the same time."""
    program = one.program_year
    promised = _promised(program)
    if promised is not None and promised > _month_end(view.year.year, month):
        return False
    office = office_of(program, now=now)
    if office is None:
        _nobody_told(program, month, now=now)
        return False
    with transaction.atomic():
        # One asks at a time, whatever the number of workers.
        ProgramYear.objects.select_for_update(no_key=True).get(pk=program.pk)
        if LagNotice.objects.filter(program_year=program, month=month).exists():
            return False
        subject = Subject(view.year, one.flow, program)
        lag_ask(subject=subject, month=month, department=office, text=ask_words(one.flow, month), by=None, now=now)
    return True


def _nobody_told(program: ProgramYear, month: int, *, now: datetime) -> None:
    """Without an office nobody can be asked: who manages the goals learns it, once a program and year."""
    with transaction.atomic():
        for user in people_with(Duty.PERFORMANCE, now=now):
            notice_create(
                channel=Notice.Channel.IN_SITE, user=user, now=now,
                subject=f"请指定承办科室：{program.program}",
                text=f"{program.program}（{program.fiscal_year.year}年度）{month}月用款进度滞后，还没有指定承办科室，"
                "没有要求说明。请在项目页面指定承办科室。",
                link=f"/staff/performance/program-years/{program.pk}/department/",
                cause=("performance.programyear", program.pk),
                dedup_key=f"performance.lag:no-office:{program.pk}:user:{user.pk}",
            )  # fmt: skip
