"""Runs: claimed once, taken over from the dead, given up, and one file for each content."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone

from accounts.duties import Duty
from core.errors import BusinessError
from documents.contents import content_is_whole
from documents.models import StoredFile
from documents.selectors import file_open
from performance.models import ReportFile, ReportRun
from performance.services import report_files, runs
from performance.services.report_files import report_file_make
from performance.services.runs import LEASE, MOST_ATTEMPTS, report_run, run_work, runs_sweep
from tests.performance import pdf_reading as pdf
from tests.performance.report_factories import make_project_report, make_report
from tests.staff import make_person

pytestmark = pytest.mark.django_db(transaction=True)
State = ReportRun.State


@pytest.fixture(autouse=True)
def files_of_its_own(settings: Any, tmp_path: Any) -> None:
    """A storage for each test."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What was handed to the broker: the real one, with nobody behind it."""
    found: list[tuple[str, int]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_: found.append((name, args[0])), raising=False)
    return found


def wish() -> ReportRun:
    """A run of a report."""
    person = make_person(Duty.PERFORMANCE)
    return report_run(report=make_report(person), by=person, now=timezone.now())


def fresh(run: ReportRun) -> ReportRun:
    return ReportRun.objects.get(pk=run.pk)


def test_a_run_is_handed_over_after_the_commit_and_becomes_a_file(handed: list[tuple[str, int]]) -> None:
    run = wish()
    assert handed == [("performance.tasks.make_report", run.pk)]
    assert run_work(number=run.pk, now=timezone.now())
    done = fresh(run)
    assert (done.state, done.progress, done.attempts, done.message) == (State.DONE, 100, 1, "")
    file = done.result
    assert file is not None and done.finished_at is not None
    with file_open(file.file) as content:
        data = content.read()
    assert len(pdf.pages(data)) == file.pages and file.code in pdf.text_of(data)
    assert "部门整体支出绩效自评报告" in pdf.text_of(data)


def test_the_same_content_is_the_same_file_and_code(handed: list[Any]) -> None:
    run = wish()
    run_work(number=run.pk, now=timezone.now())
    again = report_run(report=run.report, by=run.by, now=timezone.now())
    assert again.pk != run.pk
    run_work(number=again.pk, now=timezone.now())
    assert fresh(again).result_id == fresh(run).result_id
    assert (ReportFile.objects.count(), StoredFile.objects.count()) == (1, 1)


def test_another_text_is_another_file(handed: list[Any]) -> None:
    run = wish()
    first = report_file_make(report=run.report, now=timezone.now())
    type(run.report).objects.filter(pk=run.report_id).update(filled_by="何静仪", title=run.report.title + "（修订）")
    second = report_file_make(report=run.report, now=timezone.now())
    assert first.code != second.code and first.file_id != second.file_id


def test_a_wish_that_nobody_has_begun_is_given_again(handed: list[Any]) -> None:
    run = wish()
    assert report_run(report=run.report, by=run.by, now=timezone.now()).pk == run.pk
    other = report_run(report=run.report, by=make_person(Duty.FINANCE), now=timezone.now())
    assert other.pk != run.pk and len(handed) == 2


def test_steps_are_told_while_the_work_goes_on(handed: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    run, seen = wish(), []
    plain = runs._step_note

    def noted(one: ReportRun, step: str) -> None:
        plain(one, step)
        stored = fresh(one)
        seen.append((stored.step, stored.progress, stored.state))

    monkeypatch.setattr(runs, "_step_note", noted)
    run_work(number=run.pk, now=timezone.now())
    assert seen == [("取数", 5, "running"), ("排版", 20, "running"), ("写出", 70, "running"), ("保存", 90, "running")]


def test_a_run_in_work_is_left_alone_until_its_worker_gives_no_sign(handed: list[Any]) -> None:
    run, now = wish(), timezone.now()
    ReportRun.objects.filter(pk=run.pk).update(
        state=State.RUNNING, claim=uuid.uuid4(), alive_at=now, attempts=1, enqueued_at=now
    )
    assert not run_work(number=run.pk, now=now + LEASE - timedelta(seconds=1))
    assert runs_sweep(now=now + LEASE - timedelta(seconds=1)) == 0
    handed.clear()
    later = now + timedelta(seconds=40)
    assert runs_sweep(now=later) == 1
    assert handed == [("performance.tasks.make_report", run.pk)]
    assert run_work(number=run.pk, now=later)
    assert (fresh(run).state, fresh(run).attempts) == (State.DONE, 2)


def test_one_who_was_thought_dead_changes_nothing_any_more(handed: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    run = wish()
    other = uuid.uuid4()

    def taken_over(**_: Any) -> ReportFile:
        ReportRun.objects.filter(pk=run.pk).update(claim=other, attempts=2)
        return report_file_make(report=run.report, now=timezone.now())

    monkeypatch.setattr(runs, "report_file_make", taken_over)
    assert not run_work(number=run.pk, now=timezone.now())
    assert (fresh(run).state, fresh(run).claim) == (State.RUNNING, other)


def test_signs_of_life_are_renewed_while_the_work_goes_on(handed: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    run, begun = wish(), timezone.now() - timedelta(seconds=15)
    monkeypatch.setattr(runs, "SIGN_SECONDS", 0.05)
    signs = []

    def slow(**_: Any) -> ReportFile:
        for _ in range(100):
            threading.Event().wait(0.05)
            alive = fresh(run).alive_at
            if alive and alive > begun:
                signs.append(alive)
                break
        raise BusinessError("到此为止", "stop")

    monkeypatch.setattr(runs, "report_file_make", slow)
    run_work(number=run.pk, now=begun)
    assert len(signs) == 1


def test_a_refusal_ends_the_run_with_its_sentence(handed: list[Any]) -> None:
    run = wish()
    type(run.report).objects.filter(pk=run.report_id).update(title="报告\U0001f600")
    assert not run_work(number=run.pk, now=timezone.now())
    found = fresh(run)
    assert found.state == State.FAILED and "没有可用的字形" in found.message and found.finished_at
    assert not ReportFile.objects.exists()


def test_a_fault_is_tried_again_and_given_up_after_three_attempts(
    handed: list[Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = wish()

    def broken(**_: Any) -> ReportFile:
        raise RuntimeError("broken")

    monkeypatch.setattr(runs, "report_file_make", broken)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        run_work(number=run.pk, now=timezone.now())
        found = fresh(run)
        assert found.attempts == attempt and "程序出错" in found.message
        assert found.state == (State.FAILED if attempt == MOST_ATTEMPTS else State.WAITING)
    assert not run_work(number=run.pk, now=timezone.now())
    assert "could not be done" in caplog.text


def test_a_worker_that_dies_every_time_is_not_followed_for_ever(handed: list[Any]) -> None:
    run, now = wish(), timezone.now()
    ReportRun.objects.filter(pk=run.pk).update(
        state=State.RUNNING, claim=uuid.uuid4(), alive_at=now, attempts=MOST_ATTEMPTS
    )
    runs_sweep(now=now + timedelta(minutes=1))
    found = fresh(run)
    assert found.state == State.FAILED and found.message == runs.GIVEN_UP


def test_what_the_broker_lost_is_handed_over_again(monkeypatch: pytest.MonkeyPatch, handed: list[Any]) -> None:
    run = wish()
    handed.clear()
    assert runs_sweep(now=timezone.now()) == 0
    assert runs_sweep(now=timezone.now() + timedelta(seconds=31)) == 1
    assert handed == [("performance.tasks.make_report", run.pk)]


def test_a_broker_that_is_away_does_not_fail_the_wish(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from notices import broker  # noqa: PLC0415 (only here)

    monkeypatch.setattr(broker, "_ask_again_at", 0.0)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert fresh(wish()).state == State.WAITING
    monkeypatch.setattr(broker, "_ask_again_at", 0.0)


@pytest.mark.parametrize("same", [True, False])
def test_two_at_once_do_not_disturb_each_other(same: bool, handed: list[Any]) -> None:
    person = make_person(Duty.PERFORMANCE)
    first = report_run(report=make_report(person), by=person, now=timezone.now())
    report = first.report if same else make_project_report(person)
    second = report_run(report=report, by=make_person(Duty.FINANCE), now=timezone.now())
    results: dict[int, bool] = {}

    def work(number: int) -> None:
        try:
            results[number] = run_work(number=number, now=timezone.now())
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(one.pk,)) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {first.pk: True, second.pk: True}
    assert ReportFile.objects.count() == (1 if same else 2)
    assert (fresh(first).result_id == fresh(second).result_id) is same


def test_one_run_asked_by_many_workers_is_worked_on_once(handed: list[Any]) -> None:
    run, results = wish(), []

    def work() -> None:
        try:
            results.append(run_work(number=run.pk, now=timezone.now()))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 5 + [True]
    assert fresh(run).attempts == 1


def test_a_file_that_the_storage_has_lost_is_made_anew_when_it_is_the_same(handed: list[Any], tmp_path: Any) -> None:
    run = wish()
    file = report_file_make(report=run.report, now=timezone.now())
    (tmp_path / file.file.storage_name).unlink()
    assert report_file_make(report=run.report, now=timezone.now()).pk == file.pk
    assert content_is_whole(file.file.sha256)


def test_another_content_is_never_passed_off_as_a_lost_file(
    handed: list[Any], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = wish()
    file = report_file_make(report=run.report, now=timezone.now())
    (tmp_path / file.file.storage_name).unlink()
    monkeypatch.setattr(report_files, "_mark", lambda: "另一种")
    with pytest.raises(BusinessError, match="不见了") as refusal:
        report_file_make(report=run.report, now=timezone.now())
    assert refusal.value.code == "file_missing"
