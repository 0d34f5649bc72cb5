"""Deeds of this app in words, for whoever shows what was recorded of them."""

from __future__ import annotations

from performance.narrative.outline import DEPARTMENT, PROJECT

_DEEDS = {
    "performance.report": {
        "create": "新建报告", "save": "修改封面和签署", "section": "修改正文", "refresh": "换成现在的数字",
        "redraft": "重新起草", "scan_add": "上传盖章扫描件", "disclose": "公开自评报告",
        "withdraw": "撤下公开的自评报告",
    },
    "performance.managementscore": {"management_keep": "存档绩效管理评分"},
    "performance.managementscheme": {"scheme_make": "新建绩效管理评分方案"},
}  # fmt: skip
_SECTIONS = {one.key: one.text for one in (*DEPARTMENT, *PROJECT) if one.key}


def record_words(subject: str, name: str, value: str) -> str | None:
    """An audit.words teller: deeds and sections of reports."""
    label, _, _ = subject.partition(":")
    if name == "what":
        return _DEEDS.get(label, {}).get(value)
    if name == "field" and label == "performance.report":
        return _SECTIONS.get(value)
    return None
