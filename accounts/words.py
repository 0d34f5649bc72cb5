"""Sentences of the login."""

from __future__ import annotations

from accounts.services.guards import until_words
from accounts.services.login import Outcome, Result

ENDED = {
    "idle": "您有 30 分钟没有操作，为安全起见已退出。请重新登录。",
    "longest": "本次登录已满 12 小时，为安全起见已退出。请重新登录。",
    "logout": "您已退出。",
    "password": "密码已修改，请用新密码登录。",
    "setup": "三位管理员已经建立。请分别登录，并按提示启用第二重验证。",
}


def outcome_sentence(found: Outcome, *, confirm: bool = False) -> str:
    """Why a login (or with ``confirm`` a repeated check) was refused, and what to do."""
    until = until_words(found.locked_until) if found.locked_until else ""
    if found.result is Result.LOCKED:
        return f"失败次数太多，已暂停登录，到 {until} 为止。请到时再试，或请系统管理员解除锁定。"
    wrong = "密码或验证码不对，没有改动。" if confirm else "没有登录：登录名、密码或验证码不对。"
    more = f"失败次数太多，到 {until} 为止暂停登录。" if until else "请核对大小写后重新输入。"
    return wrong + more
