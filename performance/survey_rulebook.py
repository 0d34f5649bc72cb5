"""What an answer is, when it is valid, when somebody counts as satisfied: in one place, dated.

The rules ask for satisfaction as an indicator (财预〔2020〕10号第十四条) and leave the questionnaire to the unit; these
are the center's own. A form is judged by the rule of the day on which its survey begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Protocol

SCALE, YESNO, CHOICE, CHOICES, TEXT = "scale", "yesno", "choice", "choices", "text"
STEPS = (("5", "很满意"), ("4", "满意"), ("3", "一般"), ("2", "不满意"), ("1", "很不满意"))
YES_NO = (("yes", "是"), ("no", "否"))
# Points of what is answered, on the five steps.
POINTS = {**{value: int(value) for value, _ in STEPS}, "yes": 5, "no": 1}
# Who answers this is content with what the question asks about.
CONTENT = frozenset({"5", "4", "yes"})
LONGEST_TEXT = 500
MOST_QUESTIONS, MOST_OPTIONS = 40, 20
# z of a two-sided 95 % interval.
Z95 = "1.959963984540054"


@dataclass(frozen=True)
class Rule:
    """How forms are judged from a day on.

    Args:
        since: first day of a survey; basis: why.
        mean: a form is satisfied when the mean of its counting questions (1 to 5 points) reaches this.
        few: fewer valid forms than this are told to be for orientation only.
        least: fewer valid forms than this are not split by question, lest somebody be recognised.
        due_days: how long an office has to mend what was found wanting.
    """

    since: date
    basis: str
    mean: Fraction
    few: int
    least: int
    due_days: int


RULES = (
    Rule(date(2000, 1, 1), "计入满意度的题目全部作答的为有效答卷；各题平均达到“满意”（4 分）的为满意答卷。",
         Fraction(4), 30, 5, 30),
)  # fmt: skip


class Asked(Protocol):
    """What the rules read of a question."""

    pk: Any
    kind: str
    options: Any
    counts: bool


def rule_on(day: date) -> Rule:
    """The rule in force for a survey that begins on ``day``."""
    return next((rule for rule in reversed(RULES) if rule.since <= day), RULES[0])


def options_of(question: Asked) -> tuple[tuple[str, str], ...]:
    """What a question offers, as (value, words); empty for free text."""
    if question.kind == SCALE:
        return STEPS
    if question.kind == YESNO:
        return YES_NO
    return tuple((str(number), str(words)) for number, words in enumerate(question.options or ()))


def answer_fits(question: Asked, value: Any) -> bool:
    """Whether a value is one that the question can have: a text, one option, or a list of different ones."""
    if question.kind == TEXT:
        return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT
    known = [offered for offered, _ in options_of(question)]
    if question.kind == CHOICES:
        return isinstance(value, list) and bool(value) and len(set(value)) == len(value) and set(value) <= set(known)
    return isinstance(value, str) and value in known


def is_valid(questions: Iterable[Asked], values: Mapping[str, Any]) -> bool:
    """Whether a form counts (有效): every question that counts is answered."""
    return all(str(one.pk) in values for one in questions if one.counts)


def is_satisfied(questions: Iterable[Asked], values: Mapping[str, Any], rule: Rule) -> bool:
    """Whether a valid form is a satisfied one (满意): the mean of what counts reaches the rule's."""
    points = [POINTS[values[str(one.pk)]] for one in questions if one.counts]
    return bool(points) and Fraction(sum(points), len(points)) >= rule.mean
