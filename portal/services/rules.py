"""Writes of 制度库: a version is drafted, checked by another, released, one day repealed or followed by the next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import IO, Any

from django.core.files.base import File
from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from accounts.models import Department, User
from core.errors import BusinessError
from documents.services import file_store
from portal.models import CenterRule, RuleFile, RuleVersion
from portal.models.rules import STANDING
from portal.selectors.rules import today_of
from portal.services.articles import MOST_FILES, file_name_checked
from workflow.models import StateChange
from workflow.services import create, move

FIELDS = ("document_number", "title", "text", "issued_on", "in_force_from", "is_public")
DOCUMENT = "portal_ruleversion_document"
CHECKED = f"portal_ruleversion_overlap, {DOCUMENT}"


def version_create(
    *,
    document_number: str,
    title: str,
    text: str,
    issued_on: date,
    in_force_from: date,
    by: User,
    now: datetime,
    is_public: bool = True,
    offices: Iterable[Department] = (),
    rule: CenterRule | None = None,
    address: str = "",
) -> RuleVersion:
    """Begin a version of a rule.

    Args:
        document_number: 文号; title, text: as they will be released, signs of the text: ``portal.prose``.
        issued_on, in_force_from: 印发日期, 施行日期.
        offices: who answers for it.
        rule: the rule whose next version it is; None: a new rule.

    Raises:
        BusinessError: as ``workflow.services.create``.
    """
    try:
        with transaction.atomic():
            version = RuleVersion(
                rule=rule or CenterRule.objects.create(created_at=now), document_number=document_number.strip(),
                title=title.strip(), text=text, issued_on=issued_on, in_force_from=in_force_from,
                is_public=is_public, created_by=by, created_at=now,
            )  # fmt: skip
            create(version, by=by, now=now, address=address)
            version.offices.set(offices)
    except IntegrityError as error:
        raise BusinessError("不能新建：这项制度已有一份未办完的新版本，请在那一份上改。", "invalid") from error
    return version


def rule_revise(*, version: RuleVersion, by: User, now: datetime, address: str = "") -> RuleVersion:
    """Begin the next version of a released rule with the words of the newest one.

    Raises:
        BusinessError: ``replaced``; ``invalid`` when one is begun already; or as ``create``.
    """
    if version.state not in STANDING or version.number != _last_number(version.rule_id):
        raise BusinessError("不能修订：请从最新发布的版本修订。", "replaced")
    day = max(today_of(now), version.in_force_from)
    with transaction.atomic():
        made = version_create(
            document_number=version.document_number, title=version.title, text=version.text, issued_on=day,
            in_force_from=day, is_public=version.is_public, offices=version.offices.all(), rule=version.rule,
            by=by, now=now, address=address,
        )  # fmt: skip
        RuleFile.objects.bulk_create(
            RuleFile(version=made, position=f.position, name=f.name, sha256=f.sha256, size=f.size)
            for f in version.files.all()
        )
    return made


def version_edit(
    version: RuleVersion, *, data: dict[str, Any], by: User, now: datetime, seen: int | None = None, address: str = ""
) -> StateChange:
    """Change a version while it is drafted; ``data``: the values of ``FIELDS``, perhaps ``offices``.

    Raises:
        BusinessError: as ``workflow.services.move``.
    """
    return move(version, "edit", by=by, now=now, data=data, seen=seen, address=address)


def version_write(version: RuleVersion, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``edit``."""
    version.document_number, version.title = data["document_number"].strip(), data["title"].strip()
    version.text, version.is_public = data["text"], data["is_public"]
    version.issued_on, version.in_force_from = data["issued_on"], data["in_force_from"]
    version.save(update_fields=FIELDS)
    if "offices" in data:
        version.offices.set(data["offices"])


def _last_number(rule_id: int) -> int:
    return RuleVersion.objects.filter(rule=rule_id).aggregate(last=Max("number"))["last"] or 0


def version_release(
    version: RuleVersion, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]
) -> None:
    """Record of ``release``: the next number; the version before ends on the day on which this one begins.

    Raises:
        BusinessError: ``overlap`` when the database finds two versions in force on one day, ``known`` when the
            document number is taken.
    """
    try:
        with transaction.atomic():
            RuleVersion.objects.filter(rule=version.rule_id, state=STANDING[0], repealed_on=None).exclude(
                pk=version.pk
            ).update(repealed_on=version.in_force_from)
            version.number, version.released_at = _last_number(version.rule_id) + 1, now
            version.save(update_fields=["number", "released_at"])
            with connection.cursor() as cursor:
                # Told now, in words, not at the commit.
                cursor.execute(f"SET CONSTRAINTS {CHECKED} IMMEDIATE")
                cursor.execute(f"SET CONSTRAINTS {CHECKED} DEFERRED")
    except IntegrityError as error:
        raise _release_refusal(error) from error


def _release_refusal(error: IntegrityError) -> BusinessError:
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
    if name == DOCUMENT:
        return BusinessError("不能复核发布：这个文号已经用过，请退回修改文号。", "known")
    return BusinessError(
        "不能复核发布：同一天会有两个版本同时有效。施行日期应晚于上一版本的施行日期，请退回修改。", "overlap"
    )


def version_repeal(version: RuleVersion, *, change: StateChange, by: User, now: datetime, data: dict[str, Any]) -> None:
    """Record of ``repeal``. Raises BusinessError ``invalid`` without a day."""
    if data.get("repealed_on") is None:
        raise BusinessError("不能废止：没有写失效日期。", "invalid")
    version.repealed_on = data["repealed_on"]
    version.replaced_by = data.get("replaced_by")
    version.save(update_fields=["repealed_on", "replaced_by"])


def rule_file_add(
    *, version: RuleVersion, content: IO[bytes] | File[Any], name: str, by: User, now: datetime, address: str = ""
) -> RuleFile:
    """Keep a file with a version that is drafted. Not to be called inside a transaction.

    Raises:
        BusinessError: ``too_many``, ``bad_name``, what ``documents.services.file_store`` refuses, or as ``move``.
    """
    wanted = file_name_checked(name)
    stored = file_store(content=content, now=now, name=wanted)
    with transaction.atomic():
        version_edit(version, data={n: getattr(version, n) for n in FIELDS}, by=by, now=now, address=address)
        places = list(version.files.values_list("position", flat=True))
        if len(places) >= MOST_FILES:
            raise BusinessError(f"附件没有保存：一项制度最多 {MOST_FILES} 个附件。", "too_many")
        file, _ = RuleFile.objects.get_or_create(
            version=version, sha256=stored.sha256,
            defaults={"name": wanted, "size": stored.size, "position": max(places, default=0) + 1},
        )  # fmt: skip
    return file


def rule_file_remove(*, version: RuleVersion, position: int, by: User, now: datetime, address: str = "") -> None:
    """Take a file from a version that is drafted. Raises BusinessError as ``move``; ``gone`` when there is none."""
    with transaction.atomic():
        version_edit(version, data={n: getattr(version, n) for n in FIELDS}, by=by, now=now, address=address)
        found, _ = RuleFile.objects.filter(version=version, position=position).delete()
        if not found:
            raise BusinessError("附件没有移去：它已经不在了，请刷新页面。", "gone")
