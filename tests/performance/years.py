"""The demonstration's years, made for tests: the figures of both official reports under other names."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import User
from performance.demo import branch2022, build, year2022
from performance.demo.texts import BRANCH, HOME
from performance.models import Report
from tests.workflow.people import make_staff

DUTIES = {
    "wuting": (Duty.FINANCE,),
    "qianshulin": (Duty.PERFORMANCE,),
    "zhouwenbo": (Duty.DIRECTOR,),
    "tangjianye": (Duty.DEPUTY_DIRECTOR, Duty.PERFORMANCE),
}


def make_cast() -> build.Cast:
    """The four people of the demonstration who make its years."""
    for username, duties in DUTIES.items():
        user = make_staff(*duties, department="finance", name=username)
        User.objects.filter(pk=user.pk).update(username=username)
    cast = build.Cast.of(timezone.now())
    assert cast is not None
    return cast


# The same sums in two lines: what most tests need.
FEW = (
    build.Line("personnel", "2010350", "30101", "2555600", "2213400", "本单位职工", "工资"),
    build.Line("routine", "2010350", "30201", "273800", "233600", "云泽县文苑办公用品店", "办公用品"),
)


@transaction.atomic
def department_report(cast: build.Cast | None = None) -> Report:
    """Seed A's year with its report, its basic expenditure in two lines."""
    cast = cast or make_cast()
    return year2022.make(cast, build.unit_make(cast, **HOME), FEW, months=1)


@transaction.atomic
def project_report(cast: build.Cast | None = None) -> Report:
    """Seed B's program with its report."""
    cast = cast or make_cast()
    build.unit_make(cast, **HOME)
    return branch2022.make(cast, build.unit_make(cast, **BRANCH))
