"""Demonstration tasks in every state, handed out by the demonstration's own people through the real moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.core.files.base import ContentFile

from accounts.duties import Duty
from accounts.models import Department, User
from accounts.selectors import assignments_now
from core.moments import SHANGHAI
from workflow.models import AssignedTask
from workflow.moves import STAFF
from workflow.services.moves import move
from workflow.services.papers import KeptPaper, papers_store
from workflow.services.tasks import task_create

SIZES = {"small": 14, "county": 42, "province": 42}


@dataclass(frozen=True)
class Script:
    """One demonstration task.

    Args:
        title, text, source, reference: as in the model.
        office: code of the lead office; helping: codes.
        due: days from today to its date.
        steps: moves after drafting: (name, comment or answer); days of them end before today.
    """

    title: str
    text: str
    source: str
    reference: str
    office: str
    helping: tuple[str, ...]
    due: int
    steps: tuple[tuple[str, str], ...]


_GIVEN = ("assign", "")
_TAKEN = (_GIVEN, ("accept", ""))
_TOLD = "已按要求办完，材料附后，请审阅。"
SCRIPTS = (
    Script("整理第三季度进场交易情况通报", "汇总各类交易宗数、金额和节约率，附同比数据，一页半以内。", "meeting",
           "主任办公会第18次会议", "intake", ("finance",), 3, _TAKEN),
    Script("开展评标室音视频设备全面检查", "逐室检查摄像头、拾音器和存储，列出要更换的清单。", "instruction",
           "主任批示", "it", ("evaluation",), -2, _TAKEN),
    Script("报送优化营商环境工作台账", "按县里下发的表格填报，办公室统一把关后上报。", "superior",
           "云政办函〔2026〕41号", "general", ("intake", "witness"), 1, (_GIVEN,)),
    Script("核对本月投标保证金未退情况", "列出超过法定期限未退的笔数和原因，逐笔说明处理办法。", "instruction",
           "副主任批示", "finance", ("witness",), 0, (*_TAKEN, ("answer", "共核对126笔，2笔因账户信息有误正在更正。"))),
    Script("完善开标现场应急预案", "补充停电、系统中断两种情形，明确到人。", "meeting",
           "安全生产例会", "evaluation", ("it", "general"), 10, (*_TAKEN, ("answer", "已补充停电情形。"),
           ("return", "系统中断的情形还没有写，请补上值班电话和先后次序。"))),
    Script("清点上半年归档项目", "对照项目清单逐一清点，缺件的列明。", "other", "", "witness", (), -5,
           (*_TAKEN, ("answer", "清点73个项目，归档齐全70个，缺件3个已补。"), ("close", "办得细，同意办结。"))),
    Script("组织全员保密知识学习", "安排半天集中学习，做好签到和测试。", "superior", "县保密办通知", "general", (), 12,
           (_GIVEN, ("cancel", "与县里统一培训合并，不再单独组织。"))),
    Script("更新门户网站办事指南", "按新的受理清单核对各类项目所需材料。", "meeting", "主任办公会第19次会议",
           "intake", ("it",), 7, ()),
    Script("拟定年度培训计划", "分业务、廉政、安全三类，列出时间和对象。", "other", "", "general",
           ("evaluation", "intake"), 20, (_GIVEN,)),
    Script("排查专家抽取终端运行情况", "检查两台终端的系统补丁和打印机，形成记录。", "instruction", "主任批示", "it",
           (), -1, (_GIVEN,)),
    Script("编制下半年经费支出预测", "结合评审费、维护费的实际支出测算。", "meeting", "财务分析会", "finance", (), 5,
           (*_TAKEN, ("answer", "预测表已报，全年预计支出不超过预算。"))),
    Script("走访代理机构征求意见", "走访不少于五家，汇总意见并提出改进措施。", "instruction", "副主任批示", "intake",
           ("evaluation",), -8,
           (*_TAKEN, ("answer", "走访六家，收到意见九条。"), ("close", "请把改进措施纳入下月工作。"))),
    Script("检查合同见证资料完整性", "抽查二十份，重点看签章和日期。", "superior", "市交易中心工作提示", "witness",
           ("general",), 2, _TAKEN),
    Script("演练评标区突发停电", "模拟停电，检验备用电源和人员疏散。", "meeting", "安全生产例会", "evaluation",
           ("it", "general"), 15, (_GIVEN,)),
)  # fmt: skip
# Papers that came with a task and with its answer.
GIVEN_PAPERS = {
    "整理第三季度进场交易情况通报": (
        "通报提纲.txt", "一、总体情况\n二、分类情况（附同比）\n三、存在问题\n四、下一步工作\n",
    ),
}  # fmt: skip
ANSWER_PAPERS = {
    "核对本月投标保证金未退情况": (
        "保证金核对情况.csv",
        "项目编号,笔数,未退笔数,原因\nYZ-2026-0131,9,1,账户信息有误\nYZ-2026-0147,12,1,账户信息有误\n",
    ),
}  # fmt: skip
AGAIN = ("（第二批）", "（第三批）")


def scripts_for(size: str) -> list[Script]:
    """The tasks of a size: the larger ones repeat the kinds of task with another batch in the title."""
    found = list(SCRIPTS)
    for number, words in enumerate(AGAIN, 1):
        found += [
            Script(s.title + words, s.text, s.source, s.reference, s.office, s.helping, s.due + 4 * number, s.steps)
            for s in SCRIPTS
        ]
    return found[: SIZES[size]]


@dataclass(frozen=True)
class Cast:
    """Who plays: the giver, and for each office somebody else to do it."""

    giver: User
    doers: dict[str, User]


def _cast(now: datetime) -> Cast | None:
    found = assignments_now(now=now).filter(duty__in=STAFF, delegated_from=None).select_related("user", "department")
    rows = list(found.order_by("id"))
    giver = next((row.user for row in rows if row.duty == Duty.DIRECTOR), None)
    doers: dict[str, User] = {}
    for row in rows:
        if row.department and giver and row.user_id != giver.pk:
            doers.setdefault(row.department.code, row.user)
    return Cast(giver, doers) if giver else None


def _papers(texts: dict[str, tuple[str, str]], title: str, at: datetime) -> list[KeptPaper]:
    if title not in texts:
        return []
    name, text = texts[title]
    return papers_store(uploads=[ContentFile(text.encode(), name=name)], now=at)


def _play(script: Script, cast: Cast, offices: dict[str, Department], now: datetime) -> None:
    """Draft one task this morning and take it through its moves, some minutes apart, as far as today allows."""
    today = now.astimezone(SHANGHAI).date()
    begun = min(now, datetime.combine(today, time(9), SHANGHAI))
    given = max(begun - timedelta(days=9), _began(cast, now))
    day = (given.astimezone(SHANGHAI)).date()
    due_on = max(today + timedelta(days=script.due), day)
    task = task_create(
        title=script.title,
        text=script.text,
        source=script.source,
        reference=script.reference,
        lead_office=offices[script.office],
        helping_offices=[offices[code] for code in script.helping if code in offices],
        due_on=due_on,
        papers=_papers(GIVEN_PAPERS, script.title, given),
        by=cast.giver,
        now=given,
    )
    for number, (name, words) in enumerate(script.steps, 1):
        step_by = cast.doers[script.office] if name in ("accept", "answer") else cast.giver
        at = min(given + timedelta(hours=5 * number), now)
        data: dict[str, Any] = {}
        if name == "answer":
            data = {"text": words, "papers": _papers(ANSWER_PAPERS, script.title, at)}
        move(task, name, by=step_by, now=at, data=data, comment="" if name == "answer" else words)


def _began(cast: Cast, now: datetime) -> datetime:
    """The first moment at which everybody of the cast had a duty."""
    people = [cast.giver.pk, *(user.pk for user in cast.doers.values())]
    rows = assignments_now(now=now).filter(user__in=people).values_list("user_id", "begins_at")
    first: dict[int, datetime] = {}
    for user, begins in rows:
        first[user] = min(begins, first.get(user, begins))
    return max(first.values())


def demo_part(*, size: str, now: datetime) -> str:
    """Add the demonstration tasks that are not there yet.

    Returns:
        A sentence; empty when nothing was added, also when there are no demonstration people.
    """
    cast = _cast(now)
    if cast is None:
        return ""
    there = set(AssignedTask.objects.values_list("title", flat=True))
    offices = {office.code: office for office in Department.objects.all()}
    added = 0
    for script in scripts_for(size):
        if script.title in there or script.office not in cast.doers or script.office not in offices:
            continue
        _play(script, cast, offices, now)
        added += 1
    return f"已写入演示交办事项 {added} 件。" if added else ""
