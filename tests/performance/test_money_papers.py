"""Papers of entries, and numbers that are none."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.duties import Duty
from performance.models import Program, ProgramYear
from tests.documents.samples import PDF
from tests.performance.money_factories import Cast, make_budget
from tests.performance.test_money_pages import client, text
from tests.portal.conftest import plain_static
from workflow.services import move

__all__ = ["plain_static"]

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_papers_of_an_entry_are_kept_and_come_back() -> None:
    budget, person = make_budget(), client(Duty.FINANCE)
    entry = budget.spend()
    address = reverse("staff_entry_papers", args=[entry.pk])
    assert "请先选择文件" in text(person.post(address, {}))
    person.post(address, {"papers": SimpleUploadedFile("发票.pdf", PDF)})
    paper = entry.papers.get()
    answer = client(Duty.DEPUTY_DIRECTOR).get(reverse("staff_entry_paper", args=[paper.pk]))
    assert b"".join(answer.streaming_content) == PDF and "attachment" in answer.headers["Content-Disposition"]


def test_hostile_numbers_open_no_page() -> None:
    person = client(Duty.FINANCE)
    for name in ("staff_budget_year", "staff_entry", "staff_import", "staff_program_year", "staff_spending_line"):
        assert person.get(reverse(name, args=[2**63 + 5])).status_code == 404
    assert Program.objects.count() == ProgramYear.objects.count() == 0
    assert Cast and move
