"""Why an application may not go on before it says what became of the last result: sentences after 不能…：."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from performance.models import ProgramYear
from performance.selectors.result_uses import earlier_of


def result_used(program_year: ProgramYear, *, by: Any, now: datetime, data: dict[str, Any]) -> list[str]:
    """A poor result counts in the next budget, and the application can tell how (预算法第三十二条)."""
    earlier = earlier_of(program_year, now=now)
    if earlier is None or not earlier.poor or earlier.uses_for(program_year):
        return []
    year = earlier.report.fiscal_year.year
    return [
        f"{year} 年度自评{'、'.join(earlier.poor)}，结果怎样用到这次预算里还没有登记，"
        f"请在“{earlier.report.title}”的页面登记结果应用"
    ]
