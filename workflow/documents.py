"""docs/moves.md, written from the tables of moves."""

from __future__ import annotations

from accounts.duties import SECOND_FACTOR, Duty
from workflow.moves import GROUPS, NEW, STAFF, Move, Table
from workflow.registry import tables


def duties_words(duties: tuple[Duty, ...]) -> str:
    """``主任、副主任``; 任何业务职责 for whoever works here; 系统 for what nobody else does."""
    if not duties:
        return "（系统）"
    return "任何业务职责" if set(duties) == set(STAFF) else "、".join(str(duty.label) for duty in duties)


def _states_words(table: Table, states: tuple[str, ...]) -> str:
    return "、".join("（新建）" if state == NEW else table.state_label(state) for state in states)


def _notes(table: Table, step: Move) -> str:
    notes = []
    if step.other_than:
        notes.append(f"须与“{'、'.join(table.verb(name) for name in step.other_than)}”的人不同")
    if step.person:
        notes.append(f"限本件的人（`{step.person}`）")
    notes += [f"须符合 `{gate}`" for gate in (*step.gates, *step.before, *step.checks)]
    notes += [f"同时写入 `{record}`" for record in step.records]
    if step.notify:
        told = [GROUPS.get(name, f"`{name}`") for name in step.notify]
        notes.append(f"告知{'、'.join(told)}")
    notes += [f"办后 `{effect}`" for effect in step.effects]
    if step.comment:
        notes.append("要写理由")
    if step.confirm:
        notes.append("要确认")
    if step.optional:
        notes.append("不列待办")
    if step.system:
        notes.append("系统也可以办")
    return "；".join(notes)


def _table_lines(table: Table) -> list[str]:
    lines = [f"## {table.name}（`{table.label}`）", ""]
    final = "、".join(table.state_label(state) for state in table.final)
    states = "、".join(f"{label}（`{value}`）" for value, label in table.states.choices)
    lines += [f"状态：{states}。终了：{final}。", ""]
    lines += ["| 动作 | 标识 | 从 | 到 | 职责 | 说明 |", "| --- | --- | --- | --- | --- | --- |"]
    for step in table.moves:
        target = table.state_label(step.target) if step.target else "不变"
        cells = (step.verb, f"`{step.name}`", _states_words(table, step.sources), target, duties_words(step.duties))
        lines.append("| " + " | ".join((*cells, _notes(table, step))) + " |")
    return [*lines, ""]


def moves_markdown() -> str:
    """The generated part of docs/moves.md."""
    lines = ["## 职责", "", "| 标识 | 职责 | 登录 |", "| --- | --- | --- |"]
    lines += [f"| `{duty.value}` | {duty.label} | {'两步验证' if duty in SECOND_FACTOR else '密码'} |" for duty in Duty]
    lines.append("")
    for table in tables().values():
        lines += _table_lines(table)
    return "\n".join(lines).rstrip()
