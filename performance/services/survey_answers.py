"""Answers: one for each code, stored with nothing that tells who gave it.

The code and the answer are written in one transaction, the answer into a table that the application cannot read. From
there answers are released several at once and in random order, with new numbers (answers_release): nothing that the
application can read tells then which code an answer came with. The audit log tells of forms that the staff typed, never
which answer they became.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core import signing
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from core.errors import BusinessError
from core.text import first_not_typed
from performance.codes import code_read
from performance.models import (
    Survey,
    SurveyAnswer,
    SurveyBatch,
    SurveyInbox,
    SurveyQuestion,
    SurveyState,
    SurveyToken,
)
from performance.selectors.surveys import closed_words, questions_of, sent_of, today_of
from performance.services.common import refuse, told
from performance.services.survey_slips import token_digest
from performance.survey_rulebook import TEXT, answer_fits, is_valid
from tenders.scan import scan

SALT = "performance.survey.poster"
# How long a page of the poster may stay open before it is sent.
TICKET_SECONDS = 24 * 60 * 60
USED = "这份问卷已经收到，谢谢！一个问卷码只收一份答卷，不用再交。"
UNKNOWN = "没有这个问卷码。请对照纸条重新扫码或者输入；仍然不行的，请向发放的工作人员换一张。"
EXPIRED = "没有提交：这一页打开超过一天了。您填的都还在，请再点一次“提交”。"
WHAT = "没有提交"


def _refused(message: str, code: str) -> BusinessError:
    return BusinessError(message, code)


def token_find(code: str) -> SurveyToken:
    """The code of a slip as somebody typed or scanned it, with its survey.

    Raises:
        BusinessError: ``unknown``.
    """
    read = code_read(code)
    rows = SurveyToken.objects.select_related("survey__fiscal_year", "survey__result")
    found = rows.filter(digest=token_digest(read), batch__isnull=False).first() if read else None
    if found is None:
        raise _refused(UNKNOWN, "unknown")
    return found


def ticket_make(survey: Survey) -> str:
    """A signed right to answer once, for a page of the poster; nothing is stored until it is used.

    Signed with the keys of the sessions (core.keys), which may be rotated; good for TICKET_SECONDS.
    """
    return signing.dumps([survey.pk, secrets.token_urlsafe(12)], salt=SALT)


def _ticket_digest(ticket: str, survey: Survey) -> str:
    """The digest under which a ticket is spent. Raises BusinessError ``expired``, ``unknown``."""
    try:
        number, nonce = signing.loads(ticket[:300], salt=SALT, max_age=TICKET_SECONDS)
    except signing.SignatureExpired:
        raise _refused(EXPIRED, "expired") from None
    except (signing.BadSignature, ValueError, TypeError):
        raise _refused("没有提交：这一页不完整。您填的都还在，请再点一次“提交”。", "unknown") from None
    if number != survey.pk:
        raise _refused("没有提交：这一页是另一项调查的，请重新扫码。", "unknown")
    return token_digest(f"{number}\0{nonce}")


def masked(text: str, today: date) -> str:
    """A text with identity, phone and account numbers as ＊, for an opinion needs none (个人信息保护法 art 6)."""
    found = text
    for one in reversed(scan(text, (), today=today)):
        found = found[: one.begin] + "＊" * (one.end - one.begin) + found[one.end :]
    return found


def _read(
    questions: Sequence[SurveyQuestion], values: Mapping[str, Any], *, today: date, whole: bool
) -> dict[str, Any]:  # fmt: skip
    """The answers as they are stored. Raises BusinessError with ``field`` (``q<number>``)."""
    known = {str(one.pk): one for one in questions}
    found: dict[str, Any] = {}
    for key, value in values.items():
        question = known.get(key)
        if question is None or not answer_fits(question, value):
            raise refuse(WHAT, "有一道题的回答读不懂，请重新选择", field=f"q{key}" if question else "")
        if question.kind == TEXT and first_not_typed(value):
            raise refuse(WHAT, "文字里有不能保存的控制字符，请删去后重写", field=f"q{key}")
        found[key] = masked(value, today) if question.kind == TEXT else value
    missing = [one for one in questions if one.required and str(one.pk) not in found] if whole else []
    if missing:
        raise refuse(WHAT, f"还有 {len(missing)} 道必答题没有回答", field=f"q{missing[0].pk}")
    if not found:
        raise refuse(WHAT, "一道题也没有回答")
    return found


def _store(survey: Survey, values: dict[str, Any], channel: str, today: date) -> None:
    """In the caller's transaction; the database looks whether the survey is open."""
    questions = questions_of(survey)
    SurveyInbox.objects.create(
        survey=survey, day=today, channel=channel, valid=is_valid(questions, values), values=values
    )


def _closed(error: IntegrityError) -> BusinessError:
    """What a refusal of the triggers means. Raises what is none."""
    if "the survey takes no answers" not in str(error):
        raise error
    return _refused("没有提交：这项调查刚刚结束，不再收答卷。", "closed")


def _taken(survey: Survey, questions: Sequence[SurveyQuestion], values: Mapping[str, Any], today: date) -> Any:
    if words := closed_words(survey, today):
        raise _refused(f"没有提交：{words}", "closed")
    return _read(questions, values, today=today, whole=True)


def answer_by_slip(*, code: str, values: Mapping[str, Any], now: datetime) -> None:
    """Take the answer that a slip is good for.

    Args:
        code: of the slip; values: by the question's number as text (see survey_rulebook.answer_fits).

    Raises:
        BusinessError: ``unknown``, ``used``, ``closed``, ``invalid`` (with ``field``).
    """
    token, today = token_find(code), today_of(now)
    if token.used:
        raise _refused(USED, "used")
    survey = token.survey
    found = _taken(survey, questions_of(survey), values, today)
    try:
        with transaction.atomic():
            # Of several at once the first has the row; the others wait for it and find it used.
            if not SurveyToken.objects.filter(digest=token.digest, used=False).update(used=True):
                raise _refused(USED, "used")
            _store(survey, found, SurveyAnswer.Channel.LINK, today)
    except IntegrityError as error:
        raise _closed(error) from error


def answer_by_poster(*, survey: Survey, ticket: str, values: Mapping[str, Any], now: datetime) -> None:
    """Take an answer from a page of the poster.

    Args:
        ticket: of :func:`ticket_make`, as the page carried it; values: as for :func:`answer_by_slip`.

    Raises:
        BusinessError: ``unknown``, ``expired`` (the page is to be shown anew, with what was filled), ``used``,
            ``closed``, ``invalid``.
    """
    today = today_of(now)
    digest = _ticket_digest(ticket, survey)
    if SurveyToken.objects.filter(digest=digest).exists():
        raise _refused(USED, "used")
    found = _taken(survey, questions_of(survey), values, today)
    try:
        with transaction.atomic():
            SurveyToken.objects.create(digest=digest, survey=survey, used=True)
            _store(survey, found, SurveyAnswer.Channel.POSTER, today)
    except IntegrityError as error:
        if "performance_surveytoken_pkey" in str(error):
            raise _refused(USED, "used") from error
        raise _closed(error) from error


def answer_on_paper(
    *, survey: Survey, values: Mapping[str, Any], by: User, now: datetime, address: str = ""
) -> bool:  # fmt: skip
    """Type a form that came back on paper; it may have gaps, then it may be invalid.

    Who typed it is told to the audit log, not to the answer.

    Returns:
        Whether it is valid.

    Raises:
        BusinessError: ``wrong_state``, ``invalid``; ``blocked``: more than were given out.
    """
    today, questions = today_of(now), questions_of(survey)
    found = _read(questions, values, today=today, whole=False)
    what = "没有录入"
    with transaction.atomic():
        locked = Survey.objects.select_for_update(no_key=True).get(pk=survey.pk)
        if locked.state != SurveyState.OPEN:
            raise refuse(what, f"调查现在是“{locked.get_state_display()}”，不能再录", code="wrong_state")
        given = sum(survey.batches.filter(kind=SurveyBatch.Kind.PAPER).values_list("count", flat=True))
        typed = sent_of(survey).paper_returned
        if typed >= given:
            said = f"登记发放的纸质问卷是 {given} 份，已经录了 {typed} 份；多发的请先登记发放"
            raise refuse(what, said, code="blocked")
        _store(survey, found, SurveyAnswer.Channel.PAPER, today)
        told(what="survey_paper", obj=survey, by=by, now=now, address=address)
    return is_valid(questions, found)


def answers_release(survey: Survey) -> int:
    """Release waiting answers: while a survey is open, of each channel with ten or more all but five; then all.

    Five at least go together, and five stay, so that those released at the closing are as many. Which ones and in
    which order is random; the database does it with the owner's rights.

    Returns:
        How many were released.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT performance_survey_release(%s)", [survey.pk])
        return int(cursor.fetchone()[0])


def answers_sweep() -> int:
    """Release what waits in open surveys; may run at any time, and twice at once. Returns how many were released."""
    rows = Survey.objects.filter(state=SurveyState.OPEN).order_by("pk")
    return sum(answers_release(one) for one in rows)
