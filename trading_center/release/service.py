"""``python -m trading_center.release.service install|remove``: the portal as a systemd unit.

The unit names no secret: what make was given stands in a file beside it that only root reads. Standard library alone.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

from trading_center.config import BY_NAME, ROOT, ConfigError, load
from trading_center.embedded import checks
from trading_center.embedded.paths import Paths

NAME = "trading-center"
UNIT = Path(f"/etc/systemd/system/{NAME}.service")
SETTINGS_FILE = Path(f"/etc/{NAME}.env")
USER = NAME
TEMPLATE = """\
# Written by make service; change the settings in {settings} and run: systemctl restart {name}
[Unit]
Description={description}
After=network-online.target time-sync.target
Wants=network-online.target
# For ever: nobody is there to start it by hand after the fifth failure.
StartLimitIntervalSec=0

[Service]
Type=exec
User={user}
WorkingDirectory={root}
EnvironmentFile={settings}
ExecStart="{root_quoted}/.venv/bin/python" -m trading_center.supervisor {mode}
Restart=always
RestartSec=5
# A wrong setting does not become right by another start.
RestartPreventExitStatus=2
# The supervisor stops its parts in order; what is left after that is killed.
KillMode=mixed
TimeoutStopSec=150
UMask=0077
NoNewPrivileges=yes
ProtectSystem=full
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
"""


def _escaped(text: str) -> str:
    """For systemd, a percent sign begins a specifier."""
    return text.replace("%", "%%")


def unit_text(*, root: Path, user: str, mode: str, name: str, settings: Path = SETTINGS_FILE) -> str:
    """The unit.

    Args:
        root: the project's folder.
        user: as whom it runs.
        mode: ``serve``, or ``run`` for a demonstration.
        name: of the center, for lists of services.
        settings: the file of settings.
    """
    quoted = str(root).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return TEMPLATE.format(
        settings=_escaped(str(settings)),
        name=NAME,
        description=_escaped(name),
        user=user,
        root=_escaped(str(root)),
        root_quoted=_escaped(quoted),
        mode=mode,
    )


def settings_text(environ: Mapping[str, str], config: SimpleNamespace) -> str:
    """The settings that make was given, as systemd reads them; the data folder by its absolute place."""
    given = {n: v for n, v in environ.items() if n in BY_NAME or n.removesuffix("_FILE") in BY_NAME}
    given |= {"DATA_DIR": str(config.DATA_DIR), "INSTANCE": config.INSTANCE}
    lines = []
    for name, value in sorted(given.items()):
        quoted = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("`", "\\`")
        lines.append(f'{name}="{quoted}"\n')
    return "".join(lines)


def _owner(path: Path) -> str:
    return pwd.getpwuid(path.stat().st_uid).pw_name


def _reaches(user: str) -> bool:
    """Can ``user`` start our Python and read the project?"""
    words = [str(ROOT / ".venv/bin/python"), "-c", "import trading_center.supervisor"]
    try:
        tried = subprocess.run(
            words, cwd=ROOT, user=user, group=user, extra_groups=[], check=False, capture_output=True
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return tried.returncode == 0


def service_user(config: SimpleNamespace) -> str:
    """As whom it runs: who owns the data; for new data a user of its own, where that user could reach the project."""
    if config.DATA_DIR.exists():
        return _owner(config.DATA_DIR)
    if _owner(ROOT) != "root":
        return _owner(ROOT)
    try:
        pwd.getpwnam(USER)
    except KeyError:
        words = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        made = subprocess.run([*words, "--shell", "/usr/sbin/nologin", USER], check=False, capture_output=True)
        if made.returncode != 0:
            return "root"
    return USER if _reaches(USER) else "root"


def _check() -> None:
    if not Path("/run/systemd/system").is_dir() or shutil.which("systemctl") is None:
        raise ConfigError(
            "没有安装服务：这台机器不由 systemd 管理。可用 make serve 在前台运行，或把它交给本机的服务管理程序。"
        )
    if os.geteuid() != 0:
        raise ConfigError("没有安装服务：需要管理员权限，请运行 sudo make service（连同同样的设置）。")


def _systemctl(*words: str) -> None:
    done = subprocess.run(["systemctl", *words], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        raise ConfigError(f"systemctl {' '.join(words)} 没有成功（{lines[-1] if lines else done.returncode}）。")


def _write(path: Path, text: str, mode: int) -> None:
    new = path.with_name(f".{path.name}.new")
    new.touch(mode=mode)
    new.chmod(mode)
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def install(environ: Mapping[str, str]) -> str:
    """Write the unit, enable and start it; the sentence to say.

    Raises:
        ConfigError: no systemd, no rights, a wrong setting, a supervisor that runs already.
    """
    _check()
    config = load({**environ, "DATA_DIR": environ.get("DATA_DIR") or "var/center"})
    kind = checks.recorded_kind(Paths(config.DATA_DIR)) or environ.get("INSTANCE", "center")
    config = load({**environ, "DATA_DIR": str(config.DATA_DIR), "INSTANCE": kind})
    if any(c in str(ROOT) for c in "\n\r"):
        raise ConfigError("没有安装服务：项目目录的路径含有换行。")
    user = service_user(config)
    if not config.DATA_DIR.exists():
        config.DATA_DIR.mkdir(mode=0o700, parents=True)
        found = pwd.getpwnam(user)
        os.chown(config.DATA_DIR, found.pw_uid, found.pw_gid)
    _write(SETTINGS_FILE, settings_text(environ, config), 0o600)
    mode = "run" if kind == "demo" else "serve"
    _write(UNIT, unit_text(root=ROOT, user=user, mode=mode, name=config.SITE_NAME), 0o644)
    _systemctl("daemon-reload")
    _systemctl("enable", NAME)
    _systemctl("restart", NAME)
    return f"已安装并启动服务 {NAME}（以 {user} 运行，断电后自动恢复）。查看：systemctl status {NAME}"


def remove() -> str:
    """Stop, disable and remove it; the data stay."""
    _check()
    if not UNIT.exists():
        return "没有安装过服务。"
    _systemctl("disable", "--now", NAME)
    for path in (UNIT, SETTINGS_FILE):
        path.unlink(missing_ok=True)
    _systemctl("daemon-reload")
    return "已停止并移除服务，数据没有动。"


def main(argv: list[str]) -> int:
    """2 with a sentence when it cannot be done."""
    if argv[1:] not in (["install"], ["remove"]):
        sys.stderr.write("用法：make service 或 make unservice\n")
        return 2
    try:
        sys.stdout.write((install(os.environ) if argv[1] == "install" else remove()) + "\n")
    except (ConfigError, OSError) as error:
        sys.stderr.write(f"{error}\n" if isinstance(error, ConfigError) else f"没有完成：{error}。\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
