"""Writes constraints.txt: the exact version of every package below requirements.txt and requirements-dev.txt.

pip resolves both files afresh, without installing, so that what happens to be in .venv does not count.
"""

from __future__ import annotations

import json
import subprocess
import sys

from trading_center.config import ROOT

HEADER = "# Made by `make constraints`: the exact versions that requirements.txt and requirements-dev.txt lead to.\n"


def resolve() -> dict[str, str]:
    """The name and version of each package that pip would install into an empty environment."""
    command = [sys.executable, "-m", "pip", "install", "-qq", "--dry-run", "--ignore-installed"]
    command += ["--disable-pip-version-check", "--report", "-", "-r", "requirements-dev.txt"]
    report = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)  # noqa: S603 (fixed words)
    return {item["metadata"]["name"]: item["metadata"]["version"] for item in report["install"]}


def main() -> int:
    """Write the file; returns the exit code."""
    lines = [f"{name.lower().replace('_', '-')}=={version}\n" for name, version in resolve().items()]
    (ROOT / "constraints.txt").write_text(HEADER + "".join(sorted(lines)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
