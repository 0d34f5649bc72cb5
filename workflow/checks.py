"""A system check of every table of moves: a wrong name stops the start, not a person at work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error
from django.core.exceptions import FieldDoesNotExist
from django.utils.module_loading import import_string

from accounts.duties import Duty
from workflow.moves import NEW, Move, Table
from workflow.registry import tables


def _paths(table: Table) -> Iterator[str]:
    for path in table.paths:
        try:
            found = import_string(path)
        except ImportError:
            yield f"{path} 不存在"
            continue
        if not callable(found):
            yield f"{path} 不是函数"


def _model(table: Table) -> Iterator[str]:
    try:
        model = apps.get_model(table.label)
    except (LookupError, ValueError):
        yield "没有这个模型"
        return
    for name in (table.field, table.due, table.office):
        try:
            if name:
                model._meta.get_field(name)
        except FieldDoesNotExist:
            yield f"模型没有字段 {name}"
    field = next((one for one in model._meta.fields if one.name == table.field), None)
    if field is not None and [value for value, _ in field.choices or ()] != list(table.states.values):
        yield f"字段 {table.field} 的取值与状态不同"


def _move(table: Table, step: Move) -> Iterator[str]:
    known = {*table.states.values, NEW}
    names = {other.name for other in table.moves}
    for state in (*step.sources, step.target):
        if state not in known:
            yield f"{step.name} 的状态 {state} 不存在"
    if not step.sources:
        yield f"{step.name} 没有原状态"
    if NEW in step.sources and (step.sources != (NEW,) or not step.target):
        yield f"{step.name} 新建时要有且只有新状态"
    # What only the system does needs nobody's duty.
    if not step.duties and not step.system:
        yield f"{step.name} 没有职责"
    yield from (f"{step.name} 的职责 {duty} 不存在" for duty in step.duties if duty not in Duty.values)
    yield from (f"{step.name} 的 other_than {name} 不存在" for name in step.other_than if name not in names)
    if set(step.sources) & set(table.final) and not step.optional:
        yield f"{step.name} 从终了状态出发，却不是 optional"


def _reached(table: Table) -> set[str]:
    reached = {NEW}
    while True:
        more = {step.target for step in table.moves if step.target and reached & set(step.sources)} - reached
        if not more:
            return reached
        reached |= more


def _whole(table: Table) -> Iterator[str]:
    names = [step.name for step in table.moves]
    yield from (f"动作 {name} 写了两次" for name in sorted(set(names)) if names.count(name) > 1)
    if sum(NEW in step.sources for step in table.moves) != 1:
        yield "要有且只有一个新建的动作"
    yield from (f"状态 {state} 到不了" for state in table.states.values if state not in _reached(table))
    yield from (f"终了状态 {state} 不存在" for state in table.final if state not in table.states.values)
    left = {state for step in table.moves for state in step.sources}
    yield from (f"状态 {state} 没有出路，也不是终了状态" for state in table.open_states if state not in left)


def table_faults(table: Table) -> list[str]:
    """Everything wrong with one table, in words."""
    found = [*_model(table), *_whole(table), *_paths(table)]
    return found + [fault for step in table.moves for fault in _move(table, step)]


def moves_check(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Django's check: every dotted path, state, duty and name of every table resolves; every state is reached."""
    return [
        Error(f"办理动作表 {table.label}：{fault}。", id="workflow.E001")
        for table in tables().values()
        for fault in table_faults(table)
    ]
