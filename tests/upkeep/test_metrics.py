"""/metrics: who may read it, and that every answer is counted once, by a bounded number of names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from portal.edge import PublicCache
from trading_center.metrics import Measured, exposition
from upkeep import metrics as registry
from upkeep.metrics import gauge_register

pytestmark = pytest.mark.django_db(transaction=True)


def numbers() -> dict[tuple[str, ...], float]:
    """Every number there is, by name and labels; buckets left out."""
    found = {}
    for family in text_string_to_metric_families(exposition().decode()):
        for sample in family.samples:
            if not sample.name.endswith(("_bucket", "_created")):
                found[(sample.name, *sample.labels.values())] = sample.value
    return found


def counted() -> dict[tuple[str, str], float]:
    """How often each route was answered with each status."""
    name = "tc_http_request_seconds_count"
    return {(key[1], key[2]): value for key, value in numbers().items() if key[0] == name}


def ask(application: Any, path: str, query: str = "", **headers: str) -> tuple[str, dict[str, str]]:
    """Status and headers of one request over WSGI."""
    told: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        told[:] = [status, dict(headers)]
        return lambda data: None

    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        **headers,
    }
    try:
        b"".join(application(environ, start))
    finally:
        application.write()
    return told[0], told[1]


@pytest.fixture
def application() -> Measured:
    return Measured(PublicCache(WSGIHandler()))


@pytest.fixture
def own_gauges(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "_gauges", dict(registry._gauges))
    yield


def test_pages_from_the_cache_count_like_pages_from_django(application: Measured) -> None:
    before = counted()
    first, headers = ask(application, "/about/")
    assert first == "200 OK"
    for _ in range(3):
        ask(application, "/about/")
    status, _ = ask(application, "/about/", HTTP_IF_NONE_MATCH=headers["ETag"])
    after = counted()
    assert status == "304 Not Modified"
    assert after[("/about/", "200")] - before.get(("/about/", "200"), 0) == 4
    assert after[("(unchanged)", "304")] - before.get(("(unchanged)", "304"), 0) == 1


def test_what_visitors_invent_makes_no_new_names(application: Measured) -> None:
    ask(application, "/announcements/1/")
    ask(application, "/nothing/")
    before = set(counted())
    for number in range(2, 30):
        ask(application, f"/announcements/{number}/", f"q={number}")
        ask(application, f"/nothing/{number}/")
    assert set(counted()) == before
    assert not any(re.search(r"\d", route) for route, _ in before)


def test_many_threads_are_counted_to_the_last(application: Measured) -> None:
    def answered(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        environ["tc.route"] = "/threads/"
        return ()

    measured = Measured(answered)
    threads = [Thread(target=lambda: [measured({}, lambda *_: None) for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        measured.write()
    measured.write()
    assert counted()[("/threads/", "200")] == 4000


def test_an_application_that_breaks_is_counted_as_500() -> None:
    def broken(environ: Any, start_response: Any) -> Any:
        raise ValueError

    before = counted().get(("(other)", "500"), 0)
    with pytest.raises(ValueError):
        ask(Measured(broken), "/")
    assert counted()[("(other)", "500")] == before + 1


def test_the_numbers_of_the_instance_are_there() -> None:
    found = {key[0] for key in numbers()}
    assert found >= {
        *("tc_queue_length", "tc_clock_alarms", "tc_recovery_hold", "tc_log_size"),
        *("tc_outbox_waiting", "tc_outbox_failed"),
    }


def test_another_app_adds_its_own(own_gauges: None) -> None:
    gauge_register("tc_outbox_size", "Messages that wait", lambda: 7)
    assert numbers()[("tc_outbox_size",)] == 7


def test_a_number_that_cannot_be_had_is_left_out(own_gauges: None) -> None:
    gauge_register("tc_broken", "Never there", lambda: 1 / 0)
    gauge_register("tc_unknown", "Not known yet", lambda: None)
    found = numbers()
    assert {("tc_broken",), ("tc_unknown",)} & set(found) == set()
    assert ("tc_queue_length",) in found


def test_this_machine_may_read() -> None:
    answer = Client().get("/metrics")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    "facts",
    [
        {"REMOTE_ADDR": "192.0.2.1"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Bearer "},
        {"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Bearer 口令"},
    ],
)
def test_others_may_not(facts: dict[str, str]) -> None:
    answer = Client().get("/metrics", **facts)  # type: ignore[arg-type]
    assert (answer.status_code, answer.content.decode()) == (
        403,
        "这个地址只供监控系统读取：请从本机访问，或设置 METRICS_TOKEN 并带上口令。",
    )


def test_who_has_the_token_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.CONFIG, "METRICS_TOKEN", "t" * 24)
    for given, status in (("Bearer " + "t" * 24, 200), ("Bearer " + "t" * 23, 403), ("t" * 24, 403)):
        answer = Client().get("/metrics", REMOTE_ADDR="192.0.2.1", HTTP_AUTHORIZATION=given)
        assert answer.status_code == status
