"""制度库: versions follow each other without a gap in the law and never two at once; what is released stays."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.duties import Duty
from accounts.models import Department
from core.diff import text_diff
from core.errors import BusinessError
from core.moments import SHANGHAI
from portal.models import RuleFile, RuleVersion
from portal.selectors.rules import row_that_counts, rule_versions, rules_public, status_of
from portal.services.rules import rule_revise, version_create, version_edit
from portal.states import RuleState
from tests.portal.sheets import BEGINS, ISSUED, NOW, TEXT, ask_repeal, make_version
from tests.workflow.people import make_staff
from workflow.services import move

pytestmark = pytest.mark.django_db


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)


def released(rule: Any = None, **fields: Any) -> RuleVersion:
    return make_version(RuleState.RELEASED, rule=rule, **fields)


def refused(act: Any) -> str:
    with pytest.raises(BusinessError) as caught:
        act()
    return caught.value.message


def test_next_version_ends_the_one_before_on_the_day_it_begins() -> None:
    old = released()
    new = released(old.rule, in_force_from=date(2026, 9, 1))
    old.refresh_from_db()
    assert (old.number, new.number, old.repealed_on, new.repealed_on) == (1, 2, date(2026, 9, 1), None)
    states = {
        day: [status_of(v, day) for v in (old, new)]
        for day in (date(2026, 2, 28), BEGINS, date(2026, 8, 31), date(2026, 9, 1))
    }
    assert states == {
        date(2026, 2, 28): ["coming", "coming"],
        BEGINS: ["in-force", "coming"],
        date(2026, 8, 31): ["in-force", "coming"],
        date(2026, 9, 1): ["revised", "in-force"],
    }
    for day, number in ((date(2026, 2, 1), 1), (date(2026, 8, 31), 1), (date(2026, 9, 1), 2)):
        assert row_that_counts(rule_versions(old.rule_id, now=at(day), public=True)).version.number == number


@pytest.mark.parametrize("begins", [BEGINS, BEGINS - timedelta(days=1)])
def test_next_version_begins_after_the_one_before(begins: date) -> None:
    old = released()
    new = make_version(rule=old.rule, in_force_from=begins)
    words = refused(lambda: move(new, "submit", by=make_staff(Duty.RULE_EDIT), now=NOW))
    assert "第 1 版自 2026-03-01 起施行" in words


def test_in_force_before_it_was_issued_is_refused() -> None:
    words = refused(lambda: make_version(in_force_from=ISSUED - timedelta(days=1)))
    assert "早于印发日期" in words
    version = make_version()
    data = {"document_number": "甲1号", "title": "办法", "text": TEXT, "issued_on": ISSUED, "is_public": True,
            "in_force_from": ISSUED - timedelta(days=1)}  # fmt: skip
    assert "早于印发日期" in refused(lambda: version_edit(version, data=data, by=version.created_by, now=NOW))
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleVersion.objects.filter(pk=version.pk).update(in_force_from=ISSUED - timedelta(days=1))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"text": ""}, "正文和附件都是空的"), ({"offices": ()}, "没有写明负责科室"), ({"text": "[x](//bad)"}, "不能用")],
)
def test_incomplete_version_is_not_submitted(changes: dict[str, Any], reason: str) -> None:
    version = make_version(**changes)
    assert reason in refused(lambda: move(version, "submit", by=make_staff(Duty.RULE_EDIT), now=NOW))


def test_document_number_is_used_once() -> None:
    first = released()
    second = make_version(document_number=first.document_number)
    assert "已用于" in refused(lambda: move(second, "submit", by=make_staff(Duty.RULE_EDIT), now=NOW))


def test_rule_has_one_open_version() -> None:
    old, writer = released(), make_staff(Duty.RULE_EDIT)
    made = rule_revise(version=old, by=writer, now=NOW)
    assert [o.code for o in made.offices.all()] == ["general"]
    assert "未办完" in refused(lambda: rule_revise(version=old, by=writer, now=NOW))


def test_old_version_is_not_revised() -> None:
    old = released()
    released(old.rule, in_force_from=date(2026, 9, 1))
    assert "最新发布的版本" in refused(lambda: rule_revise(version=old, by=make_staff(Duty.RULE_EDIT), now=NOW))


def test_repealed_rule_says_from_when_and_a_later_version_begins_no_earlier() -> None:
    old = make_version(RuleState.REPEALED, repealed_on=date(2026, 6, 1))
    assert status_of(old, date(2026, 5, 31)) == "in-force"
    assert status_of(old, date(2026, 6, 1)) == "repealed"
    early = make_version(rule=old.rule, in_force_from=date(2026, 5, 1))
    assert "2026-06-01" in refused(lambda: move(early, "submit", by=make_staff(Duty.RULE_EDIT), now=NOW))


def test_repeal_has_a_day_not_before_the_beginning() -> None:
    version, head = released(), make_staff(Duty.DIRECTOR)
    ask_repeal(version, date(2026, 7, 1))
    early = {"repealed_on": BEGINS - timedelta(days=1), "replaced_by": None}
    assert "早于施行日期" in refused(lambda: move(version, "repeal", by=head, now=NOW, data=early, comment="x"))
    assert "失效日期" in refused(lambda: move(version, "repeal", by=head, now=NOW, comment="x"))
    itself = {"repealed_on": date(2026, 7, 1), "replaced_by": version.rule}
    assert "不能是它自己" in refused(lambda: move(version, "repeal", by=head, now=NOW, data=itself, comment="x"))


def test_a_rule_is_repealed_by_two_persons_of_its_own_office_or_the_directors() -> None:
    version, head = released(), make_staff(Duty.OFFICE_HEAD, department="general")
    day = {"repealed_on": date(2026, 7, 1), "replaced_by": None}
    assert "先由一个人" in refused(lambda: move(version, "repeal", by=head, now=NOW, data=day, comment="x"))
    move(version, "ask_repeal", by=head, now=NOW, data=day, comment="x")
    assert "由另一个人" in refused(lambda: move(version, "repeal", by=head, now=NOW, data=day, comment="x"))
    strange, director = make_staff(Duty.OFFICE_HEAD, department="finance"), make_staff(Duty.DIRECTOR)
    assert "负责这项制度的科室" in refused(lambda: move(version, "repeal", by=strange, now=NOW, data=day, comment="x"))
    other = {"repealed_on": date(2026, 8, 1), "replaced_by": None}
    assert "不一致" in refused(lambda: move(version, "repeal", by=director, now=NOW, data=other, comment="x"))
    move(version, "repeal", by=director, now=NOW, data=day, comment="x")
    version.refresh_from_db()
    assert (version.state, version.repealed_on) == ("repealed", date(2026, 7, 1))


def test_version_that_was_followed_is_not_repealed() -> None:
    old = released()
    released(old.rule, in_force_from=date(2026, 9, 1))
    old.refresh_from_db()
    day = {"repealed_on": date(2026, 7, 1), "replaced_by": None}
    words = refused(lambda: move(old, "repeal", by=make_staff(Duty.DIRECTOR), now=NOW, data=day, comment="x"))
    assert "已由下一版本代替" in words


def test_database_keeps_what_was_released() -> None:
    version = released()
    changes = {
        "text": "别的", "title": "别的", "document_number": "别的", "in_force_from": date(2026, 4, 1),
        "is_public": False, "number": 7,
    }  # fmt: skip
    for name, value in changes.items():
        with pytest.raises(ProgrammingError), transaction.atomic():
            RuleVersion.objects.filter(pk=version.pk).update(**{name: value})
    with pytest.raises(ProgrammingError), transaction.atomic():
        version.offices.set([Department.objects.get(code="finance")])
    with pytest.raises(ProgrammingError), transaction.atomic():
        RuleFile.objects.create(version=version, position=1, name="x", sha256="0" * 64, size=1)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM portal_ruleversion WHERE id = %s", [version.pk])


def test_database_knows_no_two_versions_in_force_on_one_day() -> None:
    old = released()
    new = released(old.rule, in_force_from=date(2026, 9, 1))
    other = released(in_force_from=date(2026, 9, 1))
    assert other.rule_id != new.rule_id
    overlap = pytest.raises(IntegrityError, match="portal_ruleversion_overlap")
    with overlap, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("RESET ROLE")
        cursor.execute("ALTER TABLE portal_ruleversion DISABLE TRIGGER USER")
        cursor.execute("UPDATE portal_ruleversion SET repealed_on = '2026-09-02' WHERE id = %s", [old.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_public_sees_no_internal_rule_and_no_draft() -> None:
    public = released()
    released(is_public=False)
    make_version(RuleState.SUBMITTED)
    make_version(rule=public.rule, in_force_from=date(2026, 9, 1))
    assert [row.version.pk for row in rules_public(now=NOW)] == [public.pk]
    assert [row.version.pk for row in rule_versions(public.rule_id, now=NOW, public=True)] == [public.pk]


def test_in_force_comes_first_and_repealed_last() -> None:
    gone = make_version(RuleState.REPEALED, repealed_on=date(2026, 3, 2))
    coming = released(in_force_from=date(2026, 5, 1))
    now_in_force = released()
    assert [row.version.pk for row in rules_public(now=NOW)] == [now_in_force.pk, coming.pk, gone.pk]


def _at_once(acts: list[Any]) -> list[str]:
    barrier, outcomes = threading.Barrier(len(acts)), []

    def run(act: Any) -> None:
        barrier.wait()
        try:
            act()
            outcomes.append("done")
        except BusinessError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
def test_of_two_rules_with_one_number_released_at_once_one_is() -> None:
    make_version(RuleState.SUBMITTED)
    both = [make_version(RuleState.SUBMITTED, document_number="云泽交易〔2026〕77号") for _ in range(2)]
    heads = [make_staff(Duty.OFFICE_HEAD) for _ in both]
    pairs = list(zip(both, heads, strict=True))
    outcomes = _at_once([lambda v=v, by=by: move(v, "release", by=by, now=NOW) for v, by in pairs])
    assert outcomes == ["blocked", "done"]
    assert RuleVersion.objects.filter(state="released").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_several_versions_begun_at_once_one_is() -> None:
    old, writers = released(), [make_staff(Duty.RULE_EDIT) for _ in range(4)]
    outcomes = _at_once([lambda by=by: rule_revise(version=old, by=by, now=NOW) for by in writers])
    assert outcomes == ["done", "invalid", "invalid", "invalid"]


@pytest.mark.django_db(transaction=True)
def test_release_and_repeal_at_once_leave_no_day_with_two_versions() -> None:
    old = released()
    new = make_version(RuleState.SUBMITTED, rule=old.rule, in_force_from=date(2026, 9, 1))
    head, director = make_staff(Duty.OFFICE_HEAD), make_staff(Duty.DIRECTOR)
    day = {"repealed_on": date(2026, 12, 1), "replaced_by": None}
    ask_repeal(old, date(2026, 12, 1))
    outcomes = _at_once(
        [
            lambda: move(new, "release", by=head, now=NOW),
            lambda: move(old, "repeal", by=director, now=NOW, data=day, comment="x"),
        ]
    )
    assert outcomes == ["blocked", "done"]
    found = RuleVersion.objects.filter(rule=old.rule_id, number__isnull=False).order_by("in_force_from")
    ends = [(v.in_force_from, v.repealed_on) for v in found]
    assert all(one[1] is not None and one[1] <= two[0] for one, two in pairwise(ends))


def test_a_new_rule_without_names_is_refused() -> None:
    writer = make_staff(Duty.RULE_EDIT)
    words = refused(
        lambda: version_create(
            document_number=" ", title="办法", text="x", issued_on=ISSUED, in_force_from=BEGINS, by=writer, now=NOW
        )
    )
    assert words.startswith("不能新建")


def joined(lines: list[list[Any]], without: str) -> list[str]:
    found = ["".join(piece.text for piece in line if piece.kind != without) for line in lines]
    return [line for line in found if line]


WORDS = st.lists(
    st.sampled_from(["第一条", "适用范围", "3日", "5日内", "。", "，", "科室", "abc", "\n", "不得"]), max_size=40
)


@given(WORDS, WORDS)
def test_comparison_holds_both_texts(one: list[str], two: list[str]) -> None:
    before, after = "".join(one), "".join(two)
    lines = text_diff(before, after)
    assert "".join(joined(lines, "new")) == before.replace("\n", "")
    assert "".join(joined(lines, "gone")) == after.replace("\n", "")


def test_comparison_marks_words_and_not_lines() -> None:
    lines = text_diff("第三条 应在3日内答复。\n第四条 不变。", "第三条 应在5个工作日内答复。\n第四条 不变。")
    kinds = [[(piece.kind, piece.text) for piece in line] for line in lines]
    assert kinds == [
        [("same", "第三条 应在"), ("gone", "3"), ("new", "5个工作"), ("same", "日内答复。")],
        [("same", "第四条 不变。")],
    ]


def test_same_texts_have_nothing_gone_or_new() -> None:
    assert {piece.kind for line in text_diff(TEXT, TEXT) for piece in line} == {"same"}
