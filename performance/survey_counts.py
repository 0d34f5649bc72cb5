"""Counts of a survey's answers, shares with their 95 % interval; pure functions over plain values."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

from performance.scoring.form import half_up
from performance.survey_rulebook import CONTENT, TEXT, Z95, Asked, Rule, is_satisfied

PERCENT = Decimal("0.01")
Interval = tuple[Decimal, Decimal]


def wilson(hits: int, of: int) -> Interval | None:
    """The 95 % score interval of a share, in per cent with two decimals.

    With p = hits/of, n = of and z = 1.95996:
    (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n). Source: E. B. Wilson, Probable Inference, the Law of Succession,
    and Statistical Inference, JASA 22 (1927) 209–212; advised for small n by Brown, Cai and DasGupta, Statistical
    Science 16 (2001) 101–133. It never leaves 0 to 100 and is wide where answers are few: nobody is sure of 100 %
    after three forms.

    Args:
        hits: how many; of: of how many, both whole, 0 ≤ hits ≤ of.

    Returns:
        (low, high), or None of no answers at all.

    Raises:
        ValueError: they are no share.
    """
    if not 0 <= hits <= of:
        raise ValueError((hits, of))
    if not of:
        return None
    with localcontext() as context:
        context.prec = 40
        z, n, p = Decimal(Z95), Decimal(of), Decimal(hits) / Decimal(of)
        whole, middle = 1 + z * z / n, p + z * z / (2 * n)
        reach = z * (p * (1 - p) / n + z * z / (4 * n * n)).sqrt()
        low, high = (middle - reach) / whole, (middle + reach) / whole
        # At the ends the formula gives 0 and 1 exactly; the root does not.
        low, high = Decimal(0) if hits == 0 else low, Decimal(1) if hits == of else high
        return (
            (low * 100).quantize(PERCENT, ROUND_HALF_UP), (high * 100).quantize(PERCENT, ROUND_HALF_UP)
        )  # fmt: skip


@dataclass(frozen=True)
class Share:
    """A part of a whole: ``hits`` of ``of``."""

    hits: int
    of: int

    @property
    def exact(self) -> Fraction | None:
        """Per cent, exact; None of nothing."""
        return Fraction(self.hits * 100, self.of) if self.of else None

    @property
    def percent(self) -> Decimal | None:
        """Per cent with two decimals, half up."""
        return None if self.exact is None else half_up(self.exact)

    @property
    def interval(self) -> Interval | None:
        """The 95 % interval in per cent."""
        return wilson(self.hits, self.of)

    @property
    def words(self) -> str:
        """``91.67%``; a dash of nothing."""
        return "—" if self.percent is None else f"{self.percent}%"

    @property
    def interval_words(self) -> str:
        """``84.4%–95.7%``; a dash of nothing."""
        return "—" if self.interval is None else f"{self.interval[0]}%–{self.interval[1]}%"

    def below(self, bound: Decimal) -> bool:
        """Whether the share is less than ``bound`` per cent; nothing is below anything."""
        return self.exact is not None and self.exact < Fraction(bound)

    def clearly_above(self, before: Share) -> bool:
        """Whether the two intervals lie apart, this one higher: more than chance."""
        mine, other = self.interval, before.interval
        return mine is not None and other is not None and mine[0] > other[1]


@dataclass(frozen=True)
class Form:
    """An answer as the counting reads it."""

    id: str
    day: date
    channel: str
    valid: bool
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Tally:
    """Counts of some forms: questions' options and answers are those of valid forms.

    Args:
        returned, valid, satisfied: forms; channels: returned forms of each.
        options: by the question's number as text, how often each option was chosen.
        answered: by the same, how many answered.
    """

    returned: int
    valid: int
    satisfied: int
    channels: Mapping[str, int]
    options: Mapping[str, Mapping[str, int]]
    answered: Mapping[str, int]

    @property
    def share(self) -> Share:
        """Satisfied of valid forms."""
        return Share(self.satisfied, self.valid)

    def question_share(self, number: Any) -> Share:
        """Who is content of who answered a question."""
        chosen = self.options.get(str(number), {})
        return Share(
            sum(count for value, count in chosen.items() if value in CONTENT), self.answered.get(str(number), 0)
        )

    def json(self) -> dict[str, Any]:
        """For SurveyResult.counts."""
        return {
            "channels": dict(self.channels), "options": {key: dict(one) for key, one in self.options.items()},
            "answered": dict(self.answered),
        }  # fmt: skip


def tally(questions: Sequence[Asked], forms: Iterable[Form], rule: Rule) -> Tally:
    """Count forms.

    Args:
        questions: of the survey; forms: its answers; rule: of its first day.
    """
    channels: Counter[str] = Counter()
    options: dict[str, Counter[str]] = {str(one.pk): Counter() for one in questions if one.kind != TEXT}
    answered: Counter[str] = Counter()
    valid = satisfied = 0
    for form in forms:
        channels[form.channel] += 1
        if not form.valid:
            continue
        valid += 1
        satisfied += is_satisfied(questions, form.values, rule)
        for key, value in form.values.items():
            answered[key] += 1
            if key in options:
                options[key].update(value if isinstance(value, list) else [value])
    return Tally(channels.total(), valid, satisfied, channels, options, answered)


def tally_read(returned: int, valid: int, satisfied: int, counts: Mapping[str, Any]) -> Tally:
    """The tally that a SurveyResult keeps."""
    return Tally(returned, valid, satisfied, counts["channels"], counts["options"], counts["answered"])


def answers_digest(forms: Iterable[Form]) -> str:
    """SHA-256 of all answers in the order of their numbers, one line of JSON each."""
    found = hashlib.sha256()
    for one in sorted(forms, key=lambda form: form.id):
        line = {
            "channel": one.channel, "day": one.day.isoformat(), "id": one.id, "valid": one.valid,
            "values": dict(one.values),
        }  # fmt: skip
        text = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        found.update(text.encode() + b"\n")
    return found.hexdigest()
