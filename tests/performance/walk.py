"""What the walk over all staff pages needs besides the demonstration: a year that is being drafted, a list."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from accounts.models import Department
from performance.demo import build
from performance.demo.parts import demo_part
from performance.models import BudgetUnit, Edition, FiscalYear, GoalTable, Report
from performance.services import imports, programs, years
from performance.services.evaluation import plan_create
from performance.services.goals import goals_create
from performance.services.report_files import report_file_make
from performance.services.reports import report_create
from performance.services.runs import report_run
from performance.services.surveys import survey_create
from tests.performance import books


def performance_demo(now: datetime) -> None:
    """The demonstration's years, the next one begun, a list that was read, a report that is wanted."""
    demo_part(size="small", now=now)
    cast = build.Cast.of(now)
    assert cast is not None
    home = BudgetUnit.objects.get(is_home=True)
    running = FiscalYear.objects.filter(unit=home).latest("year")
    _begun(cast, home, running.year + 1)
    content = books.book([books.entry(1, day=date(running.year, 1, 6)), books.entry(2, amount="很多")])
    batch = imports.import_start(
        year=running, kind="entries", content=io.BytesIO(content), name="清单.xlsx", by=cast.finance, now=now
    )
    imports.import_read(number=batch.pk, clock=timezone.now)
    site = running.programs.get(program__code=f"YZ{running.year}-ZX01")
    goals_create(
        fiscal_year=running, program_year=site, reason="任务增加", by=cast.performance, now=now,
        copy_from=GoalTable.objects.get(program_year=site),
    )  # fmt: skip
    report = report_create(year=running, program=None, dated_on=now.date(), by=cast.performance, now=now)
    plan_create(fiscal_year=running, by=cast.performance, now=now)
    report_run(report=report, by=cast.performance, now=now)
    survey_create(
        fiscal_year=running, kind="window", title="下一次调查", department=Department.objects.get(code="intake"),
        opens_on=date(running.year, 12, 30), closes_on=date(running.year, 12, 31), standard=True, by=cast.performance,
        now=now,
    )  # fmt: skip
    # A public edition that waits for somebody to disclose it.
    if (frozen := Report.objects.filter(state="frozen", kind="project").first()) is not None:
        report_file_make(report=frozen, now=now, edition=Edition.PUBLIC)


def _begun(cast: build.Cast, home: BudgetUnit, number: int) -> None:
    made = {"by": cast.finance, "now": cast.now}
    year = years.year_create(unit=home, year=number, **made)
    years.post_save(year=year, kind="管理岗位人员", quota=11, actual=10, **made)
    functional, economic = build.subject("functional", "2010350"), build.subject("economic", "30201")
    amounts = {"functional": functional, "initial_amount": Decimal("50000.00"), **made}
    years.income_line_save(year=year, source=build.SOURCE, **amounts)
    years.spending_line_save(year=year, category="routine", economic=economic, **amounts)
    program = programs.program_save(unit=home, code="YZ-NEXT", name="下一年的项目", **made)
    row = programs.program_year_create(
        program=program, year=year, purpose="试验", applied_amount=Decimal("9000.00"), **made
    )
    programs.expense_save(program_year=row, name="材料", initial_amount=Decimal("9000.00"), **made)
    programs.milestone_save(
        program_year=row, name="采购", due_on=date(number, 6, 30), planned_amount=Decimal("9000.00"), **made
    )
