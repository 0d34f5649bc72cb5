"""The table of legal periods: the contract's rows, and versions by date."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from django.conf import settings

from core.errors import BusinessError
from core.workdays import Period, deadline_compute
from workflow.holidays import builtin_notices, calendar_of
from workflow.rulebook import RULES, rule_get, rule_list, rule_nearest

VECTORS = settings.BASE_DIR.parent / "shared" / "contracts" / "vectors" / "deadlines.json"
CONTRACT = VECTORS.parent.parent / "deadlines.md"
BUILTIN = calendar_of(builtin_notices())

# id, start, due: copied here so that the rules are checked wherever the project is.
KNOWN = [
    "engineering.bid_deadline 2026-01-20 2026-02-09",
    "engineering.document_sale_end 2025-04-28 2025-05-06",
    "engineering.clarification 2024-09-10 2024-08-26",
    "engineering.document_objection 2026-01-20 2026-01-10",
    "engineering.objection_reply 2025-04-28 2025-05-06",
    "engineering.candidate_publicity_start 2024-09-10 2024-09-13",
    "engineering.candidate_publicity_end 2026-09-24 2026-09-28",
    "engineering.complaint 2025-04-28 2025-05-08",
    "engineering.complaint_acceptance 2024-09-10 2024-09-13",
    "engineering.complaint_decision 2026-01-20 2026-03-09",
    "engineering.contract 2026-09-05 2026-10-08",
    "engineering.deposit_refund 2024-09-10 2024-09-18",
    "engineering.report_to_supervisor 2026-01-20 2026-02-04",
    "procurement.bid_deadline 2025-04-28 2025-05-18",
    "procurement.document_supply_end 2024-09-10 2024-09-18",
    "procurement.clarification 2026-01-20 2026-01-05",
    "procurement.negotiation_response 2025-04-28 2025-05-06",
    "procurement.consultation_response 2024-09-10 2024-09-20",
    "procurement.single_source_publicity_end 2026-01-20 2026-01-27",
    "procurement.report_to_purchaser 2025-04-28 2025-04-30",
    "procurement.award_decision 2024-09-10 2024-09-18",
    "procurement.result_notice 2026-01-20 2026-01-22",
    "procurement.result_notice_end 2026-02-10 2026-02-11",
    "procurement.enquiry_reply 2024-09-10 2024-09-13",
    "procurement.challenge 2026-02-11 2026-02-27",
    "procurement.challenge_reply 2025-04-28 2025-05-12",
    "procurement.complaint 2024-09-10 2024-10-08",
    "procurement.contract 2026-01-20 2026-02-24",
    "procurement.contract_notice 2025-04-28 2025-04-30",
    "procurement.contract_filing 2024-09-10 2024-09-20",
    "procurement.deposit_refund_losers 2026-01-20 2026-01-27",
    "procurement.deposit_refund_winner 2026-09-29 2026-10-12",
    "land.notice 2024-09-10 2024-08-21",
    "land.listing_end 2026-01-20 2026-01-30",
    "land.deposit_refund_losers 2025-04-28 2025-05-08",
    "land.result_notice 2024-09-10 2024-09-25",
    "property.disclosure_end 2026-09-14 2026-10-16",
    "property.asset_disclosure_end 2025-04-28 2025-05-15",
]


def _due(rule_id: str, start: str) -> str:
    day = date.fromisoformat(start)
    return deadline_compute(rule_get(rule_id, on=day).period, day, BUILTIN).due.isoformat()


def test_rulebook_holds_the_fixed_ids_in_order() -> None:
    assert [rule.id for rule in rule_list()] == [line.split()[0] for line in KNOWN]


@pytest.mark.parametrize("line", KNOWN)
def test_rule_gives_the_known_date(line: str) -> None:
    rule_id, start, due = line.split()
    assert _due(rule_id, start) == due


def test_rules_give_the_shared_vectors() -> None:
    if not VECTORS.exists():
        pytest.skip("../shared is absent")
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    assert [_due(v["rule"], v["start"]) for v in vectors] == [v["due"] for v in vectors]


def test_rules_are_those_of_the_shared_table() -> None:
    if not CONTRACT.exists():
        pytest.skip("../shared is absent")
    rows = [
        line.split("|")[1:6] for line in CONTRACT.read_text(encoding="utf-8").splitlines() if line.startswith("| `")
    ]
    table = [(row[0].split("`")[1], *(cell.strip() for cell in row[1:])) for row in rows]
    ours = [
        (r.id, f"{r.period.length} {r.period.unit}", r.period.direction, "yes" if r.period.roll else "no", r.kind)
        for r in rule_list()
    ]
    assert ours == table


def test_every_rule_names_its_law_and_event() -> None:
    assert [rule.id for rule in RULES if not (rule.name and rule.event and rule.article.count("第"))] == []


def test_rule_get_takes_the_version_of_the_day() -> None:
    old = rule_get("engineering.contract", on=date(2026, 1, 1))
    new = replace(old, period=Period(15, "cd"), in_force_from=date(2027, 7, 1))
    rules = (new, old)
    lengths = [
        rule_get(old.id, on=day, rules=rules).period.length
        for day in (date(1990, 1, 1), date(2027, 6, 30), date(2027, 7, 1), date(2030, 1, 1))
    ]
    assert lengths == [30, 30, 15, 15]
    assert rule_list(rules) == [new]


def test_rule_get_refuses_an_unknown_id_with_the_nearest() -> None:
    with pytest.raises(BusinessError) as caught:
        rule_get("engineering.complaints", on=date(2026, 1, 1))
    assert caught.value.code == "unknown_rule"
    assert caught.value.facts == {
        "nearest": ["engineering.complaint", "engineering.complaint_decision", "engineering.complaint_acceptance"]
    }


@pytest.mark.parametrize("text", ["", "投标", "x" * 100_000, "\x00"])
def test_rule_nearest_always_names_three(text: str) -> None:
    assert len(rule_nearest(text)) == 3
