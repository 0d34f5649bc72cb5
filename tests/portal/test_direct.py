"""One announcement past Django's layers: the same page to the byte, and Django wherever anything is unusual."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from accounts.duties import Duty
from portal import fragments
from tests.portal.test_edge import Visitor
from tests.tenders.factories import make_announcement
from tests.tenders.test_masking import NAME, mask, published
from tests.workflow.people import make_staff

pytestmark = pytest.mark.django_db(transaction=True)


class Watched(Visitor):
    """Counts what reaches Django."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = 0
        django = WSGIHandler()

        def counted(environ: dict[str, Any], start_response: Any) -> Any:
            self.reached += 1
            return django(environ, start_response)

        self.cache.application = counted


@pytest.fixture
def visitor() -> Watched:
    """One to whom Django has shown a page of this kind."""
    seen = Watched()
    first = make_announcement(title="先看过的一条")
    assert seen.get(f"/announcements/{first.pk}/")[0] == 200
    seen.reached = 0
    return seen


def through_django(address: str) -> tuple[int, dict[str, str], bytes]:
    fragments.forget()
    return Watched().get(address)


@pytest.mark.parametrize("query", ["", "?_=1", "?x=<script>&y=中"])
def test_page_is_the_same_to_the_byte(visitor: Watched, query: str) -> None:
    make_announcement(title="同一项目", fields={"project_code": "YZ-1"})
    address = f"/announcements/{make_announcement(fields={'project_code': 'YZ-1'}).pk}/{query}"
    straight = visitor.get(address)
    assert visitor.reached == 0
    assert straight == through_django(address)
    assert (straight[0], "同一项目".encode() in straight[2]) == (200, True)


def test_page_costs_one_query_the_second_time(visitor: Watched) -> None:
    address = f"/announcements/{make_announcement(fields={'project_code': 'YZ-1'}).pk}/"
    visitor.get(address)
    with CaptureQueriesContext(connection) as queries:
        visitor.get(address + "?_=2")
    assert (len(queries), visitor.reached) == (1, 0)


def test_large_print_and_all_that_is_no_plain_visit_goes_through_django(visitor: Watched) -> None:
    pk = make_announcement().pk
    asked = [
        visitor.get(f"/large/announcements/{pk}/")[0],
        visitor.get(f"/announcements/{pk}/", method="HEAD")[0],
        visitor.get(f"/announcements/{pk}/", cookie="x=1")[0],
        visitor.get(f"/announcements/{pk}/", host="elsewhere.example")[0],
        visitor.get(f"/announcements/{pk + 1}/")[0],
        visitor.get(f"/announcements/{'9' * 18}/")[0],
        visitor.get(f"/announcements/{'9' * 19}/")[0],
        visitor.get(f"/announcements/{pk}/qr.svg")[0],
    ]
    assert asked == [200, 200, 200, 400, 404, 404, 404, 200]
    assert visitor.reached == len(asked)


def test_after_large_print_links_are_standard_again(visitor: Watched) -> None:
    pk = make_announcement().pk
    visitor.get(f"/large/announcements/{pk}/")
    assert b'href="/large/announcements/?category' not in visitor.get(f"/announcements/{pk}/")[2]


def test_what_was_masked_is_gone_at_once(visitor: Watched) -> None:
    announcement = published()
    address = f"/announcements/{announcement.pk}/"
    assert NAME.encode() in visitor.get(address)[2]
    mask(announcement, (make_staff(Duty.MASKING), make_staff(Duty.MASKING)))
    after = visitor.get(address)
    assert (after[0], NAME.encode() in after[2], visitor.reached) == (200, False, 0)


def test_database_that_is_away_is_djangos_affair(visitor: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    address = f"/announcements/{make_announcement().pk}/"
    monkeypatch.setattr("tenders.selectors.prepared.rows", away)
    assert (visitor.get(address)[0], visitor.reached) == (503, 1)
    monkeypatch.undo()
    assert visitor.get(address)[0] == 200
