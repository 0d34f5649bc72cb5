"""Notices of a lag: one, the list, who answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse

from accounts.duties import Duty
from accounts.models import Department
from accounts.selectors import assignments_now
from core.moments import SHANGHAI, day_words
from performance.amounts import percent_words
from performance.models import LagAnswer, LagNotice, LagPaper, LagState
from performance.money_words import yuan
from performance.selectors.offices import reads_all
from workflow.actors import Actor
from workflow.models import StateChange
from workflow.moves import STAFF, FileLink

OPEN = (LagState.ASKED, LagState.ANSWERED)
PAGE = 50
HEADS = (
    "年度", "月份", "项目（类别）", "承办科室", "全年预算数（元）", "截至月末计划（元）", "截至月末支出（元）",
    "执行率", "状态", "说明期限", "原因", "情况说明和措施", "新的支付时间", "说明人", "说明时间", "发起人", "发起时间",
)  # fmt: skip


def _papers() -> Prefetch:
    answers = LagAnswer.objects.select_related("by").prefetch_related(
        Prefetch("papers", LagPaper.objects.select_related("file").order_by("id"))
    )
    return Prefetch("answers", answers.order_by("id"))


def lag_rows(*, now: datetime) -> QuerySet[LagNotice]:
    """Notices with what title, page and desk read, their answers and papers; three queries."""
    return LagNotice.objects.select_related(
        "fiscal_year__unit", "program_year__program", "program_year__leader", "program_year__fiscal_year", "department",
        "created_by",
    ).prefetch_related(_papers())  # fmt: skip


def lags_visible(rows: QuerySet[LagNotice], *, actor: Actor) -> QuerySet[LagNotice]:
    """Those of the own offices and programs; all for who manages, keeps the money or leads the center."""
    if actor.user is None or reads_all(actor):
        return rows
    if actor.duties.isdisjoint(STAFF):
        return rows.none()
    mine = Q(program_year__leader__in=actor.people_for(STAFF))
    return rows.filter(mine | Q(department__in=actor.departments_for(STAFF)))


def what_words(notice: LagNotice) -> str:
    """The program, or the kind of basic spending."""
    return str(notice.program_year.program) if notice.program_year else str(notice.get_category_display())


def lag_title(notice: LagNotice) -> str:
    """One line."""
    return f"{what_words(notice)}：{notice.fiscal_year.year}年{notice.month}月用款进度滞后"


def lag_url(notice: LagNotice) -> str:
    """The notice's page."""
    return reverse("staff_lag", args=[notice.pk])


def lag_facts(notice: LagNotice) -> list[tuple[str, str]]:
    """What one decides on: the figures as they stood, what was asked, the last answer."""
    facts = [
        ("承办科室", str(notice.department)), ("全年预算数", yuan(notice.budget)),
        (f"截至{notice.month}月末计划", yuan(notice.planned)), (f"截至{notice.month}月末支出", yuan(notice.spent)),
        ("比计划少", yuan(notice.planned - notice.spent)), ("执行率", percent_words(notice.rate)),
        ("要求", notice.text), ("说明期限", day_words(notice.due_on)),
    ]  # fmt: skip
    if answer := last_answer(notice):
        facts += [
            ("原因", str(answer.get_cause_display())), ("情况说明和措施", answer.text),
            ("新的支付时间", day_words(answer.pay_on)),
        ]  # fmt: skip
    return facts


def last_answer(notice: LagNotice) -> LagAnswer | None:
    """The newest answer, of rows already read."""
    found = list(notice.answers.all())
    return found[-1] if found else None


def lag_files(notice: LagNotice) -> list[FileLink]:
    """The papers of the last answer."""
    answer = last_answer(notice)
    papers = list(answer.papers.all()) if answer else []
    return [FileLink(one.name, reverse("staff_lag_paper", args=[one.pk]), one.file.size) for one in papers]


def answerers_at(notice: LagNotice, *, now: datetime) -> set[int]:
    """The heads of the office that is asked, and the program's leader."""
    heads = assignments_now(now=now).filter(department=notice.department_id, duty=Duty.OFFICE_HEAD)
    found = set(heads.values_list("user", flat=True))
    leader = notice.program_year.leader_id if notice.program_year else None
    return found | ({leader} if leader else set())


def answerers(notice: LagNotice, *, history: Sequence[StateChange]) -> set[int]:
    """Who was asked, told when it is taken back."""
    return answerers_at(notice, now=history[-1].at)


@dataclass(frozen=True)
class LagQuery:
    """Filters of the list; what is empty does not filter.

    Args:
        state: of LagState, or ``open`` for those still under way, or ``overdue``.
        office: number of a department; year: of the budget; before: number of the last row of the page before.
    """

    state: str = ""
    office: int = 0
    year: int = 0
    before: int = 0

    @property
    def filtered(self) -> bool:
        """Whether anything but the page was chosen."""
        return bool(self.state or self.office or self.year)


def lags_of(query: LagQuery, *, actor: Actor, now: datetime) -> QuerySet[LagNotice]:
    """The notices that a person may see and the filters leave, newest first."""
    rows = lags_visible(lag_rows(now=now), actor=actor).order_by("-id")
    if query.state == "open":
        rows = rows.filter(state__in=OPEN)
    elif query.state == "overdue":
        rows = rows.filter(state=LagState.ASKED, due_on__lt=now.astimezone(SHANGHAI).date())
    elif query.state:
        rows = rows.filter(state=query.state)
    if query.office:
        rows = rows.filter(department=query.office)
    if query.year:
        rows = rows.filter(fiscal_year__year=query.year)
    return rows


def lags_page(query: LagQuery, *, actor: Actor, now: datetime) -> tuple[list[LagNotice], int]:
    """A page of the list, and the number to begin the next one with (0: there is none)."""
    rows = lags_of(query, actor=actor, now=now)
    if query.before:
        rows = rows.filter(pk__lt=query.before)
    found = list(rows[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else 0


def lag_cells(notice: LagNotice) -> tuple[Any, ...]:
    """A row of the workbook."""
    answer = last_answer(notice)
    said: tuple[Any, ...] = ("", "", "", "", None)
    if answer:
        said = (str(answer.get_cause_display()), answer.text, answer.pay_on.isoformat(), answer.by.name, answer.at)
    return (
        notice.fiscal_year.year, notice.month, what_words(notice), str(notice.department), f"{notice.budget:.2f}",
        f"{notice.planned:.2f}", f"{notice.spent:.2f}", percent_words(notice.rate), str(notice.get_state_display()),
        notice.due_on.isoformat(), *said, notice.created_by.name if notice.created_by else "系统", notice.created_at,
    )  # fmt: skip


def offices_asked() -> QuerySet[Department]:
    """Offices in use, and those that were ever asked."""
    return Department.objects.filter(Q(is_active=True) | Q(pk__in=LagNotice.objects.values("department")))
