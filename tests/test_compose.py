"""The production layout: docker-compose.yml, Dockerfile and the proxy, as far as they can be checked without Docker."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from dockerfile_parse import DockerfileParser

from deploy import part
from tools import nginx
from trading_center.config import BY_NAME, ROOT, ConfigError, load
from trading_center.parts import part_commands

COMPOSE = ROOT / "docker-compose.yml"
OPERATIONS = ROOT / "docs" / "operations.md"
SECRETS = {"SECRET_KEY", "POSTGRES_PASSWORD", "POSTGRES_OWNER_PASSWORD", "POSTGRES_APP_PASSWORD", "REDIS_PASSWORD"}
OURS = ("migrate", "web", "worker", "scheduler")
VARIABLE = re.compile(r"(?<!\$)\$(?:\{(?P<name>\w+)(?P<rest>[^}]*)\}|(?P<bare>\w+))")


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))


def rendered(value: str) -> str:
    """A text of the file with some value for every variable."""
    return VARIABLE.sub(lambda match: "v" * 50, value)


def environment(service: Any) -> dict[str, str]:
    """What a container is given when only what must be given was."""
    return {name: rendered(value) for name, value in service["environment"].items() if value is not None}


# Settings of the portal where it serves TLS itself; here the proxy does.
PROXYS_OWN = {"TLS_CERT", "TLS_KEY"}


def given_by_hand(compose: Any) -> set[str]:
    """Every variable that a person may set: those written ${…} and those handed on by name alone."""
    used = {match["name"] or match["bare"] for match in VARIABLE.finditer(COMPOSE.read_text(encoding="utf-8"))}
    handed_on = {n for s in compose["services"].values() for n, v in s.get("environment", {}).items() if v is None}
    return used | handed_on


def test_the_services_are_those_of_the_plan(compose: Any) -> None:
    assert set(compose["services"]) == {"proxy", "migrate", "web", "worker", "scheduler", "postgres", "redis"}


def test_every_variable_is_documented(compose: Any) -> None:
    documented = set(re.findall(r"^\| `(\w+)`", OPERATIONS.read_text(encoding="utf-8"), re.MULTILINE))
    assert given_by_hand(compose) - documented == set()


def test_documented_variables_of_compose_are_used(compose: Any) -> None:
    table = OPERATIONS.read_text(encoding="utf-8").split("<!-- compose -->")[1]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == given_by_hand(compose) - (set(BY_NAME) - PROXYS_OWN)


def test_every_setting_reaches_the_portal(compose: Any) -> None:
    assert set(compose["services"]["migrate"]["environment"]) == set(BY_NAME)


def test_only_the_migration_has_the_owners_password(compose: Any) -> None:
    holders = [name for name, service in compose["services"].items() if "POSTGRES_OWNER_PASSWORD" in str(service)]
    assert holders == ["migrate", "postgres"]


def test_the_parts_start_with_these_settings(compose: Any) -> None:
    for name in OURS:
        load(environment(compose["services"][name]))


def test_no_secret_has_a_default() -> None:
    uses = [match for match in VARIABLE.finditer(COMPOSE.read_text(encoding="utf-8")) if match["name"] in SECRETS]
    assert {match["name"] for match in uses} == SECRETS
    assert [match[0] for match in uses if not match["rest"].startswith(":?")] == []


def test_no_password_is_written_down() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    assert re.findall(r"://\w*:(?!\$\{)[^@\s]*@", text) == []
    assert re.findall(r"(?im)^\s*\w*(?:password|secret|auth)\w*:\s*(?!\$\{)\S+", text) == []


def test_containers_run_the_supervisors_own_commands(compose: Any) -> None:
    config = load(environment(compose["services"]["web"]))
    for name, words in part_commands(config).items():
        service = compose["services"][name]
        assert service["command"] == ["python", "-m", "deploy.part", name]
        assert part.command(name, environment(service)) == [sys.executable, *words]


def test_migration_runs_the_supervisors_preparation(compose: Any) -> None:
    assert compose["services"]["migrate"]["command"] == ["python", "-m", "trading_center.prepare"]
    assert '["-m", "trading_center.prepare"]' in (ROOT / "trading_center" / "supervisor.py").read_text(encoding="utf-8")


def test_an_unknown_part_is_refused(compose: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        part.command("webb", environment(compose["services"]["web"]))
    assert str(caught.value) == "无法启动：没有 webb 这一部分，应是 web、worker、scheduler 之一。"


def test_everything_that_stays_up_is_watched_and_comes_back(compose: Any) -> None:
    lasting = {name: service for name, service in compose["services"].items() if name != "migrate"}
    assert [name for name, service in lasting.items() if not service["healthcheck"]["test"]] == []
    assert [name for name, service in lasting.items() if service["restart"] != "unless-stopped"] == []
    assert compose["services"]["migrate"]["restart"] == "no"


def test_parts_wait_for_the_migration(compose: Any) -> None:
    for name in ("web", "worker", "scheduler"):
        waits = compose["services"][name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}


def test_proxy_starts_anew_with_the_web_container(compose: Any) -> None:
    assert compose["services"]["proxy"]["depends_on"] == {"web": {"condition": "service_healthy", "restart": True}}


def test_only_the_proxy_can_be_reached_from_outside(compose: Any) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["proxy"]
    assert compose["networks"]["inside"] == {"internal": True}
    assert [compose["services"][name]["networks"] for name in ("postgres", "redis")] == [["inside"], ["inside"]]


def test_every_volume_and_mounted_file_exists(compose: Any) -> None:
    mounts = [mount.split(":")[0] for service in compose["services"].values() for mount in service.get("volumes", [])]
    named = {mount for mount in mounts if not mount.startswith((".", "$"))}
    assert named == set(compose["volumes"])
    assert [mount for mount in mounts if mount.startswith("./") and not (ROOT / mount).is_file()] == []


def test_image_tags_are_fixed(compose: Any) -> None:
    images = {service["image"] for service in compose["services"].values() if "build" not in service}
    assert [image for image in images if not re.fullmatch(r"[a-z]+:\d+(\.\d+)*", image)] == []


def test_proxy_is_given_all_its_variables(compose: Any) -> None:
    assert set(compose["services"]["proxy"]["environment"]) == nginx.variables()


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their values."""
    parser = DockerfileParser(path=str(ROOT / "Dockerfile"))
    return [(step["instruction"], step["value"]) for step in parser.structure if step["instruction"] != "COMMENT"]


def test_image_is_built_from_one_fixed_base() -> None:
    assert [value for name, value in instructions() if name == "FROM"] == ["python:3.11-slim-bookworm"]


def test_image_runs_as_an_ordinary_user() -> None:
    assert [value for name, value in instructions() if name == "USER"] == ["center"]


def test_image_holds_no_secret() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"(?i)password|secret|_url|token", text) == []


def copied() -> list[str]:
    """What the image takes from the project."""
    return [source for name, value in instructions() if name == "COPY" for source in value.split()[:-1]]


def test_image_has_every_package_of_the_portal() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "tools", "bench"}
    files = {"manage.py", "requirements.txt", "constraints.txt", "package.json", "package-lock.json", "bin/fonts"}
    assert set(copied()) == packages | files | {"static", "templates"}


def test_nothing_that_is_copied_is_ignored() -> None:
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").split() if line[0] == "!"]
    assert sorted(copied()) == sorted(allowed)
    assert [source for source in copied() if not Path(ROOT / source).exists()] == []


def test_roles_of_the_containers_are_those_of_the_addresses(compose: Any) -> None:
    sql = (ROOT / "deploy" / "roles.sql").read_text(encoding="utf-8")
    addresses = compose["services"]["migrate"]["environment"]
    roles = re.findall(r"CREATE ROLE (\w+) LOGIN", sql)
    assert re.findall(r"//(\w+):", addresses["DATABASE_OWNER_URL"] + addresses["DATABASE_URL"]) == roles
    assert re.findall(r"CREATE DATABASE (\w+)", sql) == [addresses["DATABASE_URL"].rsplit("/", 1)[1]]
