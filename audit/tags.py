"""What an action row can tell of: one name for each kind of action, with its Chinese words."""

from django.db import models


class Tag(models.TextChoices):
    """``subject.action``; a tag once used keeps its meaning for ever."""

    LOGIN = "session.login", "登录"
    LOGOUT = "session.logout", "退出"
    MOVE = "workflow.move", "办理"
    EXPORT = "data.export", "导出"
    UNMASK = "data.unmask", "查看完整信息"
    RIGHTS = "rights.change", "变更权限"
    ACCOUNT = "account.change", "变更账号"
    SETTING = "setting.change", "变更设置"
    UPKEEP = "system.upkeep", "系统维护"
    DENIED = "page.denied", "打开没有职责的页面"
    REPORT = "performance.report", "编辑绩效报告"
