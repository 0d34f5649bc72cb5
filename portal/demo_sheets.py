"""Demonstration articles of these days, sheets in every state, and the center's own rules with versions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.duties import Duty
from accounts.models import Department, User
from accounts.selectors import assignments_now
from core.moments import SHANGHAI
from portal.models import Article, ArticleDraft, Column, RuleVersion
from portal.services.articles import article_revise, draft_create
from portal.services.imports import article_import
from portal.services.rules import version_create
from workflow.services import move

# (column, title, days before today, hour, source, text)
LIVE = (
    ("news", "中心开展开标评标场所安全检查", 1, 16, "综合科",
     "中心组织各科室对开标室、评标室、消防通道和供电线路逐一检查，发现的3处隐患当天整改完毕。\n下一步，中心把检查纳入每月例行工作，结果记入设备台账。"),
    ("news", "中心走访企业听取投标人意见", 4, 10, "受理科",
     "受理科走访8家经常参加投标的企业，收到意见11条，主要是公告检索、保证金退还进度查询和开标室停车。\n能马上办的6条已经办理，其余的明确了责任科室和时限。"),
    ("news", "中心举办专家评标纪律专题学习", 9, 15, "评审科",
     "评审科组织学习评标现场纪律和通信工具寄存要求，全体工作人员参加并完成测试。"),
    ("notices", "关于启用第三开标室的通知", 2, 9, "综合科",
     "一、启用时间\n自本通知发布次日起。\n二、地点\n政务服务大厦4层东侧，可容纳40人。\n三、注意事项\n- 凭身份证件签到\n- 请提前30分钟到场\n"
     "联系电话：0000-5550100"),
    ("notices", "关于系统维护期间业务办理安排的通知", 12, 17, "信息科",
     "表：维护安排\n系统\t维护时间\t影响\n公告发布\t周六8:00—10:00\t暂停发布，不影响查询\n保证金查询\t周六10:00—12:00\t暂停查询\n"
     "维护期间的紧急事项请拨打值班电话：0000-5550100"),
    ("policies", "招标投标法实施条例中的时间规定摘编", 20, 9, "受理科",
     "一、文件发售\n资格预审文件或者招标文件的发售期不得少于5日（第十六条）。\n二、候选人公示\n收到评标报告之日起3日内公示，公示期不得少于3日（第五十四条）。"),
)  # fmt: skip
SHEETS = (
    ("news", "中心完成年度档案移交", "见证科", "见证科完成上一年度项目档案的整理和移交，共移交档案216卷。", ("submit", "publish")),
    ("notices", "关于节假日值班安排的通知", "综合科",
     "表：值班安排\n日期\t带班领导\t值班科室\n第一天\t主任室\t综合科\n第二天\t副主任室\t受理科", ("submit",)),
    ("news", "中心参加全县营商环境座谈会", "综合科", "（待补会议时间和发言要点）", ()),
    ("notices", "关于调整窗口办公时间的通知", "受理科", "自下周一起，窗口办公时间调整为8:00—17:00。", ("submit", "publish", "ask_withdraw", "withdraw")),
    ("news", "培训报道（重复稿）", "综合科", "与已发布的报道重复。", ("discard",)),
)  # fmt: skip
WITHDRAWN = "办公时间有误，以新的通知为准。"


@dataclass(frozen=True)
class RuleScript:
    """One version: number, title, dates, offices, public, text, moves after the draft; ``follows``: an earlier title."""

    document_number: str
    title: str
    issued_on: date
    in_force_from: date
    offices: tuple[str, ...]
    is_public: bool
    text: str
    steps: tuple[str, ...]
    follows: str = ""


_OPENING = """\
一、适用范围
在本中心开标的工程建设项目、政府采购项目适用本办法。
二、入场
投标人代表凭身份证件签到，{early}到场。
三、秩序
- 开标期间通信工具调至静音。
- 旁听人员在指定区域就座，不得干扰开标。
- 未经同意不得录音录像。
四、异议
投标人对开标有异议的，应当在开标现场提出，招标人当场答复并记录（招标投标法实施条例第四十四条）。
"""
RULES = (
    RuleScript("云泽交易〔2023〕6号", "开标室管理办法", date(2023, 4, 10), date(2023, 5, 1), ("evaluation",), True,
               _OPENING.format(early="开标前"), ("submit", "release")),
    RuleScript("云泽交易〔2025〕15号", "开标室管理办法", date(2025, 8, 20), date(2025, 9, 1), ("evaluation", "it"), True,
               _OPENING.format(early="提前30分钟") + "五、存储\n开标全程录音录像，保存期限不少于15年。", ("submit", "release"),
               "云泽交易〔2023〕6号"),
    RuleScript("云泽交易〔2024〕3号", "窗口服务一次性告知制度", date(2024, 2, 26), date(2024, 3, 1), ("intake",), True,
               "一、告知内容\n材料不齐的，当场一次性书面告知全部需要补正的内容。\n二、时限\n当场能办的当场办结；不能当场办结的，出具受理回执。"
               "\n三、查询\n办理进度见[公告列表](/announcements/)和[办事指南](/guides/)。", ("submit", "release")),
    RuleScript("云泽交易〔2022〕9号", "纸质投标文件接收规定", date(2022, 6, 1), date(2022, 7, 1), ("intake",), True,
               "一、接收\n纸质投标文件由受理科在截止时间前接收并登记。", ("submit", "release", "ask_repeal", "repeal")),
    RuleScript("云泽交易内〔2025〕4号", "公章使用登记制度", date(2025, 3, 3), date(2025, 3, 10), ("general",), False,
               "一、登记\n用印前填写登记表，由科室负责人签字。\n二、核对\n每季度核对一次登记表与用印文件。", ("submit", "release")),
    RuleScript("云泽交易〔2026〕21号", "评标现场通信工具寄存办法", date(2026, 11, 20), date(2027, 1, 1), ("evaluation",), True,
               "一、寄存\n进入评标区的人员将通信工具存入寄存柜。\n二、取回\n评标结束后凭柜号取回。", ("submit",)),
    RuleScript("云泽交易〔2026〕22号", "见证资料归档办法", date(2026, 11, 23), date(2027, 1, 1), ("witness",), True,
               "一、范围\n（待补）", ()),
)  # fmt: skip
REPEALED = "全面实行电子投标，不再接收纸质投标文件。"


@dataclass(frozen=True)
class Cast:
    """Who plays: who writes, who releases, who decides on a repeal."""

    article_writer: User
    rule_writer: User
    checker: User
    director: User


def _cast(now: datetime) -> Cast | None:
    rows = assignments_now(now=now).filter(delegated_from=None).select_related("user").order_by("id")
    people: dict[str, list[User]] = {}
    for row in rows:
        people.setdefault(row.duty, []).append(row.user)
    writers, keepers = people.get(Duty.ARTICLE_EDIT), people.get(Duty.RULE_EDIT)
    heads, directors = people.get(Duty.OFFICE_HEAD, []), people.get(Duty.DIRECTOR)
    if not (writers and keepers and directors):
        return None
    checker = next((u for u in heads if u not in (writers[0], keepers[0])), None)
    return Cast(writers[0], keepers[0], checker, directors[0]) if checker else None


def _live(now: datetime) -> int:
    """Articles of the last days, once for an instance: what a center that works looks like."""
    if Article.objects.filter(title__in=[row[1] for row in LIVE]).exists():
        return 0
    today = now.astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0)
    lines = [
        {
            "column": column, "title": title, "source": source, "text": text,
            "published": (today - timedelta(days=days)).replace(hour=hour).strftime("%Y-%m-%d %H:%M"),
        }
        for column, title, days, hour, source, text in LIVE
    ]  # fmt: skip
    return article_import(rows=[json.dumps(line, ensure_ascii=False).encode() for line in lines], now=now).imported


def _sheets(cast: Cast, now: datetime) -> int:
    there, made = set(ArticleDraft.objects.values_list("title", flat=True)), 0
    columns = {column.slug: column for column in Column.objects.all()}
    for slug, title, source, text, steps in SHEETS:
        if title in there:
            continue
        draft = draft_create(
            column=columns[slug], title=title, text=text, source=source, by=cast.article_writer, now=now
        )
        for name in steps:
            by = cast.article_writer if name in ("submit", "discard", "ask_withdraw") else cast.checker
            move(draft, name, by=by, now=now, comment=WITHDRAWN if name.endswith("withdraw") else "")
        made += 1
    live = Article.objects.filter(title=LIVE[3][1], drafts=None).first()
    if live is not None and made:
        article_revise(article=live, by=cast.article_writer, now=now)
    return made


def _rules(cast: Cast, now: datetime) -> int:
    found = {version.document_number: version for version in RuleVersion.objects.all()}
    offices, made = {office.code: office for office in Department.objects.all()}, 0
    for script in RULES:
        if script.document_number in found:
            continue
        before = found.get(script.follows)
        version = version_create(
            document_number=script.document_number, title=script.title, text=script.text,
            issued_on=script.issued_on, in_force_from=script.in_force_from, is_public=script.is_public,
            offices=[offices[code] for code in script.offices], rule=before.rule if before else None,
            by=cast.rule_writer, now=now,
        )  # fmt: skip
        for name in script.steps:
            _step(version, name, cast, now)
        found[script.document_number] = version
        made += 1
    return made


def _step(version: RuleVersion, name: str, cast: Cast, now: datetime) -> None:
    by = {"submit": cast.rule_writer, "release": cast.checker, "ask_repeal": cast.rule_writer, "repeal": cast.director}[
        name
    ]
    data = {"repealed_on": date(2025, 1, 1), "replaced_by": None} if name.endswith("repeal") else None
    move(version, name, by=by, now=now, data=data, comment=REPEALED if name.endswith("repeal") else "")


def demo_part(*, size: str, now: datetime) -> str:
    """Add what is not there yet: articles of these days, and with demonstration people sheets and rules.

    Returns:
        A sentence; empty when nothing was added.
    """
    articles = _live(now)
    cast = _cast(now)
    sheets, rules = (_sheets(cast, now), _rules(cast, now)) if cast else (0, 0)
    if not articles + sheets + rules:
        return ""
    return f"已写入演示文章 {articles} 篇、文章稿 {sheets} 份、制度 {rules} 份。"
