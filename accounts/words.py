"""Sentences of the login."""

from __future__ import annotations

from datetime import datetime

from accounts.services.login import Outcome, Result
from core.moments import SHANGHAI, minute_words

ENDED = {
    "idle": "您有 30 分钟没有操作，为安全起见已退出。请重新登录。",
    "longest": "本次登录已满 12 小时，为安全起见已退出。请重新登录。",
    "logout": "您已退出。",
    "password": "密码已修改，请用新密码登录。",
    "setup": "三位管理员已经建立。请分别登录，并按提示启用第二重验证。",
}


def moment_words(moment: datetime) -> str:
    """``2026年3月2日 09:00``, rounded up to the minute, so that who comes then is not too early."""
    local = moment.astimezone(SHANGHAI)
    if local.second or local.microsecond:
        local = datetime.fromtimestamp((local.timestamp() // 60 + 1) * 60, SHANGHAI)
    return minute_words(local)


WRONG = {
    "password": ("没有登录：登录名或密码不对。", "请核对大小写后重新输入。"),
    "code": ("没有登录：验证码不对。", "请输入手机上现在显示的 6 位数字；一直不对，请检查手机时间。"),
    "confirm": ("密码或验证码不对，没有改动。", "请核对大小写后重新输入。"),
}
USED = "没有办成：这个验证码已经用过，每个只能用一次。请等手机显示下一个（不到 30 秒）再输入；备用码请换下一个。"
EMPTY_CODE = "没有登录：请输入验证码。"


def outcome_sentence(found: Outcome, *, step: str = "password") -> str:
    """Why a login was refused, and what to do.

    Args:
        found: what became of it.
        step: ``password``, ``code``, or ``confirm``: a repeated check of who is logged in.
    """
    until = moment_words(found.locked_until) if found.locked_until else ""
    if found.by_address:
        return (
            f"从您这个网络地址登录失败的次数太多，没有从这里登录过的账号暂停登录，到 {until} 为止。"
            "请到时再试，或请系统管理员、安全管理员在“登录锁定”页解除。"
        )
    what = "办理" if step == "confirm" else "登录"
    if found.result is Result.LOCKED:
        return f"失败次数太多，已暂停{what}，到 {until} 为止。请到时再试，或请系统管理员、安全管理员解除锁定。"
    wrong, more = (USED, "") if found.used else WRONG[step]
    return wrong + (f"失败次数太多，到 {until} 为止暂停{what}。" if until else more)
