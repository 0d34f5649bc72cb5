"""The one door: a state is written here and nowhere else, and the database sees to it (``workflow.db``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.utils.module_loading import import_string

from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.text import first_not_typed
from workflow.actors import Actor, actor_of
from workflow.judging import Verdict, judge
from workflow.models import StateChange
from workflow.models.changes import COMMENT_LENGTH
from workflow.moves import NEW, TELL, Move, Table
from workflow.recipients import recipients
from workflow.registry import table_of
from workflow.selectors.changes import changes_of

# Refusals that tell of somebody trying what they may not do; the others are everyday.
DENIALS = frozenset({"not_allowed", "same_person"})
LOCK_SECONDS = 5


def _refusal(step: Move, reasons: Sequence[str], code: str) -> BusinessError:
    return BusinessError(f"不能{step.verb}：{'；'.join(reasons)}。", code, reasons=list(reasons))


def _comment_read(step: Move, comment: str) -> str:
    text = comment.strip()
    if step.comment and not text:
        raise _refusal(step, ["还没有写理由"], "comment_missing")
    if len(text) > COMMENT_LENGTH:
        raise _refusal(step, [f"意见超过 {COMMENT_LENGTH} 字，请精简"], "comment_long")
    if first_not_typed(text):
        raise _refusal(step, ["意见里有不能保存的控制字符，请删去后重写"], "comment_bad")
    return text


def _locked(table: Table, step: Move, obj: Any) -> Any:
    """The row as it is now, locked until the end of the transaction, after what must be locked before it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
    try:
        for rows in table.locks_before(obj):
            list(rows.order_by("pk").select_for_update(of=("self",)))
        return table.model._base_manager.select_for_update(of=("self",)).get(pk=obj.pk)
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != "55P03":
            raise
        raise _refusal(step, ["别人正在办理这一件，请过一会儿再试"], "busy") from error
    except table.model.DoesNotExist:
        raise _refusal(step, [f"这件{table.name}已经不在了"], "gone") from None


def _check_unchanged(step: Move, table: Table, history: Sequence[StateChange], seen: int | None) -> None:
    if seen is None or (history and history[-1].number == seen):
        return
    last = history[-1] if history else None
    words = f"{last.person_words}刚刚“{table.verb(last.move)}”" if last else "这一件刚刚有变动"
    raise _refusal(step, [f"页面打开之后，{words}，请看过最新情况再办"], "changed")


def _recorded(step: Move, obj: Any, data: dict[str, Any]) -> dict[str, Any]:
    """What the change keeps: values of ``data``, and ``old_<field>`` of the object before its records are called."""
    kept = {name: getattr(obj, name.removeprefix("old_")) for name in step.recorded if name.startswith("old_")}
    return kept | {name: data[name] for name in step.recorded if name in data}


@dataclass(frozen=True)
class _Deed:
    """One move as it was asked for."""

    table: Table
    step: Move
    actor: Actor
    now: datetime
    data: dict[str, Any]
    comment: str
    address: str

    def judged(self, obj: Any, history: Sequence[StateChange]) -> Verdict:
        """The judgement that allows it. Raises BusinessError."""
        verdict = judge(
            self.table, self.step, obj, actor=self.actor, history=history, now=self.now, data=self.data
        )  # fmt: skip
        if verdict.code:
            raise _refusal(self.step, verdict.reasons, verdict.code)
        return verdict


def _write(deed: _Deed, obj: Any, verdict: Verdict, *, number: int, source: str) -> StateChange:
    """The change, the state, the records, the audit row; the effects wait for the commit."""
    table, step, by, held = deed.table, deed.step, deed.actor.user, verdict.holding
    change = StateChange.objects.create(
        subject_type=table.subject_type,
        subject_id=obj.pk,
        number=number,
        move=step.name,
        source=source,
        target=step.target or source,
        by=by,
        on_behalf_of_id=held.person_id if held and held.delegated else None,
        at=deed.now,
        comment=deed.comment,
        data=_recorded(step, obj, deed.data),
    )
    if change.target != source and source != NEW:
        setattr(obj, table.field, change.target)
        obj.save(update_fields=[table.field])
    for path in step.records:
        import_string(path)(obj, change=change, by=by, now=deed.now, data=deed.data)
    action_record(
        tag=Tag.MOVE,
        by=by,
        now=deed.now,
        subject=f"{table.subject_type}:{obj.pk}",
        detail={"move": step.name, "from": source, "to": change.target, "number": number},
        address=deed.address,
    )
    _tell(deed, obj, change)
    for path in step.effects:
        _deliver_later(path, change.pk)
    return change


def _tell(deed: _Deed, obj: Any, change: StateChange) -> None:
    """Messages to whom the table names, in the same transaction: what is rolled back tells nobody.

    Also without any, since what was asked of others before may be done now.
    """
    history = changes_of(obj)
    told = deed.step.notify
    people = recipients(deed.table, deed.step, obj, history, by=deed.actor.user, now=deed.now) if told else []
    import_string(TELL)(table=deed.table, step=deed.step, obj=obj, change=change, people=people, now=deed.now)


def _deliver_later(path: str, change_id: int) -> None:
    """Call an effect after the commit. What goes wrong then is logged, and never makes the deed look undone."""

    def deliver() -> None:
        import_string(path)(change_id)

    transaction.on_commit(deliver, robust=True)


def _denial_record(table: Table, step: Move, obj: Any, *, by: Any, now: datetime, address: str, code: str) -> None:
    with transaction.atomic():
        action_record(
            tag=Tag.MOVE,
            by=by,
            now=now,
            subject=f"{table.subject_type}:{obj.pk or NEW}",
            detail={"move": step.name, "code": code},
            address=address,
            success=False,
        )


def _ask_before(table: Table, step: Move, obj: Any, *, by: Any, now: datetime, data: dict[str, Any] | None) -> None:
    """What must be asked outside of the transaction, of whom the table would let through; BusinessError."""
    if not step.before:
        return
    actor = actor_of(by, now=now)
    if judge(table, step, obj, actor=actor, history=changes_of(obj), now=now, data=data or {}).code:
        return  # the transaction will tell why, from the row as it is then
    if reasons := [reason for path in step.before for reason in import_string(path)(obj)]:
        raise _refusal(step, reasons, "blocked")


def move(
    obj: Any,
    name: str,
    *,
    by: Any,
    now: datetime,
    data: dict[str, Any] | None = None,
    comment: str = "",
    address: str = "",
    seen: int | None = None,
) -> StateChange:
    """Do one move of one object, wholly or not at all.

    What lies outside of the database is asked first (``Move.before``). Then one transaction: lock the row (after
    ``Table.lock_first``), check duty, person, source state, maker and checker and gates, write an append-only
    StateChange, set the state, call the records, write the audit row, tell whom the table names. Effects follow after
    the commit.
    ``obj`` has the new state afterwards. Of two people at once the second is refused.

    Args:
        obj: an object whose model has a table of moves.
        name: the move's name.
        by: the user; None for the system (only moves that allow it).
        now: the time of the request: duties and deadlines are compared with it.
        data: what gates and records read; the keys of ``Move.recorded`` are kept.
        comment: the person's words, at most 2,000 characters.
        address: the visitor's IP address.
        seen: number of the last change that the page showed; another one by then is a refusal (``changed``).

    Raises:
        BusinessError: 不能<verb>：reasons; ``not_allowed``, ``same_person`` (both are told to the audit log),
            ``wrong_state``, ``blocked``, ``comment_missing``, ``comment_long``, ``comment_bad``, ``changed``,
            ``busy``, ``gone``, ``unknown_move``.
    """
    table = table_of(obj)
    step = table.move(name)
    if NEW in step.sources:
        raise _refusal(step, [f"这件{table.name}已经建立"], "wrong_state")
    text = _comment_read(step, comment)
    _ask_before(table, step, obj, by=by, now=now, data=data)
    try:
        with transaction.atomic():
            locked = _locked(table, step, obj)
            history = changes_of(locked)
            deed = _Deed(table, step, actor_of(by, now=now), now, data or {}, text, address)
            verdict = deed.judged(locked, history)
            _check_unchanged(step, table, history, seen)
            change = _write(deed, locked, verdict, number=len(history) + 1, source=table.state_of(locked))
    except BusinessError as refusal:
        if refusal.code in DENIALS and by is not None:
            _denial_record(table, step, obj, by=by, now=now, address=address, code=refusal.code)
        raise
    setattr(obj, table.field, change.target)
    return change


def _validated(step: Move, obj: Any) -> None:
    try:
        obj.full_clean()
    except ValidationError as error:
        names = {field.name: str(field.verbose_name) for field in obj._meta.fields}
        reasons = [
            f"{names[name]}：{message}" if name in names else message
            for name, messages in error.message_dict.items()
            for message in messages
        ]
        raise _refusal(step, [reason.rstrip("。") for reason in reasons], "invalid") from None


def create(
    obj: Any,
    *,
    by: Any,
    now: datetime,
    data: dict[str, Any] | None = None,
    comment: str = "",
    address: str = "",
) -> StateChange:
    """Store a new object in its first state: the move of its table that starts from nothing.

    Args:
        obj: an unsaved object; its state is set here.
        by, now, data, comment, address: as for ``move``.

    Raises:
        BusinessError: as ``move``; ``invalid`` when a field or constraint refuses it.
    """
    table = table_of(obj)
    step = table.creation
    if obj.pk:
        raise _refusal(step, [f"这件{table.name}已经建立"], "wrong_state")
    text = _comment_read(step, comment)
    deed = _Deed(table, step, actor_of(by, now=now), now, data or {}, text, address)
    try:
        verdict = deed.judged(obj, ())
    except BusinessError as refusal:
        if refusal.code in DENIALS and by is not None:
            _denial_record(table, step, obj, by=by, now=now, address=address, code=refusal.code)
        raise
    setattr(obj, table.field, step.target)
    _validated(step, obj)
    with transaction.atomic():
        obj.save(force_insert=True)
        return _write(deed, obj, verdict, number=1, source=NEW)
