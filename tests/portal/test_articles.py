"""Articles from the editor's desk: written by one, released by another, never changed afterwards."""

from __future__ import annotations

import io
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from accounts.duties import Duty
from core.errors import BusinessError
from portal.models import Article, ArticleDraft, ArticleFile, ArticleWithdrawal, Column
from portal.selectors.articles import (
    article_get,
    article_newest,
    article_versions,
    articles_standing,
    column_list,
    guide_versions,
)
from portal.services.articles import (
    article_revise,
    article_withdraw,
    article_withdraw_ask,
    draft_create,
    draft_edit,
    draft_file_add,
    draft_file_remove,
)
from portal.states import ArticleState
from tenders.version import content_version
from tests.portal.factories import make_article
from tests.portal.sheets import NOW, make_draft, make_published, news
from tests.workflow.people import make_staff
from workflow.models import StateChange
from workflow.services import move

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def values(**changes: Any) -> dict[str, Any]:
    return {"column": news(), "title": "新标题", "text": "新正文", "source": "综合科", "publish_at": None, **changes}


def test_what_is_published_is_what_was_written() -> None:
    draft = make_draft(ArticleState.PUBLISHED, title=" 关于搬迁的通知 ", text="一、地点\n四楼。", source="综合科")
    article = draft.article
    assert article is not None
    assert (article.title, article.text, article.source, article.published_at, article.edited) == (
        "关于搬迁的通知", "一、地点\n四楼。", "综合科", NOW, True
    )  # fmt: skip


def test_writer_cannot_release_even_with_both_duties() -> None:
    both = make_staff(Duty.ARTICLE_EDIT, Duty.OFFICE_HEAD)
    draft = make_draft(ArticleState.SUBMITTED, writer=both)
    with pytest.raises(BusinessError) as refusal:
        move(draft, "publish", by=both, now=NOW)
    assert refusal.value.code == "same_person"
    assert Article.objects.count() == 0


def test_who_changed_a_word_cannot_release_either() -> None:
    writer, other = make_staff(Duty.ARTICLE_EDIT), make_staff(Duty.ARTICLE_EDIT)
    draft = make_draft(writer=writer)
    draft_edit(draft, data=values(), by=other, now=NOW)
    move(draft, "submit", by=writer, now=NOW)
    with pytest.raises(BusinessError) as refusal:
        move(draft, "publish", by=other, now=NOW)
    assert refusal.value.code == "same_person"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"text": " \n"}, "正文和附件都是空的"),
        ({"publish_at": NOW + timedelta(days=400)}, "核对年份"),
        ({"text": "[坏](javascript:alert(1))\n[坏](javascript:x)"}, "不能用"),
    ],
)
def test_what_is_incomplete_is_not_submitted(changes: dict[str, Any], reason: str) -> None:
    draft = make_draft(**changes)
    with pytest.raises(BusinessError) as refusal:
        move(draft, "submit", by=make_staff(Duty.ARTICLE_EDIT), now=NOW)
    assert reason in refusal.value.message
    assert refusal.value.code == "blocked"


@pytest.mark.parametrize(
    "changes",
    [{"title": "甲\x00"}, {"text": "乙\x01"}, {"title": "长" * 301}, {"title": "  "}, {"text": "长" * 100_001}],
)
def test_what_cannot_be_stored_is_refused_in_words(changes: dict[str, Any]) -> None:
    draft = make_draft()
    with pytest.raises(BusinessError):
        draft_edit(draft, data=values(**changes), by=make_staff(Duty.ARTICLE_EDIT), now=NOW)
    draft.refresh_from_db()
    assert draft.title.startswith("开标室调整")
    with pytest.raises(BusinessError):
        draft_create(**values(**changes), by=make_staff(Duty.ARTICLE_EDIT), now=NOW)


def test_published_article_cannot_be_edited() -> None:
    draft = make_draft(ArticleState.PUBLISHED)
    with pytest.raises(BusinessError) as refusal:
        draft_edit(draft, data=values(), by=make_staff(Duty.ARTICLE_EDIT), now=NOW)
    assert refusal.value.code == "wrong_state"


def test_published_sheet_is_kept_by_the_database() -> None:
    draft = make_draft(ArticleState.PUBLISHED)
    for change in ({"title": "别的"}, {"text": "别的"}, {"article": None}):
        with pytest.raises(ProgrammingError), transaction.atomic():
            ArticleDraft.objects.filter(pk=draft.pk).update(**change)


def test_state_is_not_written_past_the_moves() -> None:
    draft = make_draft()
    with pytest.raises(IntegrityError), transaction.atomic():
        ArticleDraft.objects.filter(pk=draft.pk).update(state="published")


def test_new_version_stands_in_lists_and_the_old_one_can_be_read() -> None:
    old = make_published(title="开放时间")
    make_draft(ArticleState.PUBLISHED, replaces=old, title="开放时间（修订）", now=LATER)
    new = Article.objects.get(replaces=old)
    assert [a.pk for a in article_newest("news", 5, now=LATER)] == [new.pk]
    assert article_get("news", old.pk, now=LATER).title == "开放时间"
    assert [a.pk for a in article_versions(old, now=LATER)] == [old.pk, new.pk]
    assert new.original_id == old.pk
    third = make_draft(ArticleState.PUBLISHED, replaces=new, title="开放时间（再次修订）", now=LATER).article
    assert third is not None and third.original_id == old.pk
    assert [a.pk for a in article_versions(new, now=LATER)] == [old.pk, new.pk, third.pk]


def test_old_version_is_not_revised_again() -> None:
    old = make_published()
    make_draft(ArticleState.PUBLISHED, replaces=old, now=LATER)
    with pytest.raises(BusinessError) as refusal:
        article_revise(article=old, by=make_staff(Duty.ARTICLE_EDIT), now=LATER)
    assert refusal.value.code == "replaced"


def test_one_article_has_one_open_revision() -> None:
    old, writer = make_published(), make_staff(Duty.ARTICLE_EDIT)
    article_revise(article=old, by=writer, now=LATER)
    with pytest.raises(BusinessError, match="未办完的修订稿"):
        article_revise(article=old, by=writer, now=LATER)


def test_withdrawing_takes_all_versions_and_says_why() -> None:
    old = make_published()
    draft = make_draft(ArticleState.WITHDRAWN, replaces=old, title="第二版", now=LATER)
    withdrawal = ArticleWithdrawal.objects.get()
    assert (withdrawal.article_id, withdrawal.reason, withdrawal.at) == (old.pk, "内容有误，已另发通知。", LATER)
    assert not articles_standing(now=LATER).exists()
    assert draft.article is not None
    with pytest.raises(BusinessError) as refusal:
        article_revise(article=draft.article, by=make_staff(Duty.ARTICLE_EDIT), now=LATER)
    assert refusal.value.code == "withdrawn"


def test_a_published_article_is_withdrawn_by_two_persons() -> None:
    article, head = make_published(), make_staff(Duty.OFFICE_HEAD)
    with pytest.raises(BusinessError, match="先由一个人"):
        article_withdraw(article=article, reason="有误", by=head, now=LATER)
    article_withdraw_ask(article=article, reason="有误", by=head, now=LATER)
    with pytest.raises(BusinessError) as same:
        article_withdraw(article=article, reason="有误", by=head, now=LATER)
    assert same.value.code == "same_person" and articles_standing(now=LATER).exists()
    article_withdraw(article=article, reason="有误", by=make_staff(Duty.OFFICE_HEAD), now=LATER)
    assert not articles_standing(now=LATER).exists()


def test_older_version_is_withdrawn_at_its_newest() -> None:
    old = make_published()
    make_draft(ArticleState.PUBLISHED, replaces=old, now=LATER)
    with pytest.raises(BusinessError, match="最新版本"):
        article_withdraw(article=old, reason="有误", by=make_staff(Duty.OFFICE_HEAD), now=LATER)


def test_imported_article_is_withdrawn_by_the_same_duties() -> None:
    article = make_article()
    with pytest.raises(BusinessError) as refusal:
        article_withdraw(article=article, reason="过时", by=make_staff(Duty.INTAKE), now=LATER)
    assert refusal.value.code == "not_allowed"
    head = make_staff(Duty.OFFICE_HEAD)
    with pytest.raises(BusinessError, match="理由"):
        article_withdraw(article=article, reason=" ", by=head, now=LATER)
    with pytest.raises(BusinessError, match="先由一个人"):
        article_withdraw(article=article, reason="过时", by=head, now=LATER)
    article_withdraw_ask(article=article, reason="过时", by=head, now=LATER)
    with pytest.raises(BusinessError) as same:
        article_withdraw(article=article, reason="过时", by=head, now=LATER)
    assert same.value.code == "same_person" and articles_standing(now=LATER).exists()
    with pytest.raises(BusinessError, match="已经申请撤下"):
        article_withdraw_ask(article=article, reason="过时", by=make_staff(Duty.OFFICE_HEAD), now=LATER)
    article_withdraw(article=article, reason="过时", by=make_staff(Duty.ARTICLE_EDIT), now=LATER)
    with pytest.raises(BusinessError, match="已经撤下"):
        article_withdraw(article=article, reason="过时", by=head, now=LATER)
    assert not articles_standing(now=LATER).exists()


def test_chosen_time_is_when_the_public_sees_it() -> None:
    at = NOW + timedelta(hours=3)
    article = make_published(publish_at=at)
    assert article.published_at == at
    for moment, seen in ((at - timedelta(seconds=1), 0), (at, 1)):
        assert articles_standing(now=moment).count() == seen
        assert len([c for c in column_list(now=moment) if c.slug == "news"]) == seen
    with pytest.raises(Article.DoesNotExist):
        article_get("news", article.pk, now=at - timedelta(seconds=1))


def test_time_gone_by_becomes_the_moment_of_release() -> None:
    assert make_published(publish_at=NOW - timedelta(days=9)).published_at == NOW


def test_old_version_stands_until_the_new_ones_time() -> None:
    old = make_published()
    make_draft(ArticleState.PUBLISHED, replaces=old, publish_at=LATER)
    assert [a.pk for a in articles_standing(now=NOW)] == [old.pk]
    assert [a.replaces_id for a in articles_standing(now=LATER)] == [old.pk]


def test_guide_is_one_line_of_versions() -> None:
    guides = Column.objects.get(slug="guides")
    first = make_published(column=guides, role="bidder", title="投标人办事指南")
    with pytest.raises(BusinessError, match="新版本"):
        move(make_draft(column=guides, role="bidder"), "submit", by=make_staff(Duty.ARTICLE_EDIT), now=NOW)
    assert [a.pk for a in guide_versions("bidder", now=NOW)] == [first.pk]
    assert not articles_standing(now=NOW).exists()
    with pytest.raises(BusinessError, match="不能撤下"):
        article_withdraw(article=first, reason="过时", by=make_staff(Duty.OFFICE_HEAD), now=NOW)


def test_guide_stands_in_its_column_alone() -> None:
    with pytest.raises(BusinessError, match="办事指南"):
        make_draft(role="bidder")
    with pytest.raises(BusinessError, match="办事指南"):
        make_draft(column=Column.objects.get(slug="guides"), role="nobody")


@pytest.mark.django_db(transaction=True)
def test_files_go_out_with_the_article_and_come_along_to_the_next_version() -> None:
    writer = make_staff(Duty.ARTICLE_EDIT)
    draft = make_draft(writer=writer)
    for name in ("表格.txt", "说明.txt"):
        draft_file_add(draft=draft, content=io.BytesIO(name.encode()), name=name, by=writer, now=NOW)
    draft_file_remove(draft=draft, position=1, by=writer, now=NOW)
    move(draft, "submit", by=writer, now=NOW)
    with pytest.raises(BusinessError):
        draft_file_add(draft=draft, content=io.BytesIO(b"x"), name="x.txt", by=writer, now=NOW)
    move(draft, "publish", by=make_staff(Duty.OFFICE_HEAD), now=NOW)
    draft.refresh_from_db()
    assert [(f.position, f.name) for f in ArticleFile.objects.filter(article=draft.article)] == [(1, "说明.txt")]
    assert draft.article is not None
    again = article_revise(article=draft.article, by=writer, now=LATER)
    assert [f.name for f in again.files.all()] == ["说明.txt"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["", "甲\x00.txt", "长" * 201])
def test_files_with_bad_names_are_refused_in_words(name: str) -> None:
    writer = make_staff(Duty.ARTICLE_EDIT)
    draft = make_draft(writer=writer)
    with pytest.raises(BusinessError) as refusal:
        draft_file_add(draft=draft, content=io.BytesIO(b"x"), name=name, by=writer, now=NOW)
    assert refusal.value.code == "bad_name"


def _at_once(*acts: Any) -> list[str]:
    """Outcomes of acts that begin together, each with a connection of its own."""
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
def test_of_two_revisions_begun_at_once_one_is() -> None:
    old, writers = make_published(), [make_staff(Duty.ARTICLE_EDIT) for _ in range(4)]
    acts = [lambda by=by: article_revise(article=old, by=by, now=LATER) for by in writers]
    assert _at_once(*acts) == ["done", "invalid", "invalid", "invalid"]
    assert ArticleDraft.objects.filter(replaces=old).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_releases_at_once_one_is() -> None:
    draft = make_draft(ArticleState.SUBMITTED)
    heads = [make_staff(Duty.OFFICE_HEAD) for _ in range(4)]
    acts = [lambda by=by: move(ArticleDraft.objects.get(pk=draft.pk), "publish", by=by, now=NOW) for by in heads]
    assert _at_once(*acts) == ["done", "wrong_state", "wrong_state", "wrong_state"]
    assert Article.objects.count() == 1
    assert StateChange.objects.filter(move="publish").count() == 1


@pytest.mark.django_db(transaction=True)
def test_publishing_tells_the_caches_after_the_commit() -> None:
    draft, before = make_draft(ArticleState.SUBMITTED), content_version()
    with pytest.raises(RuntimeError), transaction.atomic():
        move(draft, "publish", by=make_staff(Duty.OFFICE_HEAD), now=NOW)
        assert content_version() == before
        raise RuntimeError
    assert content_version() == before
    move(ArticleDraft.objects.get(pk=draft.pk), "publish", by=make_staff(Duty.OFFICE_HEAD), now=timezone.now())
    assert content_version() != before
