"""The links of everything published, and whether those to this site lead anywhere: the URL table and the database."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import Resolver404, resolve, reverse

from documents.models import StoredFile
from portal.guides import ROLES, role_named
from portal.middleware import LARGE
from portal.models import Article, ArticleFile, ArticleWithdrawal, Column, RuleFile, RuleVersion
from portal.models.rules import STANDING
from portal.prose import links_of
from portal.selectors.articles import articles_standing, guide_versions
from tenders.models import Announcement, Attachment

BARE = re.compile(r"https?://[^\s\u3000-\u303f\uff00-\uffef<>\"'\[\]()]+")
CHUNK = 500


@dataclass(frozen=True)
class Link:
    """A link: the page it stands on (path), that page's title, where it leads, its words."""

    page: str
    title: str
    target: str
    words: str

    @property
    def is_inside(self) -> bool:
        """Whether it leads to a page of this site."""
        return inside_path(self.target) is not None


def inside_path(target: str) -> str | None:
    """The path on this site that an address names, in standard print; None when it is another site."""
    try:
        parts = urlsplit(target)
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme in ("http", "https") and host not in settings.CONFIG.SITE_HOST:
        return None
    if parts.scheme not in ("", "http", "https") or (not parts.scheme and not target.startswith("/")):
        return None
    path = unquote(parts.path) or "/"
    return path.removeprefix(LARGE) if path.startswith(LARGE + "/") else path


def _of_text(page: str, title: str, text: str) -> Iterator[Link]:
    seen = set()
    for words, target in links_of(text):
        seen.add(target)
        yield Link(page, title, target, words)
    for target in BARE.findall(text):
        if target not in seen:
            yield Link(page, title, target, target)


def published_links(*, now: datetime) -> Iterator[Link]:
    """Every link of the standing articles, the guides and the public rules."""
    rows = articles_standing(now=now).select_related("column").order_by("pk")
    for article in rows.iterator(CHUNK):
        yield from _of_text(
            reverse("portal:article", args=[article.column.slug, article.pk]), article.title, article.text
        )
    for role in ROLES:
        versions = guide_versions(role.slug, now=now)
        text = versions[-1].text if versions else role.text
        yield from _of_text(reverse("portal:guide", args=[role.slug]), role.title, text)
    for version in RuleVersion.objects.filter(state__in=STANDING, is_public=True).order_by("pk").iterator(CHUNK):
        page = reverse("portal:rule_version", args=[version.rule_id, version.number])
        yield from _of_text(page, version.title, version.text)
    for name in ("SITE_PARENT_URL", "SITE_BADGE_URL", "SITE_ERROR_URL"):
        if target := getattr(settings.CONFIG, name):
            yield Link(reverse("portal:home"), "页眉页脚", target, target)


def announcement_links(*, below: int, most: int) -> tuple[list[Link], int]:
    """Links of announcements to other sites: their sources and the files that are not kept here.

    Args:
        below: only numbers under this one (0: from the newest).
        most: announcements looked at.

    Returns:
        The links, and the number below which the next night goes on (0: from the newest again).
    """
    rows = Announcement.objects.only("id", "title", "source_page").order_by("-id")
    found = list(rows.filter(pk__lt=below)[:most] if below else rows[:most])
    files: dict[int, list[Attachment]] = defaultdict(list)
    for file in Attachment.objects.filter(announcement__in=[a.pk for a in found], stored=False).exclude(url=""):
        files[file.announcement_id].append(file)
    links = []
    for one in found:
        page = reverse("portal:announcement", args=[one.pk])
        if one.source_page.startswith(("http://", "https://")):
            links.append(Link(page, one.title, one.source_page, "原文链接"))
        links += [Link(page, one.title, file.url, file.name) for file in files[one.pk]]
    return links, found[-1].pk if len(found) == most else 0


def files_missing() -> list[Link]:
    """Files that pages offer and that are not kept: of announcements, articles and public rules."""
    kept = StoredFile.objects.values("sha256")
    out = []
    for file in Attachment.objects.filter(stored=True).exclude(sha256__in=kept).select_related("announcement")[:CHUNK]:
        target = reverse("portal:attachment", args=[file.announcement_id, file.position])
        page = reverse("portal:announcement", args=[file.announcement_id])
        out.append(Link(page, file.announcement.title, target, file.name))
    for one in ArticleFile.objects.exclude(sha256__in=kept).select_related("article__column")[:CHUNK]:
        place = [one.article.column.slug, one.article_id]
        target = reverse("portal:article_attachment", args=[*place, one.position])
        out.append(Link(reverse("portal:article", args=place), one.article.title, target, one.name))
    public = RuleFile.objects.filter(version__state__in=STANDING, version__is_public=True)
    for each in public.exclude(sha256__in=kept).select_related("version")[:CHUNK]:
        place = [each.version.rule_id, each.version.number]
        target = reverse("portal:rule_attachment", args=[*place, each.position])
        out.append(Link(reverse("portal:rule_version", args=place), each.version.title, target, each.name))
    return out


Kwargs = dict[str, Any]
Missing = Callable[[list[Kwargs], datetime], set[int]]


def _announcements(found: list[Kwargs], now: datetime) -> set[int]:
    wanted = {kwargs["pk"] for kwargs in found}
    there = set(Announcement.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    return {place for place, kwargs in enumerate(found) if kwargs["pk"] not in there}


def _articles(found: list[Kwargs], now: datetime) -> set[int]:
    rows = Article.objects.filter(pk__in={kwargs["pk"] for kwargs in found}, published_at__lte=now)
    gone = set(ArticleWithdrawal.objects.values_list("article_id", flat=True))
    there = {
        (slug, pk)
        for pk, slug, root in rows.values_list("pk", "column__slug", "original_id")
        if (root or pk) not in gone
    }
    return {place for place, kwargs in enumerate(found) if (kwargs["slug"], kwargs["pk"]) not in there}


def _columns(found: list[Kwargs], now: datetime) -> set[int]:
    there = set(Column.objects.values_list("slug", flat=True))
    return {place for place, kwargs in enumerate(found) if kwargs["slug"] not in there}


def _guides(found: list[Kwargs], now: datetime) -> set[int]:
    return {place for place, kwargs in enumerate(found) if role_named(kwargs["role"]) is None}


def _rules(found: list[Kwargs], now: datetime) -> set[int]:
    rows = RuleVersion.objects.filter(state__in=STANDING, is_public=True)
    there = set(rows.values_list("rule_id", "number"))
    rules = {rule for rule, _ in there}
    wanted = [{kwargs[n] for n in ("number", "first", "second") if n in kwargs} for kwargs in found]
    return {
        place
        for place, kwargs in enumerate(found)
        if kwargs["pk"] not in rules or any((kwargs["pk"], number) not in there for number in wanted[place])
    }


CHECKS: dict[str, Missing] = {
    **dict.fromkeys(("portal:announcement", "portal:canonical", "portal:qr", "portal:attachment"), _announcements),
    **dict.fromkeys(("portal:article", "portal:article_attachment"), _articles),
    "portal:articles": _columns,
    **dict.fromkeys(("portal:guide", "portal:guide_first"), _guides),
    **dict.fromkeys(("portal:rule", "portal:rule_version", "portal:rule_attachment", "portal:rule_compare"), _rules),
}


def broken_paths(paths: Iterable[str], *, now: datetime) -> set[str]:
    """Which paths of this site lead nowhere at ``now``; a fixed number of queries for all of them."""
    broken: set[str] = set()
    asked: dict[Missing, list[tuple[str, Kwargs]]] = defaultdict(list)
    for path in set(paths):
        if path.startswith(settings.STATIC_URL):
            if finders.find(path.removeprefix(settings.STATIC_URL)) is None:
                broken.add(path)
            continue
        try:
            match = resolve(path)
        except Resolver404:
            broken.add(path)
            continue
        if check := CHECKS.get(match.view_name):
            asked[check].append((path, match.kwargs))
    for check, found in asked.items():
        for place in check([kwargs for _, kwargs in found], now):
            broken.add(found[place][0])
    return broken
