"""Schemes: the national ones are there, new ones follow, none is ever changed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.errors import BusinessError
from performance.models import GradeBand, Scheme, SchemeGroup
from performance.scoring.scores import NATIONAL_BANDS
from performance.selectors.schemes import bands_of, groups_of, scheme_for
from performance.services.schemes import scheme_make, scheme_retire
from tests.performance.goals_factories import NOW, Cast, make_goals

pytestmark = pytest.mark.django_db
VALUES: dict[str, Any] = {
    "name": "县里的方案", "kind": "project", "first_year": 2024, "basis": "云财〔2024〕3号", "heading": "自评表",
    "funds_weight": Decimal(20), "reverse_rule": "linear", "denominator": "initial", "decimals": 2,
    "groups": [("产出指标", Decimal(50), ["数量指标"]), ("效益指标", Decimal(30), [])],
    "bands": [("优", Decimal(80)), ("良", Decimal(70)), ("差", Decimal(0))],
}  # fmt: skip


def make(**more: Any) -> Scheme:
    return scheme_make(**(VALUES | {"by": Cast().maker, "now": NOW} | more))


def refusal(act: Any) -> BusinessError:
    with pytest.raises(BusinessError) as caught:
        act()
    return caught.value


@pytest.mark.parametrize("kind", ["project", "department"])
def test_the_national_scheme_is_built_in(kind: str) -> None:
    found = scheme_for(kind, 2022)
    assert found.is_builtin and found.funds_weight == 10
    assert groups_of(found) == [("产出指标", 50), ("效益指标", 30), ("满意度指标", 10)]
    assert bands_of(found) == NATIONAL_BANDS
    assert [one.is_active for one in Scheme.objects.filter(kind=kind, first_year=2022)] == [False]
    assert refusal(lambda: scheme_for(kind, 2019)).code == "no_scheme"


def test_a_new_scheme_is_for_its_years_only() -> None:
    made = make()
    assert scheme_for("project", 2024) == scheme_for("project", 2030) == made
    assert scheme_for("project", 2023).is_builtin and scheme_for("department", 2024).is_builtin


def test_another_of_the_same_year_retires_the_first_and_asks_what_was_seen() -> None:
    first = make(seen=0)
    said = refusal(lambda: make(seen=0, name="另一个"))
    assert said.code == "changed" and "县里的方案" in said.message and "另一个" in said.message
    second = make(seen=first.pk, name="另一个")
    first.refresh_from_db()
    assert not first.is_active and scheme_for("project", 2024) == second


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"funds_weight": Decimal(10)}, "合计 90 分"), ({"groups": []}, "1 至 6 个"),
        ({"groups": [("甲", Decimal(40), []), ("甲", Decimal(40), [])]}, "重名"), ({"name": " "}, "名称不能是空的"),
        ({"groups": [("甲", Decimal("79.999"), []), ("乙", Decimal("0.001"), [])]}, "两位小数"),
        ({"funds_weight": Decimal("NaN")}, "分值应在"), ({"bands": [("优", Decimal(90))]}, "2 至 5 档"),
        ({"bands": [("优", Decimal(80)), ("差", Decimal(10))]}, "从 0 分起"), ({"kind": "other"}, "适用"),
        ({"bands": [("优", Decimal(60)), ("良", Decimal(70)), ("差", Decimal(0))]}, "从高到低"),
        ({"bands": [("优", Decimal(60)), ("优", Decimal(0))]}, "等级有重名"), ({"first_year": 1999}, "年度"),
        ({"decimals": 3}, "小数位数"), ({"reverse_rule": "x"}, "规则不对"), ({"name": "a\x00"}, "不能用的字符"),
    ],
)  # fmt: skip
def test_a_scheme_that_could_not_score_is_refused(change: dict[str, Any], words: str) -> None:
    assert words in refusal(lambda: make(**change)).message
    assert not Scheme.objects.filter(is_builtin=False).exists()


def test_the_database_never_changes_a_scheme() -> None:
    made = make()
    for act in (
        lambda: Scheme.objects.filter(pk=made.pk).update(funds_weight=10),
        lambda: Scheme.objects.filter(pk=made.pk).update(first_year=2020),
        made.delete,
        lambda: SchemeGroup.objects.filter(scheme=made).update(weight=1),
        lambda: GradeBand.objects.filter(scheme=made).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    used = make_goals().scheme
    with pytest.raises(IntegrityError), transaction.atomic():
        SchemeGroup.objects.create(scheme=used, level1="新的", weight=0)


def test_one_is_retired_when_another_is_left() -> None:
    made = make()
    by = Cast().maker
    scheme_retire(scheme=made, by=by, now=NOW)
    assert refusal(lambda: scheme_retire(scheme=made, by=by, now=NOW)).code == "wrong_state"
    national = scheme_for("project", 2022)
    assert "没有方案可用" in refusal(lambda: scheme_retire(scheme=national, by=by, now=NOW)).message
