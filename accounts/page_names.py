"""What a staff page is called: its entry of the navigation and what one does there, from the pattern of its address."""

from __future__ import annotations

from functools import cache

from accounts import navigation
from accounts.access import staff_addresses

# The parts of addresses below an entry of the navigation; one that is not here is left out.
PARTS = {
    "account": "我的账号", "alarms": "时钟告警", "answers": "检查说明", "authority.crt": "证书文件",
    "begin": "开始", "check": "复核", "checkpoint": "核对检查点", "clock": "核对时钟", "close": "停用",
    "code": "验证码", "codes": "恢复码", "compare": "对照", "confirm": "启用", "day": "今日工作单",
    "denials": "无权访问", "desk.xlsx": "导出表格", "edit": "编辑", "end": "结束", "export": "导出",
    "factor": "第二重验证", "failures": "登录失败", "files": "附件", "give": "授予", "guides": "办事指南",
    "hold": "恢复保全", "login": "登录", "logout": "退出登录", "lost": "声明检查点遗失", "move": "办理",
    "new": "新建", "now": "现在巡查", "open": "打开", "original": "查看原文", "papers": "材料",
    "print": "打印", "programs": "项目名单", "uses": "结果应用",
    "password": "密码", "preview": "预览", "published": "已发布", "read": "标为已读", "remove": "去掉",
    "renew": "更新数据", "revise": "修订", "sections": "章节", "sessions": "登录设备", "setup": "首次设置",
    "start": "开始", "target": "选原公告", "trust": "信任证书", "unlock": "解除锁定", "versions": "版本",
    "withdraw": "撤下",
}  # fmt: skip
ONE = "某一件"
STAFF = "staff/"


@cache
def _entries() -> tuple[tuple[str, str], ...]:
    """(address without the first slash, label), the longest first."""
    # Patterns, not addresses: those begin with /large on the pages in large print.
    labels = navigation.labels()
    found = [(one.route, labels[one.name]) for one in staff_addresses() if one.name in labels]
    return tuple(sorted(found, key=lambda pair: -len(pair[0])))


def page_words(route: str) -> str:
    """``staff/announcements/<int:pk>/check/`` as ``公告拟稿与发布：复核``; empty for what is no staff page.

    Args:
        route: the pattern of an address, as audit.denials keeps it.
    """
    if not route.startswith(STAFF):
        return ""
    address, label = next(pair for pair in _entries() if route.startswith(pair[0]))
    parts = [part for part in route.removeprefix(address).split("/") if part]
    words = [PARTS[part] for part in parts if part in PARTS]
    if not words and parts and parts[-1].startswith("<"):
        words = [ONE]
    if address == STAFF and words:
        return "、".join(words)
    return f"{label}：{'、'.join(words)}" if words else label
