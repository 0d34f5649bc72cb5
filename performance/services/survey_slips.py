"""Forms given out: slips with a code each, whose digests alone are kept, and forms on paper."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from core.addresses import site_origin
from performance.codes import LENGTH, LETTERS, code_read
from performance.models import Survey, SurveyBatch, SurveyState, SurveyToken
from performance.services.common import refuse, texts_storable, told

MOST_SLIPS = 500
MOST_PAPERS = 10_000


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


def poster_url(survey: Survey) -> str:
    """Where the QR code of the poster leads."""
    return f"{site_origin()}/survey/{survey.code}/"


def _given(survey: Survey, kind: str, count: int, note: str, *, most: int, by: User, now: datetime) -> SurveyBatch:
    """A batch, in the caller's transaction. Raises BusinessError."""
    what = "没有登记发放"
    texts_storable(what, note)
    if not 1 <= count <= most:
        raise refuse(what, f"份数应在 1 至 {most:,} 之间", field="count")
    if len(note) > 200:
        raise refuse(what, "发放对象超过 200 字", field="note")
    # The closing waits for the batch, or the batch finds it closed.
    locked = Survey.objects.select_for_update(no_key=True).get(pk=survey.pk)
    if locked.state != SurveyState.OPEN:
        raise refuse(what, f"调查现在是“{locked.get_state_display()}”，开放以后才能发放", code="wrong_state")
    return SurveyBatch.objects.create(survey=survey, kind=kind, count=count, note=note.strip(), by=by, at=now)


def slips_make(
    *, survey: Survey, count: int, by: User, now: datetime, note: str = "", address: str = ""
) -> Slips:  # fmt: skip
    """Make slips, each with a code that answers once.

    Args:
        survey: an open one; count: 1 to MOST_SLIPS; note: whom they are for.

    Returns:
        The batch and its codes ``XXXX-XXXX-XXXX-XXXX``; only their digests are stored.

    Raises:
        BusinessError: ``invalid`` (with ``field``), ``wrong_state``.
    """
    with transaction.atomic():
        batch = _given(survey, SurveyBatch.Kind.SLIPS, count, note, most=MOST_SLIPS, by=by, now=now)
        codes: set[str] = set()
        while len(codes) < count:
            codes.add(code_read("".join(secrets.choice(LETTERS) for _ in range(LENGTH))))
        SurveyToken.objects.bulk_create(
            SurveyToken(digest=token_digest(code), survey=survey, batch=batch) for code in sorted(codes)
        )
        told(what="survey_slips", obj=survey, by=by, now=now, address=address, count=count)
    return Slips(batch, tuple(sorted(codes)))


def papers_give(
    *, survey: Survey, count: int, by: User, now: datetime, note: str = "", address: str = ""
) -> SurveyBatch:  # fmt: skip
    """Note that forms on paper were given out. Raises BusinessError as :func:`slips_make`."""
    with transaction.atomic():
        batch = _given(survey, SurveyBatch.Kind.PAPER, count, note, most=MOST_PAPERS, by=by, now=now)
        told(what="survey_papers", obj=survey, by=by, now=now, address=address, count=count)
    return batch


def codes_of(batch: SurveyBatch, codes: list[str]) -> list[str]:
    """Those of ``codes`` that belong to a batch, in order: the list of a page that was just shown."""
    digests = {token_digest(code): code for code in dict.fromkeys(codes)}
    known = set(batch.tokens.filter(digest__in=list(digests)).values_list("digest", flat=True))
    return [code for digest, code in digests.items() if digest in known]
