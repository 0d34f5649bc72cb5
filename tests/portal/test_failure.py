"""A database that is away is no fault of the page: 503, and when to come back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

pytestmark = pytest.mark.django_db


def away(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """What a statement meets when the server ends its connection: raised by the server itself."""
    return execute("DO $$ BEGIN RAISE EXCEPTION 'gone' USING ERRCODE = 'admin_shutdown'; END $$", None, False, context)


@pytest.mark.parametrize("page", ["/", "/announcements/", "/feeds/announcements.atom", "/announcements/1/"])
def test_database_away_is_a_503_page(client: Client, page: str) -> None:
    client.raise_request_exception = False
    with connection.execute_wrapper(away):
        response = client.get(page)
    assert (response.status_code, response["Retry-After"], response["Cache-Control"]) == (503, "10", "no-store")
    assert "页面暂时打不开" in response.content.decode()


def test_database_away_is_a_503_sentence_of_the_interface(client: Client) -> None:
    client.raise_request_exception = False
    with connection.execute_wrapper(away):
        response = client.get("/api/v1/announcements/")
    assert (response.status_code, response.json()) == (
        503,
        {"message": "本站数据库暂时连不上，请稍后再试。", "code": "unavailable"},
    )
