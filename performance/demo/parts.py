"""What is added to a demonstration instance, each part once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from core.moments import SHANGHAI
from performance.demo import branch2022, build, forms, process, running, surveys, year2022, year2025
from performance.demo.goals import papers_keep
from performance.demo.results import play_results
from performance.demo.texts import BRANCH, HOME
from performance.models import BudgetUnit, FiscalYear


def demo_part(*, size: str, now: datetime) -> str:
    """The same in every size: the years of the center and of a neighbouring body.

    Args:
        size: of ``demo_load``; not used.
        now: the moment of loading; the running year is made up to it, once.
    """
    cast = build.Cast.of(now)
    if cast is None:
        return ""
    home = build.unit_make(cast, **HOME)
    branch = build.unit_make(cast, **BRANCH)
    today = now.astimezone(SHANGHAI).date()
    added = [
        _once(home, year2022.YEAR, lambda: year2022.make(cast, home)),
        _once(branch, year2022.YEAR, lambda: branch2022.make(cast, branch)),
    ]
    if not FiscalYear.objects.filter(unit=home, year=year2025.YEAR).exists():
        papers = papers_keep(year2025.AIMS, now=now)
        added.append(_once(home, year2025.YEAR, lambda: year2025.make(cast, home, papers)))
    if not FiscalYear.objects.filter(unit=home, year__gt=year2025.YEAR).exists():
        added.append(_once(home, today.year, lambda: running.make(cast, home, today)))
    if (last := process.year_to_play()) is not None:
        evidence = process.papers_keep(cast)
        with transaction.atomic():
            process.play_process(cast, last, evidence)
    surveys.play_surveys(cast, home)
    if year := FiscalYear.objects.filter(unit=home, year=today.year).select_related("unit").first():
        forms.play_forms(cast, year, today)
    play_results(cast, home)
    return f"已写入 {sum(added)} 个年度的预算、支出和绩效数据。" if any(added) else ""


def _once(unit: BudgetUnit, year: int, make: Callable[[], object]) -> bool:
    """Make a year that is not there, wholly or not at all."""
    if FiscalYear.objects.filter(unit=unit, year=year).exists():
        return False
    with transaction.atomic():
        make()
    return True
