"""What a monitoring form must say of a line: when a cause is needed, how far an expectation is off its target."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from performance.models.monitoring import MonitoringLine
from performance.scoring.values import is_qualitative, quantity_read, same_unit, target_read
from performance.scoring.values import normalised as plain

# The usual form speaks of January to July, filled in August (财预〔2019〕136号); counties also ask for the half-year.
USUAL_MONTH, HALF_YEAR = 7, 6
REMINDED_FROM, REMINDED_AGAIN = (8, 1), (8, 25)
# Beyond it a deviation needs a word (DOMAIN 6.1).
MOST_DEVIATION = Fraction(20, 100)
UNSURE = (MonitoringLine.Likelihood.POSSIBLE, MonitoringLine.Likelihood.IMPOSSIBLE)


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return (date(year, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def deviation_of(line: MonitoringLine) -> Fraction | None:
    """By what share the expectation is off the target, or of money off the adjusted budget; None where neither says.

    Exact; 1/4 is 25 % too much, -1/4 too little.
    """
    if line.is_money:
        whole = line.adjusted_amount if line.adjusted_amount is not None else line.initial_amount
        if not whole or line.expected_amount is None:
            return None
        return Fraction(line.expected_amount) / Fraction(whole) - 1
    target = None if is_qualitative(line.target) else target_read(line.target)
    expected = quantity_read(plain(line.expected))
    both = same_unit(target, expected) if target and expected else None
    if both is None or not both[0]:
        return None
    return both[1] / both[0] - 1


def reason_needed(line: MonitoringLine) -> str:
    """Why a cause and an explanation are needed, in words; empty when they are not."""
    if line.likelihood in UNSURE:
        return f"完成可能性是“{line.get_likelihood_display()}”"
    off = deviation_of(line)
    if off is not None and abs(off) > MOST_DEVIATION:
        return f"全年预计与{'预算' if line.is_money else '目标'}相差 {deviation_words(off)}"
    return ""


def deviation_words(off: Fraction) -> str:
    """``25%``; two decimals where it is not whole."""
    share = round(Decimal(abs(off).numerator * 100) / Decimal(abs(off).denominator), 2)
    return f"{share.normalize():f}%" if share else "0%"


def required(line: MonitoringLine) -> bool:
    """Whether the line must be filled: the parts of the money are told where they are known."""
    return line.line == "funds" or not line.is_money


def faults(line: MonitoringLine) -> list[str]:
    """What a line still lacks, sentences without a full stop."""
    if not required(line):
        return []
    found = []
    if line.expected_amount is None if line.is_money else not line.expected.strip():
        found.append(f"“{line.name}”没有填全年预计{'执行数' if line.is_money else '完成情况'}")
    if not line.likelihood:
        found.append(f"“{line.name}”没有选完成目标可能性")
    if (why := reason_needed(line)) and not (line.causes and line.explanation.strip()):
        found.append(f"“{line.name}”{why}，要选偏差原因并写明情况")
    return found
