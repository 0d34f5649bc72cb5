"""A pytest plugin: a test that did not run is a failure, and the numbers of all parts of a run can be added up.

Loaded by the options in pyproject.toml. The one skip allowed is a test against ../shared where that folder is absent.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

ALLOWED_REASON = "../shared"
SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def _may_skip(report: Any) -> bool:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return ALLOWED_REASON in reason and not SHARED.exists()


class Honesty:
    """Counts outcomes, where the reports of all workers come together."""

    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0
        self.dishonest: list[str] = []

    def _skip(self, report: Any) -> None:
        self.skipped += 1
        if not _may_skip(report):
            self.dishonest.append(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped or hasattr(report, "wasxfail"):
            self._skip(report)
        elif report.failed:
            self.failed += 1
        elif report.when == "call":
            self.passed += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self._skip(report)
        elif report.failed:
            self.failed += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.dishonest and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if path := os.environ.get("TEST_TOTALS"):
            with Path(path).open("a", encoding="ascii") as totals:
                totals.write(f"{self.passed} {self.failed + len(self.dishonest)} {self.skipped}\n")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for nodeid in self.dishonest:
            terminalreporter.write_line(f"NOT RUN, which counts as a failure: {nodeid}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    # A worker of xdist only reports to the main process.
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Honesty(), "honesty")
