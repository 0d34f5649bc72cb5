"""``make soak``: a supervisor with readers and imports, while its parts are killed again and again.

At the end nothing that an import had reported is lost, no answer was a 500, no process grew without bound. SOAK_MINUTES
(5) is a variable of the environment. Then the tests marked ``torture`` with all their moments (``make test`` has time
for a few of them only): a hundred kills of the worker, a restore killed again and again. Exit codes: 0 all held,
1 something did not, 2 it could not start.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import django

from tests.processes.harness import TOLD, Instance, clean_environment, processes, wait_for
from trading_center.config import ROOT

LINES, READERS, SAMPLES = 300, 4, 200
# Each says what it has stood; one that was not found must not pass for one that held.
TORTURE_TESTS = 2
# Further apart than the supervisor's patience with one part.
KILL_SECONDS = (5.0, 9.0)
# A portal process above this grows without bound, in MB of its own memory.
MOST_MEMORY = 500
# What a visitor may see while a part is away (0: no answer), and of numbers that were never given.
ALLOWED = {0, 200, 404, 502, 503}
# What the command of each part holds.
WORDS = {
    "worker": " worker ",
    "scheduler": " beat ",
    "web": "granian",
    "postgres": "/postgres -D",
    "redis": "redis-server",
    "keeper": "embedded.keeper",
}
PATHS = (
    *("/", "/announcements/", "/announcements/?category=" + quote("政府采购"), "/large/announcements/"),
    *(f"/announcements/?q={quote(q)}" for q in ("采购", "折磨测试", "中学 改造", '"公开招标"')),
    *("/announcements/?sort=relevance&q=" + quote("工程"), "/feeds/announcements.atom", "/api/v1/announcements/"),
    *("/announcements/{}/", "/announcements/{}/canonical.json", "/healthz"),
)


def mark(file: int, number: int) -> str:
    """The word in the title of one imported line, found by search alone."""
    return f"折磨测试F{file:04d}N{number:04d}"


class Soak:
    """One instance and what is done to it."""

    def __init__(self, folder: Path, seconds: float, generate: Callable[..., Iterable[dict[str, Any]]]) -> None:
        self.folder = folder
        self.generate = generate
        self.instance = Instance(folder / "data")
        self.until = time.monotonic() + seconds
        self.over = threading.Event()
        self.answers: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self.imports: Counter[str] = Counter()
        self.memory: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.files: list[Path] = []
        self.reported: set[Path] = set()

    # --- load -------------------------------------------------------------------------------------------------------
    def read(self, seed: int) -> None:
        """A visitor who never tires."""
        chance = random.Random(seed)
        while not self.over.is_set():
            path = chance.choice(PATHS).format(chance.randrange(1, 300))
            if chance.random() < 0.3:
                path += ("&" if "?" in path else "?") + f"_={chance.random()}"
            status = self.get(path)[0]
            self.answers[str(status or "no answer")] += 1
            if status not in ALLOWED:
                self.wrong.append(f"{path}: {status}")
            if not status:
                time.sleep(0.1)

    def get(self, path: str) -> tuple[int, bytes]:
        """Status (0 when nobody answers) and body."""
        link = http.client.HTTPConnection("127.0.0.1", self.instance.port, timeout=30)
        try:
            link.request("GET", path, headers={"Host": "localhost"})
            answer = link.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            link.close()

    def write(self) -> None:
        """Imports one file after the other; one that a kill broke off is tried again by itself."""
        for number in itertools.count():
            if self.over.is_set():
                return
            path = self.folder / f"{number}.jsonl"
            first = number * LINES
            with path.open("w", encoding="utf-8") as file:
                for place, value in enumerate(self.generate(first + LINES, first=first)):
                    value |= {"id": f"soak-{number}-{place}", "title": value["title"] + mark(number, place)}
                    value.pop("attachments", None)
                    file.write(json.dumps(value, ensure_ascii=False) + "\n")
            self.files.append(path)
            while not self.over.is_set() and not self.store(path):
                time.sleep(0.3)

    def store(self, path: Path) -> str:
        """Import ``path`` once; what the command said when it was done, else nothing."""
        done = self.instance.popen("manage.py", "announcements_import", str(path))
        said, error = done.communicate()
        self.imports[f"exit {done.returncode}"] += 1
        if done.returncode == 0:
            self.reported.add(path)
            return said
        if "Traceback" in error:
            self.wrong.append("import: " + error.strip().splitlines()[-1])
        return ""

    # --- torture ----------------------------------------------------------------------------------------------------
    def victims(self) -> Iterator[str]:
        """Every kind of part, in ever new orders."""
        while True:
            yield from random.sample([*WORDS, "all"], len(WORDS) + 1)

    def kill(self, name: str) -> None:
        """Kill one part, or everything at once, with SIGKILL."""
        self.kills[name] += 1
        if name == "all":
            self.instance.kill_all()
            self.start()
            return
        for pid, command in processes(self.instance.folder).items():
            if WORDS[name] in command:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                return

    def start(self) -> None:
        self.instance.start("run", WEB_WORKERS="2")

    def torture(self) -> None:
        """Kill, wait, look; until the time is over. A supervisor that gave up is a failure."""
        for name in self.victims():
            pause = random.uniform(*KILL_SECONDS)
            if time.monotonic() + pause > self.until:
                return
            time.sleep(pause)
            self.look()
            self.kill(name)
            if self.instance.supervisor is None or self.instance.supervisor.poll() is not None:
                self.wrong.append("supervisor: " + "; ".join(self.instance.said()[-3:]))
                return

    def look(self) -> None:
        """Note the memory of the portal's own processes."""
        for pid, command in processes(self.instance.folder).items():
            name = next((n for n in ("granian", "celery", "keeper", "supervisor") if n in command), "")
            with contextlib.suppress(OSError, ValueError):
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
                size = sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) // 1024
                self.memory[name] = max(self.memory[name], size)
        self.memory.pop("", None)

    def errors(self) -> Counter[str]:
        """What the web server's log says it failed with, besides not reaching the database."""
        found: Counter[str] = Counter()
        for path in sorted(self.instance.paths.log.glob("web.log*")):
            text = path.read_text(encoding="utf-8", errors="replace")
            lines = re.findall(r"^[\w.]+(?:Error|Exception|Shutdown)\b.{0,90}", text, re.MULTILINE)
            found.update(line for line in lines if "connection to server" not in line)
        return found

    # --- judgement --------------------------------------------------------------------------------------------------
    def judge(self) -> None:
        """What was reported as imported is there, once, by every door."""
        wait_for(lambda: self.instance.health()[0] == 200, "a healthy instance", 120)
        for path in self.files:
            again = path in self.reported
            said = self.store(path)
            if not said or (again and not said.startswith("imported=0 ")):
                self.wrong.append(f"{path.name} a second time: {said or 'failed'}")
        names = {f"soak-{number}-{place}" for number in range(len(self.files)) for place in range(LINES)}
        with self.instance.database() as cursor:
            cursor.execute("SELECT id, external_id FROM tenders_announcement")
            rows = dict(cursor.fetchall())
            cursor.execute("SELECT count(*) FROM tenders_searchentry")
            entries = cursor.fetchone()[0]
            cursor.execute("SELECT count(*) FROM tenders_announcementrecord")
            records = cursor.fetchone()[0]
        found = {name for name in rows.values() if name.startswith("soak-")}
        if found != names or not len(rows) == entries == records:
            self.wrong.append(
                f"rows: {len(found)} of {len(names)}, entries {entries}, records {records}, all {len(rows)}"
            )
        listed = self.walk()
        if sorted(listed) != sorted(rows):
            self.wrong.append(f"the list shows {len(listed)} of {len(rows)}")
        self.sample()
        self.get("/healthz")

    def walk(self) -> list[int]:
        """The number of every announcement, page by page through the interface."""
        numbers, path = [], "/api/v1/announcements/"
        while path:
            status, body = self.get(path)
            if status != 200:
                self.wrong.append(f"{path}: {status}")
                break
            page = json.loads(body)
            numbers += [row["id"] for row in page["results"]]
            path = (page["next"] or "").partition(f":{self.instance.port}")[2] or (page["next"] or "").partition(
                "localhost"
            )[2]
        return numbers

    def sample(self) -> None:
        """Some of the imported lines by the word of their title."""
        every = [mark(number, place) for number in range(len(self.files)) for place in range(LINES)]
        for word in random.sample(every, min(SAMPLES, len(every))):
            status, body = self.get(f"/api/v1/announcements/?q={quote(word)}")
            if status != 200 or len(json.loads(body)["results"]) != 1:
                self.wrong.append(f"search for {word}: {status}")

    def run(self) -> None:
        """All of it, in order."""
        self.start()
        threads = [threading.Thread(target=self.read, args=(n,)) for n in range(READERS)]
        threads.append(threading.Thread(target=self.write))
        for thread in threads:
            thread.start()
        try:
            self.torture()
        finally:
            self.over.set()
            for thread in threads:
                thread.join()
        if self.instance.supervisor is not None and self.instance.supervisor.poll() is None:
            self.judge()
            self.look()
            code = self.instance.stop()
            if code or processes(self.instance.folder):
                self.wrong.append(f"stop: code {code}, left {processes(self.instance.folder)}")
        self.wrong += [f"memory: {name} {size} MB" for name, size in self.memory.items() if size > MOST_MEMORY]


def generator() -> Callable[..., Iterable[dict[str, Any]]]:
    """What makes announcements; it stands beside models, which need Django's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trading_center.settings")
    django.setup()
    from tenders.demo.generate import demo_announcements  # noqa: PLC0415 (needs the settings)

    return demo_announcements


def torture_tests() -> tuple[list[str], list[str]]:
    """The tests marked ``torture`` with every moment they have.

    Returns:
        What they say they have stood; what is wrong.
    """
    tests = [sys.executable, "-m", "pytest", "-q", "-rP", "-m", "torture", "tests/processes"]
    command = [sys.executable, "-m", "trading_center.embedded.with_services", "--", *tests]
    folder = os.environ.get("TEST_DATA_DIR") or str(ROOT / "var" / "test")
    environ = {**clean_environment(), "DATA_DIR": folder, "INSTANCE": "demo", "TORTURE": "full"}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    told = [line.removeprefix(TOLD) for line in lines if line.startswith(TOLD)]
    if done.returncode == 0 and len(told) == TORTURE_TESTS:
        return told, []
    return told, [f"torture: {line}" for line in (*lines[-5:], *done.stderr.splitlines()[-5:])]


def main() -> int:
    """Torture, judge, tell."""
    try:
        minutes = float(os.environ.get("SOAK_MINUTES", "5"))
    except ValueError:
        print("SOAK_MINUTES 应是分钟数。", file=sys.stderr)
        return 2
    errors: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        soak = Soak(Path(folder), minutes * 60, generator())
        print(
            f"折磨 {minutes:g} 分钟：{READERS} 个访客、连续导入、每 {KILL_SECONDS[0]:g}–{KILL_SECONDS[1]:g} 秒杀一次",
            flush=True,
        )
        try:
            soak.run()
        except (AssertionError, subprocess.SubprocessError) as error:
            soak.wrong.append(f"{type(error).__name__}: {error}")
        finally:
            soak.over.set()
            soak.instance.kill_all()
            errors = soak.errors()
    for label, counted in (
        ("回答", soak.answers),
        ("杀死", soak.kills),
        ("导入", soak.imports),
        ("内存峰值 MB", soak.memory),
    ):
        print(f"{label}：" + "，".join(f"{name} {number}" for name, number in sorted(counted.items())))
    for line, times in errors.most_common(8):
        print(f"网页日志：{line}（{times} 次）")
    print(f"导入文件 {len(soak.files)} 个，每个 {LINES} 条")
    for line, times in Counter(soak.wrong).most_common(20):
        print(f"不对：{line}" + (f"({times} 次)" if times > 1 else ""))
    print("受折磨的测试：任务进程 100 次随机杀死、恢复途中 20 次杀死（约 3 分钟）……", flush=True)
    told, wrong = torture_tests()
    for line in told:
        print(f"守住：{line}")
    for line in wrong:
        print(f"不对：{line}")
    soak.wrong += wrong
    print("全部守住" if not soak.wrong else "没有守住")
    return 1 if soak.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
