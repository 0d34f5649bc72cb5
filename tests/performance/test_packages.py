"""The bureau's package: a frozen report with its form, scan and evidence in one ZIP, the same bytes every time."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.duties import Duty
from audit.models import ActionRow
from core.errors import BusinessError
from documents.models import storage_name
from performance.models import Report
from performance.services import packages
from performance.services.editions import scan_add
from performance.services.files import files_keep
from performance.services.packages import package_make, safe_name
from tests.performance.goals_factories import Cast
from tests.performance.test_editions import NOW, both, cast, frozen, pdf_of, report
from tests.performance.test_runs import files_of_its_own, handed
from tests.portal.conftest import plain_static
from tests.staff import client_of, make_person

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["cast", "files_of_its_own", "handed", "plain_static", "report"]


def opened(content: Any) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content.read()))


def test_a_draft_is_not_packed(report: Report, cast: Cast) -> None:
    with pytest.raises(BusinessError, match="定稿以后才能打包") as caught:
        package_make(report=report, by=cast.maker, now=NOW)
    assert caught.value.code == "blocked"
    client = client_of(make_person(Duty.FINANCE))
    answer = client.post(reverse("staff_report_package", args=[report.pk]))
    assert answer.status_code == 400 and "定稿以后才能打包" in answer.content.decode()
    with pytest.raises(BusinessError, match="还没有按定稿的内容生成报送版"):
        package_make(report=frozen(report, cast), by=cast.maker, now=NOW)


def test_the_package_holds_report_form_scan_evidence_and_a_list(report: Report, cast: Cast) -> None:
    report = frozen(report, cast)
    submission, _ = both(report)
    (kept,) = files_keep(uploads=[SimpleUploadedFile("盖章.pdf", pdf_of(report))], now=NOW)
    scan_add(report_file=submission, scan=kept, pages=9, stamped_on=NOW.date(), note="", by=cast.maker, now=NOW)
    with package_make(report=report, by=cast.maker, now=NOW) as first:
        content = first.read()
    with package_make(report=report, by=cast.maker, now=NOW + timedelta(days=1)) as second:
        assert second.read() == content, "the same content gives the same bytes"
    archive = zipfile.ZipFile(io.BytesIO(content))
    names = archive.namelist()
    assert archive.testzip() is None and names[0] == "清单.xlsx" and len(set(names)) == len(names)
    assert "4 佐证材料/01 采购招标率/吴婷台账.txt" in names and "3 盖章扫描件/盖章.pdf" in names
    assert any(name.startswith("1 自评报告/") for name in names) and any(name.startswith("2 自评表/") for name in names)
    assert archive.read("4 佐证材料/01 采购招标率/吴婷台账.txt").decode() == "采购台账"
    rows = list(openpyxl.load_workbook(io.BytesIO(archive.read("清单.xlsx"))).active.iter_rows(values_only=True))
    listed = {row[1]: row for row in rows[1:]}
    assert set(names[1:]) <= set(listed)
    for name in names[1:]:
        assert listed[name][4] == hashlib.sha256(archive.read(name)).hexdigest()
        assert listed[name][3] == len(archive.read(name))
    # A value whose evidence has no file stands in the list as such.
    assert any("未附文件" in str(row[3]) for row in rows[1:])
    assert ActionRow.objects.filter(tag="data.export", subject__contains="报送资料包").count() == 2


def test_a_damaged_paper_is_named_and_nothing_goes_out(report: Report, cast: Cast) -> None:
    report = frozen(report, cast)
    both(report)
    client = client_of(make_person(Duty.PERFORMANCE))
    path = storage_name(next(one.sha256 for one in evidence_of(report) if one.name == "吴婷台账.txt"))
    default_storage.delete(path)
    answer = client.post(reverse("staff_report_package", args=[report.pk]))
    text = answer.content.decode()
    assert answer.status_code == 400 and "吴婷台账.txt" in text and "没有打包" in text
    assert not ActionRow.objects.filter(subject__contains="报送资料包").exists()


def evidence_of(report: Report) -> Any:
    return packages.report_document(report).evidence


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("a/b\\c:d.txt", "abcd.txt"), ("  .. ", "未命名"), ("CON.txt", "_CON.txt"), ("lpt1", "_lpt1"),
     ("a\x00\u202eb", "ab"),
     ("长" * 200 + ".pdf", "长" * 80 + ".pdf"), ("../../etc/passwd", "etcpasswd"), ("正常.pdf", "正常.pdf")],
)  # fmt: skip
def test_names_are_such_as_every_system_takes(name: str, wanted: str) -> None:
    assert safe_name(name) == wanted


def test_the_same_name_twice_gets_a_number() -> None:
    members = [packages.Member("甲", name, "", b"") for name in ("a.txt", "A.txt", "a.txt", "a")]
    assert packages._paths(members) == ["甲/a.txt", "甲/A（2）.txt", "甲/a（3）.txt", "甲/a"]
