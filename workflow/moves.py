"""What a move is: one declaration from which the buttons, permissions, queues, documents and tests are made.

Every app has its states and one table in ``<app>/states.py``::

    MOVES = {"tenders.Draft": Table(states=DraftState, final=(…), moves=(Move(…), …), …)}

Functions are named by dotted paths, since an answer may come from an app above; a system check resolves every one.
Locks are taken in one order everywhere: project, lot, session, draw, account, the log's head last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from accounts.duties import ADMINISTRATORS, Duty
from core.errors import BusinessError
from core.moments import SHANGHAI

# The state of what does not exist yet: the source of the move that makes an object.
NEW = ""
# Whoever works here, whatever the duty; the administrators have no business with business.
STAFF: tuple[Duty, ...] = tuple(duty for duty in Duty if duty not in ADMINISTRATORS)
LEADERS: tuple[Duty, ...] = (Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR, Duty.OFFICE_HEAD)
# Groups of people that a move may tell (workflow.recipients), and how docs/moves.md calls them.
NEXT = "next"
GROUPS = {NEXT: "能办下一步的人", "makers": "起草（申请、提交）的人", "involved": "经手过的人"}
# Writes the messages; kept by an app above.
TELL = "notices.services.moves.move_told"
LOCK_ORDER = ("project", "lot", "session", "draw", "account", "log head")


@dataclass(frozen=True)
class Move:
    """One move.

    Args:
        name: identifier, a verb.
        verb: the same in Chinese; completes 不能…：.
        sources: the states it starts from; ``(NEW,)`` for the one that makes the object.
        target: the state it leads to; empty: the state stays.
        duties: any one of them is needed; none for what only the system does (``system``).
        other_than: moves (see ``workflow.judging``) whose actors may not do this one.
        person: ``(obj, *, holding) -> list[str]``, why this person may not, beyond the duty.
        form: class of a Django form for what the move needs to know; its ``cleaned_data`` is the ``data``.
        gates: ``(obj, *, by, now, data) -> list[str]``, why it may not happen now.
        before: ``(obj) -> list[str]``, why it may not happen, asked before the transaction begins of whom nothing else
            keeps from it: for what lies outside of the database (a file of the storage that must be whole).
        checks: the same about what the form gave: asked when it is done, not before there is anything to judge.
        records: ``(obj, *, change, by, now, data)``, called in the same transaction after the state is set.
        effects: ``(change_id)``, called after the commit: fetch by id, safe to run twice.
        notify: who is told in the same transaction: names of GROUPS, or ``(obj, *, history) -> set`` of users' numbers;
            never the one who acted.
        recorded: the keys of ``data`` kept in the StateChange, and ``old_<field>`` of the object: no personal data.
        confirm: what a dangerous move asks first.
        comment: whether a reason must be given.
        optional: the object does not wait for it (withdrawing, extending): a button, but nothing to be done.
        system: the system itself may do it (a chosen time has come), without a person.
    """

    name: str
    verb: str
    sources: tuple[str, ...]
    target: str
    duties: tuple[Duty, ...]
    other_than: tuple[str, ...] = ()
    person: str = ""
    form: str = ""
    gates: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    confirm: str = ""
    comment: bool = False
    optional: bool = False
    system: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """Every dotted path of the move."""
        told = tuple(name for name in self.notify if name not in GROUPS)
        own = (self.person, self.form, *self.before, *self.gates, *self.checks, *self.records, *self.effects)
        found = (*own, *told, TELL if self.notify else "")
        return tuple(path for path in found if path)

    @property
    def asks(self) -> bool:
        """Whether a page must ask before it can be done; else a button alone does it."""
        return bool(self.form or self.confirm or self.comment)

    def rank(self, final: tuple[str, ...]) -> int:
        """Where its button stands: 0 what the object waits for, 1 what it does not, 2 what takes back or ends it."""
        if not self.optional:
            return 0
        return 2 if self.confirm or self.target in final else 1

    def form_class(self) -> Any:
        """The form's class, or None."""
        return import_string(self.form) if self.form else None


@dataclass(frozen=True)
class FileLink:
    """A file of an object as the page of a move links it; ``size`` in bytes, ``note`` perhaps a remark."""

    name: str
    url: str
    size: int
    note: str = ""


@dataclass(frozen=True)
class Table:
    """The states and moves of one model, and how the desk shows its rows.

    Args:
        states: the model's states.
        moves: all its moves; exactly one starts from NEW.
        final: states in which nothing is waited for.
        rows: ``(*, now) -> QuerySet`` with everything that title, url and office read already joined.
        visible: ``(rows, *, actor) -> QuerySet`` of what a person may see (bulk, in SQL).
        title: ``(obj) -> str``; url: ``(obj) -> str``.
        facts: ``(obj) -> list[(label, text)]``, what one decides on; may be empty.
        files: ``(obj) -> list[FileLink]``, what one opens before one decides; may be empty.
        due: name of a date or moment field, or empty. office: name of a key to Department, or empty.
        person: name of a key to User, who does it, or empty.
        lock_first: ``(obj) -> list[QuerySet]`` to be locked before the row, in the order of LOCK_ORDER.
        field: the state's field.
    """

    states: type[models.TextChoices]
    moves: tuple[Move, ...]
    final: tuple[str, ...]
    rows: str
    visible: str
    title: str
    url: str
    facts: str = ""
    files: str = ""
    due: str = ""
    office: str = ""
    person: str = ""
    lock_first: str = ""
    field: str = "state"
    label: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """Every dotted path of the table, its moves' included."""
        own = (self.rows, self.visible, self.title, self.url, self.facts, self.files, self.lock_first)
        return tuple(path for path in own if path) + tuple(path for move in self.moves for path in move.paths)

    @cached_property
    def model(self) -> Any:
        """The model's class."""
        return apps.get_model(self.label)

    @property
    def subject_type(self) -> str:
        """How rows about the model's objects name it: ``app.model`` in small letters."""
        return self.label.lower()

    @property
    def name(self) -> str:
        """The model's Chinese name."""
        return str(self.model._meta.verbose_name)

    @cached_property
    def creation(self) -> Move:
        """The move that makes an object."""
        return next(move for move in self.moves if NEW in move.sources)

    @property
    def open_states(self) -> tuple[str, ...]:
        """The states in which something is still to be done."""
        return tuple(state for state in self.states.values if state not in self.final)

    def move(self, name: str) -> Move:
        """The move of that name. Raises BusinessError ``unknown_move``."""
        for move in self.moves:
            if move.name == name:
                return move
        raise BusinessError(f"{self.name}没有这个办理动作，请从页面上的按钮办理。", "unknown_move")

    def verb(self, name: str) -> str:
        """The Chinese verb of a move, or the name where the table no longer has it."""
        return next((move.verb for move in self.moves if move.name == name), name)

    def state_label(self, state: str) -> str:
        """The Chinese word of a state."""
        return str(self.states(state).label) if state else "尚未建立"

    def state_of(self, obj: Any) -> str:
        """The state an object is in; NEW when it is not stored."""
        return str(getattr(obj, self.field)) if obj.pk else NEW

    def visible_rows(self, *, actor: Any, now: datetime) -> QuerySet[Any]:
        """What a person may see."""
        found: QuerySet[Any] = import_string(self.visible)(import_string(self.rows)(now=now), actor=actor)
        return found

    def title_of(self, obj: Any) -> str:
        """One line that names the object."""
        return str(import_string(self.title)(obj))

    def url_of(self, obj: Any) -> str:
        """The object's page."""
        return str(import_string(self.url)(obj))

    def facts_of(self, obj: Any) -> list[tuple[str, str]]:
        """What one decides on."""
        return list(import_string(self.facts)(obj)) if self.facts else []

    def files_of(self, obj: Any) -> list[FileLink]:
        """What one opens before one decides."""
        return list(import_string(self.files)(obj)) if self.files else []

    def due_of(self, obj: Any) -> datetime | None:
        """The moment from which the object is late; the end of the day where the field is a date."""
        value = getattr(obj, self.due) if self.due else None
        return day_end(value) if isinstance(value, date) and not isinstance(value, datetime) else value

    def office_of(self, obj: Any) -> Any:
        """The office whose business it is, or None."""
        return getattr(obj, self.office) if self.office else None

    def person_of(self, obj: Any) -> Any:
        """Who is to do it, or None where nobody is named."""
        return getattr(obj, self.person) if self.person else None

    def locks_before(self, obj: Any) -> Iterable[QuerySet[Any]]:
        """What must be locked before the object."""
        found: Callable[[Any], Iterable[QuerySet[Any]]] | None = (
            import_string(self.lock_first) if self.lock_first else None
        )
        return found(obj) if found else ()


def day_end(day: date) -> datetime:
    """The first moment after ``day`` in Asia/Shanghai (民法典第二百零三条: the last day ends at 24:00)."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
