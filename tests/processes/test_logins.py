"""What the supervisor prints for who comes first, the demonstration it loads, and TLS for other machines."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable

import pytest

from tests.processes.harness import Instance, wait_for

LOADED = "首次启动，正在生成演示数据……"


def test_new_center_prints_its_setup_code_until_there_is_an_administrator(stopped: Instance) -> None:
    stopped.start()
    wait_for(lambda: any("设置码" in line for line in stopped.said()), "the setup code")
    assert stopped.get("/staff/setup/")[0] == 200
    create = ["manage.py", "staff_create", "--username", "guozhenyu", "--name", "郭振宇", "--password-stdin"]
    started = stopped.popen(*create, "--duty", "system_admin")
    started.communicate(timeout=60)
    assert started.returncode == 2  # nothing on standard input
    assert stopped.get("/staff/setup/")[0] == 200
    assert stopped.stop() == 0


@pytest.fixture(scope="module")
def first(make_instance: Callable[[str], Instance]) -> Instance:
    """A demonstration after its first start."""
    instance = make_instance("demo")
    instance.start("run")
    return instance


def test_demonstration_is_loaded_on_the_first_start_and_prints_logins_on_this_machine(first: Instance) -> None:
    assert LOADED in first.said()
    assert first.get("/")[0] == 200
    assert first.paths.instance.read_text(encoding="ascii") == "demo\n"
    wait_for(lambda: any("songdehai" in line for line in first.said()), "the logins")
    told = first.python("manage.py", "demo_accounts", "--json", INSTANCE="demo")
    person = json.loads(told.stdout)[0]
    assert any(person["username"] in line and person["password"] in line for line in first.said())
    assert first.stop() == 0


def test_demonstration_started_again_is_not_loaded_again_and_serves_other_machines_by_tls(first: Instance) -> None:
    if first.supervisor is not None and first.supervisor.poll() is None:
        assert first.stop() == 0
    more = {"HOST": "0.0.0.0", "SITE_HOST": "127.0.0.1"}
    first.start("run", address=f"https://127.0.0.1:{first.port}", **more)
    context = ssl.create_default_context(cafile=str(first.paths.tls / "authority.crt"))
    link = http.client.HTTPSConnection("127.0.0.1", first.port, timeout=10, context=context)
    link.request("GET", "/staff/login/")
    answer = link.getresponse()
    answer.read()
    link.close()
    cookie = answer.getheader("Set-Cookie") or ""
    assert (answer.status, "Secure" in cookie) == (200, True)
    assert first.get("/")[0] == 0  # plain HTTP is not answered
    assert not any("songdehai" in line or line == LOADED for line in first.said())
    assert first.stop() == 0
