"""A whole year played in the browser: approved goals, two laggards, a failed survey and its repeat, the frozen report,
the next year's follow-up. Everything that is shown is done through the pages; the budget before it is made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from performance.models import ReportRun, Survey
from performance.selectors.surveys import questions_of
from performance.services.runs import run_work
from performance.services.survey_answers import answer_by_slip
from tests.browser.conftest import Watched
from tests.browser.journey import PHONE, Journey, do, fill, follow, navigate, package_is_whole, press, row, taken
from tests.performance.journey_factories import NEXT, SATISFACTION, YEAR, Clock, summer_passes, world_make, year_ends
from tests.performance.test_runs import files_of_its_own, handed

pytestmark = [
    pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("handed", "files_of_its_own")
]  # fmt: skip
__all__ = ["files_of_its_own", "handed"]
SITE, TERMINALS = "开标评标场所运转", "专家抽取终端更新"
WAITING = "您对等候和办理时间的评价"
SURVEY = "2025年度窗口服务满意度调查"


@pytest.fixture
def journey(
    open_page: Callable[..., Watched], live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Journey]:  # fmt: skip
    """The year is there; it is February."""
    clock = Clock()
    # The one place where the portal reads the time, also in the thread of the live server.
    monkeypatch.setattr(timezone, "now", clock.now)
    yield Journey(open_page, clock, world_make(clock))


def test_a_year_from_its_goals_to_the_next_years_application(journey: Journey) -> None:
    goals_are_approved(journey)
    two_lag_and_answer(journey)
    a_survey_fails(journey)
    a_repeat_confirms(journey)
    a_report_is_frozen(journey)
    three_versions_leave_the_house(journey)
    the_next_year_follows_it_up(journey)
    assert journey.wrong == []
    assert journey.said() == []


def goals_are_approved(journey: Journey) -> None:
    """The director approves the last goals, on a phone; now the whole and both programs have theirs."""
    journey.on(YEAR, 2, 12)
    boss = journey.desk(journey.world.director, PHONE)
    follow(boss, f"{TERMINALS}.*绩效目标")
    do(boss, "批准", confirm=True)
    journey.check(boss, "goal approved")
    journey.on(YEAR, 9, 8)
    summer_passes(journey.clock, journey.world)
    page = journey.desk(journey.world.manager)
    navigate(page, "绩效目标")
    for name in ("云泽县公共资源交易中心", SITE, TERMINALS):
        expect(row(page, name)).to_contain_text("已批准")
    journey.check(page, "goals", PHONE)
    with page.expect_navigation():
        row(page, TERMINALS).get_by_role("link", name="第1版").click()
    expect(page.get_by_role("main")).to_contain_text(SATISFACTION)
    journey.check(page, "goal")


def two_lag_and_answer(journey: Journey) -> None:
    """August: both lag; both are asked; one answer is accepted, one returned and written again."""
    world, page = journey.world, journey.desk(journey.world.manager)
    for name in (SITE, TERMINALS):
        navigate(page, "执行进度")
        expect(page.locator("#programs").get_by_text("滞后", exact=True)).to_have_count(2)
        if name == SITE:
            journey.check(page, "progress", PHONE)
        follow(page, f"要求说明.*{name}")
        journey.check(page, "ask")
        press(page, "发出")
        expect(page.locator(".state").first).to_have_text("待说明")
    cause = "供货商推迟交货，终端到货以后立即验收付款。"
    for head, name in ((world.site_head, SITE), (world.it_head, TERMINALS)):
        desk = journey.desk(head, PHONE)
        follow(desk, f"{name}：2025年8月用款进度滞后")
        do(desk, "说明情况", 原因="其他", 情况说明和措施=cause, 新的支付时间="2025-12-15")
        journey.check(desk, "lag")
    answered(journey, SITE, "确认", "已确认")
    answered(journey, TERMINALS, "退回重写", "待说明", 理由="请写明是哪一家、什么时候到货")
    desk = journey.desk(world.it_head)
    follow(desk, f"{TERMINALS}：2025年8月用款进度滞后")
    expect(desk.get_by_role("main")).to_contain_text("请写明是哪一家")
    do(desk, "说明情况", 原因="硬件", 情况说明和措施="智安公司10月20日到货三台，10月28日付款。",
       新的支付时间="2025-10-28")  # fmt: skip
    answered(journey, TERMINALS, "确认", "已确认")
    navigate(page, "执行进度")
    expect(page.get_by_role("link", name="说明：已确认")).to_have_count(2)


def answered(journey: Journey, name: str, verb: str, state: str, **fields: str) -> None:
    """The manager finds an answer on the desk and judges it."""
    page = journey.desk(journey.world.manager)
    follow(page, f"{name}：2025年8月用款进度滞后")
    do(page, verb, confirm=False, **fields)
    expect(page.locator(".state").first).to_have_text(state)


def a_survey_fails(journey: Journey) -> None:
    """Drafted by one, opened by another, answered by visitors; the waiting is found too long."""
    journey.on(YEAR, 10, 13)
    world, page = journey.world, journey.desk(journey.world.manager)
    navigate(page, "满意度调查")
    follow(page, "编制")
    fill(page, "种类", "窗口")
    fill(page, "标题", SURVEY)
    fill(page, "牵头科室", "受理科")
    fill(page, "对应的满意度指标", SATISFACTION)
    journey.check(page, "survey form")
    press(page, "建立")
    journey.check(page, "survey draft", PHONE)
    do(page, "提交")
    expect(page.get_by_role("link", name="开放调查…")).to_have_count(0)
    held(journey, SURVEY, waiting=["不满意", "满意", "一般"], others="2", count=12)
    expect(row(page, WAITING)).to_contain_text("▼")
    expect(row(page, "您对窗口人员服务态度的评价")).to_contain_text("100")
    expect(page.locator("#after ~ p").first).to_contain_text(f"已写入指标：{SATISFACTION}")
    journey.check(page, "survey result", PHONE)
    navigate(page, "问题整改台账")
    expect(row(page, WAITING)).to_contain_text("受理科")
    journey.check(page, "ledger", PHONE)
    desk = journey.desk(world.hall_head, PHONE)
    follow(desk, WAITING)
    do(desk, "填报整改情况", 整改情况="上午高峰增开一个窗口，实行预约叫号。", 完成日期="2025-10-13")
    journey.check(desk, "ledger line")


def held(journey: Journey, title: str, *, waiting: list[str], others: str, count: int) -> None:
    """Open a submitted survey, hand out slips, answer, close; the manager's page shows the result.

    Args:
        waiting: what the first visitors, each on a phone, say of the waiting; others: what the rest answer (points).
    """
    boss, page = journey.desk(journey.world.director), journey.seats[journey.world.manager.pk].page
    follow(boss, title)
    do(boss, "开放调查", confirm=True)
    page.reload()
    follow(page, "制作一人一码")
    fill(page, "份数", str(count))
    press(page, "制作")
    codes = page.locator(".slip strong").all_inner_texts()
    assert len(set(codes)) == count
    journey.check(page, "slips")
    for number, words in enumerate(waiting):
        answer(journey, codes[number], words, look_at=number == 0)
    survey = Survey.objects.get(title=title)
    for code in codes[len(waiting) :]:
        values = {str(one.pk): "yes" if one.kind == "yesno" else others if one.text == WAITING else "5"
                  for one in questions_of(survey) if one.counts}  # fmt: skip
        answer_by_slip(code=code, values=values, now=timezone.now())
    follow(page, "回到调查")
    # Whoever wrote it waits for the last day; another may end it earlier and says why.
    expect(page.get_by_role("link", name="提前结束…")).to_have_count(0)
    boss.reload()
    do(boss, "提前结束", confirm=True, 理由="发放的问卷已经全部收回。")
    page.reload()
    expect(page.locator("#numbers")).to_have_text("结果")
    expect(page.locator("section[aria-labelledby=numbers]")).to_contain_text(f"{count} 份有效答卷")


def answer(journey: Journey, code: str, words: str, *, look_at: bool) -> None:
    """A visitor without login answers by the link of a slip, once."""
    page = journey.visitor()
    page.goto(f"/survey/t/{code}/")
    if look_at:
        journey.check(page, "survey page")
        press(page, "提交")
        expect(page.get_by_role("alert")).to_contain_text("有的题目还没有答")
        journey.check(page, "survey page refused")
    for question in page.get_by_role("group").all():
        said = words if WAITING in question.inner_text() else "很满意"
        for choice in (said, "是"):
            if question.get_by_label(choice, exact=True).count():
                question.get_by_label(choice, exact=True).check()
    press(page, "提交")
    expect(page.get_by_role("heading", level=1)).to_have_text("谢谢，答卷已经收到")
    assert page.context.cookies() == []
    if look_at:
        journey.check(page, "thanks")
        page.goto(f"/survey/t/{code}/")
        expect(page.get_by_role("button", name="提交", exact=True)).to_have_count(0)


def a_repeat_confirms(journey: Journey) -> None:
    """What was mended is confirmed by a second survey and not before."""
    journey.on(YEAR, 11, 10)
    boss, page = journey.desk(journey.world.director), journey.desk(journey.world.manager)
    follow(boss, WAITING)
    expect(boss.locator(".blocked")).to_contain_text("不能确认完成：还没有复查")
    journey.check(boss, "ledger line refused")
    navigate(page, "满意度调查")
    follow(page, SURVEY)
    press(page, "安排复查")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{SURVEY}（复查）")
    do(page, "提交")
    held(journey, f"{SURVEY}（复查）", waiting=["满意", "很满意"], others="5", count=10)
    expect(row(page, WAITING)).to_contain_text("100")
    journey.check(page, "repeat result", PHONE)
    boss = journey.desk(journey.world.director)
    follow(boss, WAITING)
    do(boss, "确认完成")
    expect(boss.locator(".state").first).to_have_text("已完成")


def a_report_is_frozen(journey: Journey) -> None:
    """Begun, refused until every line has its reason, reviewed by another, final with the accounts."""
    journey.on(NEXT, 3, 10)
    year_ends(journey.clock, journey.world)
    page = journey.desk(journey.world.manager)
    navigate(page, "自评报告")
    follow(page, "新建报告")
    fill(page, "报告", f"{YEAR}.*{TERMINALS}")
    fill(page, "落款日期", "2026-03-10")
    press(page, "新建并起草")
    journey.check(page, "report", PHONE)
    refused = page.locator(".blocked").filter(has_text="不能提交审核")
    expect(refused).to_contain_text("一节是空的，请写明")
    sections_written(journey, page)
    expect(refused).to_contain_text("“抽取终端”还没有写明原因")
    reasons_given(journey, page, refused)
    do(page, "提交审核")
    expect(page.get_by_role("button", name="审核同意")).to_have_count(0)
    boss = journey.desk(journey.world.director)
    follow(boss, f"{TERMINALS}.*自评报告")
    do(boss, "审核同意")
    expect(boss.locator(".blocked").filter(has_text="不能定稿")).to_contain_text("决算还没有确认")
    page.reload()
    expect(page.locator(".blocked").filter(has_text="不能定稿")).to_contain_text("须由另一个人办理")
    address = page.url.partition("?")[0]
    navigate(page, "预算与支出")
    follow(page, f"{YEAR}年度")
    do(page, "确认决算", confirm=True, 决算收入="240500", 决算支出="240500", 决算批复日期="2026-03-09")
    journey.check(page, "closed year")
    page.goto(address)
    expect(page.get_by_role("link", name="定稿…")).to_have_count(0)
    boss.goto(address)
    do(boss, "定稿", confirm=True)
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("以后的登记不改变它")
    journey.check(page, "frozen", PHONE)
    nothing_changes_it(journey, page)


def sections_written(journey: Journey, page: Page) -> None:
    """What the data could not draft."""
    empty = page.locator("article.report-part", has_text="这一节还没有内容")
    looked = False
    while empty.count():
        with page.expect_navigation():
            empty.first.get_by_role("link", name=re.compile("^修改")).click()
        if not looked:
            journey.check(page, "section")
            looked = True
        fill(page, "正文", "已经逐项核对，没有其他需要说明的。")
        press(page, "保存")


def reasons_given(journey: Journey, page: Page, refused: Locator) -> None:
    """Line by line: first without a kind of cause, which is not enough."""
    report = page.url.partition("#")[0]
    for cause in ("", "数量变化"):
        follow(page, "逐项原因")
        journey.check(page, "reasons")
        lines = page.get_by_role("group").filter(has=page.get_by_text("要写明", exact=True))
        for number in range(lines.count()):
            line = lines.nth(number)
            if cause:
                line.get_by_label("原因种类").select_option(label=cause)
            line.get_by_label("原因和改进措施").fill("第四套终端并入下一年度，少付一套；以后按到货批次编制预算。")
        press(page, "保存")
        if not cause:
            expect(refused).to_contain_text("“抽取终端”的原因还没有选种类")
    page.goto(report)
    expect(refused).to_have_count(0)


def nothing_changes_it(journey: Journey, page: Page) -> None:
    """No value can be entered any more: the indicator's page has no form, the report stays as it is."""
    address, before = page.url.partition("?")[0], page.locator(".report-head").inner_text()
    assert "75.00%" in before
    navigate(page, "指标完成情况")
    fill(page, "年度", f"{YEAR}年度")
    press(page, "查找")
    follow(page, f"^{SATISFACTION}$")
    old = page.locator(".big-value").inner_text()
    # There is nothing to fill in any more.
    expect(page.get_by_label(re.compile("^发放份数"))).to_have_count(0)
    page.goto(address)
    assert page.locator(".report-head").inner_text() == before
    expect(row(page, SATISFACTION)).to_contain_text(old)


def three_versions_leave_the_house(journey: Journey) -> None:
    """Submission, public edition, scan; the package for the bureau; a visitor reads the public edition."""
    page = journey.seats[journey.world.manager.pk].page
    follow(page, "报送、公开和扫描件")
    versions = page.url
    follow(page, "生成报送版")
    journey.check(page, "make")
    press(page, "生成 PDF")
    paper = made(journey, page)
    page.goto(versions)
    press(page, "生成公开版")
    public = made(journey, page)
    assert paper.read_bytes() != public.read_bytes()
    page.goto(versions)
    follow(page, "上传扫描件")
    journey.check(page, "scan")
    page.get_by_label("扫描件", exact=True).set_input_files(paper)
    fill(page, "盖章日期", "2026-03-10")
    press(page, "上传")
    expect(page.locator(".version-file")).to_have_count(3)
    journey.check(page, "versions", PHONE)
    package_is_whole(page, paper)
    boss = journey.desk(journey.world.director)
    navigate(boss, "自评报告")
    follow(boss, f"{TERMINALS}.*自评报告")
    follow(boss, "报送、公开和扫描件")
    follow(boss, "^公开…")
    journey.check(boss, "disclose")
    for place in boss.locator("input[name=checked]").all():
        place.check()
    press(boss, "公开")
    expect(boss.locator("section[aria-labelledby=public-title]")).to_contain_text("已在公开网站")
    street = journey.visitor()
    street.goto("/sitemap/")
    follow(street, "绩效自评报告")
    journey.check(street, "public reports")
    shown = taken(street, street.get_by_role("link", name=re.compile(f"{TERMINALS}.*PDF")))
    assert shown.read_bytes() == public.read_bytes()


def made(journey: Journey, page: Page) -> Path:
    """The page of a run waits, a worker does it, the page tells it by itself; the PDF as it is downloaded."""
    expect(page.locator(".run-state")).to_contain_text("等待中")
    journey.check(page, "run")
    assert run_work(number=ReportRun.objects.latest("pk").pk, now=timezone.now(), clock=journey.clock.now)
    expect(page.locator(".run-state")).to_have_text("已生成。")
    path = taken(page, page.get_by_role("link", name=re.compile("^下载 PDF")))
    assert path.read_bytes().startswith(b"%PDF-")
    return path


def the_next_year_follows_it_up(journey: Journey) -> None:
    """The application says what became of a poor result; what is not mended goes on in the next year's ledger."""
    world, page = journey.world, journey.seats[journey.world.manager.pk].page
    applicant = journey.desk(world.finance)
    navigate(applicant, "职责、活动、项目")
    follow(applicant, f"{NEXT}年度")
    expect(applicant.locator(".blocked").filter(has_text="不能提交申报")).to_contain_text("还没有登记")
    journey.check(applicant, "application refused", PHONE)
    follow(page, "自评报告")
    follow(page, f"{TERMINALS}.*自评报告")
    report = page.url
    follow(page, "登记结果应用")
    fill(page, "处理", "核减预算")
    fill(page, "下一年度项目", TERMINALS)
    fill(page, "涉及金额", "8000")
    fill(page, "说明", "执行率偏低，第四套终端不再购置，核减8000元。")
    journey.check(page, "use")
    press(page, "登记")
    expect(page.locator("#uses")).to_contain_text("核减预算")
    follow(page, "列入台账")
    fill(page, "问题", "网络改造尾款没有按期支付。")
    fill(page, "整改措施", "督促施工单位完工，验收后十日内付款。")
    fill(page, "责任科室", "信息科")
    fill(page, "整改期限", "2026-06-30")
    journey.check(page, "ledger form")
    press(page, "列入台账")
    applicant.reload()
    expect(applicant.locator("#earlier")).to_contain_text("第四套终端不再购置")
    do(applicant, "提交申报")
    navigate(page, "问题整改台账")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{NEXT}年度问题整改台账")
    expect(row(page, "网络改造尾款")).to_contain_text(f"上年结转（{YEAR}年度）")
    journey.check(page, "next ledger", PHONE)
    page.goto(report)
    expect(page.locator("#items")).to_contain_text("网络改造尾款")
