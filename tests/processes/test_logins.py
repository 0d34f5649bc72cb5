"""What the supervisor prints for who comes first, and TLS for other machines."""

from __future__ import annotations

import http.client
import json
import ssl
from pathlib import Path

import pytest

from tests.processes.harness import Instance, wait_for

pytestmark = pytest.mark.process


def test_new_center_prints_its_setup_code_until_there_is_an_administrator(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "center")
    try:
        instance.start()
        wait_for(lambda: any("设置码" in line for line in instance.said()), "the setup code")
        assert instance.get("/staff/setup/")[0] == 200
        create = ["manage.py", "staff_create", "--username", "guozhenyu", "--name", "郭振宇", "--password-stdin"]
        started = instance.popen(*create, "--duty", "system_admin")
        started.communicate(timeout=60)
        assert started.returncode == 2  # nothing on standard input
        assert instance.get("/staff/setup/")[0] == 200
        assert instance.stop() == 0
    finally:
        instance.kill_all()


def test_demonstration_prints_logins_on_this_machine_and_serves_others_by_tls(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "demo")
    try:
        instance.start("run")
        wait_for(lambda: any("songdehai" in line for line in instance.said()), "the logins")
        told = instance.python("manage.py", "demo_accounts", "--json", INSTANCE="demo")
        person = json.loads(told.stdout)[0]
        assert any(person["username"] in line and person["password"] in line for line in instance.said())
        assert instance.stop() == 0
        more = {"HOST": "0.0.0.0", "SITE_HOST": "127.0.0.1"}
        instance.environ |= more
        address = f"https://127.0.0.1:{instance.port}"
        instance.start("run", address=address)
        context = ssl.create_default_context(cafile=str(instance.paths.tls / "authority.crt"))
        link = http.client.HTTPSConnection("127.0.0.1", instance.port, timeout=10, context=context)
        link.request("GET", "/staff/login/")
        answer = link.getresponse()
        answer.read()
        link.close()
        cookie = answer.getheader("Set-Cookie") or ""
        assert (answer.status, "Secure" in cookie) == (200, True)
        assert instance.get("/")[0] == 0  # plain HTTP is not answered
        assert not any("songdehai" in line for line in instance.said())
        assert instance.stop() == 0
    finally:
        instance.kill_all()
