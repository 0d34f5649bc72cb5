"""运行监控: what lagged behind its payment plan was explained in time (the center's own rule: see LagNotice.due_on)."""

from __future__ import annotations

from django.apps import apps
from django.db.models import Min
from django.urls import reverse

from core.measures import MeasureRow
from core.moments import day_words
from performance.appraisal.checks import Check, Outcome, check_add, counted
from performance.appraisal.material import Material
from performance.models import ManagementGroup

# The table of another part of this app, named here: it is read when the check is asked, not before.
NOTICE = ("performance", "LagNotice")


def answered(material: Material, parameter: str) -> Outcome:
    """Notices that are due were first answered by their day; recalled ones do not count."""
    notices = apps.get_model(*NOTICE).objects.filter(fiscal_year=material.fiscal_year)
    notices = notices.exclude(state="recalled").annotate(first=Min("answers__at"))
    rows = []
    for one in notices.select_related("program_year__program", "department").order_by("month", "id"):
        day = material.day(one.first) if one.first else None
        if day is None and one.due_on >= material.today:
            continue
        words = f"{day_words(day)}说明" if day else "没有说明"
        fine = day is not None and day <= one.due_on
        url = reverse("staff_lag", args=[one.pk])
        rows.append((MeasureRow(f"{one.department}：{one}", url, f"{words}，期限 {day_words(one.due_on)}"), fine))
    return counted(rows, what="按时说明", none="没有要求说明的滞后项目。")


check_add(
    Check("lags_answered", ManagementGroup.MONITORING, "进度滞后按时说明",
          "支付进度滞后、要求说明的，承办科室在期限内书面说明的比例。", answered)
)  # fmt: skip
