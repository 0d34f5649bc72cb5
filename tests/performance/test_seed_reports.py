"""Both official reports out of the portal: every figure is recomputed, every inconsistency is found (DOMAIN 6.3)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from performance.document.model import Document, Paragraph, Table, document_json
from performance.findings.checks import ORDER, report_findings
from performance.narrative.build import document_of
from performance.narrative.figures import report_facts
from performance.scoring.findings import Finding
from performance.services.programs import inspection_add
from performance.services.reports import report_save
from tests.performance.frozen_factories import untriggered
from tests.performance.years import department_report, make_cast, project_report

pytestmark = pytest.mark.django_db
# The text of a report: what the seeds print.
A = (
    "302.94万元",
    "250.88万元",
    "减少52.06万元",
    "减少17.18%",
    "255.56万元",
    "27.38万元",
    "项目支出20万元",
    "257.99万元",
    "减少44.95万元",
    "13.29万元",
    "编制19名",
    "科级领导职数3名",
    "股级领导职数2名",
    "11名",
    "专业技术人员1名",
    "工人2名",
)
A_DERIVED = ("66.45%", "财政收回6.71万元", "14.93%", "85.16%")
B = (
    "年初预算为32.9万元",
    "到位资金23.93万元",
    "支出共计23.93万元",
    "72.74%",
    "日常办公经费5万元",
    "0.75万元",
    "宣传用品费用1万元",
    "2.4万元",
    "2.78万元",
    "运维经费12万元",
    "424宗",
    "35.67亿元",
    "262宗",
    "5.61亿元",
    "70宗",
    "20.6亿元",
    "29宗",
    "8亿元",
    "63宗",
    "1.46亿元",
    "97.27分",
    "“优”",
)


def text_of(document: Document) -> str:
    return "\n".join(block.text for part in document.body for block in part.blocks if isinstance(block, Paragraph))


def findings_of(report: object) -> list[Finding]:
    facts, figures = report_facts(report)  # type: ignore[arg-type]
    return report_findings(report, facts, figures)  # type: ignore[arg-type]


def codes(found: list[Finding]) -> set[str]:
    return {one.code for one in found}


def test_every_figure_of_the_departments_report() -> None:
    document = document_of(department_report())
    text = text_of(document)
    assert [figure for figure in A + A_DERIVED if figure not in text] == []
    table = next(
        b for p in document.body for b in p.blocks if isinstance(b, Table) and b.caption == "支出预算和执行情况"
    )
    assert table.rows[-1] == ("合计", "302.94", "302.94", "257.99", "44.95", "85.16%")


def test_the_paper_states_and_does_not_instruct() -> None:
    stated = [said for _, said in document_of(project_report()).findings]
    assert "预算执行率 72.74%，低于 90%。" in stated
    assert not any("请" in said for said in stated)
    assert all(said.endswith("。") for said in stated)


def test_what_is_wrong_with_the_departments_report_is_found() -> None:
    found = findings_of(department_report())
    said = {one.code: one.message for one in found}
    assert "7.11" in said["spending_exceeds_income"]
    assert all(figure in said["cause_missing_by_line"] for figure in ("44.95", "6.71", "14.93%", "38.24"))
    assert any("9.79" in one.message for one in found if one.code == "purpose_differs")
    assert "2022年12月31日" in said["dated_before_year_end"]
    assert codes(found) >= {"score_missing", "claim_without_evidence", "rate_below_90"}
    assert [one.code for one in found] == sorted((one.code for one in found), key=ORDER.index)


def test_every_figure_of_the_programs_report() -> None:
    document = document_of(project_report())
    text = text_of(document)
    assert [figure for figure in B if figure not in text] == []
    form = document.form
    assert form is not None
    assert (form.total, form.grade, form.total_weight) == ("97.27", "优", "100")
    assert [row.score for row in form.indicators] == ["50.00", "30.00", "10.00"]
    assert (form.funds[0].initial, form.funds[0].executed, form.funds[0].rate, form.funds[0].score) == (
        "32.90", "23.93", "72.74%", "7.27"
    )  # fmt: skip
    assert form.reported == (("填报执行率", "72.74%"), ("填报总分", "97"), ("填报等级", "优"))
    assert [role for role, _ in document.cover.members] == ["组长", "副组长", "副组长", "组员", "组员", "组员"]


def test_what_is_wrong_with_the_programs_report_is_found() -> None:
    found = findings_of(project_report())
    assert codes(found) == {
        "rate_below_90", "satisfaction_without_survey", "single_indicator_weight", "grade_beside_low_rate",
        "cause_missing_by_line", "empty_section", "claim_without_evidence", "survey_sample_missing",
    }  # fmt: skip
    assert any("8.97" in one.message for one in found if one.code == "cause_missing_by_line")
    assert any("均已达到年初预期" in one.message for one in found if one.code == "claim_without_evidence")


def test_a_record_of_inspection_answers_the_claim() -> None:
    cast = make_cast()
    report = department_report(cast)
    program = report.fiscal_year.programs.get()
    before = [one for one in findings_of(report) if "督查记录" in one.message]
    # Entered in the year, before its accounts were confirmed.
    with untriggered("inspection"):
        inspection_add(
            program_year=program, plan="年末督查", inspected_on=report.dated_on, people="钱树林",
            findings="用途与批准一致", by=cast.performance, now=cast.now,
        )  # fmt: skip
    assert len(before) == 2
    assert [one for one in findings_of(report) if "督查记录" in one.message] == []


def test_another_date_and_score_answer_theirs() -> None:
    cast = make_cast()
    report = department_report(cast)
    values = {"dated_on": report.dated_on.replace(year=2023, month=2, day=20)}
    report = report_save(
        report=report, values=values, members=[], seen=report_now(report), by=cast.performance, now=cast.now
    )
    assert "dated_before_year_end" not in codes(findings_of(report))


def report_now(report: object) -> int:
    report.refresh_from_db()  # type: ignore[attr-defined]
    return int(report.edition)  # type: ignore[attr-defined]


def test_the_same_data_give_the_same_document() -> None:
    report = project_report()
    assert document_json(document_of(report)) == document_json(document_of(report))


def test_final_accounts_that_differ_are_told() -> None:
    report = department_report()
    report.fiscal_year.final_spending = Decimal("2579900.01")
    assert "final_accounts_differ" not in codes(findings_of(department_or(report, "2579900")))
    assert "final_accounts_differ" in codes(findings_of(department_or(report, "2580000")))


def department_or(report: object, final: str) -> object:
    """The report as if its final accounts had printed another sum."""
    report.fiscal_year.final_spending = Decimal(final)  # type: ignore[attr-defined]
    return report
