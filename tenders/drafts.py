"""Reads of drafts and masking requests: lists, what the scan finds, what is still missing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse

from accounts.duties import Duty
from core.moments import SHANGHAI, day_words, minute_words
from tenders.masking import MASK
from tenders.models import AnnouncementDraft, MaskingRequest, ScanWord
from tenders.models.drafts import ALSO_ABOUT, AnnouncementTemplate, DraftAttachment, DraftState
from tenders.periods import Fault, period_faults
from tenders.scan import Finding, Matter, Word, matters, scan_parts
from tenders.targets import ORIGINAL
from workflow.actors import Actor
from workflow.moves import FileLink
from workflow.selectors import calendar_current

PAGE = 20
READERS = frozenset({Duty.ANNOUNCEMENT_CHECK, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR})
PLACEHOLDER = re.compile(r"【([^【】]{1,40})】")


def draft_rows(*, now: datetime) -> QuerySet[AnnouncementDraft]:
    """Drafts with what lists show; one query."""
    return AnnouncementDraft.objects.select_related("template", "office", "drafted_by", "target", "announcement")


def drafts_visible(rows: QuerySet[AnnouncementDraft], *, actor: Actor) -> QuerySet[AnnouncementDraft]:
    """Those who draft, check or direct see every one; who examines secrecy, what has been submitted."""
    if actor.duties & READERS or Duty.ANNOUNCEMENT_DRAFT in actor.duties:
        return rows
    if Duty.SECRECY_CHECK in actor.duties:
        return rows.exclude(state__in=[DraftState.DRAFT, DraftState.WITHDRAWN])
    return rows.none()


def draft_title(draft: AnnouncementDraft) -> str:
    """The draft in one line."""
    return draft.title


def draft_url(draft: AnnouncementDraft) -> str:
    """The draft's page."""
    return reverse("staff_draft", args=[draft.pk])


def draft_facts(draft: AnnouncementDraft) -> list[tuple[str, str]]:
    """What one decides on."""
    found = [("公告类型", f"{draft.category} {draft.template.name}"), ("拟稿人", str(draft.drafted_by))]
    if draft.target:
        found.append(("针对的公告", draft.target.title))
    if draft.publish_at:
        found.append(("拟发布时间", minute_words(draft.publish_at)))
    if draft.medium_name:
        when = f"，首次发布 {minute_words(draft.medium_at)}" if draft.medium_at else ""
        found.append(("指定媒介", f"{draft.medium_name} {draft.medium_url}{when}"))
    if draft.exception_reason:
        found.append(("适用例外的理由", draft.exception_reason))
    if draft.secrecy_conclusion:
        found.append(("保密审查", f"{draft.secrecy_conclusion}（{draft.secrecy_by}）"))
    return found


def draft_files(draft: AnnouncementDraft) -> list[FileLink]:
    """What is attached, for the page of a move."""
    return [
        FileLink(one.name, file_url(one), one.file.size, "例外依据，不公开" if one.is_paper else "")
        for one in draft.attachments.select_related("file")
    ]


def file_url(file: DraftAttachment) -> str:
    """Where a file of a draft is downloaded by those who see the draft."""
    return reverse("staff_draft_file", args=[file.draft_id, file.pk])


def value_words(kind: str, value: object) -> str:
    """A field's value as the text has it.

    Args:
        kind: of the template (``money``, ``date``, ``moment``, ``yesno``, …).
        value: as stored.
    """
    text = str(value or "")
    try:
        if kind == "money":
            return f"{Decimal(text):,.2f}" if text else ""
        if kind == "date" and text:
            return day_words(date.fromisoformat(text))
        if kind == "moment" and text:
            return minute_words(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))
    except (ValueError, InvalidOperation):
        return text
    return {"yes": "是", "no": "否"}.get(text, text) if kind == "yesno" else text


def filled(text: str, template: AnnouncementTemplate, fields: dict[str, Any]) -> str:
    """``text`` with the marks 【…】 of the template's fields replaced by their values, as far as they have one."""
    values = {one["label"]: value_words(one["kind"], fields.get(one["name"])) for one in template.fields}
    return PLACEHOLDER.sub(lambda found: values.get(found[1]) or found[0], text)


def marks_left(draft: AnnouncementDraft) -> list[str]:
    """The marks of the template that nobody has filled, in title and text; ＊＊＊ where masked words were copied."""
    labels = {one["label"] for one in draft.template.fields}
    text = draft.title + "\n" + draft.text
    found = [label for label in dict.fromkeys(PLACEHOLDER.findall(text)) if label in labels]
    if draft.state == DraftState.PUBLISHED:
        # What was masked after the publication is no gap.
        return found
    original = str(draft.fields.get(ORIGINAL) or "")
    return [*found, MASK] if MASK in (text.replace(original, "") if original else text) else found


def is_filled(draft: AnnouncementDraft, name: str) -> bool:
    """Whether a field says something; masked words that were copied say nothing, but in the title of an original."""
    text = str(draft.fields.get(name) or "").strip()
    return bool(text) and (name == ORIGINAL or draft.state == DraftState.PUBLISHED or MASK not in text)


def draft_parts(draft: AnnouncementDraft) -> dict[str, str]:
    """Every text of a draft that will be published, by name of the part."""
    parts = {"标题": draft.title, "正文": draft.text}
    for one in draft.template.fields:
        if one["kind"] in ("text", "long") and draft.fields.get(one["name"]):
            parts[one["label"]] = str(draft.fields[one["name"]])
    parts["更正内容和理由"] = draft.target_change
    for number, file in enumerate(draft.attachments.all(), 1):
        if not file.is_paper:
            parts[f"附件{number}的文件名"] = file.name
    return {name: text for name, text in parts.items() if text}


def words_active() -> list[Word]:
    """The list of words that the scan looks for."""
    rows = ScanWord.objects.filter(is_active=True).values_list("word", "kind", "suggestion")
    return [Word(*row) for row in rows]


@dataclass(frozen=True)
class Review:
    """What a draft still needs, computed when it is asked for.

    Args:
        missing: labels of required things that are empty.
        marks: marks 【…】 left in the text.
        faults: what is wrong with the dates.
        findings: of the scan, in order.
        answers: reasons by key.
        files: what is attached, papers that are not published among it.
    """

    missing: list[str]
    marks: list[str]
    faults: list[Fault]
    findings: list[Finding]
    answers: dict[str, str]
    words: list[Word] = field(default_factory=list)
    files: list[DraftAttachment] = field(default_factory=list)

    @property
    def matters(self) -> list[Matter]:
        """What was found, each thing once."""
        return matters(self.findings)

    @property
    def late(self) -> list[Fault]:
        """What is late already: publishing stays a duty, and why is written down."""
        return [fault for fault in self.faults if fault.late]

    @property
    def unlawful(self) -> list[Fault]:
        """Dates that the law forbids."""
        return [fault for fault in self.faults if not fault.late]

    @property
    def unanswered(self) -> list[Matter]:
        """What was found and nobody has said why it stays."""
        return [one for one in self.matters if one.key not in self.answers]

    @property
    def late_unanswered(self) -> list[Fault]:
        """What is late without a reason."""
        return [fault for fault in self.late if fault.key not in self.answers]

    @property
    def to_confirm(self) -> list[str]:
        """The keys that the second person must confirm one by one: what is serious, exceptions, lateness, files."""
        found = [one.key for one in self.matters if one.finding.serious]
        found += [fault.key for fault in self.faults if fault.late or fault.exception]
        return found + [file.key for file in self.files]


def review_of(draft: AnnouncementDraft, *, at: datetime) -> Review:
    """Look a draft through as it would be published at ``at``."""
    words = words_active()
    missing = [one["label"] for one in draft.template.required if not is_filled(draft, one["name"])]
    return Review(
        missing=missing,
        marks=marks_left(draft),
        faults=period_faults(draft, at=at, calendar=calendar_current()),
        findings=scan_parts(draft_parts(draft), words, today=at.astimezone(SHANGHAI).date()),
        answers=dict(draft.answers.values_list("key", "reason")),
        words=words,
        files=list(draft.attachments.select_related("file")),
    )


def published_at_of(draft: AnnouncementDraft, now: datetime) -> datetime:
    """The moment by which dates are judged: the chosen one, or now when there is none or it has passed."""
    return max(draft.publish_at or now, now)


@dataclass(frozen=True)
class DraftQuery:
    """Filters of the list."""

    state: str = ""
    category: str = ""
    words: str = ""
    mine: bool = False
    before: int = 0


def drafts_list(actor: Actor, query: DraftQuery, *, now: datetime) -> tuple[list[AnnouncementDraft], int]:
    """One page of drafts, newest first, and the number for the next page (0: there is none)."""
    rows = drafts_visible(draft_rows(now=now), actor=actor)
    if query.state in DraftState.values:
        rows = rows.filter(state=query.state)
    if query.category:
        another = Q(template__code__in=ALSO_ABOUT, target__isnull=False)
        own = Q(template__category__name=query.category) & ~another
        rows = rows.filter(own | (another & Q(target__category__name=query.category)))
    if query.words:
        code = Q(fields__project_code__icontains=query.words)
        rows = rows.filter(Q(title__icontains=query.words) | code)
    if query.mine:
        rows = rows.filter(drafted_by=actor.id)
    if query.before:
        rows = rows.filter(pk__lt=query.before)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else 0


def state_counts(actor: Actor, *, now: datetime) -> dict[str, int]:
    """How many drafts are in each state, of those that the person sees."""
    counts = dict.fromkeys(DraftState.values, 0)
    rows = drafts_visible(AnnouncementDraft.objects.all(), actor=actor)
    return counts | dict(rows.values_list("state").annotate(Count("pk")))


@dataclass(frozen=True)
class Difference:
    """One line of a comparison: ``kind`` is same, gone or new."""

    kind: str
    text: str


def difference(old: str, new: str) -> list[Difference]:
    """Two texts line by line; long runs that are the same are cut down to two lines at each end."""
    kinds = {"  ": "same", "- ": "gone", "+ ": "new"}
    lines = [
        Difference(kinds[line[:2]], line[2:])
        for line in difflib.ndiff(old.splitlines(), new.splitlines())
        if line[:2] in kinds
    ]
    keep = {n + d for n, line in enumerate(lines) if line.kind != "same" for d in range(-2, 3)}
    return [line for number, line in enumerate(lines) if number in keep]


def field_differences(draft: AnnouncementDraft) -> list[tuple[str, str, str]]:
    """(label, of the announcement that is corrected, of the draft) where both say something and it is not the same."""
    old = draft.target.content["fields"] if draft.target else {}
    found = []
    for one in draft.template.fields:
        name = "deadline" if one["name"] == "new_deadline" else one["name"]
        before, after = (old.get(name) if isinstance(old, dict) else None), draft.fields.get(one["name"])
        if before and after and str(before) != str(after):
            found.append((one["label"], value_words(one["kind"], before), value_words(one["kind"], after)))
    return found


def masking_rows(*, now: datetime) -> QuerySet[MaskingRequest]:
    """Masking requests with the announcement's title."""
    return MaskingRequest.objects.select_related("announcement", "requested_by", "confirmed_by")


def maskings_visible(rows: QuerySet[MaskingRequest], *, actor: Actor) -> QuerySet[MaskingRequest]:
    """Only those who mask."""
    return rows if Duty.MASKING in actor.duties else rows.none()


def masking_title(request: MaskingRequest) -> str:
    """The request in one line."""
    return f"遮蔽：{request.announcement.title}"


def masking_url(request: MaskingRequest) -> str:
    """The request's page."""
    return reverse("staff_masking", args=[request.pk])


def masking_facts(request: MaskingRequest) -> list[tuple[str, str]]:
    """What one decides on."""
    return [
        ("公告", f"{request.announcement.title}（编号 {request.announcement_id}）"),
        ("理由", request.reason),
        ("申请人", str(request.requested_by)),
        ("遮蔽之处", f"{len(request.pieces)} 处"),
    ]


def templates_active() -> Sequence[AnnouncementTemplate]:
    """The templates that may be chosen, those of a kind of trade together, in order."""
    rows = AnnouncementTemplate.objects.filter(is_active=True).select_related("category")
    return sorted(rows, key=lambda one: (one.category.position, one.position, one.pk))


def templates_all() -> Sequence[AnnouncementTemplate]:
    """Every template by category, with the number of its newest version (None: never changed) and of its drafts."""
    rows = AnnouncementTemplate.objects.select_related("category").annotate(
        newest=Max("versions__number"), changed_at=Max("versions__at"), draft_count=Count("drafts", distinct=True)
    )
    return sorted(rows, key=lambda one: one.category.position)


@dataclass(frozen=True)
class TemplateReading:
    """A skeleton looked through.

    Args:
        text: the skeleton, filled with what the newest draft has.
        example: that draft's title, empty when there is none.
        absent: labels of required fields that the text does not name.
    """

    text: str
    example: str
    absent: list[str]


def template_reading(template: AnnouncementTemplate, *, skeleton: str, required: Collection[str]) -> TemplateReading:
    """How a skeleton reads.

    Args:
        template: gives the fields.
        skeleton: the text, perhaps not saved yet.
        required: names of the fields that must be filled.
    """
    newest = AnnouncementDraft.objects.filter(template=template).order_by("-pk").first()
    marks = set(PLACEHOLDER.findall(skeleton))
    absent = [one["label"] for one in template.fields if one["name"] in required and one["label"] not in marks]
    text = filled(skeleton, template, newest.fields) if newest else skeleton
    return TemplateReading(text, newest.title if newest else "", absent)
