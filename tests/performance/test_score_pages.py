"""The pages of a scored form: computed and manual scores, reasons, the contract's file out and in."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit.models import ActionRow
from performance.models import ActualValue, GoalTable, LineReason, ManualScore, Report
from performance.scoring.form import form_parse
from performance.services.actuals import actual_set
from tests.performance.goals_factories import (
    NOW,
    Cast,
    make_goals,
    make_line,
    make_program,
    make_year,
    named,
    receive,
    spend,
)
from tests.performance.test_goal_pages import BASE, cast, maker, text_of
from tests.portal.conftest import plain_static

__all__ = ["cast", "maker", "plain_static"]
pytestmark = pytest.mark.django_db


def scored_table(cast: Cast) -> GoalTable:
    """Seed B's figures."""
    program = make_program(make_year())
    line = make_line(program.fiscal_year, "329000.00", program=program)
    receive(program.fiscal_year, "329000.00", "239300.00", program=program)
    spend(line, "239300.00")
    table = make_goals("approved", cast=cast, program=program)
    for name, value in (("采购招标率", "100%"), ("公共服务水平", "达成预期指标"), ("使用人员满意度", "100%")):
        actual_set(indicator=named(table, name), value=value, evidence="台账", by=cast.maker, now=NOW)
    return table


def test_the_form_is_shown_scored_and_takes_manual_scores_and_reasons(cast: Cast, maker: Client) -> None:
    table = scored_table(cast)
    url = f"{BASE}/scoring/{table.pk}/"
    text = text_of(maker.get(url))
    for words in ("97.27", "72.74%", "32.90", "23.93", "当年财政拨款", "预算执行率 72.74%，低于 90%", "开始自评"):
        assert words in text, words
    maker.post(f"{url}begin/")
    assert Report.objects.get().program_year == table.program_year
    one = named(table, "采购招标率")
    sent = {"do": "score", "s-score": "48", "s-reason": "台账缺 2 份", "s-seen": "0"}
    assert maker.post(f"{url}lines/{one.pk}/", sent).status_code == 302
    assert maker.post(f"{url}lines/funds/", {"do": "reason", "r-text": "厉行节约", "r-seen": "0"}).status_code == 302
    text = text_of(maker.get(url))
    assert "95.27" in text and "（-2.00）" in text and "厉行节约" in text
    refused = maker.post(f"{url}lines/{one.pk}/", sent | {"s-score": "51", "s-seen": "1"})
    assert refused.status_code == 400 and "应在 0 至 50" in text_of(refused)
    missing = maker.post(f"{url}lines/{one.pk}/", sent | {"s-reason": ""})
    assert missing.status_code == 400
    assert (ManualScore.objects.count(), LineReason.objects.count()) == (1, 1)


def test_the_file_goes_out_as_the_command_reads_it_and_comes_in_to_compare(cast: Cast, maker: Client) -> None:
    table = scored_table(cast)
    content = maker.get(f"{BASE}/scoring/{table.pk}/form.json").content
    assert form_parse(content).total.executed is not None
    assert ActionRow.objects.filter(subject=f"performance.goaltable:{table.pk}", tag="data.export").count() == 1
    changed = json.loads(content)
    changed["indicators"][0]["actual"] = "90%"
    before = ActualValue.objects.count()
    sent = SimpleUploadedFile("form.json", json.dumps(changed).encode())
    answer = maker.post(f"{BASE}/scoring/{table.pk}/compare/", {"file": sent})
    text = text_of(answer)
    assert answer.status_code == 200 and "92.27" in text and "不同" in text
    bad = maker.post(f"{BASE}/scoring/{table.pk}/compare/", {"file": SimpleUploadedFile("x.json", b"{")})
    assert bad.status_code == 400 and "文件不是 UTF-8 编码的 JSON" in text_of(bad)
    assert ActualValue.objects.count() == before
