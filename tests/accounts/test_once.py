"""A form sent twice is done once; what no store can hold is a sentence."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from accounts.duties import Duty
from accounts.models import DutyAssignment, User
from portal.models import ArticleDraft
from tenders.models import AnnouncementDraft, ScanWord
from tests.portal.conftest import plain_static
from tests.portal.factories import make_article
from tests.staff import LONG_AGO, client_of, make_person

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["plain_static"]


def token(client: Client, path: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(path).content.decode())
    assert found
    return found[1]


def together(count: int, action: Any) -> list[Any]:
    barrier = Barrier(count)

    def run(number: int) -> Any:
        try:
            barrier.wait(30)
            return action(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_a_draft_asked_for_twice_is_made_once_also_at_the_same_moment() -> None:
    person = make_person(Duty.ANNOUNCEMENT_DRAFT)
    client = client_of(person)
    path = "/staff/announcements/new/"
    sent = {"template": "purchase-tender", "target": "", "csrfmiddlewaretoken": token(client, path)}
    first, second = client.post(path, sent), client.post(path, sent)
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert AnnouncementDraft.objects.count() == 1
    sent["csrfmiddlewaretoken"] = token(client, path)
    key = client.cookies["staff_session"].value

    def post(number: int) -> str:
        browser = Client()
        browser.cookies["staff_session"] = key
        return str(browser.post(path, sent).headers["Location"])

    assert len(set(together(4, post))) == 1
    assert AnnouncementDraft.objects.count() == 2


def test_other_content_on_the_same_page_is_another_thing() -> None:
    client = client_of(make_person(Duty.ARTICLE_EDIT))
    path = "/staff/articles/new/"
    from portal.models import Column  # noqa: PLC0415 (beside its only use)

    sent = {
        "column": Column.objects.first().pk,
        "source": "综合科",
        "text": "好。",
        "csrfmiddlewaretoken": token(client, path),
    }
    for title in ("甲", "甲", "乙"):
        assert client.post(path, {**sent, "title": title}).status_code == 302
    assert sorted(ArticleDraft.objects.values_list("title", flat=True)) == ["乙", "甲"]


def test_a_file_sent_twice_is_kept_once() -> None:
    client = client_of(make_person(Duty.ARTICLE_EDIT))
    path = "/staff/articles/new/"
    from portal.models import Column  # noqa: PLC0415 (beside its only use)

    sent = {"column": Column.objects.first().pk, "source": "综合科", "text": "好。", "title": "甲"}
    page = client.post(path, sent).headers["Location"]
    mark = token(client, page)
    for content in ("一", "一", "二"):
        file = SimpleUploadedFile("说明.txt", f"说明{content}".encode(), "text/plain")
        assert client.post(f"{page}files/", {"file": file, "csrfmiddlewaretoken": mark}).status_code == 302
    assert ArticleDraft.objects.get().files.count() == 2


def test_ending_a_duty_and_closing_an_account_twice_is_doing_it_once() -> None:
    security, system = client_of(make_person(Duty.SECURITY_ADMIN)), client_of(make_person(Duty.SYSTEM_ADMIN))
    user = make_person()
    row = DutyAssignment.objects.create(user=user, duty=Duty.INTAKE, begins_at=LONG_AGO)
    for client, path in ((security, f"/staff/duties/{row.pk}/end/"), (system, f"/staff/people/{user.pk}/close/")):
        sent = {"csrfmiddlewaretoken": token(client, path)}
        assert [client.post(path, sent).status_code for _ in range(2)] == [302, 302]
    assert not User.objects.get(pk=user.pk).is_active


def test_the_same_word_from_two_at_once_is_a_sentence_for_one() -> None:
    browsers = [client_of(make_person(Duty.ANNOUNCEMENT_CHECK)) for _ in range(4)]
    sent = {"word": "进口产品试验词", "kind": ScanWord.Kind.values[0], "suggestion": "请核对", "is_active": "on"}
    answers = together(4, lambda n: browsers[n].post("/staff/announcements/words/new/", sent))
    assert sorted(answer.status_code for answer in answers) == [302, 400, 400, 400]
    assert all("已经有这个词" in a.content.decode() for a in answers if a.status_code == 400)
    ScanWord.objects.filter(word="进口产品试验词").delete()


def test_a_control_character_in_a_reason_is_a_sentence() -> None:
    article = make_article()
    client = client_of(make_person(Duty.OFFICE_HEAD))
    for bad in ("\x00", "\x01"):
        answer = client.post(
            f"/staff/articles/published/{article.pk}/withdraw/", {"reason": f"写错{bad}了", "confirmed": "yes"}
        )
        assert answer.status_code == 400 and "控制字符" in answer.content.decode()


def test_a_null_character_in_any_field_of_any_page_breaks_nothing() -> None:
    client = client_of(make_person(Duty.SYSTEM_ADMIN))
    for path in ("/staff/people/new/", "/staff/people/locks/", "/staff/upkeep/alarm/1/", "/staff/account/sessions/"):
        names = ("name", "username", "employer", "key", "note", "session", "password")
        answer = client.post(path, dict.fromkeys(names, "甲\x00乙"))
        assert answer.status_code < 500, path
