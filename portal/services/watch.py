"""The nightly look at the site: dead links, columns that bring nothing new (政府网站普查)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import chain

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from core.moments import SHANGHAI, day_words
from portal.links import Link, announcement_links, broken_paths, files_missing, inside_path, published_links
from portal.models import Column, WatchFinding, WatchRun
from portal.outside import Manners, outside_faults
from portal.rulebook import HOME, freshness_of
from portal.selectors.articles import articles_standing
from tenders.models import Announcement

NIGHT_HOURS = 2  # a night's run stands for the day on which it is two o'clock
ABANDONED = timedelta(hours=2)  # a run that a power cut ended is begun anew after this time
KEPT_DAYS = 90
ANNOUNCEMENTS = 2_000
STAFF = "/staff/"
POLITE = Manners()
K = WatchFinding.Kind


def watch_day(now: datetime) -> date:
    """The night that ``now`` belongs to."""
    return (now.astimezone(SHANGHAI) - timedelta(hours=NIGHT_HOURS)).date()


def site_watch_due(*, now: datetime) -> date | None:
    """The night whose run is missing, or None: after a night without power it is made up for within the hour."""
    day = watch_day(now)
    return None if WatchRun.objects.filter(day=day, finished_at__isnull=False).exists() else day


def site_watch(*, now: datetime, day: date | None, outside: bool, manners: Manners = POLITE) -> WatchRun | None:
    """Look at the whole site and keep what was found.

    Args:
        now: the moment of the look.
        day: the night it stands for; None when somebody asked for it.
        outside: whether other sites may be asked; manners: how.

    Returns:
        The finished run; None when the night's run is there or another process is at it.
    """
    run = _run_begin(now, day, outside)
    if run is None:
        return None
    links = [*published_links(now=now)]
    before = WatchRun.objects.filter(finished_at__isnull=False, checks_outside=True).order_by("-begun_at").first()
    theirs, cursor = announcement_links(below=before.cursor if before else 0, most=ANNOUNCEMENTS)
    found = [*_inside(links, run, now), *_freshness(run, now)]
    asked = 0
    if outside:
        more, asked = _outside(
            [link for link in chain(links, theirs) if inside_path(link.target) is None], run, manners
        )
        found += more
    with transaction.atomic():
        WatchFinding.objects.bulk_create(found)
        run.finished_at, run.links, run.outside = timezone.now(), len(links), asked
        run.cursor = cursor if outside else (before.cursor if before else 0)
        run.save(update_fields=["finished_at", "links", "outside", "cursor"])
        WatchRun.objects.filter(begun_at__lt=now - timedelta(days=KEPT_DAYS)).delete()
    return run


def _run_begin(now: datetime, day: date | None, outside: bool) -> WatchRun | None:
    try:
        with transaction.atomic():
            stale = WatchRun.objects.filter(finished_at=None, begun_at__lt=now - ABANDONED)
            stale.delete()
            return WatchRun.objects.create(day=day, begun_at=now, checks_outside=outside)
    except IntegrityError:
        return None


def _finding(run: WatchRun, kind: str, link: Link, words: str, advice: str) -> WatchFinding:
    return WatchFinding(
        run=run, kind=kind, page=link.page[:500], title=link.title, target=link.target, words=words, advice=advice
    )


def _advice(link: Link) -> str:
    if link.page.startswith("/articles/"):
        return "修订这篇文章，改正或删去链接。"
    if link.page.startswith("/guides/"):
        return "改写这份办事指南，改正或删去链接。"
    if link.page.startswith("/rules/"):
        return "已发布的制度不改；请在下一版本中改正，急需的可把所链接的内容补上。"
    if link.page == "/":
        return "请管理员核对设置里页眉、页脚的网址。"
    return "公告一经发布不改；请联系代理机构恢复文件，或另发补充公告。"


def _inside(links: Iterable[Link], run: WatchRun, now: datetime) -> Iterator[WatchFinding]:
    paths = {link: path for link in links if (path := inside_path(link.target)) is not None}
    broken = broken_paths(paths.values(), now=now)
    for link, path in paths.items():
        if path.startswith(STAFF):
            words = f"“{link.words}”链接到工作平台，公众打不开"
            yield _finding(run, K.INTERNAL, link, words, _advice(link))
        elif path in broken:
            yield _finding(run, K.DEAD, link, f"“{link.words}”所指的页面不存在或已撤下", _advice(link))
    for link in files_missing():
        words = f"附件“{link.words}”没有保存在本站"
        yield _finding(run, K.DEAD, link, words, "请信息科从备份恢复文件，页面不用改。")


def _outside(links: list[Link], run: WatchRun, manners: Manners) -> tuple[list[WatchFinding], int]:
    targets = [link.target for link in links if link.target.startswith(("http://", "https://"))]
    faults, asked = outside_faults(targets, manners)
    found = [
        _finding(run, K.OUTSIDE, link, f"“{link.words}”：{faults[link.target]}", _advice(link))
        for link in links
        if link.target in faults
    ]
    return found, asked


def _freshness(run: WatchRun, now: datetime) -> Iterator[WatchFinding]:
    today = now.astimezone(SHANGHAI).date()
    standing = articles_standing(now=now)
    newest = dict(standing.values_list("column").annotate(last=Max("published_at")).order_by())
    for column in Column.objects.all():
        last, rule = newest.get(column.pk), freshness_of(column.pace, today)
        page = Link(f"/articles/{column.slug}/", column.name, "", column.name)
        if last is None:
            words = f"栏目“{column.name}”没有文章，公开网站暂不显示它"
            yield _finding(run, K.EMPTY, page, words, "发布第一篇文章，或者请管理员取消这个栏目。")
        elif rule and rule.is_late(last, now):
            words = f"栏目“{column.name}”最近更新于{day_words(last)}，超过{rule.words}（{rule.source}）"
            yield _finding(run, K.STALE, page, words, "发布新的内容；没有可发的，请与科室负责人商定并入其他栏目。")
    yield from _home(run, now, [moment for moment in newest.values() if moment])


def _home(run: WatchRun, now: datetime, moments: list[datetime]) -> Iterator[WatchFinding]:
    last = Announcement.objects.filter(published_at__lte=now).order_by("-published_at", "-id").first()
    moments = [*moments, *([last.published_at] if last else [])]
    rule = freshness_of(HOME, now.astimezone(SHANGHAI).date())
    if rule and (not moments or rule.is_late(max(moments), now)):
        told = f"最近更新于{day_words(max(moments))}" if moments else "还没有任何内容"
        words = f"首页{told}，超过{rule.words}没有新内容（{rule.source}）"
        yield _finding(run, K.HOME, Link("/", "首页", "", "首页"), words, "发布公告、通知或中心动态中的任何一项。")
