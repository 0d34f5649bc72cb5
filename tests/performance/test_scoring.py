"""Scoring to the letter of the contract (self-evaluation files, version 1)."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BusinessError
from performance.scoring.findings import CODES
from performance.scoring.form import form_parse, form_read, half_up
from performance.scoring.output import score_json, score_table
from performance.scoring.values import quantity_read, target_read
from tests.honesty import SHARED

VECTORS = SHARED / "contracts" / "vectors" / "selfeval.json"
EXAMPLE: dict[str, Any] = {
    "version": 1, "kind": "project", "year": 2022, "name": "运转经费", "organisation": "云泽县", "unit": "万元",
    "denominator": "adjusted", "reverse_rule": "ratio",
    "funds": [{"source": "年度资金总额", "initial": "32.90", "adjusted": "32.90", "executed": "23.93"}],
    "funds_weight": "10",
    "indicators": [
        {"level1": "产出指标", "name": "招标率", "target": "≥100%", "actual": "100%", "weight": "50"},
        {"level1": "效益指标", "name": "服务", "target": "定性:提升", "actual": "达成预期指标", "weight": "30"},
        {"level1": "满意度指标", "name": "满意度", "target": "≥100%", "actual": "100%", "weight": "10"},
    ],
    "expense_lines": [{"name": "办公", "amount": "5"}],
    "reported": {"rate": "72.74%", "total": "97", "grade": "优"},
}  # fmt: skip


def scored(**changes: Any) -> dict[str, Any]:
    return score_json(form_read({**EXAMPLE, **changes}))


def one(target: str, actual: Any, weight: str = "100", **more: Any) -> tuple[str | None, list[str]]:
    """Score and codes of a form with one indicator alone."""
    options = {name: more.pop(name) for name in ("reverse_rule",) if name in more}
    indicator = {"level1": "产出指标", "name": "甲", "target": target, "actual": actual, "weight": weight, **more}
    found = scored(indicators=[indicator], expense_lines=[], reported=None, **options)
    codes = [x["code"] for x in found["findings"] if x["where"] == "indicators[0]"]
    return found["indicators"][0]["score"], [code for code in codes if code != "single_indicator_weight"]


@pytest.mark.skipif(not VECTORS.exists(), reason="../shared is absent")
def test_vectors_to_the_last_digit() -> None:
    cases = json.loads(VECTORS.read_text(encoding="utf-8"))
    assert len(cases) >= 6
    for case in cases:
        found = score_json(form_read(case["input"]))
        assert {name: found[name] for name in case["output"]} == case["output"]


def test_the_example_of_the_contract() -> None:
    found = scored()
    assert (found["rate"], found["funds_score"], found["total"], found["grade"]) == ("72.74", "7.27", "97.27", "优")
    assert found["total_with_manual"] is None
    assert [x["code"] for x in found["findings"]] == [
        "rate_below_90", "parts_do_not_sum", "satisfaction_without_survey", "single_indicator_weight",
        "grade_beside_low_rate",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("target", "actual", "score", "codes"),
    [
        ("≥95%", "95%", "100.00", []),
        ("95%以上", "９５％", "100.00", []),
        ("不低于95%", "95", "100.00", []),
        ("不少于 1,000 件", "500件", "50.00", ["target_unmet"]),
        ("38508人", "37442人", "97.23", ["target_unmet"]),
        (">90%", "90%", "100.00", ["target_unmet"]),
        ("大于0起", "0起", "0.00", ["target_unmet"]),
        (">0", "0.01", "100.00", []),
        ("=0起", "1起", "0.00", ["target_unmet"]),
        ("=0起", "0起", "100.00", []),
        ("=10", "11", "100.00", []),
        ("≥0", "0", "100.00", []),
        ("≤0起", "0起", "100.00", []),
        ("≤0起", "1起", "0.00", ["target_unmet"]),
        ("<5", "5", "100.00", ["target_unmet"]),
        ("不超过0.9‰", "0.09%", "100.00", []),
        ("≤10万元", "120000元", "83.33", ["target_unmet"]),
        ("≤0.5亿元", "4,000万元", "100.00", []),
        ("≤10天", "10日", "100.00", []),
        ("10日以内", "20天", "50.00", ["target_unmet"]),
        ("≥10场", "12场", "100.00", ["far_above_target"]),
        ("=10场", "12场", "100.00", []),
        ("≥10场", "12次", None, ["unit_mismatch"]),
        ("≥10场", "-3场", "0.00", ["target_unmet"]),
        ("≥95%", "≥96%", "100.00", []),
        ("≥-1", "1", None, ["unreadable_target"]),
        ("<0", "1", None, ["unreadable_target"]),
        ("2022年12月", "1", None, ["unreadable_target"]),
        ("≥5\x00", "5", None, ["unreadable_target"]),
        ("≥5", "5\x07", None, ["unreadable_actual"]),
        ("12月31日前", "1", None, ["unreadable_target"]),
        ("提升", "提升", None, ["unreadable_target", "unreadable_actual"]),
        ("≥10场以下", "5场", None, ["unreadable_target"]),
        ("≥1,00件", "100件", None, ["unreadable_target"]),
        ("≥12件", None, None, ["actual_missing"]),
        ("≥12件", "十二件", None, ["unreadable_actual"]),
        ("定性：提升", "达成预期指标", "100.00", []),
        ("定性:提升", "部分达成预期指标并具有一定效果", "80.00", ["target_unmet"]),
        ("定性:提升", "未达成预期指标且效果较差", "60.00", ["target_unmet"]),
        ("定性:提升", "还可以", None, ["unreadable_actual"]),
        ("定性:提升", None, None, ["actual_missing"]),
    ],
)
def test_lines(target: str, actual: str | None, score: str | None, codes: list[str]) -> None:
    assert one(target, actual) == (score, codes)


@pytest.mark.parametrize(
    ("rule", "actual", "score"),
    [("ratio", "15", "66.67"), ("linear", "15", "50.00"), ("linear", "20", "0.00"), ("linear", "99", "0.00")],
)
def test_reverse_rules(rule: str, actual: str, score: str) -> None:
    assert one("≤10", actual, reverse_rule=rule)[0] == score


@pytest.mark.parametrize(
    ("actual", "ratio", "score"),
    [
        ("达成预期指标", "0.8", "80.00"),
        ("达成预期指标", "1", "100.00"),
        ("部分达成预期指标并具有一定效果", "0.6", "60.00"),
        ("部分达成预期指标并具有一定效果", "0.7999", "79.99"),
        ("未达成预期指标且效果较差", "0", "0.00"),
        ("未达成预期指标且效果较差", "0.6", "60.00"),
    ],
)
def test_ratio_inside_its_band(actual: str, ratio: str, score: str) -> None:
    assert one("定性:提升", actual, ratio=ratio)[0] == score


@pytest.mark.parametrize(
    ("actual", "ratio"),
    [
        ("达成预期指标", "0.79"),
        ("达成预期指标", "1.01"),
        ("部分达成预期指标并具有一定效果", "0.8"),
        ("部分达成预期指标并具有一定效果", "0.59"),
        ("未达成预期指标且效果较差", "0.61"),
        ("未达成预期指标且效果较差", "-0.1"),
    ],
)
def test_ratio_outside_its_band_is_refused(actual: str, ratio: str) -> None:
    with pytest.raises(BusinessError, match=r"indicators\[0\]\.ratio"):
        one("定性:提升", actual, ratio=ratio)


def fund(**values: str | None) -> list[dict[str, Any]]:
    return [{"source": "年度资金总额", **values}]


@pytest.mark.parametrize(
    ("denominator", "funds", "used", "rate", "score"),
    [
        ("adjusted", fund(initial="5.28", adjusted="1.96", executed="1.96"), "adjusted", "100.00", "10.00"),
        ("initial", fund(initial="4", adjusted="2", executed="1"), "initial", "25.00", "2.50"),
        ("initial", fund(adjusted="2", executed="1"), "adjusted", "50.00", "5.00"),
        ("adjusted", fund(initial="2", executed="3"), "initial", "150.00", "10.00"),
        ("adjusted", fund(executed="3"), None, None, None),
        ("adjusted", fund(adjusted="0", executed="3"), "adjusted", None, None),
        ("adjusted", fund(adjusted="3"), "adjusted", None, None),
        ("adjusted", [], None, None, None),
    ],
)
def test_rate_and_funds(denominator: str, funds: Any, used: str | None, rate: str | None, score: str | None) -> None:
    found = scored(denominator=denominator, funds=funds, expense_lines=[])
    assert (found["denominator"], found["rate"], found["funds_score"]) == (used, rate, score)
    assert (found["total"] is None) == (score is None) == (found["grade"] is None)


def codes_of(**changes: Any) -> set[str]:
    return {x["code"] for x in scored(**changes)["findings"]}


def test_findings_about_money() -> None:
    over = fund(initial="1", adjusted="10", executed="11")
    assert "over_budget" in codes_of(funds=over)
    assert "denominator_zero" in codes_of(funds=fund(adjusted="0", executed="1"))
    parts = [*fund(adjusted="10", executed="9"), {"source": "财政拨款", "adjusted": "9", "executed": "9"}]
    assert "parts_do_not_sum" in codes_of(funds=parts, expense_lines=[])
    fitting = [*parts, {"source": "其他", "adjusted": "1", "executed": "0"}]
    assert "parts_do_not_sum" not in codes_of(funds=fitting, expense_lines=[])
    unknown = [*parts, {"source": "其他", "executed": "0"}]
    assert "parts_do_not_sum" not in codes_of(funds=unknown, expense_lines=[])
    assert "spending_exceeds_income" in codes_of(income={"budget": "32.90", "actual": "20"})
    assert "spending_exceeds_income" not in codes_of(income={"budget": "32.90", "actual": "23.93"})


def test_findings_about_what_was_reported() -> None:
    assert "reported_differs" not in codes_of()
    for changed in ({"rate": "72.7%"}, {"rate": "73"}, {"total": "97.27"}, {"total": "97.3"}):
        assert "reported_differs" not in codes_of(reported=changed), changed
    for changed in ({"rate": "86%"}, {"total": "98"}, {"total": "97.28"}, {"grade": "良"}):
        assert "reported_differs" in codes_of(reported=changed), changed
    lines = [dict(line) for line in EXAMPLE["indicators"]]
    lines[0]["reported"] = "49"
    assert "reported_differs" in codes_of(indicators=lines)
    lines[0]["reported"] = "50"
    assert "reported_differs" not in codes_of(indicators=lines)


def test_a_survey_takes_the_finding_away() -> None:
    survey = {"sent": "100", "returned": "98", "valid": "97", "satisfied": "97"}
    assert "satisfaction_without_survey" not in codes_of(survey=survey)
    assert "satisfaction_without_survey" in codes_of(survey={"sent": None})


def test_manual_scores_stand_beside() -> None:
    lines = [dict(line) for line in EXAMPLE["indicators"]]
    lines[0]["manual"] = {"score": "48.5", "reason": "有一次流标"}
    found = scored(indicators=lines)
    assert (found["total"], found["total_with_manual"], found["grade"]) == ("97.27", "95.77", "优")
    zero = [{**fund(adjusted="0", executed="1")[0], "manual": {"score": "9", "reason": "年中追加"}}]
    found = scored(funds=zero)
    assert (found["total"], found["total_with_manual"], found["grade"]) == (None, "99.00", None)


def test_no_indicators_at_all() -> None:
    found = scored(indicators=[])
    assert (found["total"], found["grade"]) == ("7.27", "差")
    assert "weights_not_100" in {x["code"] for x in found["findings"]}


def test_a_missing_weight_is_a_null_score() -> None:
    lines = [dict(line) for line in EXAMPLE["indicators"]]
    del lines[1]["weight"]
    found = scored(indicators=lines)
    assert (found["indicators"][1]["score"], found["total"]) == (None, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"version": 2}, "version"),
        ({"version": True}, "version"),
        ({"kind": "else"}, "kind"),
        ({"year": "2022"}, "year"),
        ({"denominator": "both"}, "denominator"),
        ({"reverse_rule": 1}, "reverse_rule"),
        ({"funds": [{"executed": "-1"}]}, r"funds\[0\]\.executed"),
        ({"funds": [{"executed": "一"}]}, r"funds\[0\]\.executed"),
        ({"funds": [{"executed": 23.93}]}, r"funds\[0\]\.executed"),
        ({"funds": [{"executed": "1e5"}]}, r"funds\[0\]\.executed"),
        ({"funds": {}}, "funds"),
        ({"funds": [1]}, r"funds\[0\]"),
        ({"expense_lines": [{"name": "x", "amount": "-5"}]}, r"expense_lines\[0\]\.amount"),
        ({"expense_lines": [{"name": "x", "amount": "NaN"}]}, r"expense_lines\[0\]\.amount"),
        ({"funds_weight": [10]}, "funds_weight"),
        ({"indicators": [{"target": []}]}, r"indicators\[0\]\.target"),
        ({"reported": {"rate": "约七成"}}, r"reported\.rate"),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BusinessError, match=field):
        scored(**changes)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[1]", b"null", b'{"version": NaN}', b"[" * 100_000])
def test_what_is_no_form(content: bytes) -> None:
    with pytest.raises(BusinessError):
        form_parse(content)


def run(path: Path, *options: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("selfeval_score", str(path), *options, stdout=out)
    except BusinessError:
        return 2, out.getvalue()
    return 0, out.getvalue()


def test_command_prints_the_object_alone_or_a_table(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(EXAMPLE, ensure_ascii=False), encoding="utf-8")
    code, out = run(path, "--json")
    assert (code, json.loads(out)) == (0, scored())
    code, out = run(path)
    assert code == 0 and "97.27" in out and "需要说明的事项" in out
    for text in ("", '{"version": 1, "funds": [{"executed": "-1"}]}'):
        path.write_text(text, encoding="utf-8")
        assert run(path, "--json") == (2, "")
    assert run(tmp_path / "missing.json") == (2, "")


NUMBERS = st.decimals(min_value=0, max_value=10**9, places=4)
SIGNS = st.sampled_from(["≥", "≤", "=", ">", "<", "", "不低于", "小于"])


@given(SIGNS, NUMBERS, NUMBERS, st.decimals(min_value=0, max_value=100, places=2), st.sampled_from(["ratio", "linear"]))
def test_a_score_never_leaves_its_weight(
    sign: str, target: Decimal, actual: Decimal, weight: Decimal, rule: str
) -> None:
    score, codes = one(f"{sign}{target:f}", f"{actual:f}", f"{weight:f}", reverse_rule=rule)
    if target_read(f"{sign}{target:f}") is None:
        assert (score, codes) == (None, ["unreadable_target"])
        return
    assert score is not None and 0 <= Decimal(score) <= weight
    assert (Decimal(score) == weight) or "target_unmet" in codes


@given(st.fractions(min_value=-(10**6), max_value=10**6), st.integers(0, 4))
def test_half_up_is_decimals(value: Fraction, decimals: int) -> None:
    exact = Decimal(value.numerator * 10**30 // value.denominator).scaleb(-30)
    if Fraction(exact) == value:
        assert half_up(value, decimals) == exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert abs(Fraction(half_up(value, decimals)) - value) <= Fraction(1, 2 * 10**decimals)


@given(st.text(max_size=30))
def test_any_text_is_read_or_not(text: str) -> None:
    found = quantity_read(text)
    assert found is None or found.number.denominator > 0
    assert {x["code"] for x in scored(indicators=[{"target": text, "actual": text}])["findings"]} <= set(CODES)
    assert score_table(form_read({**EXAMPLE, "indicators": [{"target": text, "actual": text}]}))
