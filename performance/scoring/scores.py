"""What a form is worth. Sources: 财预〔2020〕10号; contract: self-evaluation files, section Scoring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from performance.scoring.form import LINEAR, Form, Indicator, half_up, refuse
from performance.scoring.values import (
    ABOVE,
    AT_LEAST,
    BELOW,
    EQUAL,
    Quantity,
    is_qualitative,
    normalised,
    quantity_read,
    same_unit,
    target_read,
)

ONE = Fraction(1)
# Words of a qualitative actual: the share of the weight, and the band that a ratio may lie in (upper end included?).
BANDS = {
    "达成预期指标": (ONE, Fraction(8, 10), ONE, True),
    "部分达成预期指标并具有一定效果": (Fraction(8, 10), Fraction(6, 10), Fraction(8, 10), False),
    "未达成预期指标且效果较差": (Fraction(6, 10), Fraction(0), Fraction(6, 10), True),
}
REACHED = "达成预期指标"
FAR_ABOVE = Fraction(12, 10)
# Of a printed score.
DECIMALS = 2
# Lowest printed total of each grade (财预〔2020〕10号 art 22), the best first.
NATIONAL_BANDS = ((Decimal(90), "优"), (Decimal(80), "良"), (Decimal(60), "中"), (Decimal(0), "差"))


@dataclass(frozen=True)
class Line:
    """One line scored.

    Attributes:
        score: by the formula, exact; None when it cannot be computed.
        codes: of the findings about it.
        unit_note: both units of a ``unit_mismatch``.
        decimals: with how many it is printed; the contract's two, fewer under some schemes of the portal.
    """

    score: Fraction | None
    codes: tuple[str, ...] = ()
    unit_note: str = ""
    decimals: int = DECIMALS

    @property
    def printed(self) -> Decimal | None:
        """With its decimals, half up."""
        return None if self.score is None else half_up(self.score, self.decimals)


@dataclass(frozen=True)
class Scores:
    """A form scored.

    Attributes:
        denominator: which budget the rate was taken of: ``adjusted``, ``initial``, or None when both are unknown.
        budget: its amount.
        rate: executed ÷ budget, exact; None when there is no budget or nothing known.
        funds: the line of the funds.
        indicators: a line for each.
        total, total_with_manual: sums of the printed lines.
    """

    denominator: str | None
    budget: Fraction | None
    rate: Fraction | None
    funds: Line
    indicators: tuple[Line, ...]
    total: Decimal | None
    total_with_manual: Decimal | None
    grade: str | None

    @property
    def rate_printed(self) -> Decimal | None:
        """Per cent with two decimals."""
        return None if self.rate is None else half_up(self.rate * 100)


def _ratio_of(indicator: Indicator, actual: str, where: str) -> Fraction | None:
    """The share of the weight that a qualitative actual is worth; None when it is none of the words."""
    band = BANDS.get(actual)
    if band is None:
        return None
    default, low, high, closed = band
    ratio = default if indicator.ratio is None else indicator.ratio
    if not (low <= ratio <= high) or (ratio == high and not closed and indicator.ratio is not None):
        refuse(f"{where}.ratio", f"超出“{actual}”的区间")
    return ratio


def _qualitative(indicator: Indicator, where: str) -> Line:
    if indicator.actual is None:
        return Line(None, ("actual_missing",))
    actual = normalised(indicator.actual)
    ratio = _ratio_of(indicator, actual, where)
    if ratio is None:
        return Line(None, ("unreadable_actual",))
    codes = () if actual == REACHED else ("target_unmet",)
    return Line(None if indicator.weight is None else indicator.weight * ratio, codes)


def _share(sign: str, target: Fraction, actual: Fraction, reverse_rule: str) -> Fraction:
    """The share of the weight, 0 to 1; ``actual`` is not negative."""
    if sign in (AT_LEAST, ABOVE, EQUAL):
        if target == 0:
            met = {AT_LEAST: True, ABOVE: actual > 0, EQUAL: actual <= 0}[sign]
            return ONE if met else Fraction(0)
        return min(ONE, actual / target)
    if actual <= target:
        return ONE
    if target == 0:
        return Fraction(0)
    return max(Fraction(0), 2 - actual / target) if reverse_rule == LINEAR else target / actual


def _is_met(sign: str, target: Fraction, actual: Fraction, share: Fraction) -> bool:
    """Whether the target is met to the letter: the strict signs are, too."""
    if sign == ABOVE:
        return actual > target
    if sign == BELOW:
        return actual < target
    return share == 1


def _quantitative(indicator: Indicator, reverse_rule: str) -> Line:
    target = target_read(indicator.target)
    codes: list[str] = [] if target else ["unreadable_target"]
    if indicator.actual is None or not indicator.actual.strip():
        return Line(None, (*codes, "actual_missing"))
    actual = quantity_read(normalised(indicator.actual))
    if actual is None:
        codes.append("unreadable_actual")
    if target is None or actual is None:
        return Line(None, tuple(codes))
    both = same_unit(target, actual)
    if both is None:
        return Line(None, ("unit_mismatch",), f"“{target.unit}”和“{actual.unit}”")
    return _compared(indicator, target, both[0], max(both[1], Fraction(0)), reverse_rule)


def _compared(indicator: Indicator, target: Quantity, wanted: Fraction, actual: Fraction, reverse_rule: str) -> Line:
    share = _share(target.sign, wanted, actual, reverse_rule)
    codes = [] if _is_met(target.sign, wanted, actual, share) else ["target_unmet"]
    if target.sign == AT_LEAST and wanted > 0 and actual >= wanted * FAR_ABOVE:
        codes.append("far_above_target")
    return Line(None if indicator.weight is None else indicator.weight * share, tuple(codes))


def indicator_score(indicator: Indicator, reverse_rule: str, where: str = "indicators") -> Line:
    """One indicator scored.

    Raises:
        BusinessError: a ratio outside of its band.
    """
    if is_qualitative(indicator.target):
        return _qualitative(indicator, where)
    return _quantitative(indicator, reverse_rule)


def _funds(form: Form) -> tuple[str | None, Fraction | None, Fraction | None, Line]:
    row = form.total
    known = {"adjusted": row.adjusted, "initial": row.initial}
    names = (form.denominator, "initial" if form.denominator == "adjusted" else "adjusted")
    used = next((name for name in names if known[name] is not None), None)
    budget = known[used] if used else None
    rate = row.executed / budget if budget and row.executed is not None else None
    score = None if rate is None or form.funds_weight is None else form.funds_weight * min(rate, ONE)
    return used, budget, rate, Line(score)


def _sum(printed: list[Decimal | None]) -> Decimal | None:
    known = [one for one in printed if one is not None]
    return sum(known[1:], known[0]) if known and len(known) == len(printed) else None


def grade_of(total: Decimal | None, bands: tuple[tuple[Decimal, str], ...] = NATIONAL_BANDS) -> str | None:
    """The grade of a printed total."""
    return None if total is None else next(name for least, name in bands if total >= least or name == bands[-1][1])


def form_score(form: Form, bands: tuple[tuple[Decimal, str], ...] = NATIONAL_BANDS, decimals: int = DECIMALS) -> Scores:
    """Score a form: lines to two decimals half up, the total their sum, the grade that of the total.

    Args:
        bands: lowest printed total and grade, the best first; the command's are the national ones.
        decimals: of a printed score, 0 to 2; the command's are the contract's two.

    Raises:
        BusinessError: a ratio outside of its band.
    """
    used, budget, rate, funds = _funds(form)
    funds = replace(funds, decimals=decimals)
    lines = tuple(
        replace(indicator_score(one, form.reverse_rule, f"indicators[{place}]"), decimals=decimals)
        for place, one in enumerate(form.indicators)
    )
    total = _sum([funds.printed, *(line.printed for line in lines)])
    manual = [form.total.manual, *(one.manual for one in form.indicators)]
    given = [
        half_up(said.score, decimals) if said else line.printed
        for said, line in zip(manual, (funds, *lines), strict=True)
    ]
    with_manual = _sum(given) if any(manual) else None
    return Scores(used, budget, rate, funds, lines, total, with_manual, grade_of(total, bands))
