"""HTTP: the portal's pages against a bare Django answer in the same server, round by round."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from bench.measure import AT_LEAST, AT_MOST, Row, median_ratio
from tenders.models import Announcement
from tools import nginx
from tools.system_postgres import free_port
from trading_center.config import ROOT, ConfigError
from trading_center.embedded import child
from trading_center.parts import child_environment, part_commands

ROUNDS = 5
REFERENCE_SECONDS, PATH_SECONDS = 2, 3
LIST, DETAIL = "/announcements/", "/announcements/{}/"
DETAILS = 2_000
STARTED_SECONDS = 60.0
_numbers = itertools.count(time.time_ns() // 1_000 % 10**12, 10_000_000)


def wrk() -> str:
    """The load generator; installed when it is missing and we may.

    Raises:
        ConfigError: it is missing.
    """
    if not shutil.which("wrk") and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "--no-install-recommends", "wrk"]
        subprocess.run(
            install, capture_output=True, check=False, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        )
    found = shutil.which("wrk")
    if not found:
        raise ConfigError("无法测量网页：没有压测工具 wrk。请先运行：sudo apt-get install wrk")
    return found


@dataclass
class Target:
    """One address under load."""

    key: str
    label: str
    port: int
    paths: list[str]
    unique: bool
    relation: str = AT_LEAST
    goal: float | None = None
    limit: str = ""
    status: int = 200
    tagged: bool = False
    headers: tuple[str, ...] = ()
    pairs: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)


def get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str]]:
    """Status and headers (lower case) of one GET, sent as wrk sends its own."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        link.request("GET", path, headers=headers or {})
        answer = link.getresponse()
        answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}
    finally:
        link.close()


def _wait(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTED_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if get(port, path)[0] < 500:
                return
        time.sleep(0.1)
    raise ConfigError(f"无法测量网页：端口 {port} 上的服务没有起来。")


@contextlib.contextmanager
def running(command: list[str], environ: dict[str, str], port: int, path: str) -> Iterator[None]:
    """A server while the block runs."""
    process = child.spawn(command, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, path, process)
        yield
    finally:
        process.terminate()
        process.wait()


def _server(config: SimpleNamespace, port: int, application: str = "") -> tuple[list[str], dict[str, str]]:
    """The command of the supervisor's web part, for the portal or for the reference, and its environment."""
    ours = SimpleNamespace(**{**vars(config), "PORT": port, "HOST": "127.0.0.1", "WEB_WORKERS": 2})
    command, environ = part_commands(ours)["web"], child_environment(ours)
    if application:
        command = [*command[:-1], f"{application}:application"]
        environ["DJANGO_SETTINGS_MODULE"] = application
    return [sys.executable, *command], environ


@contextlib.contextmanager
def _proxy(folder: Path, portal: int, port: int) -> Iterator[None]:
    """The production proxy without TLS and without its limit of requests a visitor (wrk is one visitor)."""
    values = {"WEB_ADDRESS": f"127.0.0.1:{portal}", "CERTIFICATES": str(folder), "CACHE_DIR": str(folder)}
    values |= {"HTTP_PORT": f"127.0.0.1:{free_port()}", "HTTPS_PORT": f"127.0.0.1:{port}"}
    path = nginx.configure(folder, values)
    ours = folder / "portal.conf"
    lines = ours.read_text(encoding="utf-8").replace(" ssl http2 default_server", " default_server").splitlines()
    kept = (line for line in lines if not line.strip().startswith(("ssl_", "limit_req")))
    ours.write_text("\n".join(kept), encoding="utf-8")
    command = [nginx.binary(), "-c", str(path), "-p", str(folder), "-e", str(folder / "error.log")]
    # A master that is root gives its workers to a user who could not enter this folder.
    command += ["-g", "user root;"] if os.geteuid() == 0 else []
    with running(command, dict(os.environ), port, LIST):
        yield


def _press(target: Target, folder: Path, duration: int) -> dict[str, Any]:
    """One run of wrk; its figures and requests a second."""
    paths = folder / f"{target.key}.paths"
    paths.write_text("\n".join(target.paths) + "\n", encoding="utf-8")
    headers = list(target.headers)
    if target.tagged:
        while time.time() % 60 > 55:  # tags change with the minute
            time.sleep(0.2)
        tag = get(target.port, target.paths[0])[1]["etag"]
        headers.append(f"If-None-Match: {tag}")
        if get(target.port, target.paths[0], {"If-None-Match": tag})[0] != target.status:
            raise ConfigError(f"无法测量网页：{target.paths[0]} 没有以 {target.status} 回答。")
    command = [
        wrk(),
        "-t1",
        "-c8",
        f"-d{duration}s",
        "--latency",
        "--timeout",
        "10s",
        "-s",
        str(ROOT / "bench/wrk.lua"),
    ]
    for header in headers:
        command += ["-H", header]
    command += [f"http://127.0.0.1:{target.port}/", "--", str(paths), str(next(_numbers)) if target.unique else "same"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if found["errors"] or found["refused"] or not found["requests"]:
        raise ConfigError(f"无法测量网页：{target.label}有请求失败({found})。")
    found["rps"] = found["requests"] * 1_000_000 / found["microseconds"]
    return found


def _figures(target: Target) -> dict[str, Any]:
    def middle(side: int, name: str) -> float:
        return round(statistics.median(pair[side][name] for pair in target.pairs), 1)

    size = statistics.median(pair[0]["bytes"] / pair[0]["requests"] for pair in target.pairs)
    return {
        "requests_a_second": middle(0, "rps"),
        "reference_requests_a_second": middle(1, "rps"),
        "p50_us": middle(0, "p50_us"),
        "p99_us": middle(0, "p99_us"),
        "reference_p99_us": middle(1, "p99_us"),
        "bytes_an_answer": round(size),
        "ratio_of_each_round": [round(a["rps"] / b["rps"], 4) for a, b in target.pairs],
    }


def _targets(portal: int, proxy: int) -> list[Target]:
    numbers = list(Announcement.objects.order_by("-published_at", "-id").values_list("id", flat=True)[: 50 * DETAILS])
    details = [DETAIL.format(n) for n in random.Random(1).sample(numbers, min(DETAILS, len(numbers)))]
    others = [DETAIL.format(n) for n in random.Random(2).sample(numbers, len(numbers))]
    zipped = ("Accept-Encoding: gzip",)
    words = ("采购", "中学 改造", "监理", "医院 设备", "土地 出让")
    found = [f"{LIST}?q={quote(word)}" for word in words]
    return [
        Target("http.list_uncached", "列表 20 行，未缓存", portal, [LIST], True, goal=0.08, limit="0.06–0.28"),
        Target("http.detail_uncached", "详情，未缓存", portal, details, True, goal=0.12, limit="0.17"),
        Target("http.detail_first", "详情，没有人看过的", portal, others, True),
        Target("http.list_cached", "列表，应用内缓存", portal, [LIST], False, goal=0.5, limit="0.72–1.2"),
        Target(
            "http.not_modified", "条件请求 304", portal, [LIST], False, goal=0.45, limit="0.65", status=304, tagged=True
        ),
        Target("http.list_nginx", "列表，nginx 缓存一秒", proxy, [LIST], False, goal=2.5, limit="3.7"),
        Target("http.list_uncached_gzip", "列表，未缓存，压缩", portal, [LIST], True, headers=zipped),
        Target("http.list_cached_gzip", "列表，应用内缓存，压缩", portal, [LIST], False, headers=zipped),
        Target("http.search_uncached", "搜索页，未缓存", portal, found, True),
        Target("http.home_uncached", "首页，未缓存", portal, ["/"], True),
    ]


def _rows(targets: list[Target]) -> Iterator[Row]:
    for target in targets:
        ratio = median_ratio([(a["rps"], b["rps"]) for a, b in target.pairs])
        yield Row(target.key, target.label, ratio, target.relation, target.goal, target.limit, _figures(target))
        if target.key == "http.list_cached":
            slow = median_ratio([(a["p99_us"], b["p99_us"]) for a, b in target.pairs])
            yield Row("http.list_cached_p99", "列表，应用内缓存，p99", slow, AT_MOST, 3.0, "", _figures(target))


def measure(config: SimpleNamespace, say: Callable[[str], None]) -> list[Row]:
    """All HTTP rows.

    Args:
        config: settings of the instance, whose services are up.
        say: told what is going on.

    Raises:
        ConfigError: no load generator, a server that does not start, an answer that is not as it should be.
    """
    wrk()
    portal, reference, proxy = free_port(), free_port(), free_port()
    bare = Target("reference", "参照", reference, ["/"], False)
    with contextlib.ExitStack() as stack:
        # The proxy's cache and paths without spaces: the folder of the instance may have some.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(running(*_server(config, portal), portal, LIST))
        stack.enter_context(running(*_server(config, reference, "bench.reference"), reference, "/"))
        stack.enter_context(_proxy(folder, portal, proxy))
        targets = _targets(portal, proxy)
        for target in (bare, *targets):  # the first answers of a process are no measure
            _press(target, folder, 1)
        for number in range(ROUNDS):
            say(f"网页：第 {number + 1} 轮，共 {ROUNDS} 轮")
            for target in targets:
                before = _press(bare, folder, REFERENCE_SECONDS)
                target.pairs.append((_press(target, folder, PATH_SECONDS), before))
    return list(_rows(targets))
