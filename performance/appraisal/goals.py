"""目标管理: goals are there, in time, measurable, changed with reasons (财预〔2020〕10号, 中发〔2018〕34号)."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from core.measures import MeasureRow
from core.moments import day_words
from performance.appraisal.checks import DAY, LENGTH, PERCENT, Check, Outcome, check_add, counted, day_of, share_of
from performance.appraisal.material import Material, Subject
from performance.models import GoalState, GoalTable, ManagementGroup
from performance.scoring.values import is_qualitative, target_read

GROUP = ManagementGroup.GOALS
# A program whose money is approved in the course of the year has its goals this much later (the center's decision).
LATER = timedelta(days=30)
STANDING = (GoalState.APPROVED, GoalState.SUPERSEDED)


def _approved(material: Material, subject: Subject) -> list[GoalTable]:
    """The versions of a subject that are or were in force, the oldest first."""
    return [one for one in material.tables.get(subject.program_year_id, ()) if one.state in STANDING]


def complete(material: Material, parameter: str) -> Outcome:
    """Every subject has goals in force."""
    rows = []
    for one in material.subjects:
        found = bool(_approved(material, one))
        words = f"{'有' if found else '没有'}批准的绩效目标"
        rows.append((MeasureRow(one.name, material.goals_url(one), words), found))
    return counted(rows, what="有批准的绩效目标", none="没有要编目标的对象。")


def on_time(material: Material, parameter: str) -> Outcome:
    """The first version was approved by the day; of programs approved later within a month of their approval."""
    rows = []
    for one in material.subjects:
        due = day_of(material.year, parameter)
        if one.since is not None:
            due = max(due, one.since + LATER)
        days = [material.approvals[table.pk] for table in _approved(material, one) if table.pk in material.approvals]
        approved = min(days, default=None)
        if approved is None and material.today <= due:
            continue
        words = f"{day_words(approved)}批准" if approved else "没有批准"
        fine = approved is not None and approved <= due
        rows.append((MeasureRow(one.name, material.goals_url(one), f"{words}，期限 {day_words(due)}"), fine))
    return counted(rows, what="按时批准", none="期限还没有到，也没有已经批准的目标。")


def measurable(material: Material, parameter: str) -> Outcome:
    """Enough of the indicators have a target that can be measured."""
    rows, good, whole = [], 0, 0
    for one in material.subjects:
        scored = material.scored(one)
        if scored is None:
            continue
        targets = [row.target for row in scored.indicators]
        numbers = sum(not is_qualitative(text) and target_read(text) is not None for text in targets)
        good, whole = good + numbers, whole + len(targets)
        rows.append(MeasureRow(one.name, material.goals_url(one), f"{len(targets)} 个指标，{numbers} 个可以量化"))
    share = share_of(good, whole)
    if share is None:
        return Outcome(None, "还没有指标。")
    words = f"{whole} 个指标中 {good} 个可以量化，要求不低于 {parameter}%。"
    return Outcome(min(Fraction(1), share / Fraction(int(parameter), 100)), words, tuple(rows))


def changed(material: Material, parameter: str) -> Outcome:
    """Later versions say why, and were approved within the year."""
    rows = []
    for one in material.subjects:
        for table in _approved(material, one):
            if table.number == 1:
                continue
            day = material.approvals.get(table.pk)
            fine = (
                len("".join(table.reason.split())) >= int(parameter) and day is not None and day.year == material.year
            )
            words = f"{day_words(day) if day else '没有'}批准；理由：{table.reason or '没有写'}"
            url = material.goals_url(one)
            rows.append((MeasureRow(f"{one.name}第{table.number}版", url, words[:200]), fine))
    return counted(rows, what="写明理由并在年度内批准", none="这一年没有调整过绩效目标。")


for _check in (
    Check("goals_complete", GROUP, "绩效目标全覆盖", "部门整体和每个已批复的项目都有批准的绩效目标表。", complete),
    Check("goals_on_time", GROUP, "绩效目标按时批准",
          "第一版目标表在期限以前批准；年中批复的项目，期限是批复后 30 天。", on_time, DAY, "03-31"),
    Check("goals_measurable", GROUP, "绩效指标可衡量",
          "指标值写成数值（不是“定性”）的指标占全部指标的比例，达到要求的比例得满分，不到的按比例计分。",
          measurable, PERCENT, "70"),
    Check("goals_changed", GROUP, "目标调整有理由",
          "调整后的版本写明理由（不少于规定字数），并且在年度内批准；没有调整的不适用。", changed, LENGTH, "6"),
):  # fmt: skip
    check_add(_check)
