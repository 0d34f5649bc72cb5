"""Demonstration data: announcements in three sizes, articles; the same size again changes nothing."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from itertools import islice
from multiprocessing import get_context
from typing import Any

from django.apps import apps
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

from accounts.demo import PEOPLE, demo_accounts
from accounts.models import Instance, User
from core.errors import BusinessError
from documents.services import file_store
from notices.demo import notices_demo
from portal.demo_sheets import demo_part
from portal.services import article_import
from tenders.demo.articles import demo_articles
from tenders.demo.generate import SIZES, demo_announcements, demo_live
from tenders.lines import AnnouncementLine, announcement_line
from tenders.models import Announcement, Category
from tenders.search_index import WITHOUT_INDEX, search_index_later
from tenders.services.announcements import announcements_store
from tenders.services.search import search_index_flush

__all__ = ["demo_load", "demo_part"]

BATCH = 1_000
PART = 20_000
Progress = Callable[[int, int], None]


def _line(value: dict[str, Any], known: frozenset[str], now: datetime) -> AnnouncementLine:
    line = announcement_line(value, known)
    files = [one.get("text", "") for one in value.get("attachments", ())]
    kept = []
    for attachment, text in zip(line.attachments, files, strict=True):
        stored = file_store(content=io.BytesIO(text.encode()), now=now, name=attachment.name)
        kept.append(replace(attachment, sha256=stored.sha256, size=stored.size, file=attachment.name))
    return replace(line, attachments=tuple(kept))


def _store(values: Iterable[dict[str, Any]], now: datetime) -> None:
    known = frozenset(Category.objects.values_list("name", flat=True))
    values = iter(values)
    while batch := [_line(value, known, now) for value in islice(values, BATCH)]:
        refused = set(announcements_store(lines=batch, now=now)) - {"imported", "unchanged"}
        if refused:
            raise BusinessError("演示数据与库中已有的同号公告不一致，未继续写入。请使用新的演示实例。", "differs")


def _store_part(first: int, last: int) -> int:
    """One process's share of a large load: positions ``first`` to ``last``."""
    _store(demo_announcements(last, first=first), timezone.now())
    connection.close()
    return last - first


def _announcements(count: int, now: datetime, progress: Progress) -> None:
    if count <= PART:
        _store(demo_announcements(count), now)
        progress(count, count)
        return
    # A quarter of a million rows and more: the index is built afterwards.
    with search_index_later() if count >= WITHOUT_INDEX else nullcontext():
        _in_parts(count, progress)


def _in_parts(count: int, progress: Progress) -> None:
    parts = [(first, min(first + PART, count)) for first in range(0, count, PART)]
    connection.close()  # a connection must not be shared with the processes that are forked now
    done = 0
    with ProcessPoolExecutor(os.cpu_count() or 1, mp_context=get_context("fork")) as pool:
        for finished in as_completed([pool.submit(_store_part, *part) for part in parts]):
            done += finished.result()
            progress(done, count)


def _analyze() -> None:
    """Fresh statistics, so that the first searches are planned as the later ones."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenders_search_analyze()")


def _parts_added(size: str, now: datetime) -> list[str]:
    """Each app's own part, from below to above: what a new version brings is added to an old instance, once."""
    said = []
    for config in reversed(list(apps.get_app_configs())):
        if not (config.module and module_has_submodule(config.module, "demo")):
            continue
        add = getattr(import_module(f"{config.name}.demo"), "demo_part", None)
        if add and (sentence := add(size=size, now=now)):
            said.append(sentence)
    return said


def demo_load(*, size: str, now: datetime, progress: Progress) -> str:
    """Fill a demonstration instance with fictional data.

    An app adds its own part by a function ``demo_part(*, size, now) -> str`` in ``<app>/demo.py``: it adds what is
    not there yet and returns a sentence, or an empty text when nothing was to be done.

    Args:
        size: ``small``, ``county`` or ``province``; a larger one adds to a smaller one.
        now: the moment of loading; the announcements around today are made once, by the first load.
        progress: called with the number done and the number of all, now and then.

    Returns:
        A Chinese sentence on what was done.

    Raises:
        BusinessError: the instance is a real one.
    """
    if Instance.objects.filter(kind=Instance.Kind.DEMO).count() != 1:
        raise BusinessError("未写入演示数据：这不是演示实例。演示数据只能写入用 make run 建立的实例。", "not_demo")
    if User.objects.filter(is_demo=True).count() < len(PEOPLE):
        demo_accounts(now=now)
    before = Announcement.objects.count()
    demo = Announcement.objects.filter(external_id__startswith="demo-")
    rows = (json.dumps(row, ensure_ascii=False).encode() for row in demo_articles())
    if refused := article_import(rows=rows, now=now).refused:
        raise BusinessError(f"演示文章无法写入：{refused[0][1]}。", "differs")
    if not Announcement.objects.filter(external_id__startswith="live-").exists():
        _store(demo_live(now=now), now)
    parts = "".join(_parts_added(size, now))
    notices_demo(now=now)
    existing, wanted = demo.count(), SIZES[size]
    if existing < wanted:
        _announcements(wanted, now, progress)
        search_index_flush()
        _analyze()
    added = Announcement.objects.count() - before
    if added:
        return f"已写入演示公告 {added:,} 条，现有 {before + added:,} 条。" + parts
    if existing > wanted:
        return f"没有改变：现有演示公告 {existing:,} 条，多于规模 {size} 的 {wanted:,} 条。" + parts
    return f"没有改变：规模 {size} 的演示数据已经齐全（{existing:,} 条）。" + parts
