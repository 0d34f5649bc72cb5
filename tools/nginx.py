"""The proxy of the production layout on this machine, for tests and benchmarks: the template, filled in."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from trading_center.config import ROOT

TEMPLATE = ROOT / "deploy" / "nginx.conf.template"
# Where bin/bootstrap unpacks it when the machine has none.
UNPACKED = ROOT / "var" / "tools" / "nginx" / "usr" / "sbin" / "nginx"
# What the nginx image has around our file.
FRAME = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log off;
    default_type application/octet-stream;
    {temporary}
    include {folder}/portal.conf;
}}
"""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def binary() -> str:
    """The nginx to run.

    Raises:
        FileNotFoundError: there is none; ``make test`` gets one.
    """
    for found in (shutil.which("nginx"), "/usr/sbin/nginx", str(UNPACKED)):
        if found and Path(found).exists():
            return found
    raise FileNotFoundError("没有 nginx，请运行 make test 或 sudo apt-get install nginx。")


def variables() -> set[str]:
    """The names of the template's variables."""
    return set(re.findall(r"\$\{([A-Z_]+)\}", TEMPLATE.read_text(encoding="utf-8")))


def configure(folder: Path, values: dict[str, str]) -> Path:
    """Write a configuration that runs without root.

    Args:
        folder: an empty folder, without spaces in its path; takes configuration, cache, logs.
        values: for each of ``variables()``.

    Returns:
        The file to start nginx with (``nginx -c``).
    """
    ours = re.sub(r"\$\{([A-Z_]+)\}", lambda match: values[match[1]], TEMPLATE.read_text(encoding="utf-8"))
    (folder / "portal.conf").write_text(ours, encoding="utf-8")
    temporary = " ".join(f"{name}_temp_path {folder}/{name};" for name in TEMPORARY)
    path = folder / "nginx.conf"
    path.write_text(FRAME.format(folder=folder, temporary=temporary), encoding="utf-8")
    return path
