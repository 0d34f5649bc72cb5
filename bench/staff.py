"""Pages of the staff over a county's budget year, as ratios to the plainest staff page of the same run.

Each page is asked of the whole application (all middleware, real database), without the web server's own part.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from bench import year as made
from bench.measure import Row, median_ratio

ROUNDS = 9
PLAIN = "staff_account"
# Name of the address, what it is called, which key of the year it takes.
PAGES = (
    ("staff_budget_years", "预算年度列表", ""),
    ("staff_budget_year", "预算年度", "year"),
    ("staff_entries", "支出登记（2,000 笔）", "year"),
    ("staff_program_year", "项目资金", "program"),
    ("staff_goals", "绩效目标列表", ""),
    ("staff_goal", "绩效目标", "table"),
    ("staff_indicators", "指标完成情况", ""),
    ("staff_reports", "自评报告列表", ""),
    ("staff_progress_year", "执行进度", "year"),
    ("staff_month_plans", "月度用款计划", "year"),
    ("staff_lags", "进度滞后说明", ""),
    ("staff_shares", "目标分解与进度", ""),
    ("staff_monitorings", "运行监控", ""),
    ("staff_surveys", "满意度调查列表", ""),
    ("staff_survey", "满意度调查（1,000 份答卷）", "survey"),
    ("staff_plans", "自评工作方案", ""),
    ("staff_rectifications", "问题整改台账", ""),
    ("staff_appraisal", "绩效管理评分（中心）", "home"),
    ("staff_compare", "年度对比", ""),
)
MOST_MS = 300.0


def _client() -> Any:
    from django.test import Client  # noqa: PLC0415 (needs Django)
    from django.utils import timezone  # noqa: PLC0415 (see above)

    from accounts import sessions  # noqa: PLC0415 (see above)
    from accounts.models import User  # noqa: PLC0415 (see above)

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username="qianshulin"))
    session, now = client.session, timezone.now().timestamp()
    session.update({sessions.BEGUN: now, sessions.SEEN: now, sessions.FACTOR: True})
    session.save()
    return client


def _taken(client: Any, address: str) -> float:
    begun = time.perf_counter()
    answer = client.get(address)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    taken = time.perf_counter() - begun
    assert answer.status_code == 200 and body, (address, answer.status_code)
    return taken


def _rows(say: Callable[[str], None], found: made.Year) -> list[Row]:
    from django.urls import reverse  # noqa: PLC0415 (needs Django)

    client, plain, rows = _client(), reverse(PLAIN), []
    for name, label, key in PAGES:
        address = reverse(name, args=[getattr(found, key)] if key else [])
        _taken(client, address)
        pairs = [(_taken(client, address), _taken(client, plain)) for _ in range(ROUNDS)]
        milliseconds = statistics.median(one for one, _ in pairs) * 1000
        say(f"  {label}：{milliseconds:.0f} 毫秒")
        rows.append(
            Row(f"staff.{name.removeprefix('staff_')}", label, median_ratio(pairs), limit=f"{MOST_MS:.0f} 毫秒",
                figures={"milliseconds": round(milliseconds, 1)})
        )  # fmt: skip
    return rows


def measure(say: Callable[[str], None]) -> list[Row]:
    """A row for each page; what was made for it is taken back."""
    from django.db import transaction  # noqa: PLC0415 (needs Django)

    say("工作人员页面：正在写入一个县全年的预算绩效数据……")
    with transaction.atomic():
        found = made.make()
        say(f"  {made.PROGRAMS} 个项目、{found.indicators} 个指标、{found.entries:,} 笔支出、{found.answers:,} 份答卷")
        rows = _rows(say, found)
        transaction.set_rollback(True)
    return rows
