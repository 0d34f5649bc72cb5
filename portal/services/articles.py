"""Writes of articles: sheets are drafted, changed, checked; what is published is a row that never changes."""

from __future__ import annotations

from datetime import datetime
from typing import IO, Any

from django.core.files.base import File
from django.db import IntegrityError, transaction

from accounts.models import User
from audit.models import ActionRow
from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.text import first_not_storable, first_not_typed, require_storable
from documents.services import file_store
from portal.models import Article, ArticleDraft, ArticleFile, ArticleWithdrawal, Column, DraftFile
from portal.selectors.articles import is_withdrawn, newest_version
from portal.services.caches import version_bump
from workflow.actors import actor_of
from workflow.models import StateChange
from workflow.moves import Move
from workflow.registry import table_of
from workflow.selectors import changes_of
from workflow.services import create, move

MOST_FILES = 20
ASK = "ask_withdraw"
FIELDS = ("column", "title", "text", "source", "publish_at")


def draft_create(
    *,
    column: Column,
    title: str,
    text: str,
    source: str,
    by: User,
    now: datetime,
    publish_at: datetime | None = None,
    role: str = "",
    replaces: Article | None = None,
    address: str = "",
) -> ArticleDraft:
    """Begin a sheet.

    Args:
        column, title, text, source: as they will be published; signs of the text: ``portal.prose``.
        publish_at: the moment from which the public sees it; None: when it is released.
        role: slug of the kind of visitor whose guide it is (``portal.guides``), or blank.
        replaces: the newest version of a published article that this one will stand in for; its files come along.

    Raises:
        BusinessError: as ``workflow.services.create``; ``replaced`` when there is a newer version.
    """
    draft = ArticleDraft(
        column=column, title=title.strip(), text=text, source=source.strip(), publish_at=publish_at,
        role=role, replaces=replaces, created_by=by, created_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            create(draft, by=by, now=now, address=address)
            if replaces is not None:
                DraftFile.objects.bulk_create(
                    DraftFile(draft=draft, position=f.position, name=f.name, sha256=f.sha256, size=f.size)
                    for f in replaces.files.all()
                )
    except IntegrityError as error:
        raise BusinessError("不能新建：这篇文章已有一份未办完的修订稿，请在那一份上改。", "invalid") from error
    return draft


def article_revise(*, article: Article, by: User, now: datetime, address: str = "") -> ArticleDraft:
    """Begin a sheet for the next version of a published article, with its words.

    Raises:
        BusinessError: ``replaced``, ``withdrawn``, or as ``draft_create``.
    """
    if is_withdrawn(article):
        raise BusinessError("不能修订：这篇文章已撤下。需要再发的，请新建一篇。", "withdrawn")
    newest = newest_version(article)
    if newest.pk != article.pk:
        raise BusinessError("不能修订：这已经不是最新版本，请从最新版本修订。", "replaced")
    return draft_create(
        column=article.column, title=article.title, text=article.text, source=article.source, role=article.role,
        replaces=article, by=by, now=now, address=address,
    )  # fmt: skip


def draft_edit(
    draft: ArticleDraft, *, data: dict[str, Any], by: User, now: datetime, seen: int | None = None, address: str = ""
) -> StateChange:
    """Change a sheet while it is drafted: a move of its own, so that everybody who wrote on it counts as maker.

    Args:
        data: the values of ``FIELDS``.
        seen: number of the last change that the page showed.

    Raises:
        BusinessError: as ``workflow.services.move``.
    """
    return move(draft, "edit", by=by, now=now, data=data, seen=seen, address=address)


def draft_write(draft: ArticleDraft, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``edit``."""
    draft.column, draft.title, draft.text = data["column"], data["title"].strip(), data["text"]
    draft.source, draft.publish_at = data["source"].strip(), data["publish_at"]
    draft.save(update_fields=FIELDS)


def draft_publish(draft: ArticleDraft, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``publish``: the article with its files, in the same transaction.

    Raises:
        BusinessError: ``replaced`` when somebody was quicker with a version of the same article, ``known`` when an
            article of this column, title and minute is there.
    """
    replaced = draft.replaces
    published_at = max(draft.publish_at or now, now)
    try:
        with transaction.atomic():
            article = Article.objects.create(
                column=draft.column, title=draft.title, text=draft.text, source=draft.source, role=draft.role,
                published_at=published_at, created_at=now, edited=True, replaces=replaced,
                original_id=replaced.root_id if replaced else None,
            )  # fmt: skip
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if name == "portal_article_identity":
            raise BusinessError(
                "不能复核发布：同栏目、同标题、同一时间已有一篇文章，请核对是否重复。", "known"
            ) from error
        raise BusinessError(
            "不能复核发布：别人刚刚发布了它的新版本，请作废这一份，从最新版本修订。", "replaced"
        ) from error
    ArticleFile.objects.bulk_create(
        ArticleFile(article=article, position=place, name=f.name, sha256=f.sha256, size=f.size)
        for place, f in enumerate(draft.files.all(), 1)
    )
    draft.article = article
    draft.save(update_fields=["article"])


def draft_withdraw(draft: ArticleDraft, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``withdraw``."""
    assert draft.article is not None  # noqa: S101 (a published sheet has one: for the type checker)
    _withdrawal_write(draft.article, change.comment, by=by, now=now)


def _withdrawal_write(article: Article, reason: str, *, by: User, now: datetime) -> None:
    try:
        with transaction.atomic():
            ArticleWithdrawal.objects.create(article_id=article.root_id, reason=reason, at=now, by=by)
    except IntegrityError as error:
        raise BusinessError("不能撤下：这篇文章已经撤下。", "withdrawn") from error


def _withdraw_move() -> Move:
    return table_of(ArticleDraft).move("withdraw")


def withdrawal_request(article: Article) -> tuple[int | None, str, str] | None:
    """Who asked that an article be withdrawn (number, name) and why; None when nobody did."""
    draft = ArticleDraft.objects.filter(article=article).first()
    if draft is not None:
        asked = next((one for one in reversed(changes_of(draft)) if one.move == ASK), None)
        return (asked.by_id, asked.person_words, asked.comment) if asked else None
    row = ActionRow.objects.filter(subject=_subject(article), tag=Tag.MOVE, success=True, detail__move=ASK).last()
    return (row.by_id, str(row.by), row.detail["reason"]) if row else None


def _subject(article: Article) -> str:
    return f"portal.article:{article.pk}"


def _imported_check(article: Article, reason: str, *, by: User, now: datetime) -> str:
    """The reason, when ``by`` may withdraw an article that came from a file. Raises BusinessError."""
    words = reason.strip()
    if not words or len(words) > 1900 or first_not_typed(words):
        raise BusinessError("不能撤下：请写明理由，不超过 1900 字，公开页面会显示。", "comment_missing")
    if actor_of(by, now=now).duties.isdisjoint(_withdraw_move().duties):
        raise BusinessError("不能撤下：您没有这项职责，请联系主任室核对职责分配。", "not_allowed")
    if is_withdrawn(article):
        raise BusinessError("不能撤下：这篇文章已经撤下。", "withdrawn")
    if newest_version(article).pk != article.pk:
        raise BusinessError("不能撤下：它已有新版本，请到最新版本撤下。", "replaced")
    return words


def _imported_record(article: Article, what: str, words: str, *, by: User, now: datetime, address: str) -> None:
    detail = {"move": what, "reason": words}
    action_record(tag=Tag.MOVE, by=by, now=now, subject=_subject(article), detail=detail, address=address)


def article_withdraw_ask(*, article: Article, reason: str, by: User, now: datetime, address: str = "") -> None:
    """Ask that an article be taken from the site; another person confirms it.

    Raises:
        BusinessError: as ``article_withdraw``; ``blocked`` when it was asked for.
    """
    require_storable(reason, "没有申请撤下")
    draft = ArticleDraft.objects.filter(article=article).first()
    if draft is not None:
        move(draft, ASK, by=by, now=now, comment=reason, address=address)
        return
    words = _imported_check(article, reason, by=by, now=now)
    with transaction.atomic():
        if asked := withdrawal_request(article):
            raise BusinessError(f"不能申请撤下：{asked[1]}已经申请撤下，请由另一个人确认。", "blocked")
        _imported_record(article, ASK, words, by=by, now=now, address=address)


def article_withdraw(*, article: Article, reason: str, by: User, now: datetime, address: str = "") -> None:
    """Take an article with all its versions from the site, as another person asked; its address then says why.

    Articles that came from a file have no sheet: the same duties and the two persons hold, with rows of the audit log.

    Raises:
        BusinessError: ``comment_missing``, ``not_allowed``, ``same_person``, ``blocked`` (nobody asked),
            ``withdrawn``, ``replaced``, or as ``move``.
    """
    require_storable(reason, "没有撤下")
    draft = ArticleDraft.objects.filter(article=article).first()
    if draft is not None:
        move(draft, "withdraw", by=by, now=now, comment=reason, address=address)
        return
    words = _imported_check(article, reason, by=by, now=now)
    asked = withdrawal_request(article)
    if asked is None:
        raise BusinessError("不能撤下：撤下要先由一个人“申请撤下”，再由另一个人确认。", "blocked")
    if asked[0] == by.pk:
        raise BusinessError("不能撤下：申请是您本人提出的，须由另一个人确认。", "same_person")
    with transaction.atomic():
        _withdrawal_write(article, words, by=by, now=now)
        _imported_record(article, "withdraw", words, by=by, now=now, address=address)
        transaction.on_commit(lambda: version_bump(0))


def file_name_checked(name: str) -> str:
    """The name without white space around it. Raises BusinessError ``bad_name``."""
    if not name.strip() or first_not_storable(name) or len(name) > 200:
        raise BusinessError("附件没有保存：文件名是空的、太长或含有控制字符，请改名后再传。", "bad_name")
    return name.strip()


def draft_file_add(
    *, draft: ArticleDraft, content: IO[bytes] | File[Any], name: str, by: User, now: datetime, address: str = ""
) -> DraftFile:
    """Keep a file with a sheet that is drafted. Not to be called inside a transaction.

    Raises:
        BusinessError: ``too_many``, ``bad_name``, what ``documents.services.file_store`` refuses, or as ``move``:
            the file counts as a change of the sheet.
    """
    wanted = file_name_checked(name)
    stored = file_store(content=content, now=now, name=wanted)
    with transaction.atomic():
        draft_edit(draft, data={n: getattr(draft, n) for n in FIELDS}, by=by, now=now, address=address)
        places = list(draft.files.values_list("position", flat=True))
        if len(places) >= MOST_FILES:
            raise BusinessError(f"附件没有保存：一篇文章最多 {MOST_FILES} 个附件。", "too_many")
        file, _ = DraftFile.objects.get_or_create(
            draft=draft, sha256=stored.sha256,
            defaults={"name": wanted, "size": stored.size, "position": max(places, default=0) + 1},
        )  # fmt: skip
    return file


def draft_file_remove(*, draft: ArticleDraft, position: int, by: User, now: datetime, address: str = "") -> None:
    """Take a file from a sheet that is drafted. Raises BusinessError as ``move``; ``gone`` when there is none."""
    with transaction.atomic():
        draft_edit(draft, data={n: getattr(draft, n) for n in FIELDS}, by=by, now=now, address=address)
        found, _ = DraftFile.objects.filter(draft=draft, position=position).delete()
        if not found:
            raise BusinessError("附件没有移去：它已经不在了，请刷新页面。", "gone")
