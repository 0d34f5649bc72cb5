"""A project's chain: by source and project code, corrections naming what they correct."""

from __future__ import annotations

from typing import Any

import pytest

from tenders.selectors import announcement_chain, announcement_get
from tenders.stages import stage_of
from tests.tenders.factories import make_announcement

pytestmark = pytest.mark.django_db


def link(type_: str, published: str, **changes: Any) -> int:
    changes = {"title": f"食堂设备项目{type_}", "fields": {"project_code": "YZ-1"}, **changes}
    return make_announcement(type=type_, published=published, **changes).pk


def chain(pk: int) -> list[tuple[int, int | None, bool]]:
    return [
        (one.announcement.pk, one.corrects and one.corrects.pk, one.is_current)
        for one in announcement_chain(announcement_get(pk))
    ]


def test_chain_is_in_order_of_time_whatever_the_order_of_import() -> None:
    result = link("中标(成交)结果公告", "2026-03-20")
    fix = link("更正公告", "2026-03-05")
    notice = link("公开招标公告", "2026-03-01")
    contract = link("合同公告", "2026-03-25")
    for current in (result, fix, notice, contract):
        assert chain(current) == [
            (notice, None, current == notice),
            (fix, notice, current == fix),
            (result, None, current == result),
            (contract, None, current == contract),
        ]


def test_chain_correction_of_a_result_corrects_the_result() -> None:
    link("公开招标公告", "2026-03-01")
    result = link("中标(成交)结果公告", "2026-03-20")
    fix = link("更正公告", "2026-03-22", title="食堂设备项目中标结果更正公告")
    late = link("更正公告", "2026-03-23", title="食堂设备项目招标文件更正公告")
    assert [(a, b) for a, b, _ in chain(fix)][2:] == [(fix, result), (late, announcement_chain_first(fix))]


def announcement_chain_first(pk: int) -> int:
    return announcement_chain(announcement_get(pk))[0].announcement.pk


def test_chain_correction_that_names_an_id_corrects_that_one() -> None:
    first = link("公开招标公告", "2026-03-01", id="first")
    link("公开招标公告", "2026-03-02", id="second")
    fields = {"project_code": "YZ-1", "corrects": "first"}
    fix = link("更正公告", "2026-03-05", fields=fields)
    assert chain(fix)[2] == (fix, first, True)


def test_chain_correction_alone_corrects_nothing_known() -> None:
    fix = link("更正公告", "2026-03-05")
    assert chain(fix) == [(fix, None, True)]


def test_chain_termination_names_what_it_ends() -> None:
    notice = link("询价公告", "2026-03-05")
    end = link("终止公告", "2026-03-06")
    assert chain(end) == [(notice, None, False), (end, notice, True)]


def test_chain_of_another_source_is_another() -> None:
    mine = link("公开招标公告", "2026-03-01")
    link("合同公告", "2026-03-02", source={"name": "别处"})
    assert chain(mine) == [(mine, None, True)]


def test_chain_without_project_code_is_the_announcement_alone() -> None:
    make_announcement(fields={})
    mine = make_announcement(fields={}).pk
    assert chain(mine) == [(mine, None, True)]


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("公开招标公告", "notice"),
        ("中标（成交）结果公告", "result"),
        ("更正/澄清公告", "correction"),
        ("结果变更公告", "correction"),
        ("中标候选人公示", "candidates"),
        ("采购意向公开", "intention"),
        ("合同公告", "contract"),
        ("终止公告", "termination"),
        ("废标公告", "termination"),
        ("国有土地使用权挂牌出让公告", "notice"),
        ("挂牌出让结果公示", "result"),
        ("从未见过", "other"),
    ],
)
def test_stage_of_type_names(name: str, stage: str) -> None:
    assert stage_of(name) == stage
