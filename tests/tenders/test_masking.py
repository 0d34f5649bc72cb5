"""Masking of what is published: by two persons, exactly what was chosen, gone from everywhere, provable afterwards."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.duties import Duty
from accounts.models import User
from audit.log_models import LogLeaf
from audit.log_verification import log_verification
from audit.models import ActionRow
from audit.tags import Tag
from core.errors import BusinessError
from tenders.lines import announcement_line, canonical_json
from tenders.masking import MASK, insert_at, masked, piece_texts, pieces_find, places
from tenders.models import Announcement, AnnouncementRecord, MaskingRequest, SealedOriginal, SearchText
from tenders.queries import AnnouncementQuery
from tenders.selectors import announcement_page
from tenders.services.announcements import announcements_store
from tenders.services.masking import masking_request, maskings_told, original_read
from tests.tenders.drafts import NOW, Cast, make_draft
from tests.tenders.factories import CATEGORIES, line_of, make_announcement
from tests.workflow.people import make_staff
from workflow.services import move

SECRET = "11010519491231002X"
NAME = "赵试验"
TEXT = f'一、中标人\n法定代表人{NAME}，身份证号{SECRET}。\n二、"引号"和\\反斜杠：{NAME}。'


@pytest.fixture
def people() -> tuple[User, User]:
    return make_staff(Duty.MASKING), make_staff(Duty.MASKING)


def published(**changes: Any) -> Announcement:
    """An announcement that holds personal data in its title, text, fields and the name of a file."""
    values = {
        "title": f"中标结果（{NAME}）公告", "text": TEXT,
        "fields": {"supplier": NAME, "project_code": "YZ-5", "region": "云泽县", "phone": 13900001111},
        "attachments": [{"name": f"{NAME}身份证.pdf", "url": "https://example.test/a.pdf"}, {"name": "公告.pdf"}],
        **changes,
    }  # fmt: skip
    return make_announcement(**values)


def ask(
    announcement: Announcement, by: User, *texts: str, attachments: tuple[int, ...] = (), now: datetime = NOW
) -> MaskingRequest:
    chosen, why = texts or (SECRET, NAME), "误公布个人信息"
    return masking_request(announcement=announcement, texts=chosen, attachments=attachments, reason=why, by=by, now=now)


def mask(
    announcement: Announcement,
    people: tuple[User, User],
    *texts: str,
    attachments: tuple[int, ...] = (),
    now: datetime = NOW,
) -> None:
    asked = ask(announcement, people[0], *texts, attachments=attachments, now=now)
    move(asked, "confirm", by=people[1], now=now)


def code_of(error: pytest.ExceptionInfo[BusinessError]) -> str:
    return error.value.code


scalars = st.text(max_size=20) | st.integers(-(10**6), 10**6) | st.booleans() | st.none()
json_values = scalars | st.lists(scalars, max_size=3)
json_values |= st.dictionaries(st.text(max_size=5), json_values, max_size=3)


@given(st.fixed_dictionaries({"title": st.text(min_size=1), "text": st.text(), "fields": json_values}))
def test_every_place_is_where_it_says(record: dict[str, Any]) -> None:
    content = canonical_json(record)
    for place in places(record):
        shown = content[place.begin : place.end]
        assert shown == (
            canonical_json(place.value)[1:-1] if isinstance(place.value, str) else canonical_json(place.value)
        )


@given(st.text(min_size=0, max_size=40), st.text('甲乙"\\\n𠮷', min_size=2, max_size=4), st.text(max_size=40))
def test_masked_bytes_are_the_record_with_the_text_replaced(before: str, secret: str, after: str) -> None:
    record = {
        "id": 1,
        "v": 1,
        "title": "题",
        "text": before + secret + after,
        "fields": {"a": secret},
        "published": "x",
    }
    content = canonical_json(record)
    if MASK in record["text"]:
        return
    pieces = pieces_find(content, [secret])
    found = masked(content, pieces, "f" * 64)
    expected = record | {"original_sha256": "f" * 64, "fields": {"a": MASK}}
    expected["text"] = record["text"].replace(secret, MASK)
    assert found == canonical_json(expected)
    assert set(piece_texts(content, pieces)) == {secret}


def test_a_number_becomes_a_text_and_an_attachment_loses_its_name_and_digest() -> None:
    record = {"attachments": [{"name": "甲.pdf", "sha256": "a" * 64}], "fields": {"n": 13900001111}, "id": 3,
              "published": "x",
              "text": "", "title": "题", "v": 1}  # fmt: skip
    content = canonical_json(record)
    found = json.loads(masked(content, pieces_find(content, ["13900001111"], [0]), "0" * 64))
    assert found["fields"] == {"n": MASK} and found["attachments"] == [{"name": MASK}]
    assert insert_at(canonical_json(found)) is None


@pytest.mark.parametrize(
    ("texts", "attachments", "code"),
    [(["没有的文字"], [], "not_found"), (["赵"], [], "too_short"), ([], [], "nothing"), ([], [7], "not_found"),
     (["政府采购"], [], "not_found"), (["a.pdf"], [], "not_found"), ([MASK], [], "masked")],
)  # fmt: skip
@pytest.mark.django_db
def test_what_cannot_be_masked_is_refused(
    people: tuple[User, User], texts: list[str], attachments: list[int], code: str
) -> None:
    with pytest.raises(BusinessError) as caught:
        masking_request(
            announcement=published(),
            texts=texts,
            attachments=attachments,
            reason="误公布个人信息",
            by=people[0],
            now=NOW,
        )
    assert code_of(caught) == code


@pytest.mark.django_db
class TestMasked:
    def test_it_is_gone_from_record_row_attachments_and_search(self, people: tuple[User, User]) -> None:
        announcement = published()
        mask(announcement, people, SECRET, NAME, "13900001111")
        announcement = Announcement.objects.get(pk=announcement.pk)
        stored = bytes(announcement.record.content).decode()
        rows = [stored, announcement.title, announcement.supplier, json.dumps(announcement.fields, ensure_ascii=False)]
        rows += announcement.attachments.values_list("name", flat=True)
        found = SearchText.objects.get(pk=announcement.pk)
        rows += [found.folded_title, found.folded_text]
        assert not [
            row for row in rows if SECRET in row or SECRET.lower() in row or NAME in row or "13900001111" in row
        ]
        assert announcement.title == f"中标结果（{MASK}）公告" and announcement.supplier == MASK
        assert announcement.masked_at == NOW

    def test_search_finds_it_no_more_by_what_was_masked(self, people: tuple[User, User]) -> None:
        announcement = published()
        query = AnnouncementQuery.parse({"q": NAME})
        assert [row.pk for row in announcement_page(query, now=NOW).rows] == [announcement.pk]
        mask(announcement, people)
        assert announcement_page(query, now=NOW).rows == []

    def test_the_record_carries_the_digest_of_the_original_and_a_leaf_of_its_own(
        self, people: tuple[User, User]
    ) -> None:
        announcement = published()
        before = announcement.record.sha256
        mask(announcement, people)
        content = bytes(AnnouncementRecord.objects.get(pk=announcement.pk).content)
        assert json.loads(content)["original_sha256"] == before
        assert content == canonical_json(json.loads(content))
        first, second = LogLeaf.objects.order_by("seq")
        assert (first.kind, first.sha256) == ("announcement", before)
        digest = hashlib.sha256(content).hexdigest()
        assert (second.kind, second.ref, second.sha256) == ("redaction", str(announcement.pk), digest)

    def test_the_copies_in_the_drafts_are_masked_too(self, people: tuple[User, User]) -> None:
        draft = make_draft("published", cast=Cast.make(), extra_text=f"\n联系人{NAME}，身份证号{SECRET}。")
        assert draft.announcement is not None and draft.answers.count() == 1
        mask(draft.announcement, people)
        draft.refresh_from_db()
        assert NAME not in draft.text and SECRET not in draft.text and draft.answers.count() == 0

    def test_the_original_is_read_with_a_reason_that_is_written_down(self, people: tuple[User, User]) -> None:
        mask(published(), people)
        sealed = SealedOriginal.objects.get()
        assert SECRET not in sealed.content
        shown = original_read(sealed=sealed, by=people[0], now=NOW, reason="核对遮蔽的范围")
        assert SECRET in shown["text"]
        row = ActionRow.objects.get(tag=Tag.UNMASK)
        assert (row.by, row.detail["reason"]) == (people[0], "核对遮蔽的范围") and SECRET not in json.dumps(row.detail)

    @pytest.mark.parametrize(
        ("duty", "reason", "code"), [("masking", "", "reason_missing"), ("intake", "核对遮蔽的范围", "not_allowed")]
    )
    def test_the_original_is_not_shown_otherwise(
        self, people: tuple[User, User], duty: str, reason: str, code: str
    ) -> None:
        mask(published(), people)
        with pytest.raises(BusinessError) as caught:
            original_read(sealed=SealedOriginal.objects.get(), by=make_staff(duty), now=NOW, reason=reason)
        assert code_of(caught) == code
        assert not ActionRow.objects.filter(tag=Tag.UNMASK).exists()

    def test_who_asked_does_not_confirm(self, people: tuple[User, User]) -> None:
        request = ask(published(), people[0])
        with pytest.raises(BusinessError) as caught:
            move(request, "confirm", by=people[0], now=NOW)
        assert code_of(caught) == "same_person"

    def test_a_request_says_nothing_of_what_it_masks(self, people: tuple[User, User]) -> None:
        request = ask(published(), people[0])
        assert NAME not in json.dumps(request.pieces) and all(
            isinstance(n, int) for piece in request.pieces for n in piece
        )

    def test_one_request_at_a_time(self, people: tuple[User, User]) -> None:
        announcement = published()
        ask(announcement, people[0])
        with pytest.raises(BusinessError, match="已有一份遮蔽申请"):
            ask(announcement, people[0], NAME)

    def test_caches_are_told_again_for_some_minutes(self, people: tuple[User, User]) -> None:
        assert not maskings_told(now=NOW)
        mask(published(), people)
        assert maskings_told(now=NOW + timedelta(minutes=2))
        assert not maskings_told(now=NOW + timedelta(minutes=4))

    def test_an_import_of_the_same_line_changes_nothing(self, people: tuple[User, User]) -> None:
        value = line_of(text=TEXT)
        line = announcement_line(value, CATEGORIES)
        announcements_store(lines=[line], now=NOW)
        mask(Announcement.objects.get(external_id=value["id"]), people)
        assert announcements_store(lines=[line], now=NOW) == ["unchanged"]


@pytest.mark.django_db(transaction=True)
def test_log_verify_calls_it_masked_after_checking_the_sealed_original(people: tuple[User, User]) -> None:
    published(title="另一份", text="无", fields={}, attachments=[])
    mask(published(), people)
    found = log_verification()
    assert (found.problems, found.masked) == ([], [1])


@pytest.mark.django_db(transaction=True)
def test_log_verify_names_a_sealed_original_that_was_exchanged(people: tuple[User, User]) -> None:
    mask(published(), people)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("ALTER TABLE tenders_sealedoriginal DISABLE TRIGGER append_only")
        cursor.execute("UPDATE tenders_sealedoriginal SET content = left(content, 40) || 'AAAA'")
        cursor.execute("ALTER TABLE tenders_sealedoriginal ENABLE TRIGGER append_only")
        cursor.execute(f'SET ROLE "{settings.DATABASE_APP_ROLE}"')
    found = log_verification()
    assert [seq for seq, _ in found.problems] == [0] and "封存的原文" in found.problems[0][1]


@pytest.mark.django_db(transaction=True)
def test_a_second_masking_keeps_the_first_digest_and_is_verified_as_well(people: tuple[User, User]) -> None:
    announcement = published()
    before = announcement.record.sha256
    mask(announcement, people, SECRET)
    mask(announcement, people, NAME, attachments=(1,), now=NOW + timedelta(hours=1))
    content = json.loads(bytes(AnnouncementRecord.objects.get(pk=announcement.pk).content))
    assert content["original_sha256"] == before and content["attachments"][1] == {"name": MASK}
    assert list(announcement.attachments.values_list("name", "url")) == [
        (f"{MASK}身份证.pdf", "https://example.test/a.pdf"), (MASK, ""),
    ]  # fmt: skip
    found = log_verification()
    assert (found.problems, found.masked) == ([], [0])


ATTEMPTS = [
    "UPDATE tenders_announcement SET title = 'x'",
    "UPDATE tenders_announcement SET masked_at = now()",
    "UPDATE tenders_announcementrecord SET content = 'x'",
    "UPDATE tenders_announcementrecord SET sha256 = repeat('0', 64)",
    "UPDATE tenders_attachment SET name = '＊＊＊'",
    "UPDATE tenders_sealedoriginal SET content = 'x'",
    "UPDATE tenders_maskingrequest SET pieces = '[]'",
    "DELETE FROM tenders_announcement",
    "DELETE FROM tenders_announcementrecord",
    "DELETE FROM tenders_attachment",
    "DELETE FROM tenders_sealedoriginal",
    "DELETE FROM tenders_maskingrequest",
]


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["published", "requested", "masked"])
@pytest.mark.parametrize("role", ["application", "owner"])
@pytest.mark.parametrize("sql", ATTEMPTS)
def test_the_database_lets_nothing_else_be_changed(people: tuple[User, User], state: str, role: str, sql: str) -> None:
    announcement = published()
    if state == "requested":
        ask(announcement, people[0])
    elif state == "masked":
        mask(announcement, people)
    table = sql.split()[1] if sql.startswith("UPDATE") else sql.split()[2]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        if not cursor.fetchone()[0]:
            return
        if role == "owner":
            cursor.execute("RESET ROLE")
    try:
        with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
        assert caught.value.__cause__.pgcode in ("42501", "23503")  # type: ignore[union-attr]
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'SET ROLE "{settings.DATABASE_APP_ROLE}"')


def call(request_id: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT tenders_mask(%s, '', '', '', '', '', '', NULL, NULL, NULL, now())", [request_id])


@pytest.mark.django_db
def test_the_function_masks_nothing_without_a_confirmed_request(people: tuple[User, User]) -> None:
    request = ask(published(), people[0])
    for number in (request.pk, request.pk + 1):
        with pytest.raises(DatabaseError, match="append-only"):
            call(number)


@pytest.mark.django_db
def test_the_function_does_not_work_twice(people: tuple[User, User]) -> None:
    request = ask(published(), people[0])
    move(request, "confirm", by=people[1], now=NOW)
    with pytest.raises(DatabaseError, match="append-only"):
        call(request.pk)


@pytest.mark.django_db
def test_one_person_alone_cannot_make_the_database_mask(people: tuple[User, User]) -> None:
    request = ask(published(), people[0])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tenders_maskingrequest SET confirmed_by_id = requested_by_id, confirmed_at = now() WHERE id = %s",
            [request.pk],
        )
