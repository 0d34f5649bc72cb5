"""The action log in words: what a subject is, what the names in a detail mean."""

from __future__ import annotations

from typing import Any

from django.apps import apps

# Names that the house's own services write; others are shown as they are.
NAMES = {
    "rows": "行数",
    "field": "项目",
    "reason": "理由",
    "action": "动作",
    "channel": "渠道",
    "cause": "起因",
    "move": "办理",
    "from": "原状态",
    "to": "新状态",
    "duty": "职责",
    "duties": "职责",
    "department": "科室",
    "username": "登录名",
    "method": "方式",
    "count": "数量",
    "file": "文件",
    "size": "大小",
    "begins_at": "开始",
    "ends_at": "结束",
    "version": "版本",
    "changed": "改动",
}
VALUES = {"retry": "重新发送", "cancel": "取消发送", "email": "电子邮件", "in_site": "站内消息"}


def subject_words(subject: str) -> str:
    """``tenders.announcement:17`` as ``公告 17``; anything else as it is."""
    label, colon, number = subject.partition(":")
    if not colon or label.count(".") != 1:
        return subject
    try:
        return f"{apps.get_model(label)._meta.verbose_name} {number}"
    except LookupError:
        return subject


def detail_words(detail: Any) -> str:
    """The JSON of a row as ``名：值；…`` on one line."""
    if isinstance(detail, dict):
        return "；".join(f"{NAMES.get(name, name)}：{detail_words(value)}" for name, value in detail.items())
    if isinstance(detail, list):
        return "、".join(detail_words(value) for value in detail)
    if isinstance(detail, bool):
        return "是" if detail else "否"
    if detail is None:
        return "无"
    return (VALUES.get(detail) or subject_words(detail)) if isinstance(detail, str) else str(detail)


def detail_pairs(detail: Any) -> list[tuple[str, str]]:
    """The same, name by name."""
    if not isinstance(detail, dict):
        return [("内容", detail_words(detail))] if detail else []
    return [(NAMES.get(str(name), str(name)), detail_words(value)) for name, value in detail.items()]
