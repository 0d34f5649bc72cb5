"""Statements prepared once per session: the right values, and known anew after the session is another one."""

from __future__ import annotations

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from core import prepared

pytestmark = pytest.mark.django_db(transaction=True)
SQL = "SELECT $1::bigint + 1, $2::text"


def test_values_are_quoted_and_counted_as_one_query() -> None:
    for text in ("'; DROP TABLE x; --", "\\", "%s", "中文"):
        with CaptureQueriesContext(connection) as queries:
            assert prepared.rows(SQL, [1, text]) == [(2, text)]
        assert len(queries) == 1


def test_a_new_connection_prepares_again() -> None:
    assert prepared.rows(SQL, [1, "a"]) == [(2, "a")]
    connection.close()
    assert prepared.rows(SQL, [2, "b"]) == [(3, "b")]


def test_an_error_is_djangos_and_leaves_the_next_one_alone() -> None:
    with pytest.raises(DataError):
        prepared.rows(SQL, [2**70, "a"])
    assert prepared.rows(SQL, [3, "c"]) == [(4, "c")]
