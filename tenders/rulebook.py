"""Legal periods of announcements beside the house's (workflow.rulebook), and exceptions that a rule itself names."""

from __future__ import annotations

from datetime import date

from core.workdays import Period
from workflow import rulebook
from workflow.rulebook import TENDER_REGULATION, Rule

INTENTION_NOTICE = date(2020, 7, 1)  # 财库〔2020〕10号; local units since 2021 or 2022 by their own schedules

RULES: tuple[Rule, ...] = (
    Rule("tenders.prequalification_application", "提交资格预审申请文件截止", "资格预审文件停止发售",
         Period(5, "cd", "forward", False), "earliest", "招标投标法实施条例第十七条", TENDER_REGULATION),
    Rule("tenders.procurement_intention", "采购活动开始", "采购意向公开",
         Period(30, "cd", "forward", False), "earliest", "财库〔2020〕10号第二条第（三）项", INTENTION_NOTICE),
)  # fmt: skip

# Only what the rule itself says may be put aside, with a paper and by two persons.
EXCEPTIONS = {
    "tenders.procurement_intention": "原则上不得晚于采购活动开始前30日；因预算单位不可预见的原因急需开展的采购项目，"
    "可不公开采购意向（财库〔2020〕10号）",
}
# A correction that may affect bids comes this long before the deadline, or the deadline moves (顺延).
CLARIFICATION = {"工程建设": "engineering.clarification", "政府采购": "procurement.clarification"}


def rule_of(rule_id: str, on: date) -> Rule:
    """The version of a rule in force on a day: of this table, else of the house's.

    Raises:
        BusinessError: ``unknown_rule``.
    """
    own = RULES if any(rule.id == rule_id for rule in RULES) else rulebook.RULES
    return rulebook.rule_get(rule_id, on, own)
