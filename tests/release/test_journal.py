"""Exchanging the code: wherever it is broken off, the way back gives the old release."""

from __future__ import annotations

from pathlib import Path

import pytest

from trading_center.release.journal import SWITCHING, Journal, code_switch, code_switch_back, names, recover

OLD = {"a.py": "old a", "b": "old b", "only_old": "old"}
NEW = {"a.py": "new a", "b": "new b", "only_new": "new"}


def fill(folder: Path, what: dict[str, str]) -> None:
    """Write these files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in what.items():
        (folder / name).write_text(text, encoding="utf-8")


def seen(folder: Path) -> dict[str, str]:
    """The code in the folder."""
    return {name: (folder / name).read_text(encoding="utf-8") for name in names(folder)}


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    found = Journal(tmp_path / "project")
    fill(found.root, OLD)
    fill(found.root / "var", {"data": "kept"})
    fill(found.new, NEW)
    return found


def test_the_new_code_takes_the_place_of_the_old(journal: Journal) -> None:
    code_switch(journal, {*OLD, *NEW})
    assert (seen(journal.root), seen(journal.old)) == (NEW, OLD)
    assert (journal.root / "var" / "data").read_text(encoding="utf-8") == "kept"


def test_the_way_back_gives_the_old_code_and_keeps_the_new(journal: Journal) -> None:
    code_switch(journal, {*OLD, *NEW})
    for _ in range(2):
        code_switch_back(journal, {*OLD, *NEW}, OLD)
        assert (seen(journal.root), seen(journal.new)) == (OLD, NEW)


class Cut(Exception):
    """The power fails."""


@pytest.mark.parametrize("after", range(7))
def test_a_power_cut_between_any_two_renamings_is_undone(
    journal: Journal, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = 0
    rename = Path.rename

    def counted(self: Path, target: Path) -> Path:
        nonlocal done
        if done == after:
            raise Cut
        done += 1
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", counted)
        try:
            code_switch(journal, {*OLD, *NEW})
        except Cut:
            assert done == after
    code_switch_back(journal, {*OLD, *NEW}, OLD)
    assert (seen(journal.root), seen(journal.new)) == (OLD, NEW)


def test_nothing_is_undone_where_nothing_was_begun(journal: Journal, tmp_path: Path) -> None:
    assert journal.read() == {"state": ""}
    assert not recover(tmp_path / "data", print, journal.root)


def test_another_instances_upgrade_is_left_alone(journal: Journal, tmp_path: Path) -> None:
    journal.write(state=SWITCHING, data_dir="/elsewhere", names=[], had=[], kind="demo")
    assert not recover(tmp_path / "data", print, journal.root)
    journal.path.write_text("{", encoding="utf-8")
    assert journal.read() == {"state": ""}
