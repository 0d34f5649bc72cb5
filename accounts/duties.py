"""The duties of the house: what a person may do hangs on these, never on the office (seed A gives some to two)."""

from __future__ import annotations

from django.db import models


class Duty(models.TextChoices):
    """Identifiers are those of docs/moves.md and of ``demo_accounts``."""

    # 主任室
    DIRECTOR = "director", "主任"
    DEPUTY_DIRECTOR = "deputy_director", "副主任"
    OFFICE_HEAD = "office_head", "科室负责人"
    # Publication
    ANNOUNCEMENT_DRAFT = "announcement_draft", "公告拟稿"
    ANNOUNCEMENT_CHECK = "announcement_check", "公告复核发布"
    SECRECY_CHECK = "secrecy_check", "保密审查"
    MASKING = "masking", "个人信息遮蔽"
    ARTICLE_EDIT = "article_edit", "栏目文章编辑"
    RULE_EDIT = "rule_edit", "制度库管理"
    # Business of the offices, used from their own steps on
    INTAKE = "intake", "项目受理"
    EVALUATION = "evaluation", "开标评标组织"
    EXPERT_DRAW = "expert_draw", "专家抽取"
    WITNESS = "witness", "交易见证"
    ARCHIVE = "archive", "档案管理"
    DEPOSIT_MAKE = "deposit_make", "保证金经办"
    DEPOSIT_CHECK = "deposit_check", "保证金复核"
    FINANCE = "finance", "财务经办"
    PERFORMANCE = "performance", "绩效管理"
    EQUIPMENT = "equipment", "设备管理"
    EXPERT_LIBRARY = "expert_library", "专家库管理"
    GENERAL_AFFAIRS = "general_affairs", "综合事务"
    # Three administrators: they exclude each other and every business duty
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


ADMINISTRATORS = frozenset({Duty.SYSTEM_ADMIN, Duty.SECURITY_ADMIN, Duty.AUDIT_ADMIN})
# Duties that move money, draw experts or administer ask for a second factor.
SECOND_FACTOR = ADMINISTRATORS | {
    Duty.DIRECTOR,
    Duty.EXPERT_DRAW,
    Duty.EXPERT_LIBRARY,
    Duty.DEPOSIT_MAKE,
    Duty.DEPOSIT_CHECK,
    Duty.FINANCE,
}
