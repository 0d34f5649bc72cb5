"""Instances for tests with real processes; nothing of them is left behind, whatever a test does."""

from __future__ import annotations

import itertools
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes.harness import Instance

_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def interrupts_are_heard() -> Iterator[None]:
    """A shell starts what runs behind its back with SIGINT ignored, and every program below inherits that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


# Files are handed to the test processes in this order (bin/test): a long one at the end would leave the others idle.
LONGEST_FIRST = (
    "test_backup.py",
    "test_new_machine.py",
    "test_upgrade.py",
    "test_supervisor.py",
    "test_reports.py",
    "test_notices.py",
    "test_logins.py",
    "test_health.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.process)
    ranks = {name: rank for rank, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(item.path.name, len(ranks)))


def _closed_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder with spaces and Chinese in its path, below one that is closed to others."""
    closed = factory.mktemp("closed")
    closed.chmod(0o700)
    folder = closed / "数据 of a center"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def make_instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Instance]]:
    """Makes instances by name; kills what is left of them at the end of the module."""
    folder = _closed_folder(tmp_path_factory)
    made: list[Instance] = []

    def make(name: str) -> Instance:
        made.append(Instance(folder / name))
        return made[-1]

    yield make
    for instance in made:
        instance.kill_all()


@pytest.fixture
def new(make_instance: Callable[[str], Instance]) -> Iterator[Instance]:
    """An instance that was never made, for this test alone; what is left running of it slows no other test."""
    instance = make_instance(f"new {next(_numbers)}")
    yield instance
    instance.kill_all()


@pytest.fixture(scope="session")
def made_center(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a stopped center, migrated and empty, to be copied."""
    instance = Instance(_closed_folder(tmp_path_factory) / "made")
    done = instance.python("manage.py", "shell", "-c", "print('made')", INSTANCE="center")
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["made"]), done.stderr
    return instance.folder


@pytest.fixture(scope="module")
def make_stopped(make_instance: Callable[[str], Instance], made_center: Path) -> Callable[[str], Instance]:
    """Makes centers by name that were made earlier and do not run."""

    def make(name: str) -> Instance:
        instance = make_instance(name)
        shutil.copytree(made_center, instance.folder, symlinks=True)
        return instance

    return make


@pytest.fixture
def stopped(make_stopped: Callable[[str], Instance]) -> Iterator[Instance]:
    """A center of this test's own that was made earlier and does not run."""
    instance = make_stopped(f"stopped {next(_numbers)}")
    yield instance
    instance.kill_all()


@pytest.fixture(scope="module")
def center(make_instance: Callable[[str], Instance]) -> Instance:
    """A real center that runs and answers, with several web processes; tests leave it running."""
    instance = make_instance("center")
    instance.start("serve", healthy=True, WEB_WORKERS="2")
    return instance
