"""Reads of the audit app: the action log as the audit administrator filters it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from audit.models import ActionRow, Verification
from audit.sealing import chain_state
from audit.tags import Tag
from audit.words import detail_words, subject_asked, subject_words
from core.errors import BusinessError
from core.moments import SHANGHAI
from core.text import first_not_storable

PAGE = 50
LONGEST_WORD = 200
SUCCESS = {"yes": True, "no": False}


@dataclass(frozen=True)
class ActionQuery:
    """A filter of the action log; an empty text filters nothing. Days are inclusive, in Asia/Shanghai."""

    person: str = ""
    tag: str = ""
    subject: str = ""
    since: str = ""
    until: str = ""
    success: str = ""

    def params(self) -> dict[str, str]:
        """The filters that are set, by their names in the address."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name))}

    def address(self, **more: object) -> str:
        """The query string with its question mark, or nothing."""
        params = {**self.params(), **more}
        return f"?{urlencode(params)}" if params else ""

    def words(self) -> str:
        """What the filter says, in a few words, for the record of an export."""
        said = [self.person, str(Tag(self.tag).label) if self.tag else "", self.subject]
        said += [f"{self.since or '最早'} 至 {self.until or '今天'}" if self.since or self.until else ""]
        said += [{"yes": "成功", "no": "未成功"}.get(self.success, "")]
        return "、".join(word for word in said if word) or "全部"


def _day(text: str, name: str) -> date | None:
    if not text:
        return None
    try:
        if len(text) != 10:
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise BusinessError(f"{name}应写成 2026-03-02 这样的日期。", "bad_date", field=name) from None


def action_query(params: Any) -> ActionQuery:
    """Read a filter from an address.

    Args:
        params: a mapping of texts, as ``request.GET``; unknown names are ignored.

    Raises:
        BusinessError: ``bad_date``, ``bad_filter``: a value that filters nothing one could mean.
    """
    query = ActionQuery(**{f.name: str(params.get(f.name, "")).strip() for f in fields(ActionQuery)})
    for value in query.params().values():
        if first_not_storable(value) or len(value) > LONGEST_WORD:
            raise BusinessError("查询条件含有不能使用的字符，或者太长，请重新填写。", "bad_filter")
    if query.tag and query.tag not in Tag.values:
        raise BusinessError("没有这种动作，请从列表中选择。", "bad_filter", field="tag")
    if query.success and query.success not in SUCCESS:
        raise BusinessError("“结果”只能选成功或未成功。", "bad_filter", field="success")
    since, until = _day(query.since, "起始日期"), _day(query.until, "截止日期")
    if since and until and since > until:
        raise BusinessError("起始日期晚于截止日期，请改正其中一个。", "bad_date", field="since")
    return query


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


def actions_found(query: ActionQuery) -> QuerySet[ActionRow]:
    """The rows of a filter, newest first."""
    found = ActionRow.objects.order_by("-pk")
    if query.person:
        login = Q(by__username=query.person)
        found = found.filter(login | Q(by_name__contains=query.person))
    if query.tag:
        found = found.filter(tag=query.tag)
    if query.subject:
        subject, is_whole = subject_asked(query.subject)
        found = found.filter(subject=subject) if is_whole else found.filter(subject__startswith=subject)
    if since := _day(query.since, "起始日期"):
        found = found.filter(at__gte=_midnight(since))
    if (until := _day(query.until, "截止日期")) and until < date.max:
        found = found.filter(at__lt=_midnight(until + timedelta(days=1)))
    if query.success:
        found = found.filter(success=SUCCESS[query.success])
    return found


@dataclass(frozen=True)
class ActionPage:
    """One page: its rows, and the number before which the next page begins (0: this is the last)."""

    rows: list[ActionRow]
    older: int


def action_page(query: ActionQuery, *, before: str = "") -> ActionPage:
    """One page of the log, in one query.

    Args:
        query: the filter.
        before: the cursor, the number of the last row of the page before; empty for the newest.

    Raises:
        BusinessError: ``bad_cursor``: no number.
    """
    found = actions_found(query).select_related("by", "sealed")
    if before:
        if not (before.isascii() and before.isdigit() and len(before) < 19):
            raise BusinessError("翻页位置有误，请从第一页重新翻看。", "bad_cursor")
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PAGE + 1])
    return ActionPage(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else 0)


def chain_summary() -> dict[str, Any]:
    """What the page says of the chain, in three queries: last seal, rows that wait, last verification."""
    return {**chain_state(), "verified": Verification.objects.order_by("-pk").first()}


def export_rows(query: ActionQuery) -> Iterator[list[Any]]:
    """The cells of an export, row by row, newest first, in the order of EXPORT_HEADS."""
    found = actions_found(query).select_related("by", "sealed")
    for row in found.iterator(chunk_size=2_000):
        login = row.by.username if row.by else ""
        seal = row.sealed.seal_id if hasattr(row, "sealed") else ""
        yield [
            *(row.pk, row.at, row.get_tag_display(), row.by_name or "系统", login, subject_words(row.subject)),
            *(detail_words(row.detail, "", row.subject), row.address, "成功" if row.success else "未成功", seal),
        ]


EXPORT_HEADS = ("编号", "时间", "动作", "操作人", "登录名", "对象", "说明", "来源地址", "结果", "封条号")
EXPORT_WIDTHS = (10, 20, 14, 14, 16, 32, 50, 18, 8, 10)
