"""Writes of announcement templates: every change is a version, new drafts begin with the newest at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from core.text import first_not_storable
from tenders.drafts import PLACEHOLDER
from tenders.models import AnnouncementTemplate, TemplateVersion
from tenders.models.drafts import TEXT_LENGTH
from tenders.template_data import fields_by_law

LABELS = {
    "name": "名称", "basis": "依据", "skeleton": "正文样式", "medium_name": "指定媒介", "required": "必填要素",
    "is_active": "在用",
}  # fmt: skip


def template_content(template: AnnouncementTemplate) -> dict[str, Any]:
    """What a version keeps of a template, by name of LABELS."""
    return {
        "name": template.name,
        "basis": template.basis,
        "skeleton": template.skeleton,
        "medium_name": template.medium_name,
        "required": [one["name"] for one in template.required],
        "is_active": template.is_active,
    }


def _refuse(reason: str, code: str = "invalid", field: str = "") -> BusinessError:
    return BusinessError(f"没有保存：{reason}。", code, field=field)


def _cleaned(template: AnnouncementTemplate, values: Mapping[str, Any]) -> dict[str, Any]:
    """The content after the change. Raises BusinessError."""
    found = template_content(template) | {name: value for name, value in values.items() if name in LABELS}
    for name in ("name", "basis", "skeleton", "medium_name"):
        found[name] = str(found[name]).replace("\r\n", "\n").strip()
        if first_not_storable(found[name]) or len(found[name]) > TEXT_LENGTH:
            raise _refuse(f"{LABELS[name]}太长，或者有不能保存的控制字符", field=name)
        if not found[name] and name != "medium_name":
            raise _refuse(f"{LABELS[name]}不能为空", field=name)
    labels = {one["label"] for one in template.fields}
    # Nobody is asked to fill a mark that belongs to no field: it would be published.
    if unknown := [mark for mark in dict.fromkeys(PLACEHOLDER.findall(found["skeleton"])) if mark not in labels]:
        raise _refuse(
            f"正文样式里的【{'】【'.join(unknown)}】不是这类公告的要素，请改成要素表中的名称", field="skeleton"
        )
    asked = set(found["required"]) | fields_by_law(template.code)
    found["required"] = [one["name"] for one in template.fields if one["name"] in asked]
    return found


def template_save(
    *, template: AnnouncementTemplate, values: Mapping[str, Any], seen: int, by: Any, now: datetime, address: str = ""
) -> TemplateVersion:
    """Change a template; what it said before stays as a version.

    Args:
        template: the one to change; it is read anew under a lock.
        values: by name of LABELS; ``required`` are names of fields. What the basis asks for stays required.
        seen: number of the version that the form showed.
        by: who changes it (duty announcement_check).
        now: aware time of the request.
        address: the visitor's IP address.

    Raises:
        BusinessError: ``changed`` when somebody saved meanwhile, ``unchanged``, ``invalid``.
    """
    with transaction.atomic():
        template = AnnouncementTemplate.objects.select_for_update().get(pk=template.pk)
        last = template.versions.first()
        number = last.number if last else 1
        if seen != number:
            raise _refuse("您打开之后别人改过这个样式，请对照最新的版本再改；您写的还在下面的表单里", "changed")
        before, after = template_content(template), _cleaned(template, values)
        changed = [name for name in LABELS if before[name] != after[name]]
        if not changed:
            raise _refuse("没有任何改动", "unchanged")
        if last is None:
            TemplateVersion.objects.create(template=template, number=1, **before)
        for one in template.fields:
            one["required"] = one["name"] in after["required"]
        template.name, template.basis, template.skeleton = after["name"], after["basis"], after["skeleton"]
        template.medium_name, template.is_active = after["medium_name"], after["is_active"]
        template.save(update_fields=["name", "basis", "skeleton", "medium_name", "is_active", "fields"])
        version = TemplateVersion.objects.create(template=template, number=number + 1, by=by, at=now, **after)
        action_record(
            tag=Tag.SETTING, by=by, now=now, subject=f"tenders.announcementtemplate:{template.pk}", address=address,
            detail={"version": version.number, "changed": [LABELS[name] for name in changed]},
        )  # fmt: skip
    return version
