"""The audit administrator's pages: for nobody else, nothing to change, everything in the file that is on the page."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.duties import Duty
from accounts.models import User
from audit.exports import MOST_EXPORTED
from audit.failures import login_failure_count
from audit.models import ActionRow
from audit.sealing import actions_seal
from audit.tags import Tag
from audit.verify import actions_verify
from tests.audit.factories import NOW, make_row, owner_without_triggers
from tests.portal.conftest import plain_static
from tests.staff import client_of, make_person
from tests.workflow.people import enter

__all__ = ["plain_static"]
pytestmark = pytest.mark.django_db
LIST, EXPORT, FAILURES = "/staff/audit/", "/staff/audit/export/", "/staff/audit/failures/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def auditor() -> User:
    return make_person(Duty.AUDIT_ADMIN, name="审计员")


@pytest.fixture
def client(auditor: User) -> Client:
    return client_of(auditor)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def exported(client: Client, **query: str) -> list[tuple[Any, ...]]:
    answer = client.post(EXPORT, query)
    assert (answer.status_code, answer["Content-Type"]) == (200, XLSX)
    sheet = load_workbook(io.BytesIO(answer.getvalue())).active
    return list(sheet.iter_rows())


@pytest.mark.parametrize("duty", [*(d for d in Duty if d != Duty.AUDIT_ADMIN), None])
def test_nobody_else_sees_it(duty: Duty | None) -> None:
    row = make_row()
    client = client_of(make_person(*([duty] if duty else [])))
    for address in (LIST, f"{LIST}{row.pk}/", FAILURES, f"{LIST}denials/"):
        assert client.get(address).status_code == 403
    assert client.post(EXPORT).status_code == 403
    assert ActionRow.objects.exclude(tag=Tag.DENIED).count() == 1


def test_the_anonymous_are_sent_to_the_login() -> None:
    client = Client()
    for address in (LIST, f"{LIST}1/", FAILURES):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/staff/login/")
    assert client.post(EXPORT).status_code == 302


def test_nothing_can_be_changed(client: Client) -> None:
    row = make_row()
    for address in (LIST, f"{LIST}{row.pk}/", FAILURES):
        for method in (client.post, client.put, client.patch, client.delete):
            assert method(address).status_code == 405
    assert client.get(EXPORT).status_code == 405


def test_newest_comes_first_and_pages_follow_each_other(client: Client) -> None:
    numbers = [make_row().pk for _ in range(55)]
    first = page(client, LIST)
    assert [f'/staff/audit/{n}/"' in first for n in numbers] == [False] * 5 + [True] * 50
    assert f"?before={numbers[5]}" in first
    second = page(client, f"{LIST}?before={numbers[5]}")
    assert [f'/staff/audit/{n}/"' in second for n in numbers] == [True] * 5 + [False] * 50
    assert "更早的" not in second


@pytest.mark.parametrize("address", [LIST, FAILURES])
def test_number_of_queries_is_fixed(client: Client, address: str) -> None:
    page(client, address)  # the footer is kept from now on
    counts = []
    for rows in (1, 3):
        while ActionRow.objects.count() < rows:
            make_row(by=make_person())
            login_failure_count(address=f"192.0.2.{ActionRow.objects.count()}", now=NOW)
        actions_seal(now=NOW)
        with CaptureQueriesContext(connection) as seen:
            page(client, f"{address}?day=2026-03-20")
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("person=周", ["a"]),
        ("person=person-login", ["b"]),
        ("tag=data.unmask", ["c"]),
        ("subject=tenders.lot:1", ["d"]),
        ("success=no", ["e"]),
        ("since=2026-03-21&until=2026-03-21", ["f"]),
        ("since=2026-03-22", []),
        ("until=2026-03-20", ["a", "b", "c", "d", "e"]),
        ("tag=&person=&unknown=1", ["a", "b", "c", "d", "e", "f"]),
    ],
)
def test_filters(client: Client, query: str, expected: list[str]) -> None:
    login = make_person(name="吴")
    User.objects.filter(pk=login.pk).update(username="person-login")
    made = {
        "a": make_row(by=make_person(name="周敏")),
        "b": make_row(by=login),
        "c": make_row(tag=Tag.UNMASK),
        "d": make_row(subject="tenders.lot:17"),
        "e": make_row(success=False),
        "f": make_row(now=NOW + timedelta(hours=14)),
    }
    shown = page(client, f"{LIST}?{query}")
    assert [name for name, row in made.items() if f'/staff/audit/{row.pk}/"' in shown] == expected


@pytest.mark.parametrize(
    "query",
    [
        *("since=2026-13-01", "until=gestern", "since=2026-03-02&until=2026-03-01", "tag=x", "success=maybe"),
        *("before=x", "before=-1", "before=99999999999999999999", "person=a%00b", "subject=" + "x" * 201),
        "since=20260301",
    ],
)
def test_wrong_filter_is_told_in_a_sentence_and_loses_nothing(client: Client, query: str) -> None:
    answer = client.get(f"{LIST}?{query}&person=周敏" if "person" not in query else f"{LIST}?{query}")
    text = answer.content.decode()
    assert answer.status_code == 400
    assert 'role="alert"' in text
    assert "person" in query or 'value="周敏"' in text


def test_filter_of_the_last_day_there_is_works(client: Client) -> None:
    assert client.get(f"{LIST}?until=9999-12-31").status_code == 200


def test_state_of_the_chain_is_shown(client: Client) -> None:
    assert "还没有封条" in page(client, LIST)
    make_row()
    assert "1 行" in page(client, LIST)
    actions_seal(now=NOW)
    actions_verify(now=NOW)
    text = page(client, LIST)
    assert "第 1 号封条" in text
    assert "✓ 相符" in text


def test_detail_shows_the_row_and_its_seal(client: Client) -> None:
    row = make_row(by=make_person(name="周敏"), detail={"reason": "核对<户名>"}, address="192.0.2.7")
    waiting = page(client, f"{LIST}{row.pk}/")
    assert "正在等待封存" in waiting
    actions_seal(now=NOW)
    text = page(client, f"{LIST}{row.pk}/")
    for words in ("周敏", "理由", "核对&lt;户名&gt;", "192.0.2.7", "与封存时相符"):
        assert words in text
    assert client.get(f"{LIST}999999999999999999999/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_detail_says_when_a_row_was_changed(client: Client) -> None:
    row = make_row()
    actions_seal(now=NOW)
    with owner_without_triggers() as cursor:
        cursor.execute("UPDATE audit_actionrow SET address = 'x' WHERE id = %s", [row.pk])
    assert "与封存时不符" in page(client, f"{LIST}{row.pk}/")


def test_failures_are_shown_by_hour_and_address(client: Client) -> None:
    for minute in range(3):
        login_failure_count(address="192.0.2.9", username_digest=str(minute), now=NOW + timedelta(minutes=minute))
    text = page(client, f"{FAILURES}?day=2026-03-20")
    assert "全天 3 次，来自 1 个地址" in text
    assert '<th scope="row">10 时</th><td class="number">3</td>' in text
    assert '<th scope="row">192.0.2.9</th><td class="number">3</td><td class="number">3 个</td>' in text
    assert "这一天没有登录失败" in page(client, f"{FAILURES}?day=2026-03-19")


@pytest.mark.parametrize("day", ["x", "2999-01-01", "0001-01-01", "2026-02-30", "20260320"])
def test_wrong_day_is_told_in_a_sentence(client: Client, day: str) -> None:
    answer = client.get(f"{FAILURES}?day={day}")
    assert answer.status_code == 400
    assert "日期应写成" in answer.content.decode()


def test_export_holds_what_the_page_shows_and_is_itself_a_row(client: Client, auditor: User) -> None:
    rows = [make_row(by=make_person(name="周敏"), detail={"reason": "核对户名"}), make_row(success=False)]
    actions_seal(now=NOW)
    cells = [[cell.value for cell in row] for row in exported(client)]
    assert cells[0] == ["编号", "时间", "动作", "操作人", "登录名", "对象", "说明", "来源地址", "结果", "封条号"]
    record = ActionRow.objects.latest("pk")
    assert [row[0] for row in cells[1:]] == [record.pk, rows[1].pk, rows[0].pk]
    assert cells[3][2:4] + cells[3][6:7] + cells[3][8:] == ["办理", "周敏", "理由：核对户名", "成功", 1]
    assert str(cells[3][1]) == "2026-03-20 10:00:00"
    assert (record.tag, record.by, record.detail) == (Tag.EXPORT, auditor, {"rows": 2})
    assert record.subject == "操作记录：全部"


def test_export_takes_the_filter(client: Client) -> None:
    make_row(subject="tenders.announcement:1")
    wanted = make_row(subject="experts.expert:2", tag=Tag.UNMASK)
    assert [row[0].value for row in exported(client, tag="data.unmask")[1:]] == [wanted.pk]
    assert ActionRow.objects.latest("pk").subject == "操作记录：查看完整信息"
    assert client.post(EXPORT, {"since": "x"}).status_code == 400


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("x")', "{=1}", "https://x.example"]
)
def test_formulas_are_text(client: Client, text: str) -> None:
    make_row(subject=text, detail={"reason": text})
    row = exported(client)[2]
    assert {cell.data_type for cell in (row[5], row[6])} == {"s"}
    assert row[5].value == text
    assert row[5].hyperlink is None
    assert row[5].quotePrefix is text.startswith(("=", "+", "-", "@", "\t"))


def test_export_of_too_much_is_refused(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_actionrow (at, tag, by_name, subject, detail, address, success)"
            " SELECT now(), 'workflow.move', '', '', '{}', '', true FROM generate_series(1, %s)",
            [MOST_EXPORTED + 1],
        )
    answer = client.post(EXPORT)
    assert answer.status_code == 400
    assert "不能导出：符合条件的超过 100,000 行" in answer.content.decode()


def test_export_needs_the_pages_token(auditor: User) -> None:
    client = Client(enforce_csrf_checks=True)
    enter(client, auditor)
    assert client.post(EXPORT).status_code == 403
    assert ActionRow.objects.count() == 0
