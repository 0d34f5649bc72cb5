"""The list of announcements, one announcement, its stored bytes."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.qr import qr_svg
from documents.models import StoredFile
from documents.selectors import file_open
from portal.context import permalink
from portal.detail import detail_html
from portal.fragments import for_seconds
from portal.listing import list_html
from portal.views.common import this_minute
from tenders import selectors
from tenders.models import Announcement
from tenders.queries import AnnouncementQuery


@require_safe
def announcement_list(request: HttpRequest) -> HttpResponse:
    """Twenty announcements that match the query, newest first. A bad query is a BusinessError (400)."""
    query = AnnouncementQuery.parse(request.GET)
    now = this_minute()
    page = selectors.announcement_page(query, now=now, keep=lambda make: for_seconds(("hits", query.urlencode()), make))
    return HttpResponse(list_html(query, page, now, request))


def _announcement(pk: int) -> Announcement:
    try:
        return selectors.announcement_get(pk)
    except Announcement.DoesNotExist as error:
        raise Http404(f"没有编号为 {pk} 的公告") from error


@require_safe
def announcement_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One announcement: facts first, then its text, files, chain and how to check it."""
    try:
        return HttpResponse(detail_html(pk, this_minute(), request))
    except Announcement.DoesNotExist as error:
        raise Http404(f"没有编号为 {pk} 的公告") from error


@require_safe
def announcement_canonical(request: HttpRequest, pk: int) -> HttpResponse:
    """The canonical bytes exactly as stored when it was published (contracts/transparency-log.md)."""
    try:
        return HttpResponse(selectors.announcement_canonical(pk), content_type="application/json")
    except Announcement.DoesNotExist as error:
        raise Http404(f"没有编号为 {pk} 的公告") from error


@require_safe
def announcement_qr(request: HttpRequest, pk: int) -> HttpResponse:
    """The address of the announcement's page as a QR code, for taking it along on the phone."""
    address = permalink(request, "portal:announcement", _announcement(pk).pk)
    return HttpResponse(qr_svg(address), content_type="image/svg+xml")


@require_safe
def attachment(request: HttpRequest, pk: int, position: int) -> FileResponse:
    """A file of an announcement that is kept here, always as a download: it is no page of ours."""
    found = selectors.attachments_of(_announcement(pk))
    file = next((f for f in found if f.position == position and f.stored), None)
    stored = StoredFile.objects.filter(sha256=file.sha256).first() if file else None
    if file is None or stored is None:
        raise Http404(f"公告 {pk} 没有第 {position} 个附件")
    return FileResponse(
        file_open(stored), as_attachment=True, filename=file.name, content_type="application/octet-stream"
    )
