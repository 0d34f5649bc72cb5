"""What is there before a year is played: a clock, people of the offices, a budget, goals, and the money spent."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.duties import Duty
from accounts.models import Department, User
from core.moments import SHANGHAI
from performance.demo.build import (
    Cast,
    Expense,
    Line,
    Plan,
    basic_spend,
    income_spread,
    lines_make,
    program_apply,
    program_spend,
    subject,
    unit_make,
    year_approve,
    year_begin,
)
from performance.demo.goals import Aim, actuals_fill, table_make
from performance.models import FiscalYear, ProgramYear
from performance.services import programs, years
from performance.services.program_office import program_department_set
from tests.accounts.factories import make_person
from tests.workflow.people import give

YEAR, NEXT = 2025, 2026
UNIT = {
    "code": "508001", "name": "云泽县公共资源交易中心", "short_name": "云泽县交易中心",
    "competent_department": "云泽县行政审批局", "is_home": True,
}  # fmt: skip
GOAL = "保障交易平台正常运转，服务进场交易主体，全年交易规范有序。"
SATISFACTION = "窗口服务满意度"


@dataclass
class Clock:
    """The time of the portal, which goes on from where it was set."""

    begin: datetime = datetime(YEAR, 2, 10, 2, 0, tzinfo=UTC)
    _since: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """In place of ``timezone.now``."""
        return self.begin + timedelta(seconds=time.monotonic() - self._since)

    def set(self, year: int, month: int, day: int) -> None:
        """Nine in the morning of a day in Asia/Shanghai; passwords do not grow old meanwhile (tests/accounts)."""
        self.begin = datetime(year, month, day, 9, 0, tzinfo=SHANGHAI).astimezone(UTC)
        self._since = time.monotonic()
        User.objects.update(password_changed_at=self.begin)


def person(name: str, office: str, *duties: Duty) -> User:
    """Somebody of an office, with a second factor where the duty asks for one."""
    user = make_person(name=name, factor=bool({Duty.DIRECTOR, Duty.FINANCE} & set(duties)))
    give(user, *duties, department=office)
    return user


@dataclass
class World:
    """The people, the year and its two programs."""

    finance: User = field(default_factory=lambda: person("吴婷", "finance", Duty.FINANCE))
    manager: User = field(default_factory=lambda: person("钱树林", "finance", Duty.PERFORMANCE))
    second: User = field(default_factory=lambda: person("唐建业", "directors", Duty.PERFORMANCE))
    director: User = field(default_factory=lambda: person("周文博", "directors", Duty.DIRECTOR))
    site_head: User = field(default_factory=lambda: person("何志远", "evaluation", Duty.OFFICE_HEAD))
    it_head: User = field(default_factory=lambda: person("段晓波", "it", Duty.OFFICE_HEAD))
    hall_head: User = field(default_factory=lambda: person("李晓梅", "intake", Duty.OFFICE_HEAD))
    year: FiscalYear = field(init=False)
    site: ProgramYear = field(init=False)
    terminals: ProgramYear = field(init=False)

    def cast(self, now: datetime) -> Cast:
        """As the demonstration's building blocks want it."""
        return Cast(self.finance, self.manager, self.director, self.second, now, since=now)


SITE = Plan(
    code="YZ2025-01", name="开标评标场所运转", amount="120000", purpose="开标评标场所的设备维护和耗材",
    texts={
        "basis": "云泽县财政局2025年部门预算编制通知", "estimate": "设备维护7万元、办公耗材5万元，合计12万元。",
        "expected_goal": GOAL, "background": "为进场项目提供开标评标场所。",
    },
    functional="2010399", economic="30213",
    expenses=(Expense("设备维护", "70000", "30213"), Expense("办公耗材", "50000", "30201")),
    milestones=(
        ("一季度维护", date(YEAR, 3, 31), "30000", None), ("二季度维护", date(YEAR, 6, 30), "40000", None),
        ("三季度维护", date(YEAR, 9, 30), "30000", None), ("年底维护", date(YEAR, 11, 30), "20000", None),
    ),
    document_number="云财预〔2025〕2号", approved_on=date(YEAR, 1, 20),
)  # fmt: skip
TERMINALS = Plan(
    code="YZ2025-02", name="专家抽取终端更新", amount="80000", purpose="更新专家抽取和身份核验终端",
    texts={
        "basis": "省统一评标专家库网络终端建设要求", "estimate": "终端4套6.4万元、网络改造1.6万元，合计8万元。",
        "expected_goal": "专家抽取终端与省库联通，身份核验全程留痕。", "background": "现有终端使用已满八年，故障增多。",
    },
    functional="2010399", economic="31002",
    expenses=(Expense("抽取终端", "64000", "31002"), Expense("网络改造", "16000", "30227")),
    milestones=(
        ("终端试点", date(YEAR, 4, 30), "9000", None), ("完成采购", date(YEAR, 6, 30), "55000", None),
        ("投入使用", date(YEAR, 9, 30), "16000", None),
    ),
    document_number="云财预〔2025〕2号", approved_on=date(YEAR, 1, 20),
)  # fmt: skip
AIMS = (
    Aim("产出指标", "数量指标", "更新终端数量", "≥4套", "25", "4套", "验收单四份"),
    Aim("产出指标", "质量指标", "验收合格率", "≥100%", "25", "100%", "验收报告"),
    Aim("效益指标", "社会效益指标", "核验留痕率", "≥95%", "30", "98%", "系统日志统计"),
    Aim("满意度指标", "服务对象满意度", SATISFACTION, "≥90%", "10"),
)
SITE_AIMS = (
    Aim("产出指标", "数量指标", "设备检修次数", "≥12次", "50", "12次", "检修记录"),
    Aim("效益指标", "社会效益指标", "场所可用率", "≥98%", "30", "99%", "值班记录"),
    Aim("满意度指标", "服务对象满意度", "场所使用满意度", "≥90%", "10", "96%", "现场征询", survey=(50, 50, 50, 48)),
)
WHOLE_AIMS = (
    Aim("产出指标", "数量指标", "服务进场交易宗数", "≥300宗", "50", "326宗", "交易台账"),
    Aim("效益指标", "社会效益指标", "信息公开及时率", "≥100%", "30", "100%", "公告台账"),
    Aim("满意度指标", "服务对象满意度", "行业行风满意度", "≥90%", "10", "95%", "现场征询", survey=(60, 60, 60, 57)),
)
BASIC = (Line("routine", "2010350", "30201", "96000", "64000", "云泽县文苑办公用品店", "办公用品"),)
# Payments until August, and those after it: by expense line, (day, yuan, purpose, payee).
Paid = Mapping[str, Sequence[tuple[date, str, str, str]]]
EARLY: dict[str, Paid] = {
    "site": {"设备维护": [(date(YEAR, 3, 20), "20000", "一季度设备维护", "云泽县明视电子经营部")]},
    "terminals": {"抽取终端": [(date(YEAR, 4, 15), "9000", "终端试点", "云泽县智安电子科技有限公司")]},
}
LATE: dict[str, Paid] = {
    "site": {
        "设备维护": [(date(YEAR, 10, 20), "49000", "设备维护", "云泽县明视电子经营部")],
        "办公耗材": [(date(YEAR, 11, 12), "49500", "评标室耗材", "云泽县文苑办公用品店")],
    },
    "terminals": {
        "抽取终端": [(date(YEAR, 10, 28), "43000", "终端三套", "云泽县智安电子科技有限公司")],
        "网络改造": [(date(YEAR, 12, 10), "8000", "网络改造", "云泽县通信服务公司")],
    },
}  # fmt: skip


def world_make(clock: Clock) -> World:
    """February: the year is approved, so are the goals but for one program's, which wait for the director."""
    world = World()
    cast = world.cast(clock.now())
    unit = unit_make(cast, **UNIT)
    world.year = year_begin(cast, unit, YEAR)
    lines_make(cast, world.year, BASIC)
    for name, plan, office in (("site", SITE, "evaluation"), ("terminals", TERMINALS, "it")):
        row = program_apply(cast, world.year, plan)
        setattr(world, name, row)
        program_department_set(
            program_year=row, department=Department.objects.get(code=office), by=world.finance, now=cast.now
        )
        line_of_income(cast, world.year, plan.amount, row)
    line_of_income(cast, world.year, "296000")
    year_approve(cast, world.year, "云财预〔2025〕2号", date(YEAR, 1, 20))
    table_make(cast, world.year, None, GOAL, WHOLE_AIMS)
    for row, aims in ((world.site, SITE_AIMS), (world.terminals, AIMS)):
        table_make(cast, world.year, row, str(row.expected_goal), aims, approved=row == world.site)
    return world


def summer_passes(clock: Clock, world: World) -> None:
    """Money spent until the end of August: both programs far less than planned."""
    cast = world.cast(clock.now())
    income_spread(cast, world.year.income_lines.get(program_year=None), "64000", YEAR, months=8)
    with transaction.atomic():
        basic_spend(cast, [(BASIC[0], world.year.spending_lines.get(category="routine"))], YEAR, months=8)
    paid(cast, world, EARLY)


def line_of_income(cast: Cast, year: FiscalYear, amount: str, program: ProgramYear | None = None) -> Any:
    """Appropriation of the year, or the part of it that is a program's."""
    return years.income_line_save(
        year=year, source="appropriation", initial_amount=Decimal(amount), by=cast.finance, now=cast.now,
        functional=subject("functional", "2010350"), program_year=program,
    )  # fmt: skip


def paid(cast: Cast, world: World, payments: Mapping[str, Paid]) -> None:
    """Payments of both programs, and as much income for each."""
    for name, row, plan in (("site", world.site, SITE), ("terminals", world.terminals, TERMINALS)):
        code = f"{plan.code}-{'A' if payments is EARLY else 'B'}"
        expenses = tuple(replace(one, payments=payments[name].get(one.name, ())) for one in plan.expenses)
        program_spend(cast, row, replace(plan, code=code, expenses=expenses, milestones=()))
        amount = sum(Decimal(sum_) for rows in payments[name].values() for _, sum_, _, _ in rows)
        income_spread(cast, row.income_lines.get(), str(amount), YEAR, months=8)


def year_ends(clock: Clock, world: World) -> None:
    """The rest of the year's payments and what the indicators came to; the next year's application is drafted."""
    cast = world.cast(clock.now())
    paid(cast, world, LATE)
    for row, aims in ((world.site, SITE_AIMS), (world.terminals, AIMS), (None, WHOLE_AIMS)):
        actuals_fill(cast, world.year.goal_tables.get(program_year=row), aims)
    year = year_begin(cast, world.year.unit, NEXT)
    programs.program_year_create(
        program=world.terminals.program, year=year, purpose="终端维护和网络改造尾款", applied_amount=Decimal("30000"),
        basis="上年未完成的网络改造", estimate="网络改造尾款0.8万元、维护2.2万元，合计3万元。",
        expected_goal="终端全年可用率不低于98%。", by=world.finance, now=cast.now,
    )  # fmt: skip
