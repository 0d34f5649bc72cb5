"""Every (state, move) pair of every table of every app, for every duty: allowed where the table says so, else refused.

Nothing here names an app: a new table is tested as soon as it stands in a ``states.py``, and fails without samples.
"""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from typing import Any

import pytest
from django.db import transaction

from accounts.duties import Duty
from core.errors import BusinessError
from tests.workflow.factories import NOW
from tests.workflow.people import make_staff
from workflow.models import StateChange
from workflow.moves import NEW, Table
from workflow.registry import tables
from workflow.services import create, move

pytestmark = pytest.mark.django_db
PAIRS = [
    (label, state, step.name)
    for label, table in tables().items()
    for state in table.states.values
    for step in table.moves
]


class _UndoneError(Exception):
    """Takes an attempt back."""


def samples(table: Table) -> Any:
    """The module of samples of the table's app."""
    return import_module(f"tests.{table.subject_type.split('.')[0]}.move_samples")


def outcome(attempt: Any, *, now: datetime = NOW) -> str:
    """The state or the code that ``attempt`` ends with; taken back afterwards."""
    found = ""
    try:
        with transaction.atomic():
            found = attempt().target
            raise _UndoneError
    except _UndoneError:
        return found
    except BusinessError as refusal:
        return refusal.code


def expected(table: Table, state: str, name: str, duty: Duty) -> str:
    """What the table says of one cell."""
    step = table.move(name)
    if NEW in step.sources:
        return "wrong_state"
    if duty not in step.duties:
        return "not_allowed"
    return (step.target or state) if state in step.sources else "wrong_state"


@pytest.mark.parametrize(("label", "state", "name"), PAIRS)
def test_every_duty_may_do_what_the_table_says_and_nothing_else(label: str, state: str, name: str) -> None:
    table = tables()[label]
    step, make = table.move(name), samples(table).IN_STATE[label]
    strange = make(state, step, None)
    found = {}
    for duty in Duty:
        person = make_staff(duty)
        obj, data = make(state, step, person) if duty in step.duties else strange
        assert table.state_of(type(obj).objects.get(pk=obj.pk)) == state
        found[duty] = outcome(
            lambda obj=obj, data=data, person=person: move(obj, name, by=person, now=NOW, data=data, comment="理由")
        )
    assert found == {duty: expected(table, state, name, duty) for duty in Duty}


@pytest.mark.parametrize("label", list(tables()))
def test_every_duty_may_make_what_the_table_says_and_nothing_else(label: str) -> None:
    table = tables()[label]
    found = {}
    for duty in Duty:
        person = make_staff(duty)
        found[duty] = outcome(
            lambda person=person: create(samples(table).UNSAVED[label](person), by=person, now=NOW, comment="理由")
        )
    step = table.creation
    assert found == {duty: step.target if duty in step.duties else "not_allowed" for duty in Duty}


@pytest.mark.parametrize("label", list(tables()))
def test_the_system_does_only_what_the_table_leaves_to_it(label: str) -> None:
    table = tables()[label]
    for step in table.moves:
        if NEW in step.sources or step.system:
            continue
        obj, data = samples(table).IN_STATE[label](step.sources[0], step, None)
        before = StateChange.objects.count()
        assert outcome(lambda o=obj, d=data, s=step: move(o, s.name, by=None, now=NOW, data=d, comment="理由")) == (
            "not_allowed"
        )
        assert StateChange.objects.count() == before
