"""核对自评报告: what the public learns of a code, and a file compared."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.duties import Duty
from documents.models import StoredFile
from documents.selectors import file_open
from performance.models import ReportFile
from performance.services.report_files import report_file_make
from portal import limits
from portal.views import reports as views
from tests.performance.report_factories import make_report
from tests.performance.test_runs import files_of_its_own
from tests.portal.conftest import plain_static
from tests.staff import make_person

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["files_of_its_own", "plain_static"]


@pytest.fixture
def file() -> ReportFile:
    return report_file_make(report=make_report(make_person(Duty.PERFORMANCE)), now=timezone.now())


@pytest.fixture
def client() -> Client:
    # An address of its own: tests side by side count together.
    return Client(REMOTE_ADDR=f"192.0.2.{timezone.now().microsecond % 250}")


def page(answer: Any) -> str:
    assert answer.cookies == {} and "Set-Cookie" not in answer.headers
    return str(answer.content.decode())


def address(file: ReportFile) -> str:
    return f"/reports/{file.code}/"


def compare(client: Client, file: ReportFile, content: bytes) -> Any:
    return client.post(address(file), {"file": SimpleUploadedFile("a.pdf", content)})


def test_the_page_confirms_what_was_made(client: Client, file: ReportFile) -> None:
    text = page(client.get(address(file)))
    for part in (file.code, "部门整体支出", "2022年度", "云泽县公共资源交易中心", file.file.sha256,
                 f"{file.file.size} 字节", f"{file.pages} 页", "2022年度部门整体支出绩效自评报告"):  # fmt: skip
        assert part in text


def test_it_confirms_the_title_in_the_file_whatever_the_report_says_now(client: Client, file: ReportFile) -> None:
    type(file.report).objects.filter(pk=file.report_id).update(title="改过的标题")
    text = page(client.get(address(file)))
    assert "改过的标题" not in text and "部门整体支出绩效自评报告" in text


def test_a_typed_code_leads_to_its_page(client: Client, file: ReportFile) -> None:
    assert page(client.get("/reports/")).count("<form") >= 1
    answer = client.get("/reports/", {"code": f" {file.code.lower().replace('-', ' ')} "})
    assert (answer.status_code, answer.headers["Location"]) == (302, address(file))
    assert client.get(address(file).lower()).headers["Location"] == address(file)
    assert client.get(f"/large/reports/?code={file.code}").headers["Location"] == f"/large{address(file)}"


@pytest.mark.parametrize("code", ["3333-3333-3333-3333", "ABC", "x" * 300, "%00", "0000-0000-0000-0000", "<b>"])
def test_a_wrong_code_is_a_404_with_a_sentence(client: Client, code: str) -> None:
    answer = client.get(f"/reports/{code}/")
    assert answer.status_code == 404
    assert "没有这个验证码" in page(answer) or "16 个字母和数字" in page(answer)
    assert "<b>" not in page(answer).split("<main")[1].split("value=")[-1].split(">")[0]


def test_what_cannot_be_a_code_is_told_at_the_form(client: Client) -> None:
    answer = client.get("/reports/", {"code": "０１\0"})
    assert answer.status_code == 400 and "16 个字母和数字" in page(answer)


def test_a_file_is_compared_and_not_kept(client: Client, file: ReportFile) -> None:
    with file_open(file.file) as stored:
        content = stored.read()
    same = compare(client, file, content)
    assert same.status_code == 200 and "一致。" in page(same) and "不一致" not in page(same)
    other = compare(client, file, content + b" ")
    assert "不一致。" in page(other) and other.headers["Cache-Control"] == "no-store"
    assert StoredFile.objects.count() == 1


def test_an_empty_missing_or_large_file_is_refused_with_a_sentence(
    client: Client, file: ReportFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.post(address(file)).status_code == 400
    assert compare(client, file, b"").status_code == 400
    assert client.post(address(file), b"\0" * 10, content_type="application/pdf").status_code == 400
    monkeypatch.setattr(views, "LARGEST", 1000)
    large = compare(client, file, b"x" * 1001)
    assert large.status_code == 413 and "5 MB" in page(large)
    monkeypatch.setattr(views, "FORM_BYTES", 0)
    assert compare(client, file, b"x" * 1001).status_code == 413


def test_too_many_comparisons_in_a_minute_are_refused(
    client: Client, file: ReportFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST", 2)
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_000.0)
    statuses = [compare(client, file, b"x").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert compare(Client(REMOTE_ADDR="198.51.100.7"), file, b"x").status_code == 200


def test_without_redis_nobody_is_refused(client: Client, file: ReportFile, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert compare(client, file, b"x").status_code == 200


def test_other_methods_are_refused_and_wrong_codes_are_not_compared(client: Client, file: ReportFile) -> None:
    assert client.put(address(file)).status_code == 405
    assert client.post("/reports/").status_code == 405
    assert client.post("/reports/3333-3333-3333-3333/", {"file": SimpleUploadedFile("a", b"x")}).status_code == 404
