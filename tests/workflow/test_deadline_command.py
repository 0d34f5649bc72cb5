"""``manage.py deadline``: bytes of its JSON, sentences, exit codes, and where its calendar comes from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from workflow.holidays import Notice
from workflow.rulebook import RULES
from workflow.services import calendar_import

NOW = datetime(2026, 11, 4, 1, 30, tzinfo=UTC)
CONTRACT_EXAMPLE = (
    '{"rule": "engineering.bid_deadline", "start": "2026-09-11", "due": "2026-10-01", "length": 20, "unit": "cd", '
    '"direction": "forward", "roll": false, "kind": "earliest", "article": "招标投标法第二十四条", '
    '"practical": "2026-10-08", "skipped": [], "provisional": false}\n'
)


def _run(*arguments: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("deadline", *arguments, stdout=out, stderr=err)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def _process(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, without the database of the tests."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DATABASE_OWNER_URL", "TC_AS_OWNER")}
    return subprocess.run(
        [sys.executable, "manage.py", "deadline", *arguments],
        cwd=settings.BASE_DIR,
        env={**kept, "PYTHONWARNINGS": "default", **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.django_db
def test_deadline_json_is_the_contract_to_the_byte() -> None:
    assert _run("engineering.bid_deadline", "2026-09-11", "--json") == (0, CONTRACT_EXAMPLE, "")


@pytest.mark.django_db
def test_deadline_json_lists_skipped_days() -> None:
    code, out, err = _run("engineering.contract", "2026-09-05T23:00:00+08:00", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["start"], found["due"], found["practical"]) == ("2026-09-05", "2026-10-08", "2026-10-08")
    assert found["skipped"] == ["2026-10-05", "2026-10-06", "2026-10-07"]


@pytest.mark.django_db
def test_deadline_takes_an_unquoted_moment() -> None:
    code, out, _ = _run("engineering.bid_deadline", "2026-09-10", "16:00", "+0000", "--json")
    assert (code, out) == (0, CONTRACT_EXAMPLE)


@pytest.mark.django_db
def test_deadline_for_people_says_why() -> None:
    assert _run("engineering.contract", "2026-09-05") == (
        0,
        "订立书面合同：最迟 2026年10月8日（星期四）\n"
        "依据：招标投标法第四十六条，中标通知书发出之后 30 日\n"
        "起算：中标通知书发出 2026年9月5日（星期六），当日不计\n"
        "跳过非工作日 3 天：2026-10-05、2026-10-06、2026-10-07\n"
        "日历：本系统已导入的\n",
        "",
    )


@pytest.mark.django_db
def test_deadline_for_people_names_practical_day_and_what_is_provisional() -> None:
    assert _run("engineering.clarification", "2027-01-18")[1] == (
        "澄清或者修改招标文件：最迟 2027年1月3日（星期日）\n"
        "依据：招标投标法第二十三条、招标投标法实施条例第二十一条，投标截止之前 15 日\n"
        "起算：投标截止 2027年1月18日（星期一），当日不计\n"
        "当天不是工作日，之前最近的工作日是 2026年12月31日（星期四）\n"
        "暂定：其间有的年份节假日安排尚未导入，公布并导入后请重新推算\n"
        "日历：本系统已导入的\n"
    )


def test_list_json_has_the_same_objects_without_dates() -> None:
    code, out, err = _run("--list", "--json")
    found = json.loads(out)
    assert (code, err, len(found)) == (0, "", 38)
    assert [item["rule"] for item in found] == [rule.id for rule in RULES]
    assert {tuple(item) for item in found} == {("rule", "length", "unit", "direction", "roll", "kind", "article")}
    assert found[2]["direction"] == "backward"


def test_list_for_people_has_a_line_a_rule() -> None:
    code, out, err = _run("--list")
    lines = out.splitlines()
    assert (code, err, len(lines)) == (0, "", 38)
    assert lines[1] == (
        "engineering.document_sale_end  招标文件获取截止：最早为招标文件开始发售之后 5 日，末日遇非工作日顺延"
        "（招标投标法实施条例第十六条）"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("engineering.complaints", "2026-01-01"),
            "不能推算期限：没有规则“engineering.complaints”，相近的有 engineering.complaint、"
            "engineering.complaint_decision、engineering.complaint_acceptance；全部见 deadline --list。\n",
        ),
        (
            ("engineering.complaint", "2026-02-30"),
            "不能推算期限：起算日“2026-02-30”不是真实的日期，应写成 2026-09-11 或 2026-09-11T09:00+08:00。"
            "相近的规则编号：engineering.complaint、engineering.complaint_decision、"
            "engineering.complaint_acceptance。\n",
        ),
        (
            ("engineering.complaint",),
            "不能推算期限：没有写起算日，应写成 2026-09-11。相近的规则编号：engineering.complaint、"
            "engineering.complaint_decision、engineering.complaint_acceptance。\n",
        ),
        (("--list", "engineering.complaint"), "--list 列出全部规则，不能再带规则编号或起算日。\n"),
    ],
)
def test_wrong_input_is_a_sentence_with_the_nearest_ids(arguments: tuple[str, ...], sentence: str) -> None:
    assert _run(*arguments) == (2, "", sentence)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rule", "start"),
    [("engineering.contract", "9999-12-25"), ("engineering.clarification", "0001-01-02")],
)
def test_result_out_of_range_is_a_sentence(rule: str, start: str) -> None:
    sentence = f"无法推算期限：从 {start} 起算，结果超出公元 1 年至 9999 年，请核对起算日。\n"
    assert _run(rule, start, "--json") == (2, "", sentence)


@pytest.mark.parametrize("junk", ["x" * 5000, "a\x00b\x1b[31m", "\udcff\udcfe"])
def test_junk_is_shown_short_and_printable(junk: str) -> None:
    code, out, err = _run(junk, "2026-01-01")
    assert (code, out) == (2, "")
    assert err.rstrip("\n").isprintable()
    assert len(err) < 300
    assert err == err.encode("utf-8", "replace").decode()


@pytest.mark.django_db
def test_deadline_uses_the_imported_calendar() -> None:
    arguments = ("procurement.result_notice_end", "2026-12-31", "--json")
    before = json.loads(_run(*arguments)[1])
    notice = Notice(2027, frozenset(date(2027, 1, n) for n in range(1, 6)), frozenset(), "")
    calendar_import(notices=[notice], now=NOW)
    after = json.loads(_run(*arguments)[1])
    assert (before["due"], before["provisional"]) == ("2027-01-04", True)
    assert (after["due"], after["provisional"]) == ("2027-01-06", False)
    assert after["skipped"] == [f"2027-01-0{n}" for n in range(1, 6)]


@pytest.mark.django_db
def test_deadline_before_the_calendar_tables_uses_the_builtin_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = pg_catalog")
    assert _run("engineering.bid_deadline", "2026-09-11", "--json") == (
        0,
        CONTRACT_EXAMPLE,
        "日历：内置的（连不上数据库，或者数据库里还没有日历）\n",
    )


@pytest.mark.process
def test_deadline_without_an_instance_starts_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "no instance here"
    done = _process("engineering.bid_deadline", "2026-09-11", "--json", DATA_DIR=str(folder))
    assert (done.returncode, done.stdout, done.stderr) == (0, CONTRACT_EXAMPLE, "")
    assert folder.exists() is False


@pytest.mark.process
def test_deadline_with_a_dead_socket_uses_the_builtin_calendar(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / ".s.PGSQL.5432").touch()
    done = _process("engineering.bid_deadline", "2026-09-11", DATA_DIR=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "日历：内置的（连不上数据库，或者数据库里还没有日历）"


@pytest.mark.process
def test_deadline_with_an_unreachable_server_says_so_beside_the_json(tmp_path: Path) -> None:
    done = _process(
        "engineering.bid_deadline",
        "2026-09-11",
        "--json",
        DATA_DIR=str(tmp_path),
        DATABASE_URL="postgres://nobody:nothing@127.0.0.1:1/none",
        SECRET_KEY="k" * 50,
    )
    assert (done.returncode, done.stdout) == (0, CONTRACT_EXAMPLE)
    assert done.stderr == "日历：内置的（连不上数据库，或者数据库里还没有日历）\n"


@pytest.mark.process
def test_wrong_input_ends_the_process_with_two(tmp_path: Path) -> None:
    done = _process("bid_deadline", "2026-09-11", DATA_DIR=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "不能推算期限：没有规则“bid_deadline”，相近的有 procurement.bid_deadline、engineering.bid_deadline、"
        "land.listing_end；全部见 deadline --list。\n"
    )
