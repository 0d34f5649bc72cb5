"""运行监控: what was planned for the year is followed (财预〔2019〕136号)."""

from __future__ import annotations

from django.urls import reverse

from core.measures import MeasureRow
from core.moments import day_words
from performance.appraisal.checks import Check, Outcome, check_add, counted
from performance.appraisal.material import Material
from performance.models import ManagementGroup

GROUP = ManagementGroup.MONITORING


def milestones(material: Material, parameter: str) -> Outcome:
    """Steps of the programs' plans that are due were done by their day."""
    rows = []
    for one in material.milestones:
        if one.done_on is None and one.due_on >= material.today:
            continue
        done = f"{day_words(one.done_on)}完成" if one.done_on else "没有完成"
        fine = one.done_on is not None and one.done_on <= one.due_on
        url = reverse("staff_program_year", args=[one.program_year_id])
        words = f"计划 {day_words(one.due_on)}，{done}"
        rows.append((MeasureRow(f"{one.program_year.program.name}：{one.name}", url, words), fine))
    return counted(rows, what="按期完成", none="没有到期的实施节点。")


check_add(
    Check("milestones_on_time", GROUP, "实施节点按期完成", "到期的项目实施节点在计划日期以前完成的比例。", milestones)
)
