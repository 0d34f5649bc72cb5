"""Attachments stay what was uploaded, checked and published: changed or lost ones are refused, named, answered 503."""

from __future__ import annotations

import hashlib
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts.duties import Duty
from core.errors import BusinessError
from documents.models import FileFault
from tenders.models import AnnouncementDraft
from tenders.models.drafts import DraftState
from tenders.services.drafts import attachment_add
from tenders.services.publication import drafts_publish_due
from tests.audit.test_log_verify import verify
from tests.portal.conftest import plain_static
from tests.tenders.drafts import Cast, draft_move, make_draft
from tests.tenders.test_draft_files import attach
from tests.tenders.test_draft_pages import future
from tests.workflow.people import enter, make_staff

__all__ = ["plain_static"]
pytestmark = pytest.mark.django_db(transaction=True)
CONTENT = "食堂设备十二台，每台不超过三千元".encode()
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = {**settings.STORAGES, "default": files}
    return tmp_path / "files"


def spoil(how: str) -> None:
    path = Path(default_storage.path(f"{DIGEST[:2]}/{DIGEST}"))
    if how == "丢失":
        path.unlink()
        return
    before = path.stat()
    path.write_bytes(CONTENT.replace("十二".encode(), "十三".encode()))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def mend() -> None:
    Path(default_storage.path(f"{DIGEST[:2]}/{DIGEST}")).write_bytes(CONTENT)


def scheduled(cast: Cast) -> AnnouncementDraft:
    now = timezone.now()
    draft = make_draft("draft", cast=cast, now=now, fields=future())
    attach(draft, cast, "采购需求.txt", CONTENT)
    for name in ("submit", "secrecy_check", "check", "schedule"):
        draft_move(draft, name, cast, now)
        draft.refresh_from_db()
    return draft


def published(cast: Cast) -> int:
    draft = scheduled(cast)
    draft_move(draft, "publish", cast, timezone.now())
    draft.refresh_from_db()
    assert draft.announcement_id is not None
    return draft.announcement_id


def upkeep_page() -> str:
    client = Client()
    enter(client, make_staff(Duty.SYSTEM_ADMIN))
    return client.get("/staff/upkeep/").content.decode()


@pytest.mark.parametrize("how", ["被改动", "丢失"])
def test_what_was_swapped_between_check_and_publication_is_not_published(how: str) -> None:
    cast = Cast.make()
    draft = scheduled(cast)
    spoil(how)
    with pytest.raises(BusinessError) as caught:
        draft_move(draft, "publish", cast, timezone.now())
    assert caught.value.code == "blocked"
    assert caught.value.message.startswith(f"不能发布：附件“采购需求.txt”在存储中的内容{how}")
    assert drafts_publish_due(now=timezone.now())[0] == []
    draft.refresh_from_db()
    assert (draft.state, FileFault.objects.count()) == (DraftState.SCHEDULED, 1)
    mend()
    draft_move(draft, "publish", cast, timezone.now())
    draft.refresh_from_db()
    assert (draft.state, FileFault.objects.count()) == (DraftState.PUBLISHED, 0)


def test_what_was_swapped_before_the_check_is_not_checked() -> None:
    cast, now = Cast.make(), timezone.now()
    draft = make_draft("draft", cast=cast, now=now, fields=future())
    attachment_add(draft=draft, content=io.BytesIO(CONTENT), name="采购需求.txt", by=cast.maker, now=now)
    for name in ("submit", "secrecy_check"):
        draft_move(draft, name, cast, now)
        draft.refresh_from_db()
    spoil("被改动")
    with pytest.raises(BusinessError) as caught:
        draft_move(draft, "check", cast, now)
    assert caught.value.code == "blocked"


@pytest.mark.parametrize("how", ["被改动", "丢失"])
def test_visitors_are_told_it_is_ours_and_those_who_keep_the_house_see_it(how: str) -> None:
    number = published(Cast.make())
    address = f"/announcements/{number}/attachments/0/"
    assert b"".join(Client().get(address).streaming_content) == CONTENT  # type: ignore[attr-defined]
    spoil(how)
    answer = Client().get(address)
    text = answer.content.decode()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")
    assert "暂时打不开" in text and "这个请求办不了" not in text and "已记录下来" in text
    page = upkeep_page()
    assert f"公告 {number} 的附件“采购需求.txt”、" in page and f"：存储中的内容{how}（" in page
    mend()
    assert b"".join(Client().get(address).streaming_content) == CONTENT  # type: ignore[attr-defined]
    page = upkeep_page()
    assert "采购需求.txt" not in page


@pytest.mark.parametrize("how", ["被改动", "丢失"])
def test_log_verify_names_the_announcement_and_its_file(how: str) -> None:
    number = published(Cast.make())
    assert verify()[0] == 0
    spoil(how)
    code, told = verify()
    wanted = f"第 0 号凭证：公告 {number} 的附件“采购需求.txt”在存储中{how}。"
    assert (code, told.splitlines()) == (1, [wanted, "核验不通过：共 1 处不符。"])
    assert json.loads(verify("--json")[1])["first_bad"] == 0
    assert verify("--no-files")[0] == 0
