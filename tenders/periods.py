"""Whether the dates of a draft are lawful when it is published at a given moment. No illegal date (DESIGN 5, 4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.moments import SHANGHAI, day_words
from core.workdays import Calendar, deadline_compute
from tenders.facts import read_moment
from tenders.models import AnnouncementDraft
from tenders.rulebook import CLARIFICATION, EXCEPTIONS, rule_of
from workflow.rulebook import Rule

PUBLISHED = "published"
UNIT = {"cd": "日", "wd": "个工作日"}


@dataclass(frozen=True)
class Fault:
    """A date that the law does not allow, or one that is late already.

    Args:
        rule: the rule's id.
        sentence: what is wrong and which article says so, without the full stop.
        exception: what the rule itself says of exceptions; empty when it knows none.
        late: the day has passed: publishing is still a duty, and why it is late is written down.
    """

    rule: str
    sentence: str
    exception: str = ""
    late: bool = False

    @property
    def key(self) -> str:
        """By which it is answered."""
        return f"{'late' if self.late else 'exception'}:{self.rule}"


def day_of(draft: AnnouncementDraft, name: str, at: datetime) -> date | None:
    """The day of a field; ``published`` is the day of publication (Asia/Shanghai)."""
    if name == PUBLISHED:
        return at.astimezone(SHANGHAI).date()
    value = str(draft.fields.get(name) or "")
    moment = read_moment(value)
    if moment is not None:
        return moment.date()
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _label(draft: AnnouncementDraft, name: str) -> str:
    return "本公告发布" if name == PUBLISHED else str(draft.template.field(name).get("label", name))


def _check(draft: AnnouncementDraft, one: dict[str, Any], at: datetime, calendar: Calendar) -> Iterator[Fault]:
    start, end = (day_of(draft, one[side], at) for side in ("start", "end"))
    if start is None or end is None:
        return
    if one["start"] == "doc_get_from":
        # Nobody has the documents before the announcement, whatever day was written down for them.
        start = max(start, at.astimezone(SHANGHAI).date())
    rule = rule_of(one["rule"], at.astimezone(SHANGHAI).date())
    due = deadline_compute(rule.period, start, calendar).due
    if (end < due) if rule.kind == "earliest" else (end > due):
        yield _fault(draft, one, rule, end, due)


def _fault(draft: AnnouncementDraft, one: dict[str, Any], rule: Rule, end: date, due: date) -> Fault:
    start, what = _label(draft, one["start"]), _label(draft, one["end"])
    length = f"{rule.period.length}{UNIT[rule.period.unit]}"
    order = f"之前至少{length}" if rule.period.direction == "backward" else f"之日起{length}"
    bound = f"最早为{day_words(due)}" if rule.kind == "earliest" else f"最晚为{day_words(due)}"
    sentence = f"{what}（{day_words(end)}）不合法定期限：{rule.name}应按{start}{order}计算，{bound}（{rule.article}）"
    return Fault(rule.id, sentence, EXCEPTIONS.get(rule.id, ""), bool(one.get("late")))


def _clarification(draft: AnnouncementDraft, at: datetime, calendar: Calendar) -> Iterator[Fault]:
    """A change that may affect bids: 15 days ahead, or the deadline moves (招标投标法实施条例第二十一条)."""
    rule_id = CLARIFICATION.get(draft.category)
    target = draft.target
    if rule_id is None or target is None or draft.fields.get("affects_bids") != "yes":
        return
    due_on = day_of(draft, "new_deadline", at) or (target.deadline and target.deadline.astimezone(SHANGHAI).date())
    if due_on is None:
        return
    day = at.astimezone(SHANGHAI).date()
    rule = rule_of(rule_id, day)
    latest = deadline_compute(rule.period, due_on, calendar).due
    if day > latest:
        yield Fault(
            rule.id,
            f"更正可能影响投标文件编制，应当在递交截止（{day_words(due_on)}）{rule.period.length}日前发布，"
            f"最晚为{day_words(latest)}；不足的应当顺延递交截止时间，请在“更正后的递交截止时间”里写明（{rule.article}）",
        )


def _order(draft: AnnouncementDraft, at: datetime) -> Iterator[Fault]:
    """What ends before it begins, or has ended before it is published, is a slip of the pen."""
    for first, last in (
        ("doc_get_from", "doc_get_until"), ("publicity_from", "publicity_until"), ("listing_from", "listing_until"),
        (PUBLISHED, "doc_get_until"), (PUBLISHED, "deadline"), (PUBLISHED, "publicity_until"),
        (PUBLISHED, "apply_until"), (PUBLISHED, "new_deadline"), (PUBLISHED, "listing_until"),
        (PUBLISHED, "publicity_from"),
    ):  # fmt: skip
        begin, end = day_of(draft, first, at), day_of(draft, last, at)
        if begin and end and end < begin:
            yield Fault(
                "",
                f"{_label(draft, last)}（{day_words(end)}）早于{_label(draft, first)}（{day_words(begin)}），"
                "请核对日期",
            )


def period_faults(draft: AnnouncementDraft, *, at: datetime, calendar: Calendar) -> list[Fault]:
    """Everything wrong with the dates of a draft.

    Args:
        draft: with its template and target.
        at: the moment of publication.
        calendar: as imported.
    """
    found = [fault for one in draft.template.periods for fault in _check(draft, one, at, calendar)]
    return [*found, *_clarification(draft, at, calendar), *_order(draft, at)]
