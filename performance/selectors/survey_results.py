"""What a survey came to: by question, against the year before and against the survey that it repeats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from performance.models import Rectification, Survey, SurveyAnswer, SurveyQuestion, SurveyState
from performance.selectors.surveys import Sent, questions_of, sent_of
from performance.survey_counts import Form, Share, Tally, answers_digest, tally, tally_read
from performance.survey_rulebook import TEXT, Rule, options_of, rule_on

# The line of an improvement item that is about the whole and not about one question.
WHOLE = "total"
SURVEY = "performance.survey"
FEW = "有效答卷少于 {few} 份，仅供参考。"
WITHHELD = "有效答卷不足 {least} 份，不分题列出，以免认出人来。"
BATCHES = (
    "为免从数字的变化里认出人，调查期间答卷打乱次序、成批清点，每批至少五份；有效份数、满意率和分题结果只算清点过的，"
    "满 {least} 份才列出，文字意见结束以后才看得到。{waiting}"
)
WAITING = "现在有 {count} 份等待清点。"


def forms_of(survey: Survey) -> Iterator[Form]:
    """The released answers of a survey as the counting reads them; of a closed one these are all."""
    rows = SurveyAnswer.objects.filter(survey=survey)
    for number, day, channel, valid, values in rows.values_list("id", "day", "channel", "valid", "values").iterator():
        yield Form(str(number), day, channel, valid, values)


def rule_of(survey: Survey) -> Rule:
    """The rule by which a survey's forms are judged."""
    return rule_on(survey.opens_on)


def tally_of(survey: Survey, questions: Sequence[SurveyQuestion]) -> Tally:
    """The counts: those kept at the closing, else those of the answers released until now."""
    kept = getattr(survey, "result", None)
    if kept is not None:
        return tally_read(kept.returned, kept.valid, kept.satisfied, kept.counts)
    return tally(questions, forms_of(survey), rule_of(survey))


@dataclass(frozen=True)
class Row:
    """One option: how often it was chosen, its share of the answers, the length of its bar of 100."""

    label: str
    share: Share

    @property
    def length(self) -> Decimal:
        """Per cent, 0 of nothing."""
        return self.share.percent or Decimal(0)


@dataclass(frozen=True)
class Line:
    """One question: its options; of a counting one the share, whether it is low, and the shares before."""

    number: int
    question: SurveyQuestion
    answered: int
    rows: tuple[Row, ...]
    share: Share | None
    low: bool
    before: Share | None
    last: Share | None


@dataclass(frozen=True)
class Results:
    """A survey's results.

    Args:
        sent: forms out and back; share: satisfied of valid forms, None while it is not shown.
        lines: by question, empty while withheld; notes: what one must know of the numbers, sentences.
        before: the survey that this one repeats; last: that of the year before; each with its share.
        texts: what people wrote, by question, in no order of time.
        whole: whether the answers are still those that were counted at the closing; None before.
    """

    survey: Survey
    sent: Sent
    share: Share | None
    low: bool
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    before: tuple[Survey, Share] | None
    last: tuple[Survey, Share] | None
    texts: tuple[tuple[SurveyQuestion, tuple[str, ...]], ...]
    whole: bool | None

    @property
    def counting(self) -> tuple[Line, ...]:
        """The lines that are part of the satisfaction."""
        return tuple(line for line in self.lines if line.share is not None)


@dataclass(frozen=True)
class _Past:
    """Another survey to compare with: its questions by text and by number, its counts."""

    survey: Survey
    questions: tuple[SurveyQuestion, ...]
    counts: Tally

    def share_of(self, question: SurveyQuestion, *, copied: bool) -> Share | None:
        """The share of the same question: the one copied, or one of the same words."""
        same = [
            one for one in self.questions
            if one.counts and (one.pk == question.copied_from_id if copied else one.text == question.text)
        ]  # fmt: skip
        return self.counts.question_share(same[0].pk) if same else None


def _past(survey: Survey | None) -> _Past | None:
    if survey is None or survey.state != SurveyState.CLOSED:
        return None
    questions = questions_of(survey)
    return _Past(survey, tuple(questions), tally_of(survey, questions))


def last_year_of(survey: Survey) -> Survey | None:
    """The closed first survey of the same kind and unit in the year before."""
    year = survey.fiscal_year
    rows = Survey.objects.filter(
        kind=survey.kind, fiscal_year__unit=year.unit_id, fiscal_year__year=year.year - 1, state=SurveyState.CLOSED,
        repeat_of=None,
    )  # fmt: skip
    return rows.select_related("result", "fiscal_year").order_by("-id").first()


def results_of(survey: Survey, *, now: datetime, texts: bool = True) -> Results:
    """Everything that the page of a survey shows of its answers; a fixed number of queries.

    While it is open, shares and questions are of the answers that were released, five at least at once: who watches the
    page cannot tell how the person who just answered did. Fewer valid forms than the rule's ``least`` are
    not split. ``texts`` False: without what people wrote.
    """
    questions, rule, closed = questions_of(survey), rule_of(survey), survey.state == SurveyState.CLOSED
    sent = sent_of(survey)
    counts = tally_of(survey, questions)
    shown = counts.valid >= rule.least
    before = _past(survey.repeat_of)
    last = _past(last_year_of(survey))
    lines = tuple(_lines(survey, questions, counts, before, last)) if shown else ()
    share = counts.share if closed or shown else None
    whole = answers_digest(forms_of(survey)) == survey.result.answers_sha256 if closed else None
    return Results(
        survey, sent, share, share is not None and share.below(survey.low_bound), lines,
        tuple(_notes(sent, counts, rule, closed=closed)),
        (before.survey, before.counts.share) if before else None, (last.survey, last.counts.share) if last else None,
        _texts(survey, questions) if closed and shown and texts else (), whole,
    )  # fmt: skip


def _notes(sent: Sent, counts: Tally, rule: Rule, *, closed: bool) -> Iterator[str]:
    if not closed:
        waiting = WAITING.format(count=sent.waiting) if sent.waiting else ""
        yield BATCHES.format(least=rule.least, waiting=waiting)
    elif counts.valid < rule.least:
        yield WITHHELD.format(least=rule.least)
    if closed and counts.valid < rule.few:
        yield FEW.format(few=rule.few)


def _lines(
    survey: Survey, questions: Sequence[SurveyQuestion], counts: Tally, before: _Past | None, last: _Past | None
) -> Iterator[Line]:
    for number, one in enumerate(questions, 1):
        answered = counts.answered.get(str(one.pk), 0)
        chosen = counts.options.get(str(one.pk), {})
        rows = tuple(Row(words, Share(chosen.get(value, 0), answered)) for value, words in options_of(one))
        share = counts.question_share(one.pk) if one.counts else None
        yield Line(
            number, one, answered, rows, share, share is not None and share.below(survey.low_bound),
            before.share_of(one, copied=True) if before and one.counts else None,
            last.share_of(one, copied=False) if last and one.counts else None,
        )  # fmt: skip


def _texts(
    survey: Survey, questions: Sequence[SurveyQuestion]
) -> tuple[tuple[SurveyQuestion, tuple[str, ...]], ...]:  # fmt: skip
    asked = [one for one in questions if one.kind == TEXT]
    if not asked:
        return ()
    # The order of random numbers, each question for itself: nobody's two texts stand together.
    values = list(SurveyAnswer.objects.filter(survey=survey).order_by("id").values_list("values", flat=True))
    found = []
    for place, one in enumerate(asked):
        said = [str(each[str(one.pk)]) for each in (values if place % 2 == 0 else reversed(values)) if
                str(one.pk) in each]  # fmt: skip
        found.append((one, tuple(said)))
    return tuple(found)


@dataclass(frozen=True)
class ItemRepeat:
    """The newest repeat of the survey that opened an item, with the shares of the item's line."""

    repeat: Survey | None
    before: Share | None
    after: Share | None
    bound: Decimal


def _line_share(survey: Survey, line: str, *, copied: bool) -> Share | None:
    questions = questions_of(survey)
    counts = tally_of(survey, questions)
    if line == WHOLE:
        return counts.share
    same = [one for one in questions if str(one.copied_from_id if copied else one.pk) == line]
    return counts.question_share(same[0].pk) if same else None


def items_of(survey: Survey) -> list[Rectification]:
    """The improvement items that a survey opened."""
    rows = Rectification.objects.filter(origin_type=SURVEY, origin_id=survey.pk)
    return list(rows.select_related("department").order_by("id"))


def repeat_of_item(item: Rectification, *, at: datetime | None = None) -> ItemRepeat:
    """What the newest second survey says of an improvement item that a survey opened; ``at``: as it was then."""
    survey = Survey.objects.select_related("result").get(pk=item.origin_id or 0)
    # A repeat's own items are judged by the next repeat of the same first survey.
    repeats = Survey.objects.filter(repeat_of=survey.repeat_of_id or survey.pk, pk__gt=survey.pk)
    repeats = repeats.filter(result__at__lte=at) if at is not None else repeats
    repeat = repeats.exclude(state=SurveyState.DISCARDED).select_related("result").order_by("-id").first()
    line = item.origin_line
    before = _line_share(survey, line, copied=False)
    if repeat is None or repeat.state != SurveyState.CLOSED:
        return ItemRepeat(repeat, before, None, survey.low_bound)
    if line != WHOLE and survey.repeat_of_id:
        origin = SurveyQuestion.objects.filter(pk=int(line)).values_list("copied_from", flat=True).first()
        after = _line_share(repeat, str(origin), copied=True)
    else:
        after = _line_share(repeat, line, copied=True)
    return ItemRepeat(repeat, before, after, survey.low_bound)
