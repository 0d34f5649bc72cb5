"""The action log in words: what a subject is, what the names and values in a detail mean.

Names and values of the apps above are told by them (``teller_add``, from ``AppConfig.ready``): a log that shows
identifiers is read by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.apps import apps

from core.moments import minute_words

# (subject, name in the detail, value) -> words, or None when it is not theirs.
Teller = Callable[[str, str, str], str | None]

NAMES = {
    "rows": "行数",
    "field": "项目",
    "reason": "理由",
    "action": "动作",
    "channel": "渠道",
    "cause": "起因",
    "move": "办理",
    "number": "第几步",
    "code": "未办成的原因",
    "from": "原状态",
    "to": "新状态",
    "duty": "职责",
    "duties": "职责",
    "department": "科室",
    "delegated_from": "委托人",
    "username": "登录名",
    "method": "方式",
    "count": "数量",
    "file": "文件",
    "size": "大小（字节）",
    "begins_at": "开始",
    "ends_at": "结束",
    "until": "到",
    "what": "做了什么",
    "why": "未成功的原因",
    "second": "第二重验证",
    "kind": "种类",
    "word": "词语",
    "is_active": "启用",
    "offset_ms": "偏差（毫秒）",
    "verified": "校验",
    "checkpoint": "检查点",
    "root": "根",
    "origin": "日志名称",
    "signature": "签名",
    "at": "时间",
    "route": "页面",
    "rows_restored": "恢复行数",
    "version": "版本",
    "changed": "改动",
}
_VALUES: dict[str, dict[str, str]] = {
    "action": {"retry": "重新发送", "cancel": "取消发送"},
    "channel": {"email": "电子邮件", "in_site": "站内消息", "file": "文件"},
    "what": {
        "logout": "退出", "sessions_end": "结束其他登录", "password_change": "修改密码",
        "factor_begin": "开始设置验证器", "factor_confirm": "启用验证器", "recovery_codes": "重新生成恢复码",
        "create": "新建账号", "close": "停用账号", "open": "启用账号", "unlock": "解除锁定",
        "password_reset": "重设密码", "factor_reset": "重设验证器",
        "give": "分配职责", "end": "结束职责", "delegate": "委托", "delegation_end": "收回委托",
    },
    "why": {
        "password": "登录名或密码不对", "code": "验证码不对", "confirm": "再次核对身份没有通过",
        "locked_account": "账号锁定中", "locked_address": "来源地址锁定中", "locked_code": "验证码锁定中",
    },
    "second": {"totp": "验证器", "recovery": "恢复码", "password": "未启用，只用密码", "none": "未要求", "": "未要求"},
    "kind": {
        "begun": "开始", "ended": "结束", "refused": "未通过", "entered": "录入",
        "confirmed": "已确认", "seen": "已处理",
        "command": "命令备份", "nightly": "每夜备份", "upgrade": "升级前备份", "offset": "偏差过大", "jump": "时间跳变",
        "wrong": "错别字", "sensitive": "敏感词",
    },
    "verified": {"restored": "试恢复核验", "digests": "逐项回读核验", "none": "未核验"},
}  # fmt: skip
_SUBJECTS = {"upkeep.clock": "时钟", "upkeep.hold": "恢复保全状态", "upkeep.restore": "恢复备份"}
# What is no model's own name.
_KINDS = {"upkeep.backup": "备份", "upkeep.comparison": "时钟比对", "upkeep.alarm": "时钟告警"}
_tellers: list[Teller] = []
# Subjects -> titles of those that they know, in a fixed number of queries.
Namer = Callable[[Iterable[str]], dict[str, str]]
_namers: list[Namer] = []


def teller_add(teller: Teller) -> None:
    """Let an app tell what its names mean; call it from ``AppConfig.ready``."""
    if teller not in _tellers:
        _tellers.append(teller)


def namer_add(namer: Namer) -> None:
    """Let an app tell the titles of its things; call it from ``AppConfig.ready``."""
    if namer not in _namers:
        _namers.append(namer)


def subject_titles(subjects: Iterable[str]) -> dict[str, str]:
    """The titles of things by their subjects, as far as an app tells them: one query a kind of thing."""
    asked = {one for one in subjects if one}
    return {subject: title for namer in _namers for subject, title in namer(asked).items()}


def deed_words(detail: Any, subject: str = "") -> str:
    """Which of the things that a tag stands for was done: 提交复核, 修改密码; empty when the row does not say."""
    if not isinstance(detail, dict):
        return ""
    name = next((one for one in ("move", "what", "action") if detail.get(one)), "")
    return detail_words(detail[name], name, subject) if name else ""


def _told(subject: str, name: str, value: str) -> str | None:
    for teller in _tellers:
        if (found := teller(subject, name, value)) is not None:
            return found
    return None


def subject_words(subject: str) -> str:
    """``tenders.announcement:17`` as ``公告 17``; anything else as it is."""
    if found := _SUBJECTS.get(subject) or _told(subject, "", subject):
        return found
    label, colon, number = subject.partition(":")
    if not colon or label.count(".") != 1:
        return subject
    if label in _KINDS:
        return f"{_KINDS[label]} {number}"
    try:
        return f"{apps.get_model(label)._meta.verbose_name} {number}"
    except LookupError:
        return subject


def route_words(route: str) -> str:
    """The name of the page at the pattern of an address, with or without a method before it; empty when unknown."""
    return _told("", "route", route.rpartition(" ")[2]) or ""


def subject_asked(text: str) -> tuple[str, bool]:
    """What a person asks for, as it was recorded: ``公告 17`` is exactly that one, ``公告`` are all of the kind.

    Returns:
        The text to compare with, and whether it is the whole subject (else its beginning).
    """
    word, number = re.fullmatch(r"(.*?)\s*([0-9]*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    labels = {str(model._meta.verbose_name): model._meta.label_lower for model in apps.get_models()}
    labels |= {name: label for label, name in _KINDS.items()}
    if word in labels:
        return f"{labels[word]}:{number}", bool(number)
    return next((key for key, name in _SUBJECTS.items() if name == text), text), False


def _moment(text: str) -> str | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) < len("2026-03-02T09:00") or moment.tzinfo is None:
        return None
    return minute_words(moment)


def detail_words(detail: Any, name: str = "", subject: str = "") -> str:
    """The JSON of a row as ``名：值；…`` on one line.

    Args:
        detail: any JSON value.
        name: under which it stands in the detail.
        subject: of the row.
    """
    if isinstance(detail, dict):
        parts = (f"{NAMES.get(key, key)}：{detail_words(value, key, subject)}" for key, value in detail.items())
        return "；".join(parts)
    if isinstance(detail, list):
        return "、".join(detail_words(value, name, subject) for value in detail)
    if isinstance(detail, bool):
        return "是" if detail else "否"
    if detail is None:
        return "无"
    text = str(detail)
    found = _told(subject, name, text) or _VALUES.get(name, {}).get(text) or _moment(text)
    return found or (subject_words(text) if isinstance(detail, str) else text)


def detail_pairs(detail: Any, subject: str = "") -> list[tuple[str, str]]:
    """The same, name by name; empty values are left out."""
    if not isinstance(detail, dict):
        return [("内容", detail_words(detail, "", subject))] if detail else []
    return [
        (NAMES.get(str(name), str(name)), detail_words(value, str(name), subject))
        for name, value in detail.items()
        if value != ""
    ]
