"""How a target was understood, told to the officer who typed it; or why it was not, and how to write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from performance.scoring.values import (
    ABOVE,
    AT_LEAST,
    AT_MOST,
    BELOW,
    EQUAL,
    LONGEST,
    QUALITATIVE,
    Quantity,
    is_qualitative,
    normalised,
    quantity_read,
    target_read,
)

_SIGNS = {
    AT_LEAST: "不低于 {}，达到得满分，达不到按比例得分",
    ABOVE: "高于 {}，按达到的比例得分",
    EQUAL: "等于 {}，达到或超过得满分，达不到按比例得分",
    AT_MOST: "不超过 {}，超过的扣分",
    BELOW: "低于 {}，超过的扣分",
}
_DATE = re.compile(r"[0-9]+年|[0-9]+月|[0-9]{4}[-/.][0-9]{1,2}")


@dataclass(frozen=True)
class TargetWords:
    """Whether a target can be read, and a Chinese sentence about it."""

    readable: bool
    words: str


def exact_words(value: Fraction) -> str:
    """A number with all its decimals (those of a decimal are finite), without needless zeros.

    Raises:
        ValueError: its decimals never end.
    """
    scale, rest = 0, value.denominator
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        scale = max(scale, power)
    if rest != 1:
        raise ValueError(value)
    whole = value * 10**scale
    text = f"{Decimal(whole.numerator).scaleb(-scale):f}" if whole.numerator else "0"
    return text


def _why_not(text: str, found: Quantity | None) -> str:
    if not text:
        return "还没有写指标值"
    if len(text) > LONGEST:
        return "太长了，不像一个指标值"
    if found is not None and found.number < 0:
        return "指标值不能是负数；要“降低5%”的，写成“≥5%”，指标名称写“降低率”"
    if found is not None:
        return "不能要求小于 0"
    if _DATE.search(text):
        return "日期不能作数值比较；按时完成的写成“=1次”，或者写“定性:某月某日前完成”"
    if not re.search(r"[0-9]", text):
        return f"里面没有数字；用文字描述的请写成“定性:{text[:20]}”"
    return "不是“符号+数字+单位”的写法，例如“≥95%”“不超过10日”“424宗以上”；用文字描述的写成“定性:…”"


def target_words(text: str) -> TargetWords:
    """What the scoring makes of a target as typed.

    Args:
        text: in the contract's grammar, e.g. ``≥95%``, ``10日以内``, ``定性:提升``.
    """
    plain = normalised(text)
    if is_qualitative(plain):
        said = plain.removeprefix(QUALITATIVE)
        if not said:
            return TargetWords(False, "不能识别：“定性:”后面要写明达到什么程度。")
        return TargetWords(True, f"定性指标：{said}；完成情况从规定的三种说法里选。")
    found = target_read(plain)
    if found is None:
        return TargetWords(False, f"不能识别：{_why_not(plain, quantity_read(plain))}。")
    number = f"{exact_words(found.number)}{found.unit}"
    unit = "" if found.unit else "；没有写单位，按完成值的单位"
    return TargetWords(True, f"理解为：{_SIGNS[found.sign].format(number)}{unit}。")
