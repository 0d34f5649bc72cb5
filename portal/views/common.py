"""What several views need."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django.http import FileResponse, Http404
from django.utils import timezone

from documents.models import StoredFile
from documents.selectors import file_open


class NamedFile(Protocol):
    """A content under a name."""

    name: str
    sha256: str


def this_minute() -> datetime:
    """Now, cut to the minute: within one minute a page is the same for everybody and may be kept."""
    return timezone.now().replace(second=0, microsecond=0)


def this_moment() -> datetime:
    """Now, for what is published at a moment: an article is there as soon as it is released, not a minute later.

    Nothing is planned for a second within a minute, so the page is still the same for everybody.
    """
    return timezone.now()


def download(file: NamedFile) -> FileResponse:
    """A stored file, always as a download: it is no page of ours."""
    stored = StoredFile.objects.filter(sha256=file.sha256).first()
    if stored is None:
        raise Http404("这个附件没有保存在本站")
    return FileResponse(
        file_open(stored), as_attachment=True, filename=file.name, content_type="application/octet-stream"
    )
