"""``python -m trading_center.release.package FILE``: all that an offline machine of the same system needs, in one file.

Unpacked it is a project folder with ``packages/``: the wheels, the system packages that bin/bootstrap would install and
what they need, and a list of all with digests. bin/bootstrap installs from there. Standard library alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from trading_center.config import ROOT, ConfigError

TOP = "trading-center"
LIST = "packages/list.json"
# What bin/bootstrap installs for running (missing_pdf), and what a bare machine needs before it.
SYSTEM_PACKAGES = (
    *("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fontconfig"),
    *("python3-venv", "make", "git", "fonts-noto-cjk"),
)
DEPENDS = (
    *("--recurse", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks"),
    *("--no-replaces", "--no-enhances"),
)


def system() -> dict[str, str]:
    """What must be the same on the machine that the package is for."""
    release = {}
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
        release = dict(line.replace('"', "").split("=", 1) for line in lines if "=" in line)
    except OSError:
        pass
    return {
        "system": f"{release.get('ID', 'linux')} {release.get('VERSION_ID', '')}".strip(),
        "machine": platform.machine(),
        "python": ".".join(platform.python_version_tuple()[:2]),
    }


def _run(words: list[str], what: str, folder: Path = ROOT) -> str:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise ConfigError(f"没有打包：{what}失败（{lines[-1] if lines else done.returncode}）。")
    return done.stdout


def _source(folder: Path) -> str:
    """The code at HEAD; its commit."""
    commit = _run(["git", "rev-parse", "HEAD"], "读取版本").strip()
    bundle = folder.with_suffix(".tar")
    _run(["git", "archive", "--format=tar", f"--output={bundle}", "HEAD"], "导出源码")
    with tarfile.open(bundle) as tar:
        tar.extractall(folder, filter="data")
    bundle.unlink()
    return commit


def _wheels(folder: Path) -> None:
    words = [sys.executable, "-m", "pip", "wheel", "-qq", "--disable-pip-version-check", "--no-input"]
    _run([*words, "-r", "requirements.txt", "-c", "constraints.txt", "-w", str(folder)], "下载 Python 软件包")


def _is_essential(name: str) -> bool:
    told = subprocess.run(
        ["apt-cache", "show", "--no-all-versions", name], capture_output=True, text=True, check=False
    ).stdout
    return bool(re.search(r"^(Essential: yes|Priority: (required|important))$", told, re.MULTILINE)) or not told


def _system_packages(folder: Path) -> None:
    if shutil.which("apt-get") is None:
        raise ConfigError("没有打包：这台机器没有 apt-get，只能在 Debian 或 Ubuntu 上打包。")
    told = _run(["apt-cache", "depends", *DEPENDS, *SYSTEM_PACKAGES], "查询系统软件包")
    found = {line.strip() for line in told.splitlines() if re.fullmatch(r"[a-z0-9][a-z0-9+.-]*", line.strip())}
    wanted = sorted(name for name in found if name in SYSTEM_PACKAGES or not _is_essential(name))
    _run(["apt-get", "download", *wanted], "下载系统软件包", folder)


def _fonts(folder: Path) -> None:
    """The fonts of official documents, where bin/fonts looks for them first."""
    missing = subprocess.run(["sh", "bin/fonts"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    if missing:
        raise ConfigError(f"没有打包：缺少公文字体，请先运行：sudo apt-get install {' '.join(missing)}")
    for name in _run(["sh", "bin/fonts", "list"], "读取公文字体").splitlines():
        shutil.copy(ROOT / name, folder)


def _browser_files(folder: Path) -> None:
    """What an installation put below static/ and git does not keep (from npm): so no Node is needed there."""
    told = _run(["git", "ls-files", "--others", "--ignored", "--exclude-standard", "static"], "读取版本")
    for name in told.splitlines():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)


def _page_packages(folder: Path) -> None:
    """The npm packages that pages load, as bin/bootstrap (ensure_assets) leaves them."""
    lists = b"".join((folder / name).read_bytes() for name in ("package.json", "package-lock.json"))
    for name in json.loads((folder / "package.json").read_bytes())["dependencies"]:
        if not (ROOT / "node_modules" / name).is_dir():
            raise ConfigError(f"没有打包：还没有装上 npm 软件包 {name}，请联网后先运行 make run。")
        shutil.copytree(ROOT / "node_modules" / name, folder / "node_modules" / name)
    (folder / "node_modules" / ".stamp-run").write_text(f"{hashlib.sha256(lists).hexdigest()}  -\n", encoding="ascii")


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def package(path: Path) -> int:
    """Write the package; its bytes.

    Args:
        path: the file, replaced if it is there.

    Raises:
        ConfigError: something could not be had.
    """
    path = path.absolute()
    if not path.parent.is_dir() or path.is_dir():
        raise ConfigError(f"没有打包：{path.parent} 不是目录，或 {path} 是目录。")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with tempfile.TemporaryDirectory(prefix="tc-package-", dir=path.parent) as place:
        folder = Path(place) / TOP
        folder.mkdir()
        commit = _source(folder)
        _browser_files(folder)
        _page_packages(folder)
        for name, fill in (("wheels", _wheels), ("debs", _system_packages), ("fonts", _fonts)):
            print(f"正在收集 {name}……", flush=True)  # noqa: T201 (to a person)
            (folder / "packages" / name).mkdir(parents=True)
            fill(folder / "packages" / name)
        members = {str(p.relative_to(folder)): digest(p) for p in sorted(folder.rglob("*")) if p.is_file()}
        facts = {"format": 1, "commit": commit, "made": int(time.time()), **system(), "members": members}
        (folder / LIST).write_text(json.dumps(facts, indent=1), encoding="utf-8")
        try:
            with tarfile.open(part, "w:gz", compresslevel=1) as tar:
                tar.add(folder, TOP)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return path.stat().st_size


def main(argv: list[str]) -> int:
    """2 with a sentence when it cannot be done."""
    if len(argv) != 2 or not argv[1]:
        sys.stderr.write("用法：make package FILE=文件，例如 make package FILE=/mnt/usb/trading-center.tar.gz\n")
        return 2
    try:
        size = package(Path(argv[1]))
    except (ConfigError, OSError) as error:
        sys.stderr.write(f"{error}\n" if isinstance(error, ConfigError) else f"没有打包：{error}。\n")
        return 2
    sys.stdout.write(f"已打包 {argv[1]}，{size / 1024 / 1024:,.0f} MB；在同样系统的机器上解开即可 make serve。\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
