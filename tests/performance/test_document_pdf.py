"""Reports as PDF beside GB/T 9704-2012, read by other programs than the one that made them."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest

from core.errors import BusinessError
from performance.document import fonts as house_fonts
from performance.document.model import Document, Heading, Paragraph, Table
from performance.document.render import document_made, document_pdf
from tests.performance import pdf_reading as pdf
from tests.performance import report_documents as samples
from trading_center.config import ROOT

CODE = "4KQM-3XPA-9DWE-H7RT"
ADDRESS = f"https://center.example/reports/{CODE}/"
SENTENCE = "国家预算绩效管理一体化工作平台按月汇总各单位支出进度并提出改进意见"
# The block: 156 mm from 28 mm, 225 mm from 37 mm.
LEFT, RIGHT, TOP, BOTTOM = 28 * pdf.MM, 184 * pdf.MM, 37 * pdf.MM, 262 * pdf.MM


def made(document: Document, mark: str = "") -> bytes:
    """The PDF of a document."""
    return document_pdf(document, code=CODE, verify_url=ADDRESS, mark=mark)


def running(text: str, **more: object) -> Document:
    """A document with nothing but one paragraph."""
    values = {
        "body": (Heading(1, "概况", (Paragraph(text),)),),
        "form": None,
        "tables": (),
        "evidence": (),
        "findings": (),
    }
    return replace(samples.department(), **{**values, **more})


@pytest.fixture(scope="module")
def department() -> bytes:
    return made(samples.department())


@pytest.fixture(scope="module")
def long() -> bytes:
    return made(running(SENTENCE * 80, tables=(samples.long_table(200),)))


def test_a_page_holds_22_lines_of_28_characters_in_the_block(long: bytes) -> None:
    page = pdf.pages(long)[3]
    found = pdf.lines(page)
    assert (page.get_width(), page.get_height()) == (
        pytest.approx(210 * pdf.MM, abs=0.1),
        pytest.approx(297 * pdf.MM, abs=0.1),
    )
    assert len(found) == 22
    assert {len(line) for line in found} == {28}
    for line in found:
        assert line[0].left == pytest.approx(LEFT, abs=0.6) and line[-1].right == pytest.approx(RIGHT, abs=0.6)
    pitch = [(below[0].top - above[0].top) for above, below in pairwise(found)]
    assert all(one == pytest.approx(225 / 22 * pdf.MM, abs=0.05) for one in pitch)
    assert found[0][0].top > TOP - 1 and found[-1][0].bottom < BOTTOM + 1


def test_lines_with_figures_reach_both_edges_and_paragraphs_begin_two_characters_in() -> None:
    text = (samples.INCOME + samples.SPENDING + samples.SPECIAL).replace("。", "，")
    found = pdf.lines(pdf.pages(made(running(text)))[2])
    words = ["".join(one.text for one in line) for line in found]
    first = next(number for number, line in enumerate(words) if line.startswith("2022年批复"))
    assert found[first][0].left == pytest.approx(LEFT + 2 * 156 / 28 * pdf.MM, abs=0.6)
    inner = found[first + 1 : first + 7]
    assert [round(line[0].left - LEFT) for line in inner] == [0] * 6
    assert all(line[-1].right == pytest.approx(RIGHT, abs=1.2) for line in inner)


def test_page_numbers_stand_7_mm_below_the_block_odd_right_even_left(department: bytes) -> None:
    numbers = {}
    for place, page in enumerate(pdf.pages(department), 1):
        found = [one for one in pdf.chars(page) if abs(one.size - 14) < 0.2 and one.top > BOTTOM]
        if page.get_width() < page.get_height() and found:
            numbers[place] = found
    assert 1 not in numbers and {2, 3, 4} <= set(numbers)
    for place, found in numbers.items():
        assert "".join(one.text for one in found) == f"—{place}—"
        middle = (found[0].top + found[0].bottom) / 2
        assert middle == pytest.approx(BOTTOM + 7 * pdf.MM, abs=3)
        if place % 2:
            assert found[-1].right == pytest.approx(RIGHT - 14, abs=1.5)
        else:
            assert found[0].left == pytest.approx(LEFT + 14, abs=1.5)


def test_fonts_are_those_of_the_standard_embedded_and_subset(department: bytes) -> None:
    found = dict(pdf.fonts(department))
    names = {name.split("+")[1] for name in found}
    assert {"Official-Fangsong", "Official-Hei", "Official-Kai", "Official-Song-Bold", "Official-Latin"} <= names
    assert all(re.match(r"/[A-Z]{6}\+", name) for name in found)
    assert all("/FontFile2" in one or "/FontFile3" in one for one in found.values())


def font_of(content: bytes, words: str) -> set[str]:
    """The fonts in which a text stands."""
    return set().union(*(pdf.fonts_of(page, words) for page in pdf.pages(content)))


def test_headings_title_body_and_figures_have_their_fonts() -> None:
    content = made(replace(samples.department(), form=None, tables=(), evidence=(), findings=()))
    assert font_of(content, "2022年度部门整体支出绩效自评报告") == {"Official-Song-Bold"}
    assert "Official-Hei" in font_of(content, "目标实现情况")
    assert "Official-Kai" in font_of(content, "人员结构")
    assert font_of(content, "维护交易现场") == {"Official-Fangsong"}
    assert font_of(content, "250.88") == {"Official-Latin"}


def test_the_whole_text_comes_out_in_order_with_its_figures(department: bytes) -> None:
    text = pdf.text_of(department)
    wanted = [
        samples.DUTIES, "现有事业编制19名", samples.INCOME, samples.SPENDING, samples.SPECIAL,
        "交易总金额35.67亿元", "附件：1.项目支出绩效自评表", "采购招标率", "97.27", "填表人：林晓禾",
        "资金来源与支出科目", "绩效指标说明", "佐证材料清单", "需要说明的事项", "多7.11万元",
    ]  # fmt: skip
    at = -1
    for words in wanted:
        found = text.find(words, at + 1)
        assert found > at, words
        at = found
    for figure in ("302.94", "250.88", "52.06", "17.18%", "255.56", "27.38", "257.99", "44.95", "13.29", "72.74%"):
        assert figure in text


def test_rare_characters_are_drawn_and_copied() -> None:
    words = f"职工{samples.RARE}、{samples.EXTENSION_B}、镕、喆、堃、珺、㵑、𫍯、𠅤"
    content = made(running(words + "。"))
    assert words in pdf.text_of(content)
    assert {"Noto-Serif-CJK-SC", "Official-Rare"} <= {name.split("+")[1] for name, _ in pdf.fonts(content)}


def test_a_character_that_no_font_has_is_told_and_no_file_is_made() -> None:
    with pytest.raises(BusinessError, match="没有可用的字形") as refusal:
        made(running("办公室\U0001f600和\ue123的材料。"))
    assert refusal.value.code == "no_glyph"
    assert "U+1F600" in refusal.value.message and "U+E123" in refusal.value.message


@pytest.mark.parametrize("which", ["department", "red_headed"])
def test_the_same_document_gives_the_same_bytes_in_another_process(which: str) -> None:
    script = (
        "import django; django.setup(); import hashlib\n"
        "from tests.performance import report_documents as samples, test_document_pdf as tests\n"
        f"print(hashlib.sha256(tests.made(samples.{which}(), '演示')).hexdigest())"
    )
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "trading_center.settings", "PYTHONHASHSEED": "random"}
    found = {
        subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True,
            env={**environ, "TZ": zone},
        ).stdout.strip()
        for zone in ("Asia/Shanghai", "America/Lima")
    }  # fmt: skip
    assert found == {hashlib.sha256(made(getattr(samples, which)(), "演示")).hexdigest()}


def test_another_code_or_address_or_text_is_another_file(department: bytes) -> None:
    document = samples.department()
    others = [
        document_pdf(document, code="AAAA-AAAA-AAAA-AAAA", verify_url=ADDRESS),
        document_pdf(document, code=CODE, verify_url="https://other.example/"),
        made(replace(document, year=2023)),
    ]
    assert department == made(document)
    assert len({department, *others}) == 4


def test_document_information_comes_from_the_document(department: bytes) -> None:
    found = pdf.information(department)
    assert found["/Title"] == "云泽县公共资源交易中心2022年度部门整体支出绩效自评报告"
    assert found["/Author"] == samples.UNIT
    assert found["/CreationDate"].startswith("D:20230220") and found["/ModDate"].startswith("D:20230220")


def test_bookmarks_lead_to_their_pages(department: bytes) -> None:
    found = pdf.bookmarks(department)
    titles = [title for _, title, _ in found]
    assert titles[:3] == ["目录", "一、部门概况", "（一）机构职能与组成"]
    assert [title for level, title, _ in found if level == 1][-5:] == [
        "项目支出绩效自评表", "收支与资金情况表", "绩效指标说明", "佐证材料清单", "需要说明的事项",
    ]  # fmt: skip
    pages = pdf.pages(department)
    for _, title, place in found[1:]:
        words = re.sub(r"\s+", "", pages[place - 1].get_textpage().get_text_bounded())
        assert re.sub(r"\s+", "", title) in words, title


def test_contents_name_the_pages_on_which_the_chapters_stand(department: bytes) -> None:
    pages = [re.sub(r"\s+", "", page.get_textpage().get_text_bounded()) for page in pdf.pages(department)]
    listed = dict(re.findall(r"([一二三四]、[\u4e00-\u9fff]+)\.*(\d+)", pages[1]))
    assert set(listed) == {"一、部门概况", "二、目标实现情况", "三、绩效自评工作开展情况", "四、存在的问题及整改建议"}
    for title, place in listed.items():
        assert title in pages[int(place) - 1]


def test_the_form_lies_down_on_one_page_with_its_three_signatures(department: bytes) -> None:
    lying = [page for page in pdf.pages(department) if page.get_width() > page.get_height()]
    words = [re.sub(r"\s+", "", page.get_textpage().get_text_bounded()) for page in lying]
    form = next(text for text in words if "项目支出绩效自评表" in text)
    for part in ("（2022年度）", "年度资金总额", "23.93", "使用人员满意度", "总分", "97.27", "评价等级：优",
                 "填表人：林晓禾", "联系电话：0000-5550112", "单位负责人：周启明"):  # fmt: skip
        assert part in form
    assert lying[0].get_width() == pytest.approx(297 * pdf.MM, abs=0.1)


def inside(content: bytes) -> list[tuple[int, str, float, float]]:
    """Characters that stand outside of their page's block: (page, text, left, right); page numbers and marks aside."""
    found = []
    for place, page in enumerate(pdf.pages(content), 1):
        wide = page.get_width() > page.get_height()
        left, right = (35 * pdf.MM, 260 * pdf.MM) if wide else (LEFT, RIGHT)
        for one in pdf.chars(page):
            number = abs(one.size - 14) < 0.2 and (one.top > BOTTOM or one.right < left)
            if not number and (one.left < left - 3 or one.right > right + 3):
                found.append((place, one.text, one.left, one.right))
    return found


def test_a_table_over_many_pages_repeats_its_head_and_loses_no_row(long: bytes) -> None:
    pages = [page for page in pdf.pages(long) if "第1栏" in page.get_textpage().get_text_bounded()]
    assert len(pages) >= 5
    text = pdf.text_of(long)
    for number in range(1, 201):
        assert f"{number}行1栏{number}行2栏{number}行3栏{number}.50" in text
    assert inside(long) == []


def test_long_words_wrap_and_nothing_is_clipped() -> None:
    word = "https://center.example/" + "a1b2c3d4e5" * 30
    tall = "逐项说明原因和改进措施。" * 130
    table = Table("明细", ("名称", "说明", "金额"), ((word, tall, "1,234,567,890,123,456.00"), ("甲", word, "0.00")),
                  (20, 60, 20), (2,), "元")  # fmt: skip
    content = made(running("正文。", tables=(table, replace(table, landscape=True))))
    text = pdf.text_of(content)
    assert text.count(word) >= 2 or text.replace("名称说明金额", "").count("a1b2c3d4e5" * 10) >= 2
    # A page number may stand between two parts of a cell.
    assert text.count("逐") == 2 * 130 and text.count("施。") == 2 * 130
    assert inside(content) == []


def test_many_indicators_go_on_over_pages_with_their_groups_named_on_each() -> None:
    rows = [samples.indicator(n, name=f"第{n}项指标", reason="按计划完成。" * (n % 7 * 6)) for n in range(1, 41)]
    content = made(replace(samples.department(), form=samples.form(*rows)))
    pages = [re.sub(r"\s+", "", page.get_textpage().get_text_bounded()) for page in pdf.pages(content)]
    with_rows = [text for text in pages if re.search(r"第\d+项指标", text) and "偏差原因分析及改进措施" in text]
    assert len(with_rows) >= 4
    assert all("产出指标" in text for text in with_rows)
    for number in range(1, 41):
        assert sum(f"第{number}项指标" in text for text in with_rows) == 1
    assert inside(content) == []


def test_no_heading_is_the_last_line_of_a_page() -> None:
    body = tuple(
        Heading(1 + n % 3, f"第{n}项工作", (Paragraph(SENTENCE * (1 + n % 4)),) if n % 3 else ()) for n in range(60)
    )
    content = made(running("", body=body))
    for page in pdf.pages(content)[2:-1]:
        last = "".join(one.text for one in (pdf.lines(page) or [[]])[-1])
        assert not re.search(r"第\d+项工作$", last), last


def test_red_head_stands_35_mm_below_the_upper_edge_with_number_and_line() -> None:
    content = made(samples.red_headed())
    cover = pdf.pages(content)[0]
    head = [one for one in pdf.chars(cover) if one.size > 26]
    assert "".join(one.text for one in head) == f"{samples.UNIT}文件"
    assert min(one.top for one in head) == pytest.approx(TOP + 35 * pdf.MM, abs=8)
    assert "云资交〔2023〕5号" in cover.get_textpage().get_text_bounded()
    red = [item for item in cover.get_objects() if item.type == pypdfium2.raw.FPDF_PAGEOBJ_PATH]
    assert any(right - left > 155 * pdf.MM for left, _, right, _ in (item.get_bounds() for item in red))


def test_cover_carries_code_address_and_a_qr_code_as_vectors(department: bytes) -> None:
    cover = pdf.pages(department)[0]
    text = re.sub(r"\s+", "", cover.get_textpage().get_text_bounded())
    for part in (
        "单位代码201001",
        "组长周启明",
        f"{samples.UNIT}（盖章）",
        "2023年2月20日",
        f"验证码：{CODE}",
        ADDRESS,
    ):
        assert part.replace(" ", "") in text
    kinds = [item.type for item in cover.get_objects()]
    assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE not in kinds and pypdfium2.raw.FPDF_PAGEOBJ_PATH in kinds


def test_a_demonstration_is_marked_on_every_page() -> None:
    pages = pdf.pages(made(samples.department(), "演示"))
    assert all("演" in page.get_textpage().get_text_bounded() for page in pages)
    assert "演示" not in pdf.text_of(made(samples.department()))


def test_hostile_text_stays_text() -> None:
    words = "<script>alert(1)</script><img src=file:///etc/passwd>&amp;{{ 1 }}"
    text = pdf.text_of(made(running(words)))
    assert re.sub(r"\s", "", words) in text


def test_pages_are_counted() -> None:
    found = document_made(samples.department(), code=CODE, verify_url=ADDRESS)
    assert found.pages == len(pdf.pages(found.content))


def test_fonts_the_script_fetches_are_those_the_code_asks_for() -> None:
    script = (ROOT / "bin" / "fonts").read_text(encoding="utf-8")
    for _, name, package in house_fonts.FONTS:
        stem = name.removeprefix("Fandol").removeprefix("LiberationSerif-").rsplit(".", 1)[0]
        assert stem in script and package in script
    assert [place for place in house_fonts.PLACES if place not in script] == []


def test_without_fonts_one_apt_line_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(house_fonts, "_folders", lambda: [tmp_path])
    with pytest.raises(BusinessError, match="sudo apt-get install fonts-hanazono fonts-liberation") as refusal:
        made(samples.department())
    assert refusal.value.code == "no_pdf"
