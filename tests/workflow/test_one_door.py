"""A state is written by ``workflow.services.moves`` alone: read from the source; and what the system check finds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from accounts.duties import Duty
from tests.test_architecture import sources, text
from tools.docs import moves_tables
from trading_center.config import ROOT
from workflow.checks import moves_check, table_faults
from workflow.moves import NEW, Move, Table
from workflow.registry import tables
from workflow.states import MOVES

FIELDS = {table.field for table in tables().values()}
DOOR = ROOT / "workflow" / "services" / "moves.py"
WRITERS = {"create", "update", "get_or_create", "update_or_create", "bulk_update"}


def _written(target: ast.expr) -> bool:
    # An object of another kind may have a state of its own, which it alone writes.
    own = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
    return isinstance(target, ast.Attribute) and target.attr in FIELDS and not own


def state_writes(tree: ast.AST) -> Iterator[int]:
    """The lines that write a state field: assigned, set by name, or given to a query that writes."""
    models = {table.label.split(".")[1] for table in tables().values()}
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = [t for one in node.targets for t in (one.elts if isinstance(one, ast.Tuple) else [one])]
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        if any(_written(target) for target in targets):
            yield node.lineno
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name == "setattr" and not (isinstance(node.args[1], ast.Constant) and node.args[1].value not in FIELDS):
                yield node.lineno
            if name in WRITERS | models and any(keyword.arg in FIELDS for keyword in node.keywords):
                yield node.lineno


def outside() -> Iterator[Path]:
    return (path for path in sources(".py") if path != DOOR and "tests" not in path.relative_to(ROOT).parts)


# Fields set by a name in a variable, which is never the state: names come from a fixed list, or another is refused.
BY_NAME = {
    *("performance/services/reports.py", "performance/services/adjustments.py", "performance/services/indicators.py"),
    *("performance/services/programs.py", "performance/services/years.py", "performance/services/surveys.py"),
    "performance/services/monitoring.py",
    *("tenders/services/drafts.py", "tenders/services/masking.py"),
    # Queues of background work, claimed by conditional updates: no state of business that a person moves.
    *("performance/services/imports.py", "performance/services/runs.py"),
}


def test_no_other_code_writes_a_state() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}" for path in outside() for line in state_writes(ast.parse(text(path)))
    ]  # fmt: skip
    assert [place for place in found if place.split(":")[0] not in BY_NAME] == []


def test_the_search_finds_what_it_looks_for() -> None:
    wrong = (
        "task.state = 'x'\n(a, b.state) = 1, 2\nsetattr(task, name, 'x')\nrows.update(state='x')\n"
        "AssignedTask(state='x')\nobjects.create(state='x')\ntask.state: str = 'x'\n"
    )
    assert sorted(state_writes(ast.parse(wrong))) == list(range(1, 8))
    assert list(state_writes(ast.parse("x = task.state\nrows.filter(state='x')\nsetattr(a, 'b', 1)"))) == []


def test_every_table_stands() -> None:
    assert moves_check(None) == []
    assert len(tables()) >= 1


def _with(**changes: object) -> Table:
    return replace(MOVES["workflow.AssignedTask"], label="workflow.AssignedTask", **changes)


def _move(**changes: object) -> tuple[Move, ...]:
    moves = MOVES["workflow.AssignedTask"].moves
    return tuple(replace(step, **changes) if step.name == "close" else step for step in moves)


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        (_with(moves=_move(person="workflow.gates.nobody")), "workflow.gates.nobody 不存在"),
        (_with(moves=_move(gates=("workflow.gates.Duty",))), None),
        (_with(moves=_move(gates=("workflow.gates.LONGEST",))), "workflow.gates.LONGEST 不是函数"),
        (_with(moves=_move(sources=("nowhere",))), "close 的状态 nowhere 不存在"),
        (_with(moves=_move(target="nowhere")), "close 的状态 nowhere 不存在"),
        (_with(moves=_move(target="answered")), "状态 closed 到不了"),
        (_with(moves=_move(duties=())), "close 没有职责"),
        (_with(moves=_move(duties=(*Duty, "king"))), "close 的职责 king 不存在"),
        (_with(moves=_move(other_than=("paint",))), "close 的 other_than paint 不存在"),
        (_with(moves=_move(sources=(NEW,))), "要有且只有一个新建的动作"),
        (_with(moves=_move(name="cancel")), "动作 cancel 写了两次"),
        (_with(moves=_move(sources=("cancelled",))), "close 从终了状态出发，却不是 optional"),
        (_with(final=("closed",)), "状态 cancelled 没有出路，也不是终了状态"),
        (_with(due="due"), "模型没有字段 due"),
        (_with(field="source"), "字段 source 的取值与状态不同"),
        (replace(_with(), label="workflow.Nothing"), "没有这个模型"),
    ],
)
def test_a_wrong_table_is_found_at_the_start(table: Table, fault: str | None) -> None:
    found = table_faults(table)
    assert (fault in found) if fault else found == []


def test_document_has_every_move_of_every_table() -> None:
    words = moves_tables()
    wanted = [f"`{step.name}`" for table in tables().values() for step in table.moves]
    assert [name for name in wanted if name not in words] == []
    assert [duty.value for duty in Duty if f"`{duty.value}`" not in words] == []
