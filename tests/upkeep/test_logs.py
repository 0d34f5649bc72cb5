"""Log lines: one JSON object each, with their request, and nobody in them."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from accounts.models import User
from trading_center.logs import JsonFormatter, TextFormatter, request_id, without_personal_data


def record(message: str, *args: Any, **more: Any) -> logging.LogRecord:
    """A record as a logger makes it."""
    found = logging.LogRecord("tenders", logging.WARNING, __file__, 1, message, args, more.pop("exc_info", None))
    vars(found).update(more)
    return found


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Not Found: /announcements/?q=张三的保证金", "Not Found: /announcements/?…"),
        ('GET "/a/b?x=1&y=2" done', 'GET "/a/b?…" done'),
        ("身份证 11010519491231002X 有误", "身份证 〔证件号〕 有误"),
        ("phone 13800138000, again", "phone 〔手机号〕, again"),
        ("账号 6222021234567890123", "账号 〔账号〕"),
        ("DETAIL:  Key (username)=(zhangsan) already exists.", "DETAIL: …"),
        ("Key (username)=(zhangsan) is there", "Key (username)=(…) is there"),
        ("task 0198c1de-7a2b-7c4d-9e6f-112233445566 in 1717171717.123456 s", None),
        ("sha256 " + "0123456789abcdef" * 4, None),
        ("announcement 123456789012345", None),
        ("what is it? no", None),
    ],
)
def test_what_tells_of_a_person_is_taken_out(said: str, kept: str | None) -> None:
    assert without_personal_data(said) == (said if kept is None else kept)


def test_a_json_line_is_one_object_with_its_request() -> None:
    token = request_id.set("abc12345")
    try:
        line = JsonFormatter().format(record("第一行\n第二行 %s", "x", fields={"status": 500}))
    finally:
        request_id.reset(token)
    assert "\n" not in line
    found = json.loads(line)
    assert found.pop("at").endswith("+08:00")
    assert found == {
        "level": "WARNING",
        "logger": "tenders",
        "message": "第一行\n第二行 x",
        "request": "abc12345",
        "fields": {"status": 500},
    }


def test_a_text_line_names_its_request() -> None:
    token = request_id.set("abc12345")
    try:
        assert TextFormatter().format(record("done")).endswith(" WARNING tenders [abc12345] done")
    finally:
        request_id.reset(token)
    assert TextFormatter().format(record("done")).endswith(" WARNING tenders done")


@pytest.mark.django_db
@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
def test_a_database_error_does_not_quote_its_row(formatter: logging.Formatter) -> None:
    name = "zhang" + "san"  # a traceback quotes this file
    User.objects.create(username=name, name="张三")
    with pytest.raises(IntegrityError) as caught:
        User.objects.create(username=name, name="李四")
    assert "zhangsan" in str(caught.value)
    line = formatter.format(record("failed", exc_info=(type(caught.value), caught.value, caught.tb)))
    assert "UniqueViolation" in line
    assert "zhangsan" not in line
    assert sys.exc_info() == (None, None, None)


@pytest.mark.django_db
def test_a_refused_request_has_a_number_and_leaves_no_search_words(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        answer = Client().get("/nothing/here/?q=张三", headers={"x-request-id": "from-the-proxy-1"})
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (404, "from-the-proxy-1")
    lines = [TextFormatter().format(one) for one in caplog.records]
    assert lines
    assert [line for line in lines if "张三" in line or "%E5" in line] == []


@pytest.mark.django_db
def test_a_number_that_is_none_is_replaced() -> None:
    answer = Client().get("/nothing/", headers={"x-request-id": "a b\r\nSet-Cookie: x"})
    assert len(answer.headers["X-Request-ID"]) == 32


@pytest.mark.django_db
def test_what_writes_leaves_a_line_of_its_route(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "trading_center.middleware"):
        assert Client().post("/announcements/7/?q=张三", {"name": "张三"}).status_code == 405
    assert [vars(one)["fields"] for one in caplog.records if hasattr(one, "fields")] == [
        {"method": "POST", "route": "/announcements/<int:pk>/", "status": 405}
    ]
