"""Checks of the narrative: empty sections, another year or unit, leftovers, claims without a record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from performance.findings.phrases import (
    CLAIM_OF_PURPOSE,
    CLAIMS_OF_GOALS,
    CLAIMS_OF_INSPECTION,
    FIGURED,
    LEFTOVERS,
    LIMITS,
    PROJECT_WORDS,
    TYPED,
    WHY,
)
from performance.narrative.fields import Figure
from performance.scoring.findings import Finding

_LEFTOVER = re.compile("|".join(LEFTOVERS))
_TYPED, _FIELD = re.compile(TYPED), re.compile(r"\{\{[^{}]*\}\}")
# Not 自2014年…以来: what began once is history.
_YEAR = re.compile(r"(?<![\d自])(20\d\d)\s*(?=年)(?!年[^。；\n]{0,12}(?:以来|成立|建成|起))")
_SENTENCE = re.compile(r"[^。；\n]*")
# A year far from the report's own is history (a law, a founding), its neighbours are slips of last year's text.
NEIGHBOURS, FARTHEST = 2, 10
_EMPTY = frozenset({"", "无内容", "略", "待填", "待补充"})


def empty_sections(sections: Iterable[tuple[str, str, str]]) -> Iterator[Finding]:
    """``sections``: key, heading and printed text each."""
    for key, heading, text in sections:
        if text.strip() in _EMPTY:
            yield Finding("empty_section", f"“{heading}”一节是空的，请写明；确实没有的写“无”。", f"sections.{key}")


def leftovers(sections: Iterable[tuple[str, str, str]]) -> Iterator[Finding]:
    """Markup and blanks that some other program or form left behind."""
    for key, heading, text in sections:
        found = list(dict.fromkeys(one[0][:30] for one in _LEFTOVER.finditer(text)))
        if found:
            listed = "、".join(f"“{one}”" for one in found[:5])
            yield Finding("leftover_markup", f"“{heading}”一节里有残留的标记{listed}，请删去。", f"sections.{key}")


def foreign_years(sections: Iterable[tuple[str, str, str]], year: int) -> Iterator[Finding]:
    """The year before or after where the report's own is meant; documents named by year (〔2018〕34号) are no such."""
    for key, heading, text in sections:
        named = {int(one) for one in _YEAR.findall(text)}
        wrong = sorted(one for one in named if one != year and (year - FARTHEST <= one <= year + NEIGHBOURS))
        # 下一年 is spoken of with its number in plans: only without the report's own year is it a slip.
        if wrong and (year not in named or any(one < year for one in wrong)):
            years = "、".join(f"{one}年" for one in wrong)
            yield Finding(
                "wrong_year_or_unit_in_text",
                f"“{heading}”一节写到{years}，报告是{year}年度的，请核对。",
                f"sections.{key}",
            )


def foreign_units(
    sections: Iterable[tuple[str, str, str]], own: frozenset[str], others: frozenset[str]
) -> Iterator[Finding]:
    """Another unit's name, one that the portal knows or one made like our own.

    Args:
        own: names that may stand there: the unit, its short name, its competent department.
        others: names of other units.
    """
    kinds = {found[0] for name in own if (found := re.search(r"公共资源交易中心|行政审批局|财政局", name))}
    like = (
        re.compile(r"(?:(?!年)[\u4e00-\u9fff]){2,4}?[省市县区旗](?:" + "|".join(sorted(kinds)) + ")") if kinds else None
    )
    for key, heading, text in sections:
        clean = text
        for name in sorted(own, key=len, reverse=True):
            clean = clean.replace(name, "＿")
        wrong = [name for name in sorted(others) if name and name in clean]
        wrong += [name for name in (like.findall(clean) if like else []) if not _is_superior(name)]
        if wrong:
            yield Finding(
                "wrong_year_or_unit_in_text", f"“{heading}”一节写到“{wrong[0]}”，不是本报告的单位，请核对。",
                f"sections.{key}",
            )  # fmt: skip


def _is_superior(name: str) -> bool:
    """市公共资源交易中心 and 省…: the house above ours, which one may name."""
    return bool(re.search(r"[省市](?:公共|行政|财政)", name))


def claims(
    sections: Iterable[tuple[str, str, str]], *, inspected: bool, unmet: list[str], own_purpose: bool
) -> Iterator[Finding]:
    """Claims that nothing on record supports, or that the figures contradict.

    Args:
        inspected: whether an inspection of the year's earmarked money is on record.
        unmet: what was not reached, as words; empty when all was.
        own_purpose: whether all earmarked money went where it was meant to.
    """
    for key, heading, text in sections:
        said = next((one for one in CLAIMS_OF_INSPECTION if one in text), "")
        if said and not inspected:
            yield Finding(
                "claim_without_evidence", f"“{heading}”一节写“{said}”，但没有督查记录，请登记督查或者改写。",
                f"sections.{key}",
            )  # fmt: skip
        if CLAIM_OF_PURPOSE in text and not own_purpose:
            yield Finding(
                "purpose_differs", f"“{heading}”一节写“{CLAIM_OF_PURPOSE}”，但有专项资金用在规定用途以外，请核对。",
                f"sections.{key}",
            )  # fmt: skip
        reached = next((one for one in CLAIMS_OF_GOALS if one in text), "")
        if reached and unmet:
            yield Finding(
                "claim_without_evidence", f"“{heading}”一节写“{reached}”，但{'、'.join(unmet[:3])}，请核对。",
                f"sections.{key}",
            )  # fmt: skip


def blames_projects(text: str) -> bool:
    """Whether some sentence gives the projects' money as the cause."""
    return any(
        any(word in sentence for word in WHY) and any(word in sentence for word in PROJECT_WORDS)
        for sentence in _SENTENCE.findall(text)
    )


def typed_figures(sections: Iterable[tuple[str, str, str]], figures: Mapping[str, Figure]) -> Iterator[Finding]:
    """Numbers with a unit that stand in the text by hand: they follow no data, and nobody sees when they are wrong.

    Args:
        sections: key, heading and stored text each: figures as fields are taken out first.
    """
    by_text = {text: one.label for one in figures.values() for text in (one.text, one.text.lstrip("增加减少"))}
    for key, heading, text in sections:
        if key not in FIGURED:
            continue
        found: dict[str, str] = {}
        for one in _TYPED.finditer(_FIELD.sub("＿", text)):
            before = one.string[max(0, one.start() - 4) : one.start()]
            if not any(before.endswith(limit) for limit in LIMITS):
                found.setdefault(one[0], by_text.get(one[0], ""))
        if found:
            listed = "、".join(f"{said}（可用“{label}”）" if label else said for said, label in list(found.items())[:6])
            yield Finding(
                "claim_without_evidence", f"“{heading}”一节有手写的数字：{listed}，没有数据可以核对，请换成自动取数。",
                f"sections.{key}",
            )  # fmt: skip
