"""Both ends of the calendar, sent to every field for a time of every staff page: a sentence, never a broken page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import staff_addresses
from accounts.duties import Duty
from core.fields import DayField, MomentField
from core.moments import SHANGHAI
from tests.pages import Sent, date_fields, posted_forms
from tests.performance.money_factories import make_budget
from tests.portal.conftest import plain_static
from tests.portal.sheets import make_draft as make_sheet
from tests.portal.sheets import make_version
from tests.staff import client_of, make_person
from tests.tenders.drafts import make_draft
from tests.workflow.factories import task_sample
from workflow.moves import NEW
from workflow.registry import tables

pytestmark = pytest.mark.django_db
__all__ = ["plain_static"]
# Pages for everybody: these see most.
ANY = (Duty.DIRECTOR, Duty.ANNOUNCEMENT_CHECK)
ENDS = ("0001-01-01", "9999-12-31", "1999-12-31", "2101-01-01")


def test_every_field_for_a_time_is_the_house_s() -> None:
    found = list(date_fields())
    assert len(found) >= 8
    assert [(form, name) for form, name, field in found if not isinstance(field, DayField | MomentField)] == []


def at(end: str, name: str, page: str) -> str:
    """``end`` as the field ``name`` of ``page`` sends it."""
    place = page.find(f'name="{name}"')
    near = page[page.rfind("<input", 0, place) : page.find(">", place)]
    return f"{end}T00:00" if "datetime-local" in near else end


def sample_numbers() -> list[int]:
    """Numbers of objects that pages need, one of each kind at the least."""
    draft = make_draft()
    make_draft("checked")
    sheet, version = make_sheet("draft"), make_version("draft")
    released = make_version("released")
    budget = make_budget()
    ours = {budget.year.pk, budget.program.pk, budget.project.pk, budget.spend().pk}
    return sorted({draft.pk, draft.pk + 1, sheet.pk, version.pk, released.pk} | ours)


def clients() -> dict[Duty | None, Client]:
    """Somebody for every duty."""
    return {duty: client_of(make_person(duty)) for duty in Duty}


def forms_with_dates(numbers: list[int], people: dict[Any, Client]) -> Iterator[tuple[Client, str, Sent, str]]:
    """Every form with a field for a time that a person can open: (client, address, form, page)."""
    seen = set()
    for found in staff_addresses():
        arguments = found.route.count("<")
        if arguments > 1 or found.requirement is None or found.requirement.public:
            continue
        for pk in numbers if arguments else [0]:
            for duty, client in people.items():
                if duty not in (found.requirement.duties or ANY) or (found.name, pk) in seen:
                    continue
                address = reverse(found.name, args=[pk] if arguments else [])
                answer = client.get(address)
                page = answer.content.decode() if "html" in answer.headers.get("Content-Type", "") else ""
                for form in posted_forms(page):
                    if form.dates:
                        seen.add((found.name, pk))
                        yield client, form.action or address, form, page


def lists_stand(people: dict[Any, Client]) -> list[tuple[str, int]]:
    """List pages that break."""
    wrong = []
    for found in staff_addresses():
        for duty, client in people.items() if "<" not in found.route else ():
            if found.requirement and not found.requirement.public and duty in (found.requirement.duties or {duty}):
                try:
                    status = client.get(reverse(found.name)).status_code
                except (ValueError, OverflowError):
                    status = 500
                if status >= 500:
                    wrong.append((found.name, status))
                break
    return wrong


def test_both_ends_of_the_calendar_in_every_form_of_every_page() -> None:
    numbers, people = sample_numbers(), clients()
    tried, wrong = set(), []
    for client, address, form, page in list(forms_with_dates(numbers, people)):
        for name in form.dates:
            for end in ENDS:
                sent = {
                    **form.values,
                    **dict.fromkeys(form.dates, "2026-12-24"),
                    name: at(end, name, page),
                    "do": "save",
                }
                answer = client.post(address, sent)
                tried.add((address, name))
                text = answer.content.decode()
                if answer.status_code not in (400, 409) or ("年之间" not in text and "年至" not in text):
                    wrong.append((address, name, end, answer.status_code))
    assert wrong == []
    assert len({name for _, name in tried}) >= 10
    assert lists_stand(people) == []


def test_both_ends_of_the_calendar_in_every_move() -> None:
    wrong, tried = [], 0
    for label, table in tables().items():
        make = import_module(f"tests.{label.split('.')[0]}.move_samples").IN_STATE[label]
        for step in table.moves:
            form = step.form_class()
            dates = [n for n, f in (form.base_fields if form else {}).items() if isinstance(f, DayField | MomentField)]
            for name in dates if NEW not in step.sources else ():
                person = make_person(next(iter(step.duties)))
                obj, _ = make(step.sources[0], step, person)
                for end in ENDS:
                    answer = client_of(person).post(
                        reverse("staff_move", args=[label, obj.pk, step.name]), {name: end, "confirmed": "yes"}
                    )
                    tried += 1
                    if answer.status_code not in (400, 404):
                        wrong.append((label, step.name, name, end, answer.status_code))
    assert wrong == []
    assert tried >= 8


@pytest.mark.parametrize(
    ("table", "column"),
    [("accounts_dutyassignment", "begins_at"), ("accounts_dutyassignment", "ends_at"),
     ("workflow_assignedtask", "due_on"), ("tenders_announcementdraft", "publish_at"),
     ("tenders_announcementdraft", "medium_at"), ("tenders_announcement", "published_at"),
     ("portal_articledraft", "publish_at"), ("portal_article", "published_at"), ("portal_ruleversion", "issued_on"),
     ("portal_ruleversion", "in_force_from"), ("portal_ruleversion", "repealed_on"),
     ("upkeep_clockcomparison", "reference_time"), ("performance_spendingentry", "spent_on"),
     ("performance_budgetadjustment", "adjusted_on"), ("performance_yearendbalance", "settled_on")],
)  # fmt: skip
def test_the_database_knows_the_range(table: str, column: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid), convalidated FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND conname = %s",
            [table, f"{table}_{column}_range"],
        )
        found = cursor.fetchone()
    assert found is not None and found[1] is True
    assert "2101-01-01" in found[0] or "2100-12-31" in found[0]


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1999, 12, 31), date(2101, 1, 1)])
def test_the_database_refuses_what_lies_outside(day: date) -> None:
    task, _ = task_sample("draft", next(iter(tables()["workflow.assignedtask"].moves)), None)
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        type(task).objects.filter(pk=task.pk).update(due_on=day)
    type(task).objects.filter(pk=task.pk).update(due_on=date(2100, 12, 31))


def test_today_is_inside() -> None:
    assert MomentField().clean("2000-01-01T00:00").astimezone(SHANGHAI).year == 2000
    assert MomentField().clean("2100-12-31 23:59").astimezone(SHANGHAI).year == 2100
    assert DayField().clean(timezone.localdate().isoformat()) == timezone.localdate()
