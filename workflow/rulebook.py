"""Legal periods as data: what starts them, how long they run, which article says so, since when.

Compared with the published text of the law or order: engineering, procurement (but for 财库〔2014〕214号). That one
and the articles of land and property are cited as commonly printed (国土资源部令第39号, 国务院国资委 财政部令第32号);
a change of law is a further line with a later ``in_force_from``, never an edit of an old one.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import date
from typing import Literal

from core.errors import BusinessError
from core.workdays import Direction, Period, Unit

Kind = Literal["earliest", "latest"]

TENDER_LAW = date(2000, 1, 1)  # 招标投标法
TENDER_REGULATION = date(2012, 2, 1)  # 招标投标法实施条例
PROCUREMENT_LAW = date(2003, 1, 1)  # 政府采购法
PROCUREMENT_REGULATION = date(2015, 3, 1)  # 政府采购法实施条例
ORDER_87 = date(2017, 10, 1)  # 政府采购货物和服务招标投标管理办法
ORDER_74 = date(2014, 2, 1)  # 政府采购非招标采购方式管理办法
CONSULTATION = date(2014, 12, 31)  # 财库〔2014〕214号
LAND = date(2007, 11, 1)  # 国土资源部令第39号
PROPERTY = date(2016, 6, 24)  # 国务院国资委 财政部令第32号


@dataclass(frozen=True)
class Rule:
    """One legal period.

    Args:
        id: fixed name, ``<category>.<what>``.
        name: what is due, in Chinese.
        event: the event the period is counted from, in Chinese.
        period: length, unit, direction and roll.
        kind: ``earliest``: the first lawful date; ``latest``: the last one.
        article: law and article, in Chinese.
        in_force_from: first day on which the rule holds.
    """

    id: str
    name: str
    event: str
    period: Period
    kind: Kind
    article: str
    in_force_from: date


def _rule(
    rule_id: str,
    name: str,
    event: str,
    length: int,
    unit: Unit,
    kind: Kind,
    article: str,
    since: date,
    *,
    direction: Direction = "forward",
    roll: bool = False,
) -> Rule:
    return Rule(rule_id, name, event, Period(length, unit, direction, roll), kind, article, since)


ENGINEERING = (
    _rule("engineering.bid_deadline", "投标截止", "招标文件开始发出", 20, "cd", "earliest",
          "招标投标法第二十四条", TENDER_LAW),
    _rule("engineering.document_sale_end", "招标文件获取截止", "招标文件开始发售", 5, "cd", "earliest",
          "招标投标法实施条例第十六条", TENDER_REGULATION, roll=True),
    _rule("engineering.clarification", "澄清或者修改招标文件", "投标截止", 15, "cd", "latest",
          "招标投标法第二十三条、招标投标法实施条例第二十一条", TENDER_LAW, direction="backward"),
    _rule("engineering.document_objection", "对招标文件提出异议", "投标截止", 10, "cd", "latest",
          "招标投标法实施条例第二十二条", TENDER_REGULATION, direction="backward"),
    _rule("engineering.objection_reply", "答复异议", "收到异议", 3, "cd", "latest",
          "招标投标法实施条例第二十二条、第五十四条", TENDER_REGULATION, roll=True),
    _rule("engineering.candidate_publicity_start", "开始中标候选人公示", "收到评标报告", 3, "cd", "latest",
          "招标投标法实施条例第五十四条", TENDER_REGULATION, roll=True),
    _rule("engineering.candidate_publicity_end", "中标候选人公示期满", "中标候选人公示开始", 3, "cd", "earliest",
          "招标投标法实施条例第五十四条", TENDER_REGULATION, roll=True),
    _rule("engineering.complaint", "提出投诉", "知道或者应当知道", 10, "cd", "latest",
          "招标投标法实施条例第六十条", TENDER_REGULATION, roll=True),
    _rule("engineering.complaint_acceptance", "决定是否受理投诉", "收到投诉", 3, "wd", "latest",
          "招标投标法实施条例第六十一条", TENDER_REGULATION),
    _rule("engineering.complaint_decision", "作出投诉处理决定", "受理投诉", 30, "wd", "latest",
          "招标投标法实施条例第六十一条", TENDER_REGULATION),
    _rule("engineering.contract", "订立书面合同", "中标通知书发出", 30, "cd", "latest",
          "招标投标法第四十六条", TENDER_LAW, roll=True),
    _rule("engineering.deposit_refund", "退还投标保证金及利息", "书面合同签订", 5, "cd", "latest",
          "招标投标法实施条例第五十七条", TENDER_REGULATION, roll=True),
    _rule("engineering.report_to_supervisor", "提交招标投标情况书面报告", "确定中标人", 15, "cd", "latest",
          "招标投标法第四十七条", TENDER_LAW, roll=True),
)  # fmt: skip

PROCUREMENT = (
    _rule("procurement.bid_deadline", "投标截止", "招标文件开始发出", 20, "cd", "earliest",
          "政府采购法第三十五条", PROCUREMENT_LAW),
    _rule("procurement.document_supply_end", "招标文件提供期限届满", "招标文件开始发出", 5, "wd", "earliest",
          "政府采购法实施条例第三十一条", PROCUREMENT_REGULATION),
    _rule("procurement.clarification", "澄清或者修改招标文件", "投标截止", 15, "cd", "latest",
          "政府采购法实施条例第三十一条、财政部令第87号第二十七条", PROCUREMENT_REGULATION, direction="backward"),
    _rule("procurement.negotiation_response", "提交首次响应文件截止（竞争性谈判）", "谈判文件发出", 3, "wd", "earliest",
          "财政部令第74号第二十九条", ORDER_74),
    _rule("procurement.consultation_response", "提交首次响应文件截止（竞争性磋商）", "磋商文件发出", 10, "cd",
          "earliest", "财库〔2014〕214号第十条", CONSULTATION),
    _rule("procurement.single_source_publicity_end", "单一来源公示期满", "单一来源公示开始", 5, "wd", "earliest",
          "政府采购法实施条例第三十八条", PROCUREMENT_REGULATION),
    _rule("procurement.report_to_purchaser", "评审报告送交采购人", "评审结束", 2, "wd", "latest",
          "政府采购法实施条例第四十三条", PROCUREMENT_REGULATION),
    _rule("procurement.award_decision", "确定中标、成交供应商", "收到评审报告", 5, "wd", "latest",
          "政府采购法实施条例第四十三条", PROCUREMENT_REGULATION),
    _rule("procurement.result_notice", "公告结果并发出中标、成交通知书", "确定中标、成交供应商", 2, "wd", "latest",
          "政府采购法实施条例第四十三条", PROCUREMENT_REGULATION),
    _rule("procurement.result_notice_end", "结果公告期满", "结果公告发布", 1, "wd", "earliest",
          "财政部令第87号第六十九条", ORDER_87),
    _rule("procurement.enquiry_reply", "答复询问", "收到询问", 3, "wd", "latest",
          "政府采购法实施条例第五十二条", PROCUREMENT_REGULATION),
    _rule("procurement.challenge", "提出质疑", "知道或者应知权益受到损害", 7, "wd", "latest",
          "政府采购法第五十二条", PROCUREMENT_LAW),
    _rule("procurement.challenge_reply", "答复质疑", "收到质疑函", 7, "wd", "latest",
          "政府采购法第五十三条", PROCUREMENT_LAW),
    _rule("procurement.complaint", "提起投诉", "质疑答复期满", 15, "wd", "latest",
          "政府采购法第五十五条", PROCUREMENT_LAW),
    _rule("procurement.contract", "签订采购合同", "中标、成交通知书发出", 30, "cd", "latest",
          "政府采购法第四十六条", PROCUREMENT_LAW, roll=True),
    _rule("procurement.contract_notice", "公告采购合同", "采购合同签订", 2, "wd", "latest",
          "政府采购法实施条例第五十条", PROCUREMENT_REGULATION),
    _rule("procurement.contract_filing", "采购合同备案", "采购合同签订", 7, "wd", "latest",
          "政府采购法第四十七条", PROCUREMENT_LAW),
    _rule("procurement.deposit_refund_losers", "退还未中标供应商的投标保证金", "中标通知书发出", 5, "wd", "latest",
          "政府采购法实施条例第三十三条", PROCUREMENT_REGULATION),
    _rule("procurement.deposit_refund_winner", "退还中标供应商的投标保证金", "采购合同签订", 5, "wd", "latest",
          "政府采购法实施条例第三十三条", PROCUREMENT_REGULATION),
)  # fmt: skip

LAND_AND_PROPERTY = (
    _rule("land.notice", "发布出让公告", "投标、拍卖或者挂牌开始", 20, "cd", "latest",
          "国土资源部令第39号第八条", LAND, direction="backward"),
    _rule("land.listing_end", "挂牌期满", "挂牌开始", 10, "cd", "earliest",
          "国土资源部令第39号第十八条", LAND, roll=True),
    _rule("land.deposit_refund_losers", "退还其他投标人、竞买人的保证金", "出让活动结束", 5, "wd", "latest",
          "国土资源部令第39号第二十一条", LAND),
    _rule("land.result_notice", "公布出让结果", "出让活动结束", 10, "wd", "latest",
          "国土资源部令第39号第二十二条", LAND),
    _rule("property.disclosure_end", "产权转让正式披露期满", "正式披露开始", 20, "wd", "earliest",
          "国务院国资委、财政部令第32号第十三条", PROPERTY),
    _rule("property.asset_disclosure_end", "资产转让信息公告期满", "信息公告发布", 10, "wd", "earliest",
          "国务院国资委、财政部令第32号第五十条", PROPERTY),
)  # fmt: skip

# One id may stand here several times, with different days of coming into force.
RULES: tuple[Rule, ...] = ENGINEERING + PROCUREMENT + LAND_AND_PROPERTY


def rule_list(rules: tuple[Rule, ...] = RULES) -> list[Rule]:
    """The newest version of every rule, in the order of the table."""
    newest: dict[str, Rule] = {}
    for rule in rules:
        if rule.id not in newest or newest[rule.id].in_force_from < rule.in_force_from:
            newest[rule.id] = rule
    return list(newest.values())


def rule_nearest(text: str, count: int = 3) -> list[str]:
    """The ``count`` rule ids most like ``text``, best first."""
    return difflib.get_close_matches(text[:80], [rule.id for rule in rule_list()], n=count, cutoff=0.0)


def rule_get(rule_id: str, on: date, rules: tuple[Rule, ...] = RULES) -> Rule:
    """The version of ``rule_id`` in force on ``on``; before the first one, the first one.

    Raises:
        BusinessError: ``unknown_rule``, with the nearest ids in ``nearest``.
    """
    versions = sorted((rule for rule in rules if rule.id == rule_id), key=lambda rule: rule.in_force_from)
    if not versions:
        raise BusinessError("没有这条期限规则。", "unknown_rule", nearest=rule_nearest(rule_id))
    return next((rule for rule in reversed(versions) if rule.in_force_from <= on), versions[0])
