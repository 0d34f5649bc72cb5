"""Who is told of what is done: as the table of moves says, in its transaction, each person once, never the actor."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.duties import Duty
from accounts.models import User
from accounts.services.duties import duty_delegate
from core.errors import BusinessError
from notices.models import Notice
from tenders.models import AnnouncementDraft
from tenders.services.masking import masking_request
from tenders.services.publication import drafts_publish_due
from tests.tenders.drafts import NOW, Cast, draft_move, make_draft
from tests.tenders.factories import make_announcement
from tests.workflow.factories import make_task
from tests.workflow.people import make_staff
from tests.workflow.test_moves_matrix import samples
from workflow.moves import LEADERS, NEW
from workflow.recipients import recipients
from workflow.registry import tables
from workflow.selectors import changes_of
from workflow.services import move

pytestmark = pytest.mark.django_db
# Moves that tell nobody, each for a reason: the actor alone has it in hand, or nobody waits for it.
SILENT = {
    ("workflow.assignedtask", "create"), ("tenders.announcementdraft", "create"), ("tenders.announcementdraft", "save"),
    ("tenders.maskingrequest", "withdraw"), ("portal.articledraft", "create"), ("portal.articledraft", "edit"),
    ("portal.articledraft", "recall"), ("portal.articledraft", "discard"), ("portal.ruleversion", "create"),
    ("portal.ruleversion", "edit"), ("portal.ruleversion", "recall"), ("portal.ruleversion", "discard"),
    ("performance.fiscalyear", "create"), ("performance.programyear", "create"),
    ("performance.specialapproval", "withdraw"), ("performance.goaltable", "create"), ("performance.goaltable", "save"),
    ("performance.goaltable", "recall"), ("performance.goaltable", "discard"),
    ("performance.report", "create"), ("performance.report", "save"), ("performance.report", "recall"),
    ("performance.evaluationplan", "create"), ("performance.evaluationplan", "save"),
    ("performance.evaluationplan", "recall"),
    ("performance.monitoring", "create"), ("performance.monitoring", "save"), ("performance.monitoring", "recall"),
    ("performance.monitoring", "discard"), ("performance.survey", "create"), ("performance.survey", "save"),
    ("performance.survey", "withdraw"), ("performance.survey", "discard"), ("performance.survey", "extend"),
    # Follows the approval of the next version, which tells.
    ("performance.goaltable", "supersede"),
}  # fmt: skip
TELLING = [(label, step.name) for label, table in tables().items() for step in table.moves if step.notify]


def told(obj: Any, number: int | None = None) -> list[User]:
    """Who has a message about an object, of one of its changes."""
    label = obj._meta.label_lower
    rows = Notice.objects.filter(cause_type=label, cause_id=str(obj.pk)).select_related("user").order_by("user")
    if number is not None:
        rows = rows.filter(dedup_key__startswith=f"{label}:{obj.pk}:{number}:")
    return [row.user for row in rows]


def test_every_move_tells_somebody_or_is_known_to_tell_nobody() -> None:
    silent = {(label, s.name) for label, table in tables().items() for s in table.moves if not s.notify}
    assert silent == SILENT


@pytest.mark.parametrize(
    ("label", "name"), [pair for pair in TELLING if NEW not in tables()[pair[0]].move(pair[1]).sources]
)
def test_a_move_tells_each_person_once_and_not_the_one_who_acts(label: str, name: str) -> None:
    table = tables()[label]
    step = table.move(name)
    everybody = [make_staff(duty) for duty in Duty if duty in {d for s in table.moves for d in s.duties}]
    person = make_staff(step.duties[0])
    obj, data = samples(table).IN_STATE[label](step.sources[-1], step, person)
    asked = Notice.objects.filter(asks=True, settled_at=None, cause_type=label, cause_id=str(obj.pk))
    dropped = {one.user for one in asked.exclude(user=person).select_related("user")}
    change = move(obj, name, by=person, now=NOW, data=data, comment="请补正第二条。")
    expected = [
        u for u, _ in recipients(table, step, type(obj).objects.get(pk=obj.pk), changes_of(obj), by=person, now=NOW)
    ]
    if step.optional and change.target in table.final:
        expected += [user for user in dropped if user not in expected]
    found = told(obj, change.number)
    assert found == sorted(expected, key=lambda user: user.pk) and len(set(found)) == len(found)
    assert found and person not in found and everybody
    for notice in Notice.objects.filter(dedup_key__startswith=f"{label}:{obj.pk}:{change.number}:"):
        assert notice.link == table.url_of(obj) and notice.channel == "in_site"
        assert table.title_of(obj)[:50] in notice.subject and "请补正第二条" in notice.text


def test_what_is_refused_or_rolled_back_tells_nobody() -> None:
    cast = Cast.make()
    draft = make_draft("draft", cast=cast)
    with pytest.raises(RuntimeError), transaction.atomic():
        draft_move(draft, "submit", cast)
        raise RuntimeError
    assert told(draft) == []
    draft.refresh_from_db()
    draft_move(draft, "submit", cast)
    before = Notice.objects.count()
    with pytest.raises(BusinessError):
        draft_move(draft, "submit", cast)
    assert Notice.objects.count() == before > 0


def test_the_next_persons_hear_of_a_submission_and_the_drafter_of_the_return() -> None:
    cast = Cast.make()
    other = make_staff(Duty.ANNOUNCEMENT_CHECK)
    draft = make_draft("submitted", cast=cast)
    assert told(draft) == [cast.checker, cast.secrecy, other]
    change = move(draft, "return", by=cast.checker, now=NOW, comment="缺少评审办法。")
    assert told(draft, change.number) == [cast.maker]
    notice = Notice.objects.get(user=cast.maker)
    assert notice.subject == f"已退回修改：{draft.title}" and "缺少评审办法" in notice.text
    assert notice.link == f"/staff/announcements/{draft.pk}/"


def test_who_was_asked_hears_that_it_was_withdrawn_and_why() -> None:
    cast = Cast.make()
    other = make_staff(Duty.ANNOUNCEMENT_CHECK)
    draft = make_draft("submitted", cast=cast)
    change = move(draft, "withdraw", by=cast.maker, now=NOW, comment="采购人取消了项目。")
    assert told(draft, change.number) == [cast.checker, cast.secrecy, other]
    for notice in Notice.objects.filter(dedup_key__contains=f":{draft.pk}:{change.number}:"):
        assert notice.subject == f"已撤回：{draft.title}" and "采购人取消了项目" in notice.text and not notice.asks
    assert not Notice.objects.filter(asks=True, settled_at=None).exists()


def test_of_a_step_that_is_done_the_others_who_were_asked_hear_nothing() -> None:
    cast = Cast.make()
    other = make_staff(Duty.ANNOUNCEMENT_CHECK)
    draft = make_draft("submitted", cast=cast)
    change = move(draft, "return", by=cast.checker, now=NOW, comment="缺少评审办法。")
    assert other not in told(draft, change.number)
    assert not Notice.objects.filter(user=other, asks=True, settled_at=None).exists()


def test_a_task_goes_back_and_forth_with_a_message_each_time() -> None:
    giver, doer = make_staff(Duty.DIRECTOR, department="directors"), make_staff(Duty.INTAKE)
    task = make_task("draft", giver=giver, doer=doer, person=doer)
    for name, by, heard in (("assign", giver, [doer]), ("accept", doer, [giver]), ("answer", doer, [giver]),
                            ("return", giver, [doer]), ("answer", doer, [giver]),
                            ("close", giver, [doer])):  # fmt: skip
        change = move(task, name, by=by, now=NOW, data={"text": "已办。"}, comment="请看")
        assert told(task, change.number) == heard, name


def test_a_task_without_a_person_is_told_to_the_whole_lead_office_and_no_other() -> None:
    one, two = make_staff(Duty.INTAKE), make_staff(Duty.ANNOUNCEMENT_DRAFT)
    make_staff(Duty.FINANCE, department="finance")
    task = make_task("assigned", doer=one)
    assert told(task) == [one, two]


def test_the_second_person_hears_of_a_masking_request() -> None:
    first, second = make_staff(Duty.MASKING), make_staff(Duty.MASKING)
    request = masking_request(
        announcement=make_announcement(text="联系人赵试验。"), texts=["赵试验"], reason="误公布姓名", by=first, now=NOW
    )
    assert told(request) == [second]
    move(request, "reject", by=second, now=NOW, comment="应当公开。")
    assert told(request, 2) == [first]


def test_a_masked_title_does_not_stay_in_the_inbox() -> None:
    cast = Cast.make()
    draft = make_draft("published", cast=cast, title="云泽县赵试验宅基地公告")
    first, second = make_staff(Duty.MASKING), make_staff(Duty.MASKING)
    assert draft.announcement is not None
    request = masking_request(announcement=draft.announcement, texts=["赵试验"], reason="误公布姓名", by=first, now=NOW)
    assert Notice.objects.filter(subject__contains="赵试验").count() > 3
    move(request, "confirm", by=second, now=NOW)
    assert not Notice.objects.filter(subject__contains="赵试验").exists()
    assert not Notice.objects.filter(text__contains="赵试验").exists()


def test_a_deputy_hears_of_the_delegation() -> None:
    director, absent, deputy = make_staff(Duty.DIRECTOR), make_staff(Duty.MASKING), make_staff(Duty.INTAKE)
    duty_delegate(
        duty=Duty.MASKING, absent=absent, deputy=deputy, begins_at=NOW, ends_at=NOW + timedelta(days=3), by=director,
        now=NOW,
    )  # fmt: skip
    notice = Notice.objects.get()
    assert (notice.user, notice.subject) == (deputy, "委托您代办：个人信息遮蔽") and absent.name in notice.text


def test_a_due_publication_that_is_refused_is_told_to_drafter_and_checker_once_a_day() -> None:
    cast = Cast.make()
    draft = make_draft("scheduled", cast=cast)
    AnnouncementDraft.objects.filter(pk=draft.pk).update(medium_at=NOW + timedelta(days=3))
    for minute in range(3):
        assert drafts_publish_due(now=NOW + timedelta(minutes=minute))[0] == []
    rows = Notice.objects.filter(dedup_key__contains=":refused:")
    assert {row.user for row in rows} == {cast.maker, cast.checker, cast.secrecy} and len(rows) == 3
    assert all("指定媒介" in row.text and row.link.endswith(f"/{draft.pk}/") for row in rows)
    drafts_publish_due(now=NOW + timedelta(days=1))
    assert rows.all().count() == 6


def test_a_director_hears_of_what_waits_for_a_directors_word() -> None:
    waiting = [
        (label, step.name)
        for label, table in tables().items()
        for step in table.moves
        if NEW not in step.sources and not step.optional and set(step.duties) <= set(LEADERS)
    ]
    assert waiting
    giver = make_staff(Duty.DIRECTOR, department="directors")
    task = make_task("answered", giver=giver)
    assert giver in told(task)
