"""The pages of goals, values, deals, schemes and scores: they open, save, refuse in words, and lose nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.duties import Duty
from audit.models import ActionRow
from performance.models import ActualValue, DealFigure, GoalTable, Indicator, Scheme
from performance.services.actuals import actual_set
from performance.services.programs import activity_save, program_save, responsibility_save
from performance.services.scores import report_begin
from tests.performance.goals_factories import (
    INDICATORS,
    NOW,
    Cast,
    make_goals,
    make_line,
    make_program,
    make_year,
    named,
    office,
    spend,
)
from tests.portal.conftest import plain_static
from tests.staff import client_of
from tests.workflow.people import make_staff

__all__ = ["plain_static"]
pytestmark = pytest.mark.django_db
BASE = "/staff/performance"


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def maker(cast: Cast) -> Client:
    return client_of(cast.maker)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def values(**more: Any) -> dict[str, Any]:
    """A form of an indicator as a browser sends it."""
    start = {
        "level1": "产出指标", "level2": "数量指标", "name": "发布公告", "target": "≥400件", "weight": "20",
        "office": "", "measure": "", "definition": "", "formula": "", "evidence_source": "", "scoring_rule": "",
        "seen": "",
    }  # fmt: skip
    return start | more


def test_the_years_page_shows_the_department_and_the_tree(cast: Cast, maker: Client) -> None:
    program = make_program(make_year())
    unit = program.program.unit
    duty = responsibility_save(unit=unit, name="交易服务", by=cast.maker, now=NOW)
    activity = activity_save(responsibility=duty, name="场地运转", by=cast.maker, now=NOW)
    known = program.program
    program_save(unit=unit, code=known.code, name=known.name, activity=activity, program=known, by=cast.maker, now=NOW)
    make_goals("approved", cast=cast, program=program)
    text = text_of(maker.get(f"{BASE}/goals/"))
    for words in ("交易服务", "场地运转", "公共资源交易中心运转经费", "第1版", "已批准", "自评打分"):
        assert words in text


def test_empty_pages_say_what_comes_next(maker: Client) -> None:
    assert "还没有预算年度" in text_of(maker.get(f"{BASE}/goals/"))
    assert "还没有预算年度" in text_of(maker.get(f"{BASE}/deals/"))
    assert "还没有批准的绩效目标表" in text_of(maker.get(f"{BASE}/indicators/"))
    clerk = client_of(make_staff(Duty.INTAKE))
    assert "年末自评据此打分" in text_of(clerk.get(f"{BASE}/indicators/"))


def test_a_table_is_begun_filled_and_submitted_on_its_pages(maker: Client) -> None:
    fiscal = make_year()
    answer = maker.post(f"{BASE}/goals/new/{fiscal.pk}/", {"source": ""})
    table = GoalTable.objects.get()
    assert answer.status_code == 302 and answer.headers["Location"].startswith(f"{BASE}/goals/{table.pk}/")
    maker.post(f"{BASE}/goals/{table.pk}/edit/", {"overall_goal": "保障运转", "seen": "1"})
    answer = maker.post(f"{BASE}/goals/{table.pk}/indicators/new/", values(target="≥95％以上"), follow=True)
    text = text_of(answer)
    assert "理解为：不低于 95%" in text and "还差 30 分" in text
    refused = maker.post(f"/staff/move/performance.goaltable/{table.pk}/submit/", {"seen": "3"})
    assert refused.status_code == 409 and "“效益指标”共 0 分" in text_of(refused)


def test_the_target_is_explained_before_anything_is_saved(maker: Client, cast: Cast) -> None:
    table = make_goals(cast=cast, indicators=())
    page = text_of(maker.post(f"{BASE}/goals/{table.pk}/indicators/new/", values(target="提升", do="check")))
    assert "定性:提升" in page and not table.indicators.exists()
    saved = maker.post(f"{BASE}/goals/{table.pk}/indicators/new/", values(target="2022年底前"), follow=True)
    assert "日期不能作数值比较" in text_of(saved) and table.indicators.get().target == "2022年底前"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("weight", "1e400", "请填数字"), ("weight", "NaN", "请填数字"), ("weight", "-1", "应在 0 至 100 之间"),
        ("weight", "1.234", "最多 2 位小数"), ("weight", "\x00", "请填数字"), ("weight", "9" * 80, "请填数字"),
        ("name", "a\x00b", "控制字符"), ("name", "长" * 101, "最多 100 个字"), ("level1", "成本", "没有这一项"),
        ("measure", "drop", "没有这一项"), ("office", "99999999999999999999", "没有这一项"), ("target", "", "要填写"),
    ],
)  # fmt: skip
def test_hostile_input_gets_a_sentence_and_loses_nothing(
    cast: Cast, maker: Client, field: str, value: str, words: str
) -> None:
    table = make_goals(cast=cast, indicators=())
    sent = values(definition="要留下的解释") | {field: value}
    answer = maker.post(f"{BASE}/goals/{table.pk}/indicators/new/", sent)
    assert answer.status_code == 400
    assert words in text_of(answer) and "要留下的解释" in text_of(answer)
    assert not table.indicators.exists()


def test_full_width_digits_are_understood(cast: Cast, maker: Client) -> None:
    table = make_goals(cast=cast, indicators=())
    maker.post(f"{BASE}/goals/{table.pk}/indicators/new/", values(weight="１２．５"))
    assert table.indicators.get().weight == Decimal("12.5")


def test_a_conflict_shows_both_and_the_second_save_is_a_choice(cast: Cast, maker: Client) -> None:
    table = make_goals(cast=cast)
    one = named(table, "采购招标率")
    page = maker.get(f"{BASE}/goals/indicators/{one.pk}/edit/")
    sent = {name: page.context["form"][name].value() or "" for name in values()}
    other = client_of(make_staff(Duty.PERFORMANCE, name="李更正"))
    other.post(f"{BASE}/goals/indicators/{one.pk}/edit/", sent | {"target": "≥98%"})
    answer = maker.post(f"{BASE}/goals/indicators/{one.pk}/edit/", sent | {"target": "≥90%"})
    text = text_of(answer)
    assert answer.status_code == 409
    assert "李更正改过指标" in text and "≥98%" in text and "≥90%" in text
    one.refresh_from_db()
    assert one.target == "≥98%"
    again = {name: answer.context["form"][name].value() or "" for name in values()}
    maker.post(f"{BASE}/goals/indicators/{one.pk}/edit/", again)
    one.refresh_from_db()
    assert one.target == "≥90%"


def test_delete_and_shift_on_the_page(cast: Cast, maker: Client) -> None:
    extra = {**INDICATORS[0], "name": "受理宗数", "weight": Decimal(0)}
    table = make_goals(cast=cast, indicators=(*INDICATORS, extra))
    one = named(table, "受理宗数")
    maker.post(f"{BASE}/goals/indicators/{one.pk}/shift/", {"to": "up"})
    page = text_of(maker.get(f"{BASE}/goals/{table.pk}/"))
    assert page.index("受理宗数") < page.index("采购招标率")
    asked = maker.get(f"{BASE}/goals/indicators/{one.pk}/delete/")
    seen = dict(asked.context["hidden"])["seen"]
    assert "刚" not in text_of(asked)
    maker.post(f"{BASE}/goals/indicators/{one.pk}/delete/", {"seen": "0" * 16})
    assert Indicator.objects.filter(pk=one.pk).exists()
    maker.post(f"{BASE}/goals/indicators/{one.pk}/delete/", {"seen": seen})
    assert not Indicator.objects.filter(pk=one.pk).exists()


def test_two_versions_are_compared(cast: Cast, maker: Client) -> None:
    first = make_goals("approved", cast=cast)
    changed = {**INDICATORS[0], "target": "≥95%"}
    second = make_goals(cast=cast, fiscal=first.fiscal_year, indicators=(), reason="任务调整", copy_from=first)
    one = named(second, "采购招标率")
    page = maker.get(f"{BASE}/goals/indicators/{one.pk}/edit/")
    sent = {name: page.context["form"][name].value() or "" for name in values()}
    maker.post(f"{BASE}/goals/indicators/{one.pk}/edit/", sent | {"target": changed["target"]})
    text = text_of(maker.get(f"{BASE}/goals/compare/{first.pk}/{second.pk}/"))
    assert "<del>≥100%</del>" in text and "<ins>≥95%</ins>" in text and "没有变的指标 2 项" in text
    other = make_goals(program=make_program(first.fiscal_year), cast=cast)
    assert maker.get(f"{BASE}/goals/compare/{first.pk}/{other.pk}/").status_code == 404


def test_a_frozen_table_cannot_be_edited_by_its_address(cast: Cast, maker: Client) -> None:
    table = make_goals("approved", cast=cast)
    one = named(table, "采购招标率")
    page = maker.get(f"{BASE}/goals/indicators/{one.pk}/edit/")
    sent = {name: page.context["form"][name].value() or "" for name in values()}
    answer = maker.post(f"{BASE}/goals/indicators/{one.pk}/edit/", sent | {"target": "≥1%"})
    assert answer.status_code == 409 and "“编制中”时才可以" in text_of(answer)
    one.refresh_from_db()
    assert one.target == "≥100%"


def filled(cast: Cast, state: str = "approved", **more: Any) -> GoalTable:
    """An approved table whose first indicator is the intake office's."""
    rows = ({**INDICATORS[0], "office": office("intake"), **more}, *INDICATORS[1:])
    return make_goals(state, cast=cast, indicators=rows)


def test_an_office_fills_its_own_indicator_with_evidence(cast: Cast) -> None:
    table = filled(cast)
    one, foreign = named(table, "采购招标率"), named(table, "使用人员满意度")
    clerk = client_of(make_staff(Duty.INTAKE, department="intake"))
    assert "还没有填" in text_of(clerk.get(f"{BASE}/indicators/"))
    paper = SimpleUploadedFile("台账.txt", "招标台账".encode(), content_type="text/plain")
    sent = {"value": "100%", "evidence": "受理台账", "seen": "0", "papers": paper}
    assert clerk.post(f"{BASE}/indicators/{one.pk}/", sent).status_code == 302
    value = ActualValue.objects.get()
    assert (value.value, value.papers.get().name) == ("100%", "台账.txt")
    assert (
        b"".join(clerk.get(f"{BASE}/indicators/papers/{value.papers.get().pk}/").streaming_content).decode()
        == "招标台账"
    )
    refused = clerk.post(f"{BASE}/indicators/{foreign.pk}/", {"value": "98%", "evidence": "问卷", "seen": "0"})
    assert refused.status_code == 403 and "由绩效管理人员填报" in text_of(refused)
    stranger = client_of(make_staff(Duty.WITNESS, department="witness"))
    assert stranger.get(f"{BASE}/indicators/papers/{value.papers.get().pk}/").status_code == 404


def test_a_refused_file_stores_nothing(cast: Cast, maker: Client) -> None:
    one = named(filled(cast), "采购招标率")
    bad = SimpleUploadedFile("台账.pdf", b"MZ\x90\x00" + b"\x00" * 200)
    answer = maker.post(f"{BASE}/indicators/{one.pk}/", {"value": "100%", "evidence": "x", "seen": "0", "papers": bad})
    assert answer.status_code == 400 and "台账.pdf" in text_of(answer)
    assert not ActualValue.objects.exists()


def test_two_who_fill_at_once_see_both_values(cast: Cast, maker: Client) -> None:
    one = named(filled(cast), "采购招标率")
    maker.get(f"{BASE}/indicators/{one.pk}/")
    other = make_staff(Duty.PERFORMANCE, name="孙先填")
    actual_set(indicator=one, value="99%", evidence="台账", by=other, now=NOW)
    answer = maker.post(f"{BASE}/indicators/{one.pk}/", {"value": "97%", "evidence": "台账", "seen": "0"})
    text = text_of(answer)
    assert answer.status_code == 409 and "孙先填填了“99%”，您填的是“97%”" in text
    assert ActualValue.objects.count() == 1
    assert 'value="97%"' in text


def test_a_value_is_computed_listed_and_compared_later(cast: Cast, maker: Client) -> None:
    fiscal = make_year()
    line = make_line(fiscal, "200000.00")
    spend(line, "150000.00")
    rows = ({**INDICATORS[0], "measure": "budget_execution_rate"}, *INDICATORS[1:])
    one = named(make_goals("approved", cast=cast, fiscal=fiscal, indicators=rows), "采购招标率")
    assert "现在计算是 <strong>75%</strong>" in text_of(maker.get(f"{BASE}/indicators/{one.pk}/"))
    maker.post(f"{BASE}/indicators/{one.pk}/compute/", {"seen": "0"})
    value = ActualValue.objects.get()
    assert (value.value, value.measure) == ("75%", "budget_execution_rate")
    listed = text_of(maker.get(f"{BASE}/indicators/values/{value.pk}/rows/"))
    assert "执行 150000.00 元" in listed and "与明细相符" in listed
    assert "与保存的一致" in text_of(maker.get(f"{BASE}/indicators/{one.pk}/"))
    spend(line, "10000.00")
    assert "现在重新计算是 <strong>80%</strong>" in text_of(maker.get(f"{BASE}/indicators/{one.pk}/"))


def test_deal_figures_are_typed_in_any_unit_summed_and_shown(maker: Client) -> None:
    fiscal = make_year()
    for category, count, amount, unit in (
        ("procurement", "262", "5.61", "yi"), ("engineering", "70", "20.6", "yi"), ("land", "29", "80000", "wan"),
        ("property", "63", "146000000", "yuan"),
    ):  # fmt: skip
        sent = {"deal_count": count, "amount": amount, "unit": unit, "evidence": "年度统计表", "seen": "0"}
        assert maker.post(f"{BASE}/deals/{fiscal.pk}/{category}/", sent).status_code == 302
    text = text_of(maker.get(f"{BASE}/deals/"))
    assert "<strong>424</strong> 宗" in text and "<strong>35.67</strong> 亿元" in text
    refused = maker.post(
        f"{BASE}/deals/{fiscal.pk}/land/", {"deal_count": "1", "amount": "1.23456789", "unit": "yuan", "evidence": "x"}
    )
    assert refused.status_code == 400 and "超过两位小数" in text_of(refused)
    assert DealFigure.objects.count() == 4


def test_a_scheme_is_made_from_another_and_retires_the_one_of_the_same_year(maker: Client) -> None:
    base = Scheme.objects.get(kind="project", is_active=True)
    page = maker.get(f"{BASE}/schemes/{base.pk}/new/")
    form = page.context["form"]
    sent = {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}
    sent |= {"first_year": "2020", "name": "县里的方案", "funds_weight": "20", "weight0": "40"}
    answer = maker.post(f"{BASE}/schemes/{base.pk}/new/", sent)
    made = Scheme.objects.get(name="县里的方案")
    base.refresh_from_db()
    assert answer.status_code == 302 and made.is_active and not base.is_active
    refused = maker.post(f"{BASE}/schemes/{base.pk}/new/", sent | {"weight0": "41", "first_year": "2024"})
    assert refused.status_code == 400 and "合计 101 分，应是 100 分" in text_of(refused)
    assert "40" in text_of(maker.get(f"{BASE}/schemes/{made.pk}/"))


def test_workbooks_leave_with_a_row_in_the_log(cast: Cast, maker: Client) -> None:
    table = make_goals("approved", cast=cast)
    for path in (f"/goals/{table.pk}/indicators.xlsx", "/indicators/export.xlsx"):
        assert maker.get(BASE + path).content[:2] == b"PK"
    assert ActionRow.objects.filter(tag="data.export").count() == 2


def queries(client: Client, path: str) -> int:
    """How many queries a page takes."""
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


def test_lists_take_a_fixed_number_of_queries(cast: Cast, maker: Client) -> None:
    fiscal = make_year()
    more = tuple({**INDICATORS[0], "name": f"指标{n}", "weight": Decimal(10)} for n in range(5))
    counts = []
    for rows in (INDICATORS, (*more, *INDICATORS[1:])):
        program = make_program(fiscal)
        make_line(fiscal, "1000.00", program=program)
        table = make_goals("approved", cast=cast, program=program, indicators=rows)
        report_begin(goal_table=table, by=cast.maker, now=NOW)
        for one in table.indicators.all():
            value = "达成预期指标" if one.target.startswith("定性") else "90%"
            actual_set(indicator=one, value=value, evidence="台账", by=cast.maker, now=NOW)
        paths = ("/goals/", f"/goals/{table.pk}/", "/indicators/", "/schemes/", f"/scoring/{table.pk}/",
                 f"/goals/{table.pk}/print/")  # fmt: skip
        counts.append({path.replace(str(table.pk), "n"): queries(maker, BASE + path) for path in paths})
    assert counts[0] == counts[1]


def test_leaders_and_finance_read_all_and_fill_nothing(cast: Cast) -> None:
    one = named(filled(cast), "采购招标率")
    for duty in (Duty.FINANCE, Duty.DEPUTY_DIRECTOR):
        client = client_of(make_staff(duty, department="directors"))
        assert "使用人员满意度" in text_of(client.get(f"{BASE}/indicators/"))
        page = text_of(client.get(f"{BASE}/indicators/{one.pk}/"))
        assert "由受理科填报" in page and '<h2 id="fill">' not in page
        sent = {"value": "98%", "evidence": "台账", "seen": "0"}
        assert client.post(f"{BASE}/indicators/{one.pk}/", sent).status_code == 403
    assert not ActualValue.objects.exists()


def test_strange_addresses_are_no_failures(cast: Cast, maker: Client) -> None:
    make_goals("approved", cast=cast)
    for query in (
        "?year=x",
        "?year=99999999999999999999",
        "?page=0",
        "?page=999999",
        "?office=-1",
        "?missing=1&page=2",
    ):
        for path in ("/goals/", "/indicators/", "/deals/"):
            assert maker.get(f"{BASE}{path}{query}").status_code == 200
    for path in (f"/goals/{2**70}/", f"/indicators/{2**70}/", f"/deals/{2**70}/land/", "/deals/1/oil/",
                 f"/schemes/{2**70}/", f"/scoring/{2**70}/", f"/indicators/values/{2**70}/rows/"):  # fmt: skip
        assert maker.get(BASE + path).status_code == 404
