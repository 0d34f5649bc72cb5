"""What a draft will publish can be opened and seen before it is published, by those who answer for it."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.duties import Duty
from core.errors import BusinessError
from tenders.models import AnnouncementDraft, DraftAttachment
from tenders.services.drafts import attachment_add
from tests.accounts.factories import logged_in, make_person
from tests.portal.conftest import plain_static
from tests.tenders.drafts import NOW, Cast, draft_move, make_draft
from tests.tenders.test_draft_pages import future
from tests.workflow.people import make_staff
from workflow.services import move

__all__ = ["plain_static"]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def attach(draft: AnnouncementDraft, cast: Cast, name: str, content: bytes, **more: Any) -> DraftAttachment:
    attachment_add(draft=draft, content=io.BytesIO(content), name=name, by=cast.maker, now=timezone.now(), **more)
    return draft.attachments.get(name=name)


def with_files(cast: Cast) -> tuple[AnnouncementDraft, DraftAttachment, DraftAttachment]:
    """A submitted draft with a file to be published and a paper that is not."""
    now = timezone.now()
    draft = make_draft("draft", cast=cast, now=now, fields=future(), exception_reason="防汛急需，不可预见。")
    file = attach(draft, cast, "采购需求.txt", "食堂设备十二台".encode())
    paper = attach(draft, cast, "防汛指挥部通知.pdf", PDF, is_paper=True)
    draft_move(draft, "submit", cast, now)
    draft_move(draft, "secrecy_check", cast, now)
    draft.refresh_from_db()
    return draft, file, paper


def address(file: DraftAttachment) -> str:
    return f"/staff/announcements/{file.draft_id}/files/{file.pk}/"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("duty", "sees"),
    [(Duty.ANNOUNCEMENT_DRAFT, True), (Duty.ANNOUNCEMENT_CHECK, True), (Duty.SECRECY_CHECK, True),
     (Duty.DEPUTY_DIRECTOR, True), (Duty.MASKING, False), (Duty.INTAKE, False)],
)  # fmt: skip
def test_files_and_papers_are_opened_by_who_sees_the_draft_and_by_nobody_else(duty: Duty, sees: bool) -> None:
    _, file, paper = with_files(Cast.make())
    client = logged_in(make_person(duty))
    for one in (file, paper):
        answer = client.get(address(one))
        assert answer.status_code == (200 if sees else 403)
        if sees:
            content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
            assert hashlib.sha256(content).hexdigest() == one.file.sha256
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert "no-store" in answer.headers["Cache-Control"] or "private" in answer.headers["Cache-Control"]
    assert Client().get(address(file)).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_file_of_another_draft_or_of_one_not_yet_submitted_is_not_found() -> None:
    cast = Cast.make()
    draft, file, _ = with_files(cast)
    other = make_draft("draft", cast=cast)
    own = attach(other, cast, "草稿.txt", "未提交".encode())
    secrecy = logged_in(make_person(Duty.SECRECY_CHECK))
    assert secrecy.get(f"/staff/announcements/{other.pk}/files/{file.pk}/").status_code == 404
    assert secrecy.get(address(own)).status_code == 404
    assert secrecy.get(f"/staff/announcements/{draft.pk}/files/{2**70}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_every_page_on_which_one_decides_links_the_files_with_their_size() -> None:
    draft, file, paper = with_files(Cast.make())
    checker, secrecy = logged_in(make_person(Duty.ANNOUNCEMENT_CHECK)), logged_in(make_person(Duty.SECRECY_CHECK))
    for client, path in (
        (checker, f"/staff/announcements/{draft.pk}/"), (checker, f"/staff/announcements/{draft.pk}/check/"),
        (checker, f"/staff/announcements/{draft.pk}/preview/"),
        (checker, f"/staff/move/tenders.announcementdraft/{draft.pk}/return/"),
        (secrecy, f"/staff/move/tenders.announcementdraft/{draft.pk}/return/"),
    ):  # fmt: skip
        page = client.get(path).content.decode()
        assert f'href="{address(file)}"' in page and "21 B" in page, path
        if "preview" not in path:
            assert f'href="{address(paper)}"' in page, path


@pytest.mark.django_db(transaction=True)
def test_the_checking_page_shows_everything_that_will_be_published() -> None:
    draft, file, _ = with_files(Cast.make())
    page = logged_in(make_person(Duty.ANNOUNCEMENT_CHECK)).get(f"/staff/announcements/{draft.pk}/check/")
    text = page.content.decode()
    for word in ("河北省政府采购网", "https://example.test/1", "媒介首次发布时间", "发布时间", "云泽县", "防汛急需",
                 "云泽县第三中学", "总务处", file.file.sha256, "云泽县公共资源交易中心", "1,268,000.00"):  # fmt: skip
        assert word in text, word


@pytest.mark.django_db(transaction=True)
def test_every_file_is_ticked_as_opened_before_the_check_passes() -> None:
    cast = Cast.make()
    draft, file, paper = with_files(cast)
    checker = logged_in(make_person(Duty.ANNOUNCEMENT_CHECK))
    path = f"/staff/announcements/{draft.pk}/check/"
    assert checker.get(path).content.decode().count("已打开核对") == 2
    answer = checker.post(path, {"confirmed": [f"file:{file.pk}"]})
    assert answer.status_code == 409 and "防汛指挥部通知.pdf" in answer.content.decode()
    with pytest.raises(BusinessError, match="采购需求"):
        move(draft, "check", by=cast.checker, now=timezone.now(), data={"confirmed": [f"file:{paper.pk}"]})
    assert checker.post(path, {"confirmed": [f"file:{file.pk}", f"file:{paper.pk}"]}).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "checked"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("采购需求", PDF, "扩展名"), ("又一份.pdf", PDF, "同样的文件已经添加过，名为“甲.pdf”")],
)
def test_a_file_without_extension_or_a_second_time_is_told(name: str, content: bytes, said: str) -> None:
    cast = Cast.make()
    draft = make_draft("draft", cast=cast)
    attach(draft, cast, "甲.pdf", PDF)
    client = logged_in(make_person(Duty.ANNOUNCEMENT_DRAFT))
    upload = io.BytesIO(content)
    upload.name = name
    answer = client.post(f"/staff/announcements/{draft.pk}/files/", {"file": upload})
    assert answer.status_code == 400 and said in answer.content.decode()
    assert draft.attachments.count() == 1


@pytest.mark.django_db
def test_a_draft_is_withdrawn_by_its_drafter_or_a_checker_and_nobody_else() -> None:
    cast = Cast.make()
    draft = make_draft("draft", cast=cast)
    with pytest.raises(BusinessError) as caught:
        move(draft, "withdraw", by=make_staff(Duty.ANNOUNCEMENT_DRAFT), now=NOW, comment="不发了")
    assert caught.value.code == "not_allowed" and cast.maker.name in caught.value.message
    move(draft, "withdraw", by=cast.checker, now=NOW, comment="不发了")
    assert make_draft("withdrawn", cast=cast).state == "withdrawn"
