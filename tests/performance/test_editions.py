"""Three versions that belong together: submission, public edition, stamped scan; disclosure; the bureau's package."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader, PdfWriter

from accounts.duties import Duty
from accounts.models import User
from audit.models import ActionRow
from core.errors import BusinessError
from documents.models import storage_name
from documents.selectors import file_open
from performance.document.scans import scan_pages
from performance.models import (
    Edition,
    Report,
    ReportDisclosure,
    ReportFile,
    ReportRun,
    StampedScan,
)
from performance.selectors.editions import places_of, versions_of
from performance.services.actuals import actual_set
from performance.services.appraisals import management_score_keep
from performance.services.editions import disclosure_reasons, report_disclose, scan_add
from performance.services.files import files_keep
from performance.services.freezing import freeze_record
from performance.services.report_files import report_file_make
from performance.services.reports import report_create, report_save
from performance.services.runs import report_run, run_work
from tests.performance import pdf_reading as pdf
from tests.performance.goals_factories import Cast, close_year, make_goals, make_year, named, told
from tests.performance.test_runs import files_of_its_own, handed
from tests.portal.conftest import plain_static
from tests.staff import client_of, make_person
from workflow.models import StateChange

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["files_of_its_own", "handed", "plain_static"]
NOW = datetime(2023, 6, 1, 2, 0, tzinfo=UTC)
READERS = (Duty.PERFORMANCE, Duty.FINANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR)
MEMBERS = [("组长", "周文博"), ("组员", "吴婷"), ("组员", "赵大有")]


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def report(cast: Cast) -> Report:
    """A drafted report of 2022 that names people where it can."""
    User.objects.filter(pk=cast.maker.pk).update(name="钱树林")
    fiscal = make_year()
    table = make_goals("approved", cast=cast, fiscal=fiscal)
    kept = files_keep(uploads=[SimpleUploadedFile("吴婷台账.txt", "采购台账".encode())], now=NOW)
    actual_set(
        indicator=named(table, "采购招标率"), value="100%", evidence="钱树林统计", files=kept, by=cast.maker, now=NOW
    )
    actual_set(indicator=named(table, "公共服务水平"), value="达成预期指标", evidence="座谈会", by=cast.maker, now=NOW)
    close_year(fiscal)
    made = report_create(year=fiscal, program=None, dated_on=date(2023, 2, 20), members=MEMBERS, by=cast.maker, now=NOW)
    values = {
        "filled_by": "吴婷",
        "phone": "0000-5080016",
        "head": "周文博",
        "goal_result": "由吴婷汇总，电话13912345678。",
    }
    return report_save(report=made, values=values, members=MEMBERS, seen=1, by=cast.maker, now=NOW)


def frozen(report: Report, cast: Cast) -> Report:
    """The same, frozen; what its moves ask for is tested elsewhere."""
    report = Report.objects.get(pk=report.pk)
    with transaction.atomic():
        told(report, "reviewed", by=cast.director, now=NOW)
        told(report, "frozen", by=cast.director, now=NOW)
        freeze_record(report, change=StateChange.objects.latest("pk"), by=cast.director, now=NOW, data={})
    return Report.objects.select_related("fiscal_year__unit").get(pk=report.pk)


def disclosed(*, file: ReportFile, by: Any, now: datetime) -> ReportDisclosure:
    """Disclosed by somebody who ticked off everything."""
    return report_disclose(file=file, by=by, now=now, checked=places_of(file).marks)


def text_of(file: ReportFile) -> str:
    with file_open(file.file) as content:
        return pdf.text_of(content.read())


def both(report: Report) -> tuple[ReportFile, ReportFile]:
    return (
        report_file_make(report=report, now=NOW),
        report_file_make(report=report, now=NOW, edition=Edition.PUBLIC),
    )


# The public edition.


def test_the_public_edition_is_another_file_without_names_and_numbers(report: Report) -> None:
    submission, public = both(report)
    said, shown = text_of(submission), text_of(public)
    for words in ("吴婷", "赵大有", "0000-5080016", "13912345678", "钱树林"):
        assert words in said and words not in shown, words
        assert words not in public.source
    assert "周文博" in shown and "公开版" in shown and "公开版" not in said
    assert public.base_sha256 == submission.source_sha256 and public.code != submission.code
    assert report_file_make(report=report, now=NOW, edition=Edition.PUBLIC) == public
    assert submission.edition == "submission" and submission.base_sha256 == ""


def test_a_run_makes_the_edition_that_was_wished_for(report: Report, handed: list[Any]) -> None:
    person = make_person(Duty.PERFORMANCE)
    first = report_run(report=report, by=person, now=NOW)
    second = report_run(report=report, by=person, now=NOW, edition=Edition.PUBLIC)
    assert first.pk != second.pk
    assert report_run(report=report, by=person, now=NOW, edition=Edition.PUBLIC) == second
    assert run_work(number=second.pk, now=NOW) and run_work(number=first.pk, now=NOW)
    made = {one.edition for one in ReportFile.objects.filter(report=report)}
    assert made == {"submission", "public"}
    second.refresh_from_db()
    assert second.result is not None and second.result.edition == "public"


def test_a_disclosed_file_is_public_and_of_its_report_in_the_database_too(report: Report, cast: Cast) -> None:
    submission, public = both(report)
    scan = {"file": submission.file, "name": "扫描.pdf", "pages": 1, "stamped_on": date(2023, 6, 1), "by": cast.maker}
    with pytest.raises(IntegrityError, match="another edition"), transaction.atomic():
        StampedScan.objects.create(report_file=public, at=NOW, **scan)
    with pytest.raises(IntegrityError, match="another edition"), transaction.atomic():
        ReportDisclosure.objects.create(report=report, report_file=submission, by=cast.maker, at=NOW)
    other = report_create(
        year=make_year(2021), program=None, dated_on=date(2022, 2, 20), members=[], by=cast.maker, now=NOW
    )
    with pytest.raises(IntegrityError, match="another report"), transaction.atomic():
        ReportDisclosure.objects.create(report=other, report_file=public, by=cast.maker, at=NOW)


# Scans.


def pdf_of(report: Report) -> bytes:
    with file_open(report_file_make(report=report, now=NOW).file) as content:
        return content.read()


def test_a_scan_is_a_pdf_that_opens(report: Report) -> None:
    whole = pdf_of(report)
    assert scan_pages(io.BytesIO(whole)) > 3
    for content, code in (
        (b"%PDF-1.7 broken", "broken"), (b"PK\x03\x04", "bad_type"), (b"", "bad_type"),
        (whole[: len(whole) // 3], "broken"), (b"%PDF-1.7\n" + b"\x00" * 1000, "broken"),
    ):  # fmt: skip
        with pytest.raises(BusinessError, match="扫描件没有保存") as caught:
            scan_pages(io.BytesIO(content))
        assert caught.value.code == code


def test_a_scan_with_a_password_is_told(report: Report) -> None:
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(pdf_of(report))))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(BusinessError, match="密码") as caught:
        scan_pages(io.BytesIO(out.getvalue()))
    assert caught.value.code == "locked"


def test_too_large_a_scan_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("performance.document.scans.LARGEST", 1000)
    with pytest.raises(BusinessError, match="超过"):
        scan_pages(io.BytesIO(b"%PDF-" + b"x" * 2000))


def test_a_scan_belongs_to_its_print_and_an_old_one_is_marked(report: Report, cast: Cast) -> None:
    client, url = client_of(make_person(Duty.PERFORMANCE)), reverse("staff_scan_new", args=[report.pk])
    first = report_file_make(report=report, now=timezone.now() - timedelta(days=3))
    sent = {"report_file": first.pk, "stamped_on": timezone.now().date().isoformat(), "note": "主任签字"}

    def upload(**more: Any) -> Any:
        return client.post(url, sent | {"file": SimpleUploadedFile("盖章.pdf", pdf_of(report))} | more)

    assert upload(stamped_on="2100-01-01").status_code == 400
    early = upload(stamped_on="2020-01-01")
    assert early.status_code == 400 and "早于这份文件生成" in early.content.decode()
    assert upload(report_file="999").status_code == 400
    assert upload(file=SimpleUploadedFile("坏.pdf", b"%PDF-1.7 x")).status_code == 400
    assert upload().status_code == 302 and StampedScan.objects.count() == 1
    again = upload()
    assert again.status_code == 400 and "已经传过" in again.content.decode()
    page = client.get(reverse("staff_report_versions", args=[report.pk])).content.decode()
    assert first.code in page and "主任签字" in page and "较早一份" not in page
    report.refresh_from_db()
    report_save(
        report=report, values={"title": "改了标题"}, members=MEMBERS, seen=report.edition, by=cast.maker, now=NOW
    )
    report_file_make(report=report, now=timezone.now())
    assert versions_of(report).scan_is_old
    assert "较早一份" in client.get(reverse("staff_report_versions", args=[report.pk])).content.decode()
    answer = client.get(reverse("staff_scan", args=[StampedScan.objects.get().pk]))
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert ActionRow.objects.filter(tag="data.export", subject__contains="盖章扫描件").count() == 1


# Disclosure.


def test_only_a_frozen_report_is_disclosed_and_not_by_who_made_the_edition(
    report: Report, cast: Cast, handed: list[Any]
) -> None:
    _, public = both(report)
    assert disclosure_reasons(public, by=cast.director) == ["报告还没有定稿"]
    report = frozen(report, cast)
    run = report_run(report=report, by=cast.director, now=NOW, edition=Edition.PUBLIC)
    run_work(number=run.pk, now=NOW)
    public = ReportRun.objects.get(pk=run.pk).result
    with pytest.raises(BusinessError, match="您生成的"):
        disclosed(file=public, by=cast.director, now=NOW)
    made = disclosed(file=public, by=cast.maker, now=NOW)
    assert made.report_file == public
    with pytest.raises(BusinessError, match="已经公开"):
        disclosed(file=public, by=cast.maker, now=NOW)
    with pytest.raises(ProgrammingError), transaction.atomic():
        ReportDisclosure.objects.all().delete()


def test_a_public_edition_of_an_older_text_is_not_disclosed(report: Report, cast: Cast) -> None:
    _, old = both(report)
    report_save(report=report, values={"title": "改了"}, members=MEMBERS, seen=2, by=cast.maker, now=NOW)
    report = frozen(report, cast)
    old = ReportFile.objects.get(pk=old.pk)
    assert disclosure_reasons(old, by=cast.maker) == ["这份公开版不是按定稿的内容生成的，请重新生成公开版"]
    submission, _ = both(report)
    assert "公开的应是公开版，不是报送版" in disclosure_reasons(submission, by=cast.maker)


def test_a_lost_file_is_not_disclosed(report: Report, cast: Cast) -> None:
    report = frozen(report, cast)
    _, public = both(report)
    default_storage.delete(storage_name(public.file.sha256))
    with pytest.raises(BusinessError, match="不完整"):
        disclosed(file=public, by=cast.maker, now=NOW)


def test_the_public_sees_what_is_disclosed_and_nothing_else(report: Report, cast: Cast) -> None:
    visitor = Client()
    empty = visitor.get("/reports/").content.decode()
    assert "还没有公开的报告" in empty and "二十日" in empty
    report = frozen(report, cast)
    submission, public = both(report)
    for file in (submission, public):
        assert visitor.get(f"/reports/{file.code}/report.pdf").status_code == 404
        assert visitor.get(f"/reports/{file.code}/").status_code == 200
    disclosed(file=public, by=cast.director, now=NOW)
    page = visitor.get("/reports/")
    assert report.title in page.content.decode() and public.code in page.content.decode() and page.cookies == {}
    assert submission.code not in page.content.decode()
    assert visitor.get(f"/reports/{submission.code}/report.pdf").status_code == 404
    answer = visitor.get(f"/reports/{public.code}/report.pdf")
    with file_open(public.file) as content:
        assert b"".join(answer.streaming_content) == content.read()
    confirmed = visitor.get(f"/reports/{public.code}/").content.decode()
    assert "公开版" in confirmed and "下载 PDF" in confirmed and public.file.sha256 in confirmed
    assert "下载 PDF" not in visitor.get(f"/reports/{submission.code}/").content.decode()
    for strange in ("x", "%00", "AAAA-AAAA-AAAA-AAAA"):
        assert visitor.get(f"/reports/{strange}/report.pdf").status_code == 404


def test_the_list_of_disclosed_reports_costs_the_same_for_one_and_three(report: Report, cast: Cast) -> None:
    def cost() -> int:
        Client().get("/reports/")  # the head of the page is kept for a minute
        with CaptureQueriesContext(connection) as found:
            page = Client().get("/reports/").content.decode()
        assert page.count('class="row"') == ReportDisclosure.objects.count()
        return sum("performance_reportdisclosure" in one["sql"] for one in found.captured_queries)

    disclosed(file=both(frozen(report, cast))[1], by=cast.director, now=NOW)
    assert cost() == 1
    for year in (2020, 2019):
        more = report_create(
            year=close_year(make_year(year)), program=None, dated_on=date(2023, 2, 20), members=[], by=cast.maker,
            now=NOW,
        )  # fmt: skip
        disclosed(file=both(frozen(more, cast))[1], by=cast.director, now=NOW)
    assert cost() == 1


# Pages and rights.


def taken(answer: Any) -> int:
    """The status of an answer whose file was read to its end."""
    if answer.streaming:
        b"".join(answer.streaming_content)
    answer.close()
    return int(answer.status_code)


def test_who_reaches_what(report: Report, cast: Cast) -> None:
    report = frozen(report, cast)
    submission, public = both(report)
    scan = scan_add(
        report_file=submission, scan=files_keep(uploads=[SimpleUploadedFile("a.pdf", pdf_of(report))], now=NOW)[0],
        pages=1, stamped_on=NOW.date(), note="", by=cast.maker, now=NOW,
    )  # fmt: skip
    for duty in Duty:
        someone = client_of(make_person(duty))
        reads = duty in READERS
        assert someone.get(reverse("staff_report_versions", args=[report.pk])).status_code == (200 if reads else 403)
        assert taken(someone.get(reverse("staff_scan", args=[scan.pk]))) == (200 if reads else 403)
        status = someone.get(reverse("staff_scan_new", args=[report.pk])).status_code
        assert status == (200 if duty in (Duty.PERFORMANCE, Duty.FINANCE) else 403)
        status = someone.get(reverse("staff_report_disclose", args=[public.pk])).status_code
        assert status == (200 if duty in (Duty.PERFORMANCE, Duty.DIRECTOR) else 403)
        assert taken(someone.post(reverse("staff_report_package", args=[report.pk]))) == (200 if reads else 403)
    client = client_of(make_person(Duty.PERFORMANCE))
    for name in ("staff_report_versions", "staff_scan", "staff_scan_new", "staff_report_disclose"):
        assert client.get(reverse(name, args=[2**62])).status_code == 404


def test_the_page_costs_the_same_however_many_files(report: Report, cast: Cast, django_assert_num_queries: Any) -> None:
    client, url = client_of(make_person(Duty.DIRECTOR)), reverse("staff_report_versions", args=[report.pk])
    both(report)
    client.get(url)
    with CaptureQueriesContext(connection) as first:
        client.get(url)
    for number in range(2):
        report.refresh_from_db()
        title, seen = f"第{number}稿", report.edition
        report_save(report=report, values={"title": title}, members=MEMBERS, seen=seen, by=cast.maker, now=NOW)
        both(report)
    with django_assert_num_queries(len(first)):
        client.get(url)


def test_a_kept_management_score_stands_in_the_departments_report(report: Report, cast: Cast) -> None:
    kept = management_score_keep(fiscal_year=report.fiscal_year, by=cast.director, now=NOW)
    said = text_of(report_file_make(report=report, now=NOW))
    assert "绩效管理工作评分表" in said and f"{kept.total}" in said and "绩效目标全覆盖" in said
    again = report_create(
        year=close_year(make_year(2021)), program=None, dated_on=date(2022, 2, 20), members=[], by=cast.maker, now=NOW
    )
    assert "绩效管理工作评分表" not in text_of(report_file_make(report=again, now=NOW))
