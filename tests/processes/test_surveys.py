"""A hall full of people answers at once, over HTTP, against a running center: none lost, none doubled."""

from __future__ import annotations

import http.client
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.processes.harness import Instance

SHELL = ("manage.py", "shell", "--no-imports", "-c")
# Makes an open survey and its slips; prints the codes and the fields of a form.
SURVEY = """
import json
from datetime import UTC, datetime, timedelta
from django.utils import timezone
from accounts.models import Department, DutyAssignment, User
from performance.selectors.surveys import questions_of, today_of
from performance.services import survey_slips, surveys, years
from workflow.services import move
now = timezone.now()
office = Department.objects.get(code="finance")
people = []
for name, duty in (("maker", "performance"), ("head", "director"), ("clerk", "finance")):
    user = User.objects.create(username=name, name="吴试")
    DutyAssignment.objects.create(user=user, duty=duty, department=office, begins_at=datetime(2020, 1, 1, tzinfo=UTC))
    people.append(user)
maker, head, clerk = people
unit = years.unit_save(code="138001", name="云泽县公共资源交易中心", by=clerk, now=now)
year = years.year_create(unit=unit, year=2026, by=clerk, now=now)
today = today_of(now)
survey = surveys.survey_create(
    fiscal_year=year, kind="window", title="窗口服务满意度调查", department=office, standard=True,
    opens_on=today - timedelta(days=1), closes_on=today + timedelta(days=1), by=maker, now=now)
move(survey, "submit", by=maker, now=now)
move(survey, "open", by=head, now=now)
codes = []
for _ in range(2):
    page = survey_slips.page_new()
    codes += survey_slips.slips_make(survey=survey, count=300, page=page, by=maker, now=now).codes
fields = {f"q{one.pk}": {"scale": "5", "yesno": "yes"}[one.kind] for one in questions_of(survey) if one.counts}
print(json.dumps({"codes": codes, "fields": fields, "survey": survey.pk}))
"""
CLOSE = """
from django.utils import timezone
from accounts.models import User
from performance.models import Survey
from workflow.services import move
head = User.objects.get(username="head")
move(Survey.objects.get(), "close_early", by=head, now=timezone.now(), comment="答卷已经够了。")
"""
THREADS, EACH, FEW, TIMES = 20, 500, 25, 20


@pytest.fixture(scope="module")
def hall(make_stopped: Callable[[str], Instance]) -> tuple[Instance, dict[str, Any]]:
    """A running center with an open survey of 600 slips."""
    instance = make_stopped("hall")
    instance.start("serve", healthy=True, WEB_WORKERS="2")
    done = instance.python(*SHELL, SURVEY)
    assert done.returncode == 0, done.stderr
    return instance, json.loads(done.stdout.splitlines()[-1])


def answers(instance: Instance, survey: int) -> int:
    with instance.database() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM performance_surveyanswer WHERE survey_id = %s)"
            " + (SELECT count(*) FROM performance_surveyinbox WHERE survey_id = %s)",
            [survey, survey],
        )
        return int(cursor.fetchone()[0])


def used(instance: Instance, survey: int) -> int:
    with instance.database() as cursor:
        cursor.execute("SELECT count(*) FROM performance_surveytoken WHERE used AND survey_id = %s", [survey])
        return int(cursor.fetchone()[0])


def _posted(instance: Instance, codes: Sequence[str], body: str) -> Counter[int]:
    """The statuses of one after the other posts of one visitor's connection."""
    found: Counter[int] = Counter()
    link = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=30)
    headers = {"Host": "localhost", "Content-Type": "application/x-www-form-urlencoded"}
    for code in codes:
        link.request("POST", f"/survey/t/{code}/", body=body, headers=headers)
        answer = link.getresponse()
        answer.read()
        found[answer.status] += 1
    link.close()
    return found


def post_all(instance: Instance, codes: Iterable[str], fields: dict[str, str]) -> Counter[int]:
    """The statuses of all, posted by many at once."""
    body, wanted = urlencode(fields), list(codes)
    shares = [wanted[number::THREADS] for number in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(lambda share: _posted(instance, share, body), shares), Counter())


def test_five_hundred_people_at_once_are_all_there_once(hall: tuple[Instance, dict[str, Any]]) -> None:
    instance, made = hall
    statuses = post_all(instance, made["codes"][:EACH], made["fields"])
    assert statuses == {303: EACH}
    assert (answers(instance, made["survey"]), used(instance, made["survey"])) == (EACH, EACH)


def test_a_few_codes_sent_five_hundred_times_count_once_each(hall: tuple[Instance, dict[str, Any]]) -> None:
    instance, made = hall
    before = answers(instance, made["survey"])
    codes = made["codes"][EACH : EACH + FEW]
    # Each thread goes through all of them, so that the same code is sent by several at the same moment.
    statuses = post_all(instance, itertools.chain.from_iterable([one] * TIMES for one in codes), made["fields"])
    assert statuses == {303: FEW, 409: FEW * (TIMES - 1)}
    assert answers(instance, made["survey"]) == before + FEW


def test_answers_that_come_while_it_is_closed_are_counted_or_refused(hall: tuple[Instance, dict[str, Any]]) -> None:
    instance, made = hall
    before, codes = answers(instance, made["survey"]), made["codes"][EACH + FEW :]
    closing = instance.popen(*SHELL, CLOSE)
    statuses: Counter[int] = Counter()
    for code in codes:
        statuses += _posted(instance, [code], urlencode(made["fields"]))
    _, said = closing.communicate(timeout=60)
    assert closing.returncode == 0, said
    assert set(statuses) <= {303, 409} and sum(statuses.values()) == len(codes)
    assert answers(instance, made["survey"]) == before + statuses[303]
    with instance.database() as cursor:
        cursor.execute("SELECT returned, valid FROM performance_surveyresult WHERE survey_id = %s", [made["survey"]])
        assert cursor.fetchone() == (before + statuses[303],) * 2
