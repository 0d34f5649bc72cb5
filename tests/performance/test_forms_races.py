"""Two people at once at monitoring forms and workbooks, with real threads and transactions."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.duties import Duty
from performance.models import BureauWorkbook, FiscalYear, Monitoring
from performance.services.monitoring import monitoring_begin, monitoring_save
from performance.services.workbooks import cell_map, workbook_upload
from tests.performance.bureau_books import blank_form
from tests.performance.forms_factories import NOW, make_monitoring
from tests.performance.goals_factories import Cast, make_goals
from tests.workflow.people import make_staff
from tests.workflow.test_move_race import together

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 4


def test_a_form_begun_by_several_at_once_is_begun_once() -> None:
    cast = Cast()
    year = make_goals("approved", cast=cast).fiscal_year_id
    found = together([
        lambda: monitoring_begin(fiscal_year=FiscalYear.objects.get(pk=year), by=cast.maker, now=NOW)
        for _ in range(AT_ONCE)
    ])  # fmt: skip
    assert found["done"] == 1 and set(found) <= {"done", "blocked", "invalid"}
    assert Monitoring.objects.get().lines.count() == 7, "all of its lines, each once"


def test_of_several_who_save_one_form_one_stands_and_the_others_are_told() -> None:
    form = make_monitoring()
    people = [make_staff(Duty.PERFORMANCE) for _ in range(AT_ONCE)]
    found = together([
        lambda p=person, n=number: monitoring_save(
            monitoring=Monitoring.objects.get(pk=form.pk), values={"funds": {"remark": f"第{n}人"}}, heads={}, seen=2,
            by=p, now=NOW,
        )
        for number, person in enumerate(people)
    ])  # fmt: skip
    assert found == {"done": 1, "changed": AT_ONCE - 1}
    assert form.lines.get(line="funds").remark in {f"第{n}人" for n in range(AT_ONCE)}


def test_a_cell_pointed_by_several_at_once_takes_one_thing() -> None:
    by = make_staff(Duty.PERFORMANCE)
    workbook, _ = workbook_upload(
        name="表", purpose="project", content=SimpleUploadedFile("表.xlsx", blank_form()), file_name="表.xlsx",
        first_year=2022, by=by, now=NOW,
    )  # fmt: skip
    fields = ("unit.name", "unit.code", "program.name", "program.code")
    found = together([
        lambda f=field: cell_map(
            workbook=BureauWorkbook.objects.get(pk=workbook.pk), sheet="封面", cell="B3", field=f, by=by, now=NOW
        )
        for field in fields
    ])  # fmt: skip
    assert found == {"done": AT_ONCE} and workbook.cells.get().field in fields
