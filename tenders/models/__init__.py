"""Announcements as published, the drafts they come from, and how personal data in them is masked."""

from tenders.models.announcements import (
    Announcement,
    AnnouncementRecord,
    AnnouncementType,
    Attachment,
    Category,
    CategoryType,
    Region,
    SearchEntry,
    SearchText,
)
from tenders.models.drafts import (
    AnnouncementDraft,
    AnnouncementTemplate,
    DraftAttachment,
    FindingAnswer,
    ScanWord,
    TemplateVersion,
)
from tenders.models.masking import MaskingRequest, SealedFile, SealedOriginal

__all__ = [
    "Announcement",
    "AnnouncementDraft",
    "AnnouncementRecord",
    "AnnouncementTemplate",
    "AnnouncementType",
    "Attachment",
    "Category",
    "CategoryType",
    "DraftAttachment",
    "FindingAnswer",
    "MaskingRequest",
    "Region",
    "ScanWord",
    "SealedFile",
    "SealedOriginal",
    "SearchEntry",
    "SearchText",
    "TemplateVersion",
]
