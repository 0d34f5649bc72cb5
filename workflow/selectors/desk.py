"""The desk: what a person may do now, has under way, has done; what is late. Per table a fixed number of queries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q

from accounts.duties import Duty
from accounts.models import Department
from core.errors import BusinessError
from core.moments import SHANGHAI
from workflow.actors import Actor
from workflow.judging import judge
from workflow.models import Clock, StateChange
from workflow.moves import LEADERS, NEW, Move, Table, day_end
from workflow.registry import tables
from workflow.selectors.changes import changes_of_many
from workflow.selectors.clocks import clocks_due, clocks_next

PAGE = 20
# Of one kind, the most that one desk sorts: those that are due first.
MOST = 1_000
# More duties than these are not told one by one.
FEW_DUTIES = 3
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
TABS = {"todo": "待办", "active": "在办", "done": "已办", "watch": "督办"}
_CURSOR = re.compile(r"(\d{1,12})\.([a-z_]+\.[a-z_]+)\.(\d{1,18})", re.ASCII)


@dataclass(frozen=True)
class Row:
    """One object on a desk.

    Args:
        moves: what the person may do now, optional moves left out (gates are asked when it is done).
        waits_for: the duties that the object waits for, in words; empty when it waits for this person.
        since: when it came into its state.
        due: when it is late: the object's own due time or that of its running legal period, whichever comes first.
        reason: why, when that is a legal period.
        next_words: who does what next, for a list on paper.
    """

    table: Table
    obj: Any
    title: str
    url: str
    state: str
    due: datetime | None
    office: Department | None
    since: datetime | None
    moves: tuple[Move, ...]
    mine: bool
    waits_for: str
    reason: str = ""
    next_words: str = ""
    history: Sequence[StateChange] = field(default=(), repr=False)

    @property
    def key(self) -> tuple[int, str, int]:
        """The order of a desk: what is due first, then by kind and number."""
        return int((self.due or NEVER).timestamp()), self.table.subject_type, self.obj.pk

    @property
    def cursor(self) -> str:
        """The key as text."""
        return "{}.{}.{}".format(*self.key)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What one decides on."""
        return self.table.facts_of(self.obj)

    @property
    def seen(self) -> int:
        """The number of the last change, which the page shows."""
        return self.history[-1].number if self.history else 0

    def late(self, now: datetime) -> bool:
        """Whether it is overdue."""
        return self.due is not None and self.due <= now


def _next_words(table: Table, obj: Any, steps: Sequence[Move]) -> str:
    """``公告复核：复核通过``; where anybody of an office may do it, the person named or the office."""
    named = table.person_of(obj) or table.office_of(obj)
    parts: dict[str, list[str]] = {}
    for step in steps:
        few = len(step.duties) <= FEW_DUTIES or named is None
        who = "、".join(str(Duty(duty).label) for duty in step.duties[:FEW_DUTIES]) if few else str(named)
        parts.setdefault(who, []).append(step.verb)
    if parts:
        return "；".join(f"{who}：{'、'.join(verbs)}" for who, verbs in parts.items())
    state = table.state_of(obj)
    return "、".join(f"系统到时{step.verb}" for step in table.moves if step.system and state in step.sources)


def _row(table: Table, obj: Any, actor: Actor, history: list[StateChange], now: datetime, clock: Clock | None) -> Row:
    state = table.state_of(obj)
    steps = [step for step in table.moves if state in step.sources and not step.optional]
    verdicts = [judge(table, step, obj, actor=actor, history=history, now=now, gates=False) for step in steps]
    can = tuple(verdict.move for verdict in verdicts if verdict.allowed)
    entered = [change for change in history if change.target == state != change.source]
    duties = {duty for step in steps for duty in step.duties}
    due, reason = table.due_of(obj), ""
    if clock and (due is None or clock.due_at < due):
        due, reason = clock.due_at, clock.reason
    words = "、".join(Duty(duty).label for duty in Duty if duty in duties) if len(duties) <= FEW_DUTIES else "承办人"
    return Row(
        table=table,
        obj=obj,
        title=table.title_of(obj),
        url=table.url_of(obj),
        state=table.state_label(state),
        due=due,
        reason=reason,
        next_words=_next_words(table, obj, steps),
        office=table.office_of(obj),
        since=entered[-1].at if entered else None,
        moves=can,
        mine=any(change.by_id == actor.id for change in history),
        waits_for="" if can else words,
        history=history,
    )


def _rows(table: Table, actor: Actor, now: datetime, wanted: Q) -> list[Row]:
    """Rows of one table: the objects, their changes and their running legal periods, three queries."""
    found = table.visible_rows(actor=actor, now=now).filter(wanted).order_by(*((table.due,) if table.due else ()), "pk")
    objects = list(found[:MOST])
    ids = [obj.pk for obj in objects]
    past, clocks = changes_of_many(table.subject_type, ids), clocks_next(table.subject_type, ids)
    return [_row(table, obj, actor, past.get(obj.pk, []), now, clocks.get(obj.pk)) for obj in objects]


def desk_rows(actor: Actor, *, now: datetime) -> list[Row]:
    """Every open object that waits for the person or was moved by them, what is due first at the top."""
    found: list[Row] = []
    for table in tables().values():
        states = {
            source
            for step in table.moves
            for source in step.sources
            if source != NEW and not step.optional and not actor.duties.isdisjoint(step.duties)
        }
        moved = StateChange.objects.filter(by=actor.id, subject_type=table.subject_type).values("subject_id")
        wanted = Q(**{f"{table.field}__in": states}) | Q(**{"pk__in": moved, f"{table.field}__in": table.open_states})
        found += [row for row in _rows(table, actor, now, wanted) if row.moves or row.mine]
    return sorted(found, key=lambda row: row.key)


def may_watch(actor: Actor) -> bool:
    """Whether the person sees what is overdue in other people's hands."""
    return not actor.duties.isdisjoint(LEADERS)


def late_rows(actor: Actor, *, now: datetime) -> list[Row]:
    """督办: what is overdue, of all offices for the directors, of the own ones for a head."""
    if not may_watch(actor):
        return []
    found: list[Row] = []
    today = now.astimezone(SHANGHAI).date()
    for table in tables().values():
        late = Q(pk__in=clocks_due(before=now).filter(subject_type=table.subject_type).values("subject_id"))
        if table.due:
            is_moment = table.model._meta.get_field(table.due).get_internal_type() == "DateTimeField"
            late |= Q(**({f"{table.due}__lte": now} if is_moment else {f"{table.due}__lt": today}))
        first = table.creation.target
        states = [state for state in table.open_states if state != first]
        wanted = late & Q(**{f"{table.field}__in": states})
        if table.office and actor.duties.isdisjoint({Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR}):
            wanted &= Q(**{f"{table.office}__in": actor.departments_for({Duty.OFFICE_HEAD})})
        found += _rows(table, actor, now, wanted)
    return sorted(found, key=lambda row: row.key)


def offices_of(actor: Actor) -> list[Department]:
    """The offices whose day sheet a person may print: every one for the directors, else the own ones."""
    found = Department.objects.filter(is_active=True)
    if actor.duties.isdisjoint({Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR}):
        found = found.filter(pk__in=actor.departments)
    return list(found)


@dataclass(frozen=True)
class Bar:
    """One bar of a chart: ``share`` is its length in percent of the longest."""

    label: str
    count: int
    share: int


def late_by_office(rows: Iterable[Row]) -> list[Bar]:
    """How many are overdue in each office, the most first."""
    counts: dict[str, int] = {}
    for row in rows:
        name = str(row.office) if row.office else "未定科室"
        counts[name] = counts.get(name, 0) + 1
    most = max(counts.values(), default=1)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Bar(name, count, round(100 * count / most)) for name, count in ordered]


@dataclass(frozen=True)
class Desk:
    """The desk of one person, sorted into its tabs."""

    todo: list[Row]
    active: list[Row]
    watch: list[Row]
    done_count: int
    now: datetime
    user_id: int | None = None

    @property
    def due_today(self) -> list[Row]:
        """待办 that is due today."""
        end = day_end(self.now.astimezone(SHANGHAI).date())
        return [row for row in self.todo if row.due and self.now < row.due <= end]

    @property
    def overdue(self) -> list[Row]:
        """待办 that is late."""
        return [row for row in self.todo if row.late(self.now)]

    @property
    def awaited(self) -> list[Row]:
        """待办 that others wait for: the last step was another's."""
        return [row for row in self.todo if row.history and row.history[-1].by_id != self.user_id]

    @property
    def waiting(self) -> list[Row]:
        """在办 that waits for others."""
        return [row for row in self.active if row.waits_for]


def desk_of(actor: Actor, *, now: datetime) -> Desk:
    """Everything on a person's desk; the number of queries depends on the number of tables alone."""
    rows = desk_rows(actor, now=now)
    return Desk(
        todo=[row for row in rows if row.moves],
        active=[row for row in rows if row.mine],
        watch=late_rows(actor, now=now),
        done_count=StateChange.objects.filter(by=actor.id).values("subject_type", "subject_id").distinct().count(),
        now=now,
        user_id=actor.id,
    )


def page_of(rows: Sequence[Row], after: str) -> tuple[list[Row], str]:
    """One page of sorted rows and the cursor of the next one, or an empty text.

    Raises:
        BusinessError: ``bad_cursor``.
    """
    if after:
        found = _CURSOR.fullmatch(after)
        if not found:
            raise BusinessError("翻页位置无法识别，请从第一页重新开始。", "bad_cursor")
        key = (int(found[1]), found[2], int(found[3]))
        rows = [row for row in rows if row.key > key]
    page = list(rows[:PAGE])
    return page, page[-1].cursor if len(rows) > PAGE else ""


@dataclass(frozen=True)
class Done:
    """One thing that the person worked on: the last step, and how many there were."""

    change: StateChange
    steps: int
    title: str
    url: str
    verb: str
    kind: str
    state: str


def done_list(actor: Actor, *, now: datetime, before: int = 0, most: int = PAGE) -> tuple[list[Done], int]:
    """已办: what the person worked on, a row for each thing, the last done first; two queries, and one a table on the
    page. What they may not see any more is named by its kind alone.

    Returns:
        The page, and the number to give as ``before`` for the next one (0: there is none).
    """
    things = StateChange.objects.filter(by=actor.id).order_by().values("subject_type", "subject_id")
    last = things.annotate(last=Max("id"), steps=Count("id")).order_by("-last")
    if before:
        last = last.filter(last__lt=before)
    found = list(last.values_list("last", "steps")[: most + 1])
    steps = dict(found[:most])
    page = list(StateChange.objects.filter(pk__in=steps).select_related("on_behalf_of").order_by("-id"))
    objects: dict[tuple[str, int], Any] = {}
    for name in sorted({change.subject_type for change in page} & set(tables())):
        ids = [change.subject_id for change in page if change.subject_type == name]
        for obj in tables()[name].visible_rows(actor=actor, now=now).filter(pk__in=ids):
            objects[name, obj.pk] = obj
    rows = [_done(change, steps[change.pk], objects) for change in page]
    return rows, page[-1].pk if len(found) > most else 0


def _done(change: StateChange, steps: int, objects: dict[tuple[str, int], Any]) -> Done:
    table = tables().get(change.subject_type)
    obj = objects.get((change.subject_type, change.subject_id))
    if table is None or obj is None:
        kind, word = (table.name, table.verb(change.move)) if table else (change.subject_type, change.move)
        return Done(change, steps, f"{kind}（现在不归您查看）", "", word, kind, "")
    return Done(
        change,
        steps,
        table.title_of(obj),
        table.url_of(obj),
        table.verb(change.move),
        table.name,
        table.state_label(table.state_of(obj)),
    )


def approvals(actor: Actor, *, now: datetime) -> list[Row]:
    """What waits for a director's word: rows with a move that heads and directors alone may do."""
    leading = frozenset(LEADERS)
    first = {table.subject_type: table.creation.target for table in tables().values()}
    return [
        row
        for row in desk_rows(actor, now=now)
        if any(frozenset(step.duties) <= leading for step in row.moves)
        and row.table.state_of(row.obj) != first[row.table.subject_type]
    ]


@dataclass(frozen=True)
class DaySheet:
    """今日工作单: what one office has to do today, as it fits on one page."""

    department: Department
    late: list[Row]
    today: list[Row]
    soon: list[Row]
    more: int


# Lines of one A4 page that leave room for notes.
SHEET_LINES = 16
SOON = timedelta(days=7)


def day_sheet(department: Department, actor: Actor, *, now: datetime) -> DaySheet:
    """The sheet of an office: overdue, due today, then what is due within a week or has no date."""
    rows: list[Row] = []
    for table in tables().values():
        if table.office:
            states = [state for state in table.open_states if state != table.creation.target]
            rows += _rows(table, actor, now, Q(**{table.office: department, f"{table.field}__in": states}))
    rows.sort(key=lambda row: row.key)
    end = day_end(now.astimezone(SHANGHAI).date())
    shown = rows[:SHEET_LINES]
    return DaySheet(
        department,
        late=[row for row in shown if row.late(now)],
        today=[row for row in shown if row.due and now < row.due <= end],
        soon=[row for row in shown if row.due is None or row.due > end],
        more=len(rows) - len(shown),
    )
