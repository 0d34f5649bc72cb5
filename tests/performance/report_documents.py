"""Documents as reports have them, with fictional names and with figures like those of real ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from performance.document.model import (
    Chart,
    Cover,
    Document,
    Evidence,
    Form,
    FundRow,
    Heading,
    IndicatorRow,
    Paragraph,
    Table,
)

UNIT = "云泽县公共资源交易中心"
RARE = "䶮𠮷㛃𬭎"
# CJK Extension B, its first and last of Unicode 3.1.
EXTENSION_B = "𠀀𪛖"
DUTIES = (
    "主要职能是贯彻实施公共资源交易相关法律、法规、政策，为公共资源交易活动提供业务咨询、设施、场所和服务，维护交易现场"
    "秩序，收集、整理、保存交易过程中的相关资料（包括音视频资料），是公共资源统一进场交易的服务平台。业务范围包括：工程"
    "建设项目、土地交易、政府采购、产权交易。"
)
INCOME = (
    "2022年批复年度部门预算收入302.94万元，均为当年财政拨款收入。2022年实际财政拨款收入250.88万元，比年初预算减少52.06万元，"
    "减少17.18%，原因是人员经费实际支出比预算少。"
)
SPENDING = (
    "2022年部门支出预算总额为302.94万元，其中：基本支出的人员经费255.56万元，日常公用经费27.38万元，项目支出20万元。"
    "本年实际支出合计257.99万元，比年初预算减少44.95万元。"
)
SPECIAL = (
    "2022年专项资金支出预算20万元，实际支出13.29万元，剩余资金6.71万元由财政收回。专项资金本着专款专用的原则，"
    "严格执行项目资金批准的使用计划和项目批复资料，不擅自调项、扩项、缩项。"
)


def indicator(number: int, level1: str = "产出指标", level2: str = "数量指标", **more: str) -> IndicatorRow:
    """An indicator with every column of the annex."""
    values = {
        "name": f"进场交易项目受理率{number}", "target": "≥100%", "actual": "100%", "weight": "10", "score": "10.00",
        "reason": "", "definition": "当年受理的进场交易项目占应受理项目的比例", "formula": "受理宗数÷应受理宗数×100%",
        "scoring_rule": "达到目标值得满分，未达到的按完成比例计分", "evidence_source": "受理登记簿",
        "evidence": "2022年受理登记汇总表", "office": "受理科",
    }  # fmt: skip
    return IndicatorRow(level1=level1, level2=level2, **{**values, **more})


def form(*indicators: IndicatorRow) -> Form:
    """A project's form with the figures of seed B."""
    return Form(
        heading="项目支出绩效自评表", year=2022, name="公共资源交易中心运转经费",
        competent_department="云泽县行政审批局",
        unit=UNIT, denominator="全年预算数",
        funds=(
            FundRow("年度资金总额", "32.90", "32.90", "23.93", "10", "72.74%", "7.27"),
            FundRow("其中：当年财政拨款", "32.90", "32.90", "23.93", "—", "72.74%", "—"),
            FundRow("上年结转资金", "", "", "", "—", "", "—"),
            FundRow("其他资金", "", "", "", "—", "", "—"),
        ),
        expected_goal="简化程序，实现效率最高；采购活动公平、公正、公开；确保采购质量，提高采购效率，降低采购成本。",
        goal_result="组织各类交易项目424宗，交易总金额35.67亿元，各项目标均已达到年初预期。",
        indicators=indicators or (
            indicator(1, name="采购招标率", weight="50", score="50.00"),
            indicator(2, "效益指标", "社会效益指标", name="公共服务水平", target="定性：提升", actual="达成预期指标",
                      weight="30", score="30.00"),
            indicator(3, "满意度指标", "服务对象满意度", name="使用人员满意度", weight="10", score="10.00",
                      reason="满意度由年末问卷得出，发出120份，收回118份，有效118份。"),
        ),
        total_weight="100", total="97.27", grade="优", reported=(("执行率", "72.74%"), ("得分", "97"), ("等级", "优")),
        filled_by="林晓禾", phone="0000-5550112", head="周启明",
    )  # fmt: skip


def cover(**more: object) -> Cover:
    """A cover with facts and members, without a red head."""
    values = {
        "title": f"{UNIT}2022年度部门整体支出绩效自评报告", "unit": UNIT,
        "facts": (("单位名称", UNIT), ("单位代码", "201001"), ("社会信用代码", "12130000MB0000001X"),
                  ("评价年度", "2022年度")),
        "dated_on": date(2023, 2, 20),
        "members": (("组长", "周启明"), ("副组长", "林晓禾"), ("副组长", "沈思远"), ("组员", "陆一舟"),
                    ("组员", "何静仪"),
                    ("组员", "江若宁")),
    }  # fmt: skip
    return Cover(**{**values, **more})


BUDGET = Table(
    "部门收支预算执行情况", ("科目", "年初预算数", "全年预算数", "全年执行数", "执行率"),
    (("基本支出", "282.94", "282.94", "244.70", "86.48%"), ("其中：人员经费", "255.56", "255.56", "220.35", "86.22%"),
     ("日常公用经费", "27.38", "27.38", "24.35", "88.93%"), ("项目支出", "20.00", "20.00", "13.29", "66.45%"),
     ("合计", "302.94", "302.94", "257.99", "85.16%")),
    (30, 17, 17, 18, 18), (1, 2, 3, 4), "万元", has_total=True,
)  # fmt: skip
BARS = Chart(
    "bars", "支出预算与执行", "万元", ("人员经费", "日常公用经费", "项目支出"),
    (("年初预算数", ("255.56", "27.38", "20.00")), ("全年执行数", ("220.35", "24.35", "13.29"))),
)  # fmt: skip
SHARES = Chart(
    "shares", "交易额构成", "亿元", ("政府采购", "工程建设", "土地使用权", "国有产权"),
    (("交易额", ("5.61", "20.60", "8.00", "1.46")),),
)  # fmt: skip


def department(**more: object) -> Document:
    """A report like seed A: four chapters, a table, two charts, form, annex, evidence, findings."""
    body = (
        Heading(1, "部门概况"),
        Heading(2, "机构职能与组成", (Paragraph(DUTIES),)),
        Heading(
            2, "人员结构", (Paragraph(f"现有事业编制19名，其中科级领导3名。职工王{RARE[0]}、李{RARE[1]}负责档案。"),)
        ),
        Heading(2, "收支情况"),
        Heading(3, "预算收入情况", (Paragraph(INCOME),)),
        Heading(3, "预算支出情况", (Paragraph(SPENDING), BUDGET, BARS)),
        Heading(3, "专项资金管理情况", (Paragraph(SPECIAL),)),
        Heading(1, "目标实现情况", (Paragraph("全年组织各类交易项目424宗，交易总金额35.67亿元。"), SHARES)),
        Heading(1, "绩效自评工作开展情况"),
        Heading(2, "评价组织", (Paragraph(DUTIES),)),
        Heading(2, "自评方法", (Paragraph(SPENDING),)),
        Heading(1, "存在的问题及整改建议"),
        Heading(2, "存在问题", (Paragraph("部分项目资金支付进度滞后。"),)),
        Heading(2, "整改建议", (Paragraph("科学合理编制预算，严格执行预算。\n进一步加强项目资金管理。"),)),
    )
    funds = Table(
        "资金来源与支出科目", ("来源", "功能科目", "经济科目", "金额"),
        (("财政拨款", "2010308 信访事务", "30101 基本工资", "120.00"), ("合计", "", "", "120.00")),
        (25, 30, 30, 15), (3,), "万元", has_total=True,
    )  # fmt: skip
    values = {
        "kind": "department", "year": 2022, "subject": UNIT, "cover": cover(), "body": body, "form": form(),
        "tables": (funds,),
        "evidence": (Evidence("预算批复", "云财预〔2022〕8号.pdf", "0123456789abcdef" * 4),
                     Evidence("满意度问卷汇总", "问卷汇总.xlsx", "")),
        "findings": (("spending_exceeds_income",
                      "本年支出257.99万元比收入250.88万元多7.11万元，应说明上年结转资金的来源。"),
                     ("rate_below_90", "预算执行率72.74%低于90%，应逐项说明原因。")),
    }  # fmt: skip
    return Document(**{**values, **more})


def red_headed() -> Document:
    """With a red head, its number and the red line."""
    return department(cover=cover(red_head=f"{UNIT}文件", document_number="云资交〔2023〕5号"))


def long_table(rows: int, columns: int = 5) -> Table:
    """A table over many pages; every cell tells where it stands."""
    head = ("序号", *(f"第{n}栏" for n in range(1, columns)))
    return Table(
        "支出明细", head,
        tuple((str(n), *(f"{n}行{k}栏" for k in range(1, columns - 1)), f"{n}.50") for n in range(1, rows + 1)),
        (8, *((92 / (columns - 1),) * (columns - 1))), (columns - 1,), "元",
    )  # fmt: skip


def of_pages(paragraphs: int, rows: int) -> Document:
    """A long report: chapters of running text and a long table."""
    chapters = tuple(
        Heading(1 if n % 5 == 0 else 2, f"第{n}方面的工作情况", (Paragraph(DUTIES + INCOME + SPENDING + SPECIAL),))
        for n in range(paragraphs)
    )
    return replace(department(), body=chapters, tables=(long_table(rows),))
