"""The object and the table that ``selfeval_score`` prints."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from performance.scoring.findings import Finding, form_findings
from performance.scoring.form import Form
from performance.scoring.scores import Scores, form_score


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def score_json(form: Form) -> dict[str, Any]:
    """The contract's output object.

    Raises:
        BusinessError: a ratio outside of its band.
    """
    scores = form_score(form)
    return {
        "denominator": scores.denominator,
        "rate": _text(scores.rate_printed),
        "funds_score": _text(scores.funds.printed),
        "indicators": [
            {"name": one.name, "score": _text(line.printed)}
            for one, line in zip(form.indicators, scores.indicators, strict=True)
        ],
        "total": _text(scores.total),
        "total_with_manual": _text(scores.total_with_manual),
        "grade": scores.grade,
        "findings": [
            {"code": one.code, "message": one.message, "where": one.where} for one in form_findings(form, scores)
        ],
    }


_DENOMINATORS = {"adjusted": "全年预算数（调整后）", "initial": "年初预算数"}
_UNKNOWN = "—"


def _shown(value: object, after: str = "") -> str:
    return _UNKNOWN if value is None else f"{value}{after}"


def score_table(form: Form) -> str:
    """The same for people.

    Raises:
        BusinessError: a ratio outside of its band.
    """
    scores: Scores = form_score(form)
    used = _DENOMINATORS.get(scores.denominator or "", "未知")
    lines = [
        f"{form.name or '绩效自评'}{f'（{form.year}年度）' if form.year else ''}",
        f"预算执行率\t{_shown(scores.rate_printed, '%')}\t分母：{used}",
        f"资金得分\t{_shown(scores.funds.printed)}\t分值 {_shown(form.funds_weight)}",
    ]
    for one, line in zip(form.indicators, scores.indicators, strict=True):
        manual = f"\t人工评分 {one.manual.score}：{one.manual.reason}" if one.manual else ""
        lines.append(f"{one.name}\t{_shown(line.printed)}\t分值 {_shown(one.weight)}{manual}")
    lines.append(f"总分\t{_shown(scores.total)}\t等级 {_shown(scores.grade)}")
    if scores.total_with_manual is not None:
        lines.append(f"含人工评分的总分\t{scores.total_with_manual}")
    found: list[Finding] = form_findings(form, scores)
    if found:
        lines += ["", "需要说明的事项：", *(f"{place}. {one.message}" for place, one in enumerate(found, 1))]
    return "\n".join(lines)
