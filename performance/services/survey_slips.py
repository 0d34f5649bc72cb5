"""Forms given out: slips with a code each, whose digests alone are kept, and forms on paper."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from core.addresses import site_origin
from performance.codes import code_of
from performance.models import Survey, SurveyBatch, SurveyState, SurveyToken
from performance.services.common import refuse, texts_storable, told

MOST_SLIPS = 500
MOST_PAPERS = 10_000
NOTE_LENGTH = 200
WHAT = "没有登记发放"
CONTEXT = "performance.SurveyToken.code"
_PAGE = re.compile(r"[0-9A-Za-z_-]{32}")


@dataclass(frozen=True)
class Slips:
    """A batch with its codes in clear: told once, known to nobody afterwards."""

    batch: SurveyBatch
    codes: tuple[str, ...]


def token_digest(code: str) -> str:
    """SHA-256 of a code in its one form: 16 random characters (about 74 bits) need no slow digest."""
    return hashlib.sha256(f"performance.SurveyToken\0{code}".encode()).hexdigest()


def slip_url(code: str) -> str:
    """Where the QR code of a slip leads."""
    return f"{site_origin()}/survey/t/{code}/"


def entry_url() -> str:
    """Where one types a code."""
    return f"{site_origin()}/survey/"


def poster_url(survey: Survey) -> str:
    """Where the QR code of the poster leads."""
    return f"{site_origin()}/survey/{survey.code}/"


def _given(
    survey: Survey, kind: str, count: int, note: str, *, most: int, page: str = "", by: User, now: datetime
) -> SurveyBatch:
    """A batch, in the caller's transaction. Raises BusinessError."""
    texts_storable(WHAT, note)
    if not 1 <= count <= most:
        raise refuse(WHAT, f"份数应在 1 至 {most:,} 之间", field="count")
    if len(note) > NOTE_LENGTH:
        raise refuse(WHAT, f"发放对象超过 {NOTE_LENGTH} 字", field="note")
    if survey.state != SurveyState.OPEN:
        raise refuse(WHAT, f"调查现在是“{survey.get_state_display()}”，开放以后才能发放", code="wrong_state")
    return SurveyBatch.objects.create(
        survey=survey, kind=kind, count=count, note=note.strip(), page_sha256=page, by=by, at=now
    )


def _locked(survey: Survey) -> Survey:
    """The closing waits for the batch, or the batch finds the survey closed."""
    return Survey.objects.select_for_update(no_key=True).get(pk=survey.pk)


def page_new() -> str:
    """What a page carries that is about to make codes."""
    return secrets.token_urlsafe(24)


def _page_digest(page: str) -> str:
    """Raises BusinessError: the page is none of ours."""
    if not _PAGE.fullmatch(page):
        raise refuse(WHAT, "这一页不完整，请从调查页面重新打开")
    return hashlib.sha256(page.encode()).hexdigest()


def slip_codes(page: str, count: int) -> tuple[str, ...]:
    """The codes that a page makes, by a secret key: nobody knows them who has not the page, nor do we afterwards."""
    return tuple(code_of(f"{page}:{number}", context=CONTEXT) for number in range(count))


def slips_make(
    *, survey: Survey, count: int, by: User, now: datetime, page: str, note: str = "", address: str = ""
) -> Slips:
    """Make slips, each with a code that answers once.

    Args:
        survey: an open one; count: 1 to MOST_SLIPS; note: whom they are for.
        page: of :func:`page_new`; the same page sent again (a double click, a reload) gives the same slips, once.

    Returns:
        The batch and its codes ``XXXX-XXXX-XXXX-XXXX``; only their digests are stored.

    Raises:
        BusinessError: ``invalid`` (with ``field``), ``wrong_state``, ``blocked`` (the page made another number).
    """
    digest = _page_digest(page)
    with transaction.atomic():
        locked = _locked(survey)
        batch = locked.batches.filter(page_sha256=digest).first()
        if batch is not None and batch.count != count:
            said = f"这一页已经做过一批 {batch.count} 份，要再做一批，请从调查页面重新打开"
            raise refuse(WHAT, said, code="blocked")
        codes = slip_codes(page, count if 1 <= count <= MOST_SLIPS else 0)
        if batch is None:
            kind = SurveyBatch.Kind.SLIPS
            batch = _given(locked, kind, count, note, most=MOST_SLIPS, page=digest, by=by, now=now)
            SurveyToken.objects.bulk_create(
                SurveyToken(digest=token_digest(code), survey=locked, batch=batch) for code in codes
            )
            told(what="survey_slips", obj=survey, by=by, now=now, address=address, count=count)
    return Slips(batch, codes)


def slips_again(*, survey: Survey, page: str) -> Slips:
    """The slips that a page made, for the file of links beside it. Raises BusinessError: it made none."""
    batch = survey.batches.filter(page_sha256=_page_digest(page)).first()
    if batch is None:
        raise refuse(WHAT, "这一页没有做过问卷码，请从调查页面重新打开")
    return Slips(batch, slip_codes(page, batch.count))


def papers_give(
    *, survey: Survey, count: int, by: User, now: datetime, note: str = "", address: str = ""
) -> SurveyBatch:
    """Note that forms on paper were given out. Raises BusinessError as :func:`slips_make`."""
    with transaction.atomic():
        kind = SurveyBatch.Kind.PAPER
        batch = _given(_locked(survey), kind, count, note, most=MOST_PAPERS, by=by, now=now)
        told(what="survey_papers", obj=survey, by=by, now=now, address=address, count=count)
    return batch
