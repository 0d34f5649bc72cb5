"""运行监控: the forms of the middle of the year (财预〔2019〕136号: every August for January to July)."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.urls import reverse

from core.measures import MeasureRow
from core.moments import day_words
from performance.appraisal.checks import DAY, Check, Outcome, check_add, counted, day_of
from performance.appraisal.material import Material, Subject
from performance.models import ManagementGroup

GROUP = ManagementGroup.MONITORING
APPROVED = "approved"
# The table of another part of this app, named here: it is read when the check is asked, not before.
FORM = ("performance", "Monitoring")


def _forms(material: Material) -> dict[int | None, list[Any]]:
    """The forms of a year by program year, with their lines; discarded ones are left out. Two queries."""
    rows = apps.get_model(*FORM).objects.filter(fiscal_year=material.fiscal_year)
    found: dict[int | None, list[Any]] = {}
    for one in rows.exclude(state="discarded").prefetch_related("lines").order_by("through_month", "id"):
        found.setdefault(one.program_year_id, []).append(one)
    return found


def _url(forms: list[Any]) -> str:
    return reverse("staff_monitoring", args=[forms[-1].pk]) if forms else reverse("staff_monitorings")


def _begun(material: Material, subject: Subject) -> bool:
    """Whether a subject was there by the end of July, the months that are monitored."""
    return subject.since is None or subject.since <= day_of(material.year, "07-31")


def on_time(material: Material, parameter: str) -> Outcome:
    """Every subject has a form that was approved by the day."""
    due, forms = day_of(material.year, parameter), _forms(material)
    days = material.moves(
        "performance.monitoring", [one.pk for rows in forms.values() for one in rows], target=APPROVED
    )
    rows = []
    for subject in material.subjects:
        own = forms.get(subject.program_year_id, [])
        day = min((days[one.pk] for one in own if one.pk in days), default=None)
        if not _begun(material, subject) or (day is None and material.today <= due):
            continue
        words = f"{day_words(day)}审核通过" if day else "没有审核通过的监控表"
        fine = day is not None and day <= due
        rows.append((MeasureRow(subject.name, _url(own), f"{words}，期限 {day_words(due)}"), fine))
    return counted(rows, what="按时完成监控", none="期限还没有到，也没有审核通过的监控表。")


def complete(material: Material, parameter: str) -> Outcome:
    """Every line of the approved forms says what is expected and how likely it is."""
    rows = []
    names = {one.program_year_id: one.name for one in material.subjects}
    for key, forms in _forms(material).items():
        for form in forms:
            if form.state != APPROVED:
                continue
            lines = list(form.lines.all())
            missing = [one.name for one in lines if not _told(one)]
            words = f"{len(lines)} 行都已填全" if not missing else f"没有填全：{'、'.join(missing[:6])}"
            label = f"{names.get(key, '已取消的项目')} 1—{form.through_month}月"
            rows.append((MeasureRow(label, _url([form]), words), not missing))
    return counted(rows, what="填写完整", none="还没有审核通过的监控表。")


def _told(line: Any) -> bool:
    """Parts of the money by source carry no judgement of their own."""
    if line.line.startswith("funds:"):
        return True
    expected = line.expected_amount is not None if line.line == "funds" else bool(line.expected)
    return expected and bool(line.likelihood or line.line == "funds")


for _check in (
    Check("monitoring_on_time", GROUP, "运行监控按时完成",
          "部门整体和每个项目的监控表在期限以前审核通过。", on_time, DAY, "08-31"),
    Check("monitoring_complete", GROUP, "运行监控内容完整",
          "审核通过的监控表每一行都写明全年预计和完成目标的可能性。", complete),
):  # fmt: skip
    check_add(_check)
