"""announcements_import, to the letter of its contract."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from core.errors import BusinessError
from tenders.models import Announcement, AnnouncementRecord, Category
from tests.tenders.factories import line_of

pytestmark = pytest.mark.django_db
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "announcements.jsonl"


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


BEYOND_NUMBERS = (
    '{"id":"n","title":"t","published":"2026-03-17","category":"政府采购","fields":{"n":1e999999}}'.encode()
)


def run(path: Path, **options: Any) -> tuple[int, str, list[dict[str, Any]]]:
    """Exit code, last line of output, refused rows."""
    out, err = StringIO(), StringIO()
    code = 0
    try:
        call_command("announcements_import", str(path), stdout=out, stderr=err, **options)
    except SystemExit as stop:
        code = int(stop.code or 0)
    refused = Path(options.get("refused") or f"{path}.refused.jsonl")
    rows = [json.loads(line) for line in refused.read_text(encoding="utf-8").splitlines()] if refused.exists() else []
    return code, out.getvalue().strip().splitlines()[-1], rows


def write(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "in.jsonl"
    texts = [one if isinstance(one, bytes) else json.dumps(one, ensure_ascii=False).encode() for one in lines]
    path.write_bytes(b"\n".join(texts) + b"\n")
    return path


def test_import_counts_and_second_run_unchanged(tmp_path: Path) -> None:
    path = write(tmp_path, line_of(), line_of(), line_of())
    assert run(path) == (0, "imported=3 unchanged=0 refused=0", [])
    records = list(AnnouncementRecord.objects.order_by("pk").values_list("sha256", flat=True))
    assert run(path) == (0, "imported=0 unchanged=3 refused=0", [])
    assert list(AnnouncementRecord.objects.order_by("pk").values_list("sha256", flat=True)) == records


def test_import_other_spelling_of_same_content_is_unchanged(tmp_path: Path) -> None:
    line = line_of(published="2026-03-17 09:00")
    assert run(write(tmp_path, line))[0] == 0
    turned = dict(reversed(list({**line, "published": "2026-03-17T01:00:00Z"}.items())))
    assert run(write(tmp_path, turned)) == (0, "imported=0 unchanged=1 refused=0", [])


def test_import_known_id_with_other_content_differs_and_changes_nothing(tmp_path: Path) -> None:
    line = line_of()
    run(write(tmp_path, line))
    code, last, rows = run(write(tmp_path, {**line, "title": "改过的标题"}))
    assert (code, last) == (3, "imported=0 unchanged=0 refused=1")
    assert [(r["line"], r["code"]) for r in rows] == [(1, "differs")]
    assert Announcement.objects.get().title == line["title"]


def test_import_same_id_twice_in_one_file(tmp_path: Path) -> None:
    line = line_of()
    code, last, rows = run(write(tmp_path, line, line, {**line, "text": "另一个正文"}))
    assert (code, last) == (3, "imported=1 unchanged=1 refused=1")
    assert [(r["line"], r["code"]) for r in rows] == [(3, "differs")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"not json", "not_json"),
        (b"[1]", "not_json"),
        (b'"text"', "not_json"),
        (b"null", "not_json"),
        (b'{"id": NaN}', "not_json"),
        (b'{"id": "x"', "not_json"),
        (b'\xff\xfe{"id": 1}', "not_json"),
        (b"[" * 200_000, "not_json"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "not_json"),
        (line_of(id=None), "no_id"),
        (line_of(id="  "), "no_id"),
        (line_of(id=True), "no_id"),
        (line_of(id={"a": 1}), "no_id"),
        (line_of(title=None), "no_title"),
        (line_of(title=" \n"), "no_title"),
        (line_of(title=7), "no_title"),
        (line_of(published=None), "no_time"),
        (line_of(published="2026-02-30"), "no_time"),
        (line_of(published="2026-03-17 24:00"), "no_time"),
        (line_of(published="2026-03"), "no_time"),
        (line_of(published="20260317 - 09:30:00"), "no_time"),
        (line_of(published="0000-01-01"), "no_time"),
        (line_of(published="9999-12-31T23:59:00-10:00"), "no_time"),
        (line_of(published="0001-01-01"), "no_time"),
        (line_of(published="1948-12-31 23:59"), "no_time"),
        (line_of(published="2101-01-01"), "no_time"),
        (line_of(published="2026-03-17T09:00+99:00"), "no_time"),
        (line_of(published="２０２６-03-17"), "no_time"),
        (line_of(published="2026-03-17 +08:00"), "no_time"),
        (line_of(published=20260317), "no_time"),
        (line_of(category=None), "unknown_category"),
        (line_of(category="军火"), "unknown_category"),
        (line_of(category=["政府采购"]), "unknown_category"),
        (line_of(text="a\x00b"), "text_not_storable"),
        (line_of(title="a\x00b"), "text_not_storable"),
        (line_of(title="a\x0bb"), "text_not_storable"),
        (line_of(title="长" * 1001), "text_not_storable"),
        (line_of(text="\ud800"), "text_not_storable"),
        (line_of(fields={"deep": [{"x": "\x00"}]}), "text_not_storable"),
        (line_of(fields={"\x00": 1}), "text_not_storable"),
        (line_of(id="长" * 501), "text_not_storable"),
        (line_of(id="𠮷" * 500, source={"name": "𠮷" * 200}), "text_not_storable"),
        (line_of(fields=nested(101)), "text_not_storable"),
        (line_of(fields={"n": 10**300}), "text_not_storable"),
        (BEYOND_NUMBERS, "text_not_storable"),
    ],
)
def test_import_bad_line_is_refused_and_the_rest_goes_in(tmp_path: Path, line: object, code: str) -> None:
    if not isinstance(line, bytes):
        line = json.dumps(line).encode()
    exit_code, last, rows = run(write(tmp_path, line_of(), line, line_of()))
    assert (exit_code, last) == (3, "imported=2 unchanged=0 refused=1")
    assert [(r["line"], r["code"]) for r in rows] == [(2, code)]
    assert set(rows[0]) == {"line", "code", "reason", "raw"}
    assert rows[0]["reason"].endswith("。")


@pytest.mark.parametrize(
    ("published", "stored"),
    [
        ("2026-03-17", "2026-03-16T16:00:00+00:00"),
        ("2026-03-17 00:32", "2026-03-16T16:32:00+00:00"),
        ("2026-03-17T00:32:05", "2026-03-16T16:32:05+00:00"),
        ("2026-03-17T00:32:05Z", "2026-03-17T00:32:05+00:00"),
        ("2026-03-17 00:32:05+09:00", "2026-03-16T15:32:05+00:00"),
        ("2026-03-17T00:32+0530", "2026-03-16T19:02:00+00:00"),
        ("2026-03-17 00:32 +08", "2026-03-16T16:32:00+00:00"),
        ("1949-01-02", "1949-01-01T16:00:00+00:00"),
        ("2100-12-31", "2100-12-30T16:00:00+00:00"),
    ],
)
def test_import_readable_times(tmp_path: Path, published: str, stored: str) -> None:
    assert run(write(tmp_path, line_of(published=published)))[0] == 0
    assert Announcement.objects.get().published_at.isoformat() == stored


def test_import_keeps_unknown_type_other_category_and_fields_whole(tmp_path: Path) -> None:
    fields = {"z": [1, {"深": None}], "n": 1.10, "project_code": "云[2026]1号"}
    run(write(tmp_path, line_of(type="从未见过的公告", category="其他交易", fields=fields, text=None)))
    found = Announcement.objects.select_related("record").get()
    assert (found.type_id, found.category_id, found.project_code) == ("从未见过的公告", "其他交易", "云[2026]1号")
    assert found.content["fields"] == {**fields, "n": Decimal("1.1")}
    assert found.text == ""
    assert Category.objects.filter(name="其他交易").count() == 1


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ({"name": "甲平台", "page": "https://b.example/x"}, "甲平台"),
        ({"page": "https://b.example:8443/x"}, "b.example"),
        ({"page": "http://[::1/x"}, "import"),
        ({}, "import"),
        (None, "import"),
        ("甲平台", "甲平台"),
        ("https://b.example/x", "b.example"),
        (["list"], "import"),
    ],
)
def test_import_source_name(tmp_path: Path, source: object, name: str) -> None:
    run(write(tmp_path, line_of(source=source)))
    assert Announcement.objects.get().source_name == name


def test_import_same_id_of_two_sources_are_two(tmp_path: Path) -> None:
    one, other = line_of(id="7", source={"name": "甲"}), line_of(id="7", source={"name": "乙"})
    assert run(write(tmp_path, one, other))[1] == "imported=2 unchanged=0 refused=0"


def test_import_script_and_direction_marks_are_kept_as_data(tmp_path: Path) -> None:
    title = "<script>alert(1)</script>\u202e反向\u200f标题"
    run(write(tmp_path, line_of(title=title)))
    assert Announcement.objects.get().title == title


def test_import_blank_lines_and_byte_order_mark_are_no_records(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(line_of()).encode() + b"\r\n\n  \n" + json.dumps(line_of()).encode())
    assert run(path) == (0, "imported=2 unchanged=0 refused=0", [])


def test_import_refused_file_is_replaced_then_removed(tmp_path: Path) -> None:
    path = write(tmp_path, b"x", b"y")
    assert len(run(path)[2]) == 2
    path = write(tmp_path, b"x", line_of())
    assert len(run(path)[2]) == 1
    write(tmp_path, line_of())
    run(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.jsonl"]


def test_import_refused_goes_where_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    place = tmp_path / "deep" / "refused.txt"
    assert len(run(write(tmp_path, b"x"), refused=str(place))[2]) == 1
    assert not (tmp_path / "in.jsonl.refused.jsonl").exists()


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_import_unreadable_file_is_exit_2(tmp_path: Path, name: str) -> None:
    with pytest.raises(BusinessError, match=r"^无法导入："):
        call_command("announcements_import", str(tmp_path / name))


def test_import_more_than_one_batch(tmp_path: Path) -> None:
    path = write(tmp_path, *[line_of() for _ in range(1_203)], b"bad", *[line_of() for _ in range(900)])
    code, last, rows = run(path)
    assert (code, last) == (3, "imported=2103 unchanged=0 refused=1")
    assert rows[0]["line"] == 1204


def test_import_files_of_the_named_folder_are_stored(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "附件.txt").write_bytes("招标文件".encode())
    attachments = [{"name": "招标文件.txt", "file": "附件.txt"}, {"name": "图纸.dwg", "url": "https://example.test/d"}]
    assert run(write(tmp_path, line_of(attachments=attachments)), attachments=str(folder))[0] == 0
    found = Announcement.objects.select_related("record").get()
    assert list(found.attachments.values_list("name", "stored", "size")) == [
        ("招标文件.txt", True, 12),
        ("图纸.dwg", False, None),
    ]
    assert found.content["attachments"][0]["sha256"] == found.attachments.get(position=0).sha256


@pytest.mark.parametrize("file", ["../secret.txt", "/etc/hostname", "missing.txt", ".hidden/key.txt", "长" * 300])
def test_import_reads_no_file_outside_the_named_folder(tmp_path: Path, file: str) -> None:
    inner = tmp_path / "inner"
    (inner / ".hidden").mkdir(parents=True)
    (inner / ".hidden" / "key.txt").write_text("x")
    (tmp_path / "secret.txt").write_text("x")
    path = write(tmp_path, line_of(attachments=[{"name": "a.txt", "file": file}]))
    assert [r["code"] for r in run(path, attachments=str(inner))[2]] == ["text_not_storable"]


def test_import_without_a_named_folder_reads_no_file_at_all(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("x")
    assert run(write(tmp_path, line_of(attachments=[{"name": "a.txt", "file": "secret.txt"}])))[0] == 0
    found = Announcement.objects.get().attachments.get()
    assert (found.name, found.stored, found.sha256) == ("a.txt", False, "")


def test_import_long_type_is_cut_for_lists_and_kept_whole_in_the_record(tmp_path: Path) -> None:
    assert run(write(tmp_path, line_of(type="长" * 201)))[0] == 0
    found = Announcement.objects.select_related("record").get()
    assert (found.type_id, found.content["type"]) == ("长" * 200, "长" * 201)


def test_import_blank_deadline_of_old_systems_is_unknown(client: Client, tmp_path: Path) -> None:
    for blank in ("0001-01-01 00:00:00", "1900-01-01 00:00", "9999-12-31 23:59:59"):
        assert run(write(tmp_path, line_of(fields={"deadline": blank})))[0] == 0
    assert set(Announcement.objects.values_list("deadline", flat=True)) == {None}
    assert len(client.get("/api/v1/announcements/").json()["results"]) == 3


def test_import_numbers_are_answered_as_they_were_published(client: Client, tmp_path: Path) -> None:
    text = json.dumps(line_of(fields={"n": 0})).replace('{"n": 0}', '{"n": 12345678901234567.89, "m": 1e299}')
    assert run(write(tmp_path, text.encode()))[0] == 0
    answer = client.get(f"/api/v1/announcements/{Announcement.objects.get().pk}/")
    assert b'"fields_as_published":{"m":1E+299,"n":12345678901234567.89}' in answer.content


def test_import_never_overwrites_its_own_file(tmp_path: Path) -> None:
    path = write(tmp_path, line_of())
    # A pipe stands for every device: as root, a test that fails would delete the machine's own /dev/null.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for refused in (path, tmp_path, pipe, tmp_path / "missing" / "r.jsonl"):
        with pytest.raises(BusinessError) as caught:
            call_command("announcements_import", str(path), refused=str(refused))
        assert caught.value.code == "unwritable"
    assert path.exists()
    assert Announcement.objects.count() == 0


def test_import_canonical_bytes_hold_what_came(tmp_path: Path) -> None:
    line = line_of()
    run(write(tmp_path, line))
    found = Announcement.objects.select_related("record").get()
    content = bytes(found.record.content)
    assert json.loads(content) == {
        "v": 1,
        "id": found.pk,
        "category": line["category"],
        "type": line["type"],
        "title": line["title"],
        "published": "2026-03-17T09:00:00+08:00",
        "text": line["text"],
        "fields": line["fields"],
        "source": {"id": line["id"], "name": "测试来源", "page": "https://example.test/1"},
    }
    assert (
        content == json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    )


@pytest.mark.skipif(not SHARED.exists(), reason="../shared is absent")
def test_import_real_announcements(tmp_path: Path) -> None:
    refused = tmp_path / "refused.jsonl"
    lines = SHARED.read_text(encoding="utf-8").splitlines()
    code, last, rows = run(SHARED, refused=str(refused))
    assert (code, last) == (3, f"imported=33 unchanged=0 refused={len(lines) - 33}")
    assert {r["code"] for r in rows} == {"no_time"}
    assert run(SHARED, refused=str(refused))[1] == f"imported=0 unchanged=33 refused={len(lines) - 33}"
