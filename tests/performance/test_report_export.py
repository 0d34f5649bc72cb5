"""``report_export``: the contract's words and exit codes, the same file as the page's button."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.duties import Duty
from audit.models import ActionRow
from core.errors import BusinessError
from performance.models import ReportFile
from performance.services.report_files import report_file_make
from tests.performance.report_factories import NOW, make_project_report, make_report
from tests.performance.test_runs import files_of_its_own
from tests.staff import make_person

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["files_of_its_own"]


def run(*words: str) -> tuple[str, str]:
    """Standard output and error of the command."""
    out, errors = io.StringIO(), io.StringIO()
    call_command("report_export", *words, stdout=out, stderr=errors)
    return out.getvalue(), errors.getvalue()


@pytest.fixture
def reports() -> list[Any]:
    person = make_person(Duty.PERFORMANCE)
    return [make_report(person), make_project_report(person)]


def test_the_list_names_kind_year_and_title(reports: list[Any]) -> None:
    lines = run("--list")[0].splitlines()
    assert lines == [
        "department\t2022\t云泽县公共资源交易中心2022年度部门整体支出绩效自评报告",
        "project:YZ2022-01\t2022\t“公共资源交易中心运转经费”项目2022年度支出绩效自评报告",
    ]
    found = json.loads(run("--list", "--json")[0])
    assert [list(one) for one in found] == [["kind", "year", "name"]] * 2
    assert [(one["kind"], one["year"]) for one in found] == [("department", 2022), ("project:YZ2022-01", 2022)]


def test_without_reports_the_list_is_empty() -> None:
    assert run("--list") == ("", "") and json.loads(run("--list", "--json")[0]) == []


@pytest.mark.parametrize(("kind", "place"), [("department", 0), ("project:YZ2022-01", 1)])
def test_it_writes_the_same_file_as_the_button(kind: str, place: int, reports: list[Any], tmp_path: Path) -> None:
    first, second = tmp_path / "甲.pdf", tmp_path / "乙.pdf"
    made = report_file_make(report=reports[place], now=NOW)
    run(kind, "--year", "2022", "--out", str(first))
    second.write_text("an older file", encoding="ascii")
    told = run(kind, "--year", "2022", "--out", str(second))[1]
    assert first.read_bytes() == second.read_bytes() and first.read_bytes().startswith(b"%PDF")
    assert len(first.read_bytes()) == made.file.size and made.code in told and made.file.sha256 in told
    assert ReportFile.objects.count() == 1
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert ActionRow.objects.filter(tag="data.export", by=None).count() == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [(("nonsense", "--year", "2022", "--out", "x.pdf"), "unknown_kind"),
     (("project:", "--year", "2022", "--out", "x.pdf"), "unknown_kind"),
     (("project:NONE", "--year", "2022", "--out", "x.pdf"), "no_data"),
     (("department", "--year", "2021", "--out", "x.pdf"), "no_data"),
     (("department", "--year", "99999999999999999999", "--out", "x.pdf"), "no_data"),
     (("department", "--year", "2022", "--out", "/nowhere/x.pdf"), "bad_path"),
     (("department", "--year", "2022", "--out", "/"), "bad_path"),
     (("department", "--year", "2022"), "bad_arguments"), (("department",), "bad_arguments"), ((), "bad_arguments"),
     (("department", "--year", "2022", "--out", "x.pdf", "--json"), "bad_arguments")],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(words: tuple[str, ...], code: str, reports: list[Any]) -> None:
    with pytest.raises(BusinessError, match="没有导出") as refusal:
        run(*words)
    assert refusal.value.code == code
    assert not Path("x.pdf").exists() and not ReportFile.objects.exists()
