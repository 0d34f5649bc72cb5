"""The systemd unit: what it says, that systemd understands it, and that no secret stands in it."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from trading_center.config import ROOT, load
from trading_center.release.service import main, settings_text, unit_text


def unit(root: Path = Path("/srv/trading center 50%")) -> str:
    """A unit for a project in a folder with a name that needs care."""
    return unit_text(root=root, user="root", mode="serve", name="某县 100% 中心")


def parsed(text: str) -> configparser.ConfigParser:
    """The unit's sections."""
    found = configparser.ConfigParser(interpolation=None, strict=True)
    setattr(found, "optionxform", str)  # noqa: B010 (names keep their capitals; a plain assignment has no type)
    found.read_string(text)
    return found


def test_it_comes_back_after_a_power_cut_and_for_ever() -> None:
    found = parsed(unit())
    assert found["Install"]["WantedBy"] == "multi-user.target"
    assert (found["Service"]["Restart"], found["Unit"]["StartLimitIntervalSec"]) == ("always", "0")
    assert found["Service"]["RestartPreventExitStatus"] == "2"


def test_percent_signs_and_spaces_are_kept_from_systemd() -> None:
    service = parsed(unit())["Service"]
    assert service["WorkingDirectory"] == "/srv/trading center 50%%"
    assert service["ExecStart"] == ('"/srv/trading center 50%%/.venv/bin/python" -m trading_center.supervisor serve')


def test_systemd_itself_understands_it(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    path = tmp_path / "trading-center.service"
    path.write_text(unit(ROOT), encoding="utf-8")
    if program is None:
        # Where systemd is absent at least every line is a section or an assignment.
        assert parsed(path.read_text(encoding="utf-8")).sections() == ["Unit", "Service", "Install"]
        return
    done = subprocess.run([program, "verify", "--man=no", str(path)], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if path.name in line]
    assert (done.returncode, complaints) == (0, [])


def test_secrets_stand_in_the_file_of_settings_alone(tmp_path: Path) -> None:
    key = 'k"$`\\' * 12
    environ = {"SECRET_KEY": key, "PORT": "8001", "PATH": "/bin", "METRICS_TOKEN": "t" * 30, "DATA_DIR": str(tmp_path)}
    text = settings_text(environ, load(environ))
    assert "k" * 3 not in unit() and "t" * 30 not in unit()
    assert [line.split("=")[0] for line in text.splitlines()] == [
        *("DATA_DIR", "INSTANCE", "METRICS_TOKEN", "PORT", "SECRET_KEY"),
    ]
    # What systemd reads (systemd.exec, EnvironmentFile) is what a shell would: read it as one.
    shell = subprocess.run(["sh", "-c", f'{text}printf %s "$SECRET_KEY"'], capture_output=True, text=True, check=True)
    assert shell.stdout == key


@pytest.mark.parametrize("word", ["install", "remove"])
def test_without_systemd_it_is_one_sentence(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    if Path("/run/systemd/system").is_dir():
        # This machine is run by systemd: nothing may be installed by a test; a wrong word is refused likewise.
        word = "neither"
    assert main(["service", word]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
