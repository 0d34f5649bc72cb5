"""A withheld attachment is sealed first and then gone, with every copy that nobody else shows; a reason opens it."""

from __future__ import annotations

import hashlib
import io
import json
import os
from threading import Barrier, Thread
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from accounts.duties import Duty
from audit.log_verification import log_verification
from audit.models import ActionRow
from audit.tags import Tag
from core.errors import BusinessError
from core.sealing import PIECE, file_seal, file_unseal
from documents.models import StoredFile, storage_name
from documents.services import file_store
from tenders.models import Announcement, DraftAttachment, MaskingRequest, SealedFile
from tenders.services import sealed_files
from tenders.services.drafts import attachment_add
from tenders.services.masking import masking_request, maskings_told
from tests.accounts.factories import logged_in, make_person
from tests.portal.conftest import plain_static
from tests.tenders.drafts import Cast, draft_move, make_draft
from tests.tenders.test_draft_pages import future
from tests.workflow.people import make_staff
from workflow.services import move

__all__ = ["plain_static"]
# Processes that test side by side share one storage: each has bytes of its own.
SECRET = f"身份证复印件：赵试验 11010519491231002X（{os.getpid()}）\n".encode() * 3
DIGEST = hashlib.sha256(SECRET).hexdigest()


def published(*names: str, content: bytes = SECRET) -> Announcement:
    """A published announcement with the same bytes under every name, and another file."""
    cast, now = Cast.make(), timezone.now()
    draft = make_draft("draft", cast=cast, now=now, fields=future())
    stored = file_store(content=io.BytesIO(content), now=now, name=names[0])
    for name in names:
        DraftAttachment.objects.create(draft=draft, name=name, file=stored)
    attachment_add(draft=draft, content=io.BytesIO("公开的附件".encode()), name="其他.txt", by=cast.maker, now=now)
    for name in ("submit", "secrecy_check", "check", "schedule", "publish"):
        draft_move(draft, name, cast, now)
    draft.refresh_from_db()
    assert draft.announcement is not None
    return draft.announcement


def asked(announcement: Announcement, by: Any = None) -> MaskingRequest:
    return masking_request(
        announcement=announcement, texts=[], attachments=[0], reason="误公布身份证复印件",
        by=by or make_staff(Duty.MASKING), now=timezone.now(),
    )  # fmt: skip


def confirm(request: MaskingRequest) -> None:
    move(request, "confirm", by=make_staff(Duty.MASKING), now=timezone.now())


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])
def test_a_file_of_any_length_is_sealed_and_opened(size: int) -> None:
    content, sealed = bytes(range(256)) * (size // 256 + 1), io.BytesIO()
    file_seal(io.BytesIO(content[:size]), sealed, context="甲")
    sealed.seek(0)
    assert b"".join(file_unseal(sealed, context="甲")) == content[:size]


@pytest.mark.parametrize("harm", ["context", "flip", "cut", "piece", "head", "swap"])
def test_a_harmed_sealed_file_does_not_open(harm: str) -> None:
    made = io.BytesIO()
    file_seal(io.BytesIO(b"a" * PIECE + b"b" * PIECE + b"c"), made, context="甲")
    head, rest = made.getvalue().split(b"\n", 1)
    step = PIECE + 28
    one, two, three = rest[:step], rest[step : 2 * step], rest[2 * step :]
    changed = {
        "context": rest, "flip": rest[:-1] + bytes([rest[-1] ^ 1]), "cut": rest[:-5], "piece": one + two,
        "head": rest, "swap": two + one + three,
    }[harm]  # fmt: skip
    line = b"other\n" if harm == "head" else head + b"\n"
    with pytest.raises(BusinessError, match="损坏"):
        list(file_unseal(io.BytesIO(line + changed), context="乙" if harm == "context" else "甲"))


@pytest.mark.django_db(transaction=True)
def test_a_withheld_attachment_is_sealed_and_its_clear_copy_gone_with_every_twin() -> None:
    announcement = published("身份证.txt", "身份证副本.txt")
    request = asked(announcement)
    assert default_storage.exists(storage_name(DIGEST))
    confirm(request)
    assert not default_storage.exists(storage_name(DIGEST))
    announcement.record.refresh_from_db()
    left = json.loads(bytes(announcement.record.content))["attachments"]
    assert [one["name"] for one in left] == ["＊＊＊", "＊＊＊", "其他.txt"] and "sha256" not in left[1]
    rows = SealedFile.objects.order_by("position")
    assert [row.position for row in rows] == [0, 1]
    for row in rows:
        with default_storage.open(row.sealed.storage_name) as stored:
            content = stored.read()
        assert hashlib.sha256(content).hexdigest() == row.sealed.sha256 and b"11010519491231002X" not in content
    assert log_verification().problems == []


@pytest.mark.django_db(transaction=True)
def test_the_clear_copy_stays_while_another_announcement_shows_it_and_the_page_says_where() -> None:
    announcement, other = published("身份证.txt"), published("也有.txt")
    request = asked(announcement)
    page = logged_in(make_person(Duty.MASKING)).get(f"/staff/announcements/masking/{request.pk}/").content.decode()
    assert other.title in page and "还在别处使用" in page
    confirm(request)
    assert default_storage.exists(storage_name(DIGEST))
    confirm(asked(other))
    assert not default_storage.exists(storage_name(DIGEST))


@pytest.mark.django_db(transaction=True)
def test_a_process_that_dies_after_the_commit_leaves_it_to_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    announcement = published("身份证.txt")
    with monkeypatch.context() as patch:
        patch.setattr("tenders.services.masking.files_clear", lambda *, now: 0)
        confirm(asked(announcement))
    assert default_storage.exists(storage_name(DIGEST))
    maskings_told(now=timezone.now())
    assert not default_storage.exists(storage_name(DIGEST))
    assert sealed_files.files_clear(now=timezone.now()) == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_stored_anew_later_is_kept_again() -> None:
    confirm(asked(published("身份证.txt")))
    stored = file_store(content=io.BytesIO(SECRET), now=timezone.now(), name="又.txt")
    assert default_storage.exists(storage_name(DIGEST)) and StoredFile.objects.filter(removal=None, pk=stored.pk)


@pytest.mark.django_db(transaction=True)
def test_who_has_the_duty_reads_it_with_a_reason_that_is_written_down() -> None:
    request = asked(published("身份证.txt"))
    client = logged_in(make_person(Duty.MASKING))
    path = f"/staff/announcements/masking/{request.pk}/files/0/"
    assert client.post(path, {"reason": "核对投诉材料"}).status_code == 404
    confirm(request)
    assert client.post(path, {"reason": ""}).status_code == 400
    answer = client.post(path, {"reason": "核对投诉材料"})
    assert b"".join(answer.streaming_content) == SECRET  # type: ignore[attr-defined]
    assert ActionRow.objects.filter(tag=Tag.UNMASK, detail__reason="核对投诉材料").count() == 1
    assert logged_in(make_person(Duty.INTAKE)).post(path, {"reason": "核对投诉材料"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_one_is_made_and_the_others_are_told() -> None:
    announcement = published("身份证.txt")
    clients = [logged_in(make_person(Duty.MASKING)) for _ in range(4)]
    start, found = Barrier(4), []

    def ask(client: Any) -> None:
        start.wait()
        sent = {"do": "ask", "texts": "云泽县第三中学", "reason": "误公布了单位名称"}
        answer = client.post(f"/staff/announcements/masking/new/{announcement.pk}/", sent)
        found.append((answer.status_code, "已有一份遮蔽申请" in answer.content.decode()))
        connection.close()

    threads = [Thread(target=ask, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [(302, False), (409, True), (409, True), (409, True)]
    assert MaskingRequest.objects.count() == 1


def test_every_model_that_shows_a_stored_file_is_asked_before_one_is_removed() -> None:
    listed = {label.lower() for label, _, _ in settings.FILE_USES}
    shows = {
        model._meta.label_lower
        for model in apps.get_models()
        if {"name", "sha256"} <= {field.name for field in model._meta.fields}
        or any(field.related_model is StoredFile for field in model._meta.fields)
    }
    assert shows - listed == {"documents.fileremoval", "tenders.sealedfile"}
