"""The list of announcements as an Atom feed (RFC 4287), pages linked as RFC 5005 says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from core.errors import BusinessError
from portal.api import announcement_address
from portal.context import origin
from tenders.models import Announcement
from tenders.queries import AnnouncementQuery
from tenders.selectors import AnnouncementPage, announcement_page

EMPTY_SINCE = datetime(2000, 1, 1, tzinfo=timezone.get_fixed_timezone(480))


class _Feed(Atom1Feed):
    """An Atom feed whose update time is that of its newest entry, so that the same list gives the same bytes."""

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items), default=EMPTY_SINCE)

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        if following := self.feed["following"]:
            handler.addQuickElement("link", "", {"rel": "next", "href": following})


def _entry(feed: _Feed, request: HttpRequest, row: Announcement) -> None:
    address = announcement_address(request, row.pk)
    facts = [row.category_id, row.type_id, row.region_id, row.project_code, row.purchaser]
    feed.add_item(
        title=row.title,
        link=address,
        unique_id=address,
        description=" · ".join(fact for fact in facts if fact),
        pubdate=row.published_at,
        updateddate=row.published_at,
        categories=[row.category_id],
    )


def _feed(request: HttpRequest, query: AnnouncementQuery, page: AnnouncementPage) -> _Feed:
    base = origin(request)
    own, pages = reverse("portal_api:feed"), reverse("portal:announcements")
    title = f"{settings.CONFIG.SITE_NAME} 公告"
    return _Feed(
        title=f"{title}：{query.q}" if query.q else title,
        link=f"{base}{pages}?{query.urlencode()}".rstrip("?"),
        description="公共资源交易公告",
        language="zh-CN",
        feed_url=f"{base}{own}?{query.urlencode()}".rstrip("?"),
        author_name=settings.CONFIG.SITE_NAME,
        following=f"{base}{own}?{query.urlencode(after=page.next)}" if page.next else "",
    )


@require_safe
def announcement_feed(request: HttpRequest) -> HttpResponse:
    """The same query as the list's, as Atom. A bad one is answered 400 with its sentence as text."""
    try:
        query = AnnouncementQuery.parse(request.GET)
    except BusinessError as error:
        return HttpResponse(error.message, status=400, content_type="text/plain; charset=utf-8")
    page = announcement_page(query, now=timezone.now(), count=False)
    feed = _feed(request, query, page)
    for row in page.rows:
        _entry(feed, request, row)
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
