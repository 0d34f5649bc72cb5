"""``make bench``: every ratio of the goals (HTTP, search, writing, PDF, staff), a table and JSON under bench/results/.

BENCH_SIZE (``province``, or ``county`` for a quick trial), BENCH_ONLY (sections by comma: http, search, write, pdf,
staff) and DATA_DIR (default ``var/bench``) are variables of the environment. Exit codes: 0 measured, 2 it could not be.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from trading_center.config import BY_NAME, ROOT, ConfigError, load
from trading_center.embedded.services import services

SIZES = {"province": "var/bench", "county": "var/bench-county"}
SECTIONS = ("http", "search", "write", "pdf", "staff")
RESULTS = ROOT / "bench" / "results"


def say(text: str) -> None:
    """Progress, beside the result."""
    print(text, file=sys.stderr, flush=True)


def configuration() -> tuple[SimpleNamespace, str, list[str]]:
    """The settings of the instance, its size, the sections; nothing but DATA_DIR is taken from the caller's settings.

    Raises:
        ConfigError: a wrong variable.
    """
    size = os.environ.get("BENCH_SIZE", "province")
    if size not in SIZES:
        raise ConfigError(f"无法测量：BENCH_SIZE 应是 {'、'.join(SIZES)} 之一。")
    wanted = [name for name in os.environ.get("BENCH_ONLY", ",".join(SECTIONS)).split(",") if name]
    if unknown := set(wanted) - set(SECTIONS):
        raise ConfigError(
            f"无法测量：BENCH_ONLY 中不认识 {'、'.join(sorted(unknown))}，可用的有 {'、'.join(SECTIONS)}。"
        )
    folder = os.environ.get("DATA_DIR") or SIZES[size]
    for name in (*BY_NAME, *(f"{name}_FILE" for name in BY_NAME)):
        os.environ.pop(name, None)
    # Requests by the thousand would fill the log of the web server with nothing to learn.
    os.environ.update(DATA_DIR=folder, INSTANCE="demo", LOG_LEVEL="WARNING")
    return load(os.environ), size, wanted


def _load(size: str) -> None:
    say(f"正在准备演示数据(规模 {size},首次需要较长时间)……")
    done = subprocess.run([sys.executable, "manage.py", "demo_load", "--size", size], cwd=ROOT, check=False)
    if done.returncode != 0:
        raise ConfigError("无法测量：演示数据没有写完，原因见上。")


def _measure(config: SimpleNamespace, size: str, wanted: list[str]) -> dict[str, Any]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trading_center.settings")
    import django  # noqa: PLC0415 (needs the servers' addresses, known only now)

    django.setup()
    from bench import documents, machine, plain, search, staff, web, writing  # noqa: PLC0415 (need Django)

    plain.plain_ensure()
    sections: dict[str, Callable[[], list[Any]]] = {
        "http": lambda: web.measure(config, say),
        "search": lambda: search.measure(say),
        "write": lambda: writing.measure(say),
        "pdf": lambda: documents.measure(say),
        "staff": lambda: staff.measure(say),
    }
    begun, known = datetime.now(UTC), machine.machine()
    rows = [row for name in SECTIONS if name in wanted for row in sections[name]()]
    return {
        "version": 1,
        "started": begun.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "size": size,
        "announcements": plain.one("SELECT count(*) FROM tenders_announcement"),
        "machine": known,
        "rows": rows,
    }


def report(found: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The result for people, and as it is written."""
    from bench.measure import table  # noqa: PLC0415 (beside the others)

    rows = found["rows"]
    missed = [row.label for row in rows if row.meets is False]
    known = found["machine"]
    lines = [
        table(rows),
        f"{found['announcements']:,} 条公告；{known['cores']} 核 {known['cpu']}，内存 {known['memory_mb']:,} MB，"
        f"开始时负载 {known['load_average'][0]}；Python {known['python']}，PostgreSQL {known['postgresql']}，"
        f"Django {known['django']}",
        f"未达到的目标：{'、'.join(missed)}" if missed else "全部目标达到",
    ]
    return "\n".join(lines), {**found, "rows": [row.as_json() for row in rows]}


def write(found: dict[str, Any], folder: Path) -> Path:
    """Write a result under the time it was begun; the file."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.fromisoformat(found["started"]).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = folder / f"{stamp}.json"
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def main() -> int:
    """Prepare, measure, tell."""
    try:
        config, size, wanted = configuration()
        with services(config, say):
            _load(size)
            text, written = report(_measure(config, size, wanted))
        print(text)
        print(f"结果写入 {write(written, RESULTS).relative_to(ROOT)}")
    except ConfigError as error:
        say(str(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
