"""The pages of making a report, waiting for it and taking it."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.duties import Duty
from audit.models import ActionRow
from performance.document import fonts
from performance.models import Report, ReportFile, ReportRun
from performance.services.runs import run_work
from tests.performance import pdf_reading as pdf
from tests.performance.report_factories import make_report
from tests.performance.test_runs import files_of_its_own, handed
from tests.performance.years import project_report
from tests.portal.conftest import plain_static
from tests.staff import client_of, make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("handed")]
__all__ = ["files_of_its_own", "handed", "plain_static"]
TAKERS = (Duty.FINANCE, Duty.PERFORMANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR)


@pytest.fixture
def report() -> Report:
    return make_report(make_person(Duty.PERFORMANCE))


@pytest.fixture
def client() -> Client:
    return client_of(make_person(Duty.PERFORMANCE, name="林晓禾"))


def wished(client: Client, report: Report) -> ReportRun:
    """The button pressed; the run."""
    answer = client.post(reverse("staff_report_make", args=[report.pk]))
    run = ReportRun.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("staff_run", args=[run.pk]))
    return run


def test_the_way_from_the_button_to_the_file(client: Client, report: Report) -> None:
    page = client.get(reverse("staff_report_make", args=[report.pk])).content.decode()
    assert "还没有生成过" in page and "生成 PDF" in page
    run = wished(client, report)
    address = reverse("staff_run", args=[run.pk])
    waiting = client.get(address)
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in waiting.content.decode()
    assert "等待中" in waiting.content.decode() and "js/run" in waiting.content.decode()
    assert waiting.headers["Cache-Control"] == "no-store"
    run_work(number=run.pk, now=timezone.now())
    done = client.get(address).content.decode()
    file = ReportFile.objects.get()
    assert "已生成" in done and file.code in done and file.file.sha256 in done and "http-equiv" not in done
    answer = client.get(reverse("staff_report_pdf", args=[file.pk]))
    content = b"".join(answer.streaming_content)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment") and len(pdf.pages(content)) == file.pages
    listed = client.get(reverse("staff_report_make", args=[report.pk])).content.decode()
    assert file.code in listed and f"{file.pages} 页" in listed


def test_steps_and_failures_are_told(client: Client, report: Report) -> None:
    run = wished(client, report)
    rows = ReportRun.objects.filter(pk=run.pk)
    rows.update(state="running", step="排版", progress=20)
    page = client.get(reverse("staff_run", args=[run.pk])).content.decode()
    assert "正在生成：排版" in page and 'value="20"' in page and '<li aria-current="step">排版</li>' in page
    rows.update(state="failed", message="没有生成 PDF：字形不全。")
    page = client.get(reverse("staff_run", args=[run.pk])).content.decode()
    assert "没有生成 PDF：字形不全。" in page and "再试一次" in page and "http-equiv" not in page


def test_downloads_are_noted_in_the_action_log(client: Client) -> None:
    report = project_report()
    run = wished(client, report)
    run_work(number=run.pk, now=timezone.now())
    before = set(ActionRow.objects.filter(tag="data.export").values_list("pk", flat=True))
    b"".join(client.get(reverse("staff_report_pdf", args=[ReportFile.objects.get().pk])).streaming_content)
    client.get(reverse("staff_report_form", args=[report.pk]))
    rows = ActionRow.objects.filter(tag="data.export").exclude(pk__in=before).order_by("id")
    assert [row.by_name for row in rows] == ["林晓禾", "林晓禾"]
    assert "PDF" in rows[0].subject and "自评表" in rows[1].subject


def test_the_form_comes_as_excel_with_the_figures_of_the_report(client: Client) -> None:
    report = project_report()
    answer = client.get(reverse("staff_report_form", args=[report.pk]))
    assert answer.status_code == 200, answer.content.decode()[-900:]
    assert "attachment" in answer.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row if cell not in (None, "")]
    assert {32.9, 23.93, "72.74%", 97.27} <= set(cells)


def test_a_report_without_goals_has_no_form_and_says_so(client: Client, report: Report) -> None:
    answer = client.get(reverse("staff_report_form", args=[report.pk]))
    assert answer.status_code == 400 and "目标表" in answer.content.decode()


def test_without_fonts_the_page_says_which_line_to_run(
    client: Client, report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(fonts, "_folders", lambda: [tmp_path])
    address = reverse("staff_report_make", args=[report.pk])
    page = client.get(address).content.decode()
    assert "sudo apt-get install" in page and "下载自评表" in page and 'class="main">生成 PDF' not in page
    assert client.post(address).status_code == 409 and not ReportRun.objects.exists()


@pytest.mark.parametrize("duty", list(Duty))
def test_only_the_four_duties_reach_the_files(duty: Duty, report: Report) -> None:
    someone = client_of(make_person(duty))
    wanted = 200 if duty in TAKERS else 403
    assert someone.get(reverse("staff_report_make", args=[report.pk])).status_code == wanted
    for name in ("staff_run", "staff_report_pdf"):
        status = someone.get(reverse(name, args=[2**62])).status_code
        assert status == (404 if wanted == 200 else 403)


def test_the_waiting_page_asks_a_fixed_number_of_times(
    client: Client, report: Report, django_assert_num_queries: Any
) -> None:
    client.get(reverse("staff_report_make", args=[report.pk]))  # the session learns the duties
    for count in (1, 3):
        while ReportRun.objects.count() < count:
            ReportRun.objects.create(report=report, by=make_person(Duty.FINANCE), at=timezone.now())
        with django_assert_num_queries(QUERIES):
            client.get(reverse("staff_report_make", args=[report.pk]))


QUERIES = 9
