"""manage.py log_verify: what was changed behind the portal's back is named, also by someone who holds the key."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from audit.log_selectors import checkpoint_text
from audit.log_services import leaf_content, log_append
from audit.merkle import Frontier, leaf_hash, node_number
from audit.models import LogCheckpoint, LogLeaf
from core import keys
from core.errors import BusinessError
from tenders.queries import AnnouncementQuery
from tenders.selectors import announcement_page
from tenders.services.masking import masking_request
from tests.tenders.factories import NOW, make_announcement
from tests.workflow.people import make_staff
from workflow.services import move

pytestmark = pytest.mark.django_db(transaction=True)


def verify(*words: str) -> tuple[int, str]:
    """The exit code and what was said."""
    out = io.StringIO()
    try:
        call_command("log_verify", *words, stdout=out, stderr=io.StringIO())
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


KEEPERS = (("audit_loghead", "head_grows"), ("audit_waitingrow", "waits_until_sealed"))


@contextmanager
def behind_the_back() -> Iterator[Any]:
    """The owner's own connection, every trigger off: what an administrator of the database can do."""
    owner = settings.OWNER_DATABASE
    link = psycopg2.connect(
        dbname=connection.settings_dict["NAME"],
        user=owner["USER"], password=owner["PASSWORD"], host=owner["HOST"], port=owner["PORT"],
    )  # fmt: skip
    tables = ("audit_logleaf", "audit_lognode", "audit_logcheckpoint", "audit_logkey", "audit_logobject",
              "tenders_announcement", "tenders_announcementrecord", "tenders_attachment")  # fmt: skip
    try:
        with link, link.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
            for table, trigger in KEEPERS:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
            yield cursor
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")
            for table, trigger in KEEPERS:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
    finally:
        link.close()


def change(sql: str, *values: Any) -> None:
    with behind_the_back() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount > 0


@pytest.fixture
def published() -> list[int]:
    """Five announcements and an object: leaves 0 to 5."""
    numbers = [make_announcement().pk for _ in range(4)]
    with transaction.atomic():
        log_append(entries=[("result", "r", b'{"r":1}')], now=NOW)
    return [*numbers, make_announcement(attachments=[{"name": "a.pdf", "url": "https://example.test/a.pdf"}]).pk]


def test_sound_log_passes(published: list[int]) -> None:
    code, told = verify()
    assert code == 0
    root = LogCheckpoint.objects.latest("size").root
    assert told == f"核验通过：6 份存证凭证、7 个检查点全部相符，根为 {root}。\n"
    assert json.loads(verify("--json")[1]) == {
        "ok": True, "size": 6, "root": root, "checkpoints": 7, "masked": [], "extends": None,
        "first_bad": None, "problem_count": 0, "problems": [],
    }  # fmt: skip


def test_empty_log_passes() -> None:
    assert verify()[0] == 0


CHANGES = [
    ("UPDATE tenders_announcementrecord SET content = content || ' '::bytea WHERE announcement_id = %s",
     "存证原文与登记的"),
    ("UPDATE tenders_announcement SET title = '改过' WHERE id = %s", "标题与存证原文不符"),
    ("UPDATE tenders_announcement SET deadline = now() WHERE id = %s", "截止时间与存证原文不符"),
    ("UPDATE tenders_announcement SET purchaser = '别人' WHERE id = %s", "采购人（招标人）与存证原文不符"),
    ("UPDATE tenders_announcement SET published_at = published_at - interval '1 day' WHERE id = %s", "发布时间与"),
    ("UPDATE tenders_announcement SET fields = '{}' WHERE id = %s", "结构化信息与存证原文不符"),
    ("UPDATE tenders_announcement SET content_digest = repeat('0', 64) WHERE id = %s", "内容摘要与存证原文不符"),
    ("INSERT INTO tenders_attachment (announcement_id, position, name, sha256, url, stored)"
     " VALUES (%s, 0, 'x', '', '', false)", "附件与存证原文不符"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "words"), CHANGES)
def test_a_changed_announcement_is_named(published: list[int], sql: str, words: str) -> None:
    change(sql, published[2])
    code, told = verify()
    assert code == 1
    assert told.startswith(f"第 2 号凭证：公告 {published[2]} 的{words}"), told
    assert told.endswith("核验不通过：共 1 处不符。\n")


def test_bytes_and_digest_changed_together_are_named(published: list[int]) -> None:
    content = b'{"changed":1}'
    change(
        "UPDATE tenders_announcementrecord SET content = %s, sha256 = %s WHERE announcement_id = %s",
        content, hashlib.sha256(content).hexdigest(), published[1],
    )  # fmt: skip
    code, told = verify()
    assert (code, told.splitlines()[0]) == (1, f"第 1 号凭证：公告 {published[1]} 的存证原文与凭证中的 SHA-256 不符。")


def test_a_removed_announcement_is_named(published: list[int]) -> None:
    with behind_the_back() as cursor:
        for table in ("tenders_searchentry", "tenders_searchtext", "tenders_announcementrecord"):
            cursor.execute(f"DELETE FROM {table} WHERE announcement_id = %s", [published[3]])
        cursor.execute("DELETE FROM tenders_announcement WHERE id = %s", [published[3]])
    assert verify() == (1, f"第 3 号凭证：公告 {published[3]} 不在数据库里。\n核验不通过：共 1 处不符。\n")


def test_the_first_of_several_is_named_first(published: list[int]) -> None:
    change("UPDATE tenders_announcement SET title = '改过' WHERE id = ANY(%s)", published[1:4])
    told = json.loads(verify("--json")[1])
    assert (told["ok"], told["first_bad"], told["problem_count"]) == (False, 1, 3)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE audit_logleaf SET ref = '999' WHERE seq = 2", "第 2 号凭证：凭证原文与登记的"),
        ("UPDATE audit_logleaf SET sha256 = repeat('0', 64) WHERE seq = 3", "第 3 号凭证：凭证原文与登记的"),
        ("UPDATE audit_logleaf SET content = content || 'x' WHERE seq = 3", "第 3 号凭证：凭证原文与登记的"),
        ("UPDATE audit_logleaf SET at = at + interval '1 s' WHERE seq = 2", "第 2 号凭证：凭证原文与登记的"),
        ("DELETE FROM audit_logleaf WHERE seq = 2", "第 2 号凭证：不在数据库里。"),
        ("DELETE FROM audit_logleaf WHERE seq = 5", "有凭证数为 6 的检查点，但只有 5 份凭证。"),
        ("UPDATE audit_lognode SET hash = sha256('x') WHERE id = 1", "第 0 号凭证：它或第 1 号凭证与存证时不同"),
        ("DELETE FROM audit_lognode WHERE id = 1", "第 0 号凭证：它或第 1 号凭证与存证时不同"),
        ("UPDATE audit_lognode SET hash = sha256('x') WHERE id = 3", "第 0 号凭证：由它起 4 份凭证的树节点"),
        ("UPDATE audit_logcheckpoint SET root = repeat('0', 64) WHERE size = 3", "凭证数为 3 的检查点：根与"),
        ("UPDATE audit_logcheckpoint SET at = at + interval '1 s' WHERE size = 3", "凭证数为 3 的检查点：签名不对"),
        ("UPDATE audit_logcheckpoint SET origin = 'x' WHERE size = 3", "凭证数为 3 的检查点：签名不对"),
        ("UPDATE audit_logobject SET content = 'x' WHERE seq = 4", "第 4 号凭证：存证对象 result r 与"),
        ("DELETE FROM audit_logobject WHERE seq = 4", "第 4 号凭证：存证对象 result r 不在数据库里"),
        ("UPDATE audit_logkey SET public_key = repeat('0', 64)", "数据库里登记的第 1 版存证公钥与"),
        ("DELETE FROM audit_logcheckpoint WHERE size = 6", "第 5 号凭证：它和以后的没有签名的检查点"),
        ("UPDATE audit_loghead SET size = 5", "日志头记着 5 份凭证，数据库里有 6 份。"),
        ("INSERT INTO audit_lognode VALUES (99, 'x')", "树节点应有 4 个，数据库里有 5 个。"),
    ],
)
def test_a_changed_log_is_named(published: list[int], sql: str, words: str) -> None:
    change(sql.replace("%", "%%"))
    code, told = verify()
    assert code == 1
    assert told.startswith(words), told


@pytest.mark.parametrize("table", ["tenders_searchtext", "tenders_searchentry"])
def test_an_announcement_taken_out_of_search_is_named_and_brought_back(published: list[int], table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE announcement_id = %s", [published[1]])
        assert cursor.rowcount == 1
    sentence = f"有 1 条公告不在检索里，公众查不到（公告编号 {published[1]}）；请运行 manage.py search_rebuild 补上。"
    assert verify() == (1, f"{sentence}\n核验不通过：共 1 处不符。\n")
    out = io.StringIO()
    call_command("search_rebuild", stdout=out, stderr=io.StringIO())
    call_command("search_rebuild", stdout=out, stderr=io.StringIO())
    assert out.getvalue().splitlines() == ["补进检索的公告有 1 条。", "没有改变：公告都在检索里。"]
    assert verify()[0] == 0
    query = AnnouncementQuery.parse({"q": "第三中学食堂设备采购"})
    assert published[1] in [row.pk for row in announcement_page(query, now=NOW).rows]


def test_a_time_of_masking_without_a_masking_is_named(published: list[int]) -> None:
    change("UPDATE tenders_announcement SET masked_at = now() WHERE id = %s", published[2])
    told = f"第 2 号凭证：公告 {published[2]} 登记了遮蔽时间，但没有遮蔽凭证。\n核验不通过：共 1 处不符。\n"
    assert verify() == (1, told)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("NULL", "已遮蔽（第 1 号凭证），但没有登记遮蔽时间。"),
        ("masked_at - interval '1 day'", "的遮蔽时间与第 1 号凭证或封存的原文不符。"),
    ],
)
def test_a_changed_time_of_masking_is_named(value: str, words: str) -> None:
    announcement = make_announcement(text="法定代表人赵试验。")
    by = [make_staff("masking"), make_staff("masking")]
    asked = masking_request(announcement=announcement, texts=["赵试验"], reason="本人申请", by=by[0], now=NOW)
    move(asked, "confirm", by=by[1], now=NOW)
    assert verify()[0] == 0
    change(f"UPDATE tenders_announcement SET masked_at = {value} WHERE id = %s", announcement.pk)
    code, told = verify()
    assert (code, told.splitlines()[0]) == (1, f"第 0 号凭证：公告 {announcement.pk} {words}")


def test_an_announcement_without_a_leaf_is_named(published: list[int]) -> None:
    change(
        "WITH a AS (INSERT INTO tenders_announcement SELECT (jsonb_populate_record(t,"
        ' \'{"id": 999999, "external_id": "slipped in"}\')).* FROM tenders_announcement t WHERE id = %s RETURNING id)'
        " INSERT INTO tenders_announcementrecord SELECT a.id, 'x', repeat('0', 64) FROM a",
        published[0],
    )
    code, told = verify()
    assert (code, told.splitlines()[0]) == (1, "有 1 条公告没有存证凭证（公告编号 999999）。")


def rewrite(seq: int, content: bytes) -> None:
    """What somebody does who holds database and key: one announcement changed, and the whole log made to fit."""
    digest = hashlib.sha256(content).hexdigest()
    with behind_the_back() as cursor:
        changed = LogLeaf.objects.get(seq=seq)
        cursor.execute(
            "UPDATE tenders_announcementrecord SET content = %s, sha256 = %s WHERE announcement_id = %s",
            [content, digest, int(changed.ref)],
        )
        record = json.loads(content)
        whole = {key: value for key, value in record.items() if key not in ("v", "id")}
        text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        cursor.execute(
            "UPDATE tenders_announcement SET title = %s, content_digest = %s WHERE id = %s",
            [record["title"], hashlib.sha256(text).hexdigest(), int(changed.ref)],
        )
        tree = Frontier()
        checkpoints = {one.size: one for one in LogCheckpoint.objects.all()}
        for leaf in LogLeaf.objects.order_by("seq"):
            sha256 = digest if leaf.seq == seq else leaf.sha256
            raw = leaf_content(seq=leaf.seq, at=leaf.at, kind=leaf.kind, ref=leaf.ref, sha256=sha256)
            cursor.execute("UPDATE audit_logleaf SET content = %s, sha256 = %s WHERE seq = %s", [raw, sha256, leaf.seq])
            for node, value in tree.append(leaf_hash(raw)):
                cursor.execute("UPDATE audit_lognode SET hash = %s WHERE id = %s", [value, node_number(node)])
            if one := checkpoints.get(tree.size):
                signature, _ = keys.sign(checkpoint_text(one.origin, one.size, tree.root.hex(), one.at))
                cursor.execute(
                    "UPDATE audit_logcheckpoint SET root = %s, signature = %s WHERE size = %s",
                    [tree.root.hex(), signature, one.size],
                )


def test_a_consistent_rewrite_with_the_real_key_is_found_by_a_kept_checkpoint(
    published: list[int], tmp_path: Path
) -> None:
    kept = tmp_path / "checkpoint.json"
    kept.write_bytes(Client().get("/log/checkpoint").content)
    receipt = tmp_path / "receipt.json"
    receipt.write_bytes(Client().get("/log/receipt/0.json").content)
    make_announcement()
    code, told = verify("--since", str(kept))
    assert (code, told.splitlines()[1]) == (
        0, "今天的日志由另存的检查点（6 份凭证）延续而来，其中没有一份被改动。"
    )  # fmt: skip
    record = json.loads(Client().get(f"/announcements/{published[2]}/canonical.json").content)
    record["title"] = "改过的标题"
    rewrite(2, json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())
    assert verify()[0] == 0, "the rewrite is perfect: nothing inside can find it"
    code, told = verify("--since", str(kept))
    assert (code, told.splitlines()[0]) == (1, "另存的检查点：前 6 份凭证与当时不同，已存证的内容被改写。")
    # A checkpoint of before the changed leaf is still extended.
    assert verify("--since", str(receipt))[0] == 0
    assert json.loads(verify("--since", str(kept), "--json")[1])["extends"] is False


def kept_checkpoint(**changes: Any) -> dict[str, Any]:
    return {**Client().get("/log/checkpoint").json(), **changes}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"signature": base64.b64encode(bytes(64)).decode()}, "另存的检查点：签名不对"),
        ({"origin": "另一个中心"}, "另存的检查点：签名不对"),
        ({"size": 7}, "另存的检查点：签名不对"),
        ({"root": "0" * 64}, "另存的检查点：签名不对"),
    ],
)
def test_a_kept_checkpoint_that_was_changed_is_refused(
    published: list[int], tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    path = tmp_path / "kept.json"
    path.write_text(json.dumps(kept_checkpoint(**changes)), encoding="utf-8")
    code, told = verify("--since", str(path))
    assert code == 1
    assert told.startswith(words)
    assert told.splitlines()[1:] == ["核验不通过：共 1 处不符。"], "a forged file says nothing of the log"
    assert json.loads(verify("--since", str(path), "--json")[1])["extends"] is False


def test_a_truncated_log_is_found_by_a_kept_checkpoint(published: list[int], tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    one = kept_checkpoint(size=60)
    text = f"{one['origin']}\n60\n{one['root']}\n{one['at']}\n".encode()
    one["signature"] = base64.b64encode(keys.sign(text)[0]).decode()
    path.write_text(json.dumps(one), encoding="utf-8")
    code, told = verify("--since", str(path))
    assert code == 1
    assert told.startswith("另存的检查点有 60 份凭证，数据库里只有 6 份：")


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", "null", "7", '{"checkpoint": 3}', '{"origin":"a","size":-1,"root":"","at":"","signature":""}',
     "[" * 9999],
)  # fmt: skip
def test_a_file_that_is_no_checkpoint_is_wrong_input(tmp_path: Path, content: str) -> None:
    path = tmp_path / "kept.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BusinessError, match="不是 /log/checkpoint 给出的检查点"):
        verify("--since", str(path))
    with pytest.raises(BusinessError, match=r"读不出检查点文件.*没有这个文件或目录"):
        verify("--since", str(tmp_path / "none"))


def test_after_a_change_of_key_old_and_new_signatures_hold(published: list[int], tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    kept.write_bytes(Client().get("/log/checkpoint").content)
    keys.rotate(keys.LOG)
    make_announcement()
    assert verify("--since", str(kept))[0] == 0


@pytest.mark.parametrize("honest", [True, False])
def test_a_masking_by_the_back_door_is_named_whatever_it_says(published: list[int], honest: bool) -> None:
    record = json.loads(Client().get(f"/announcements/{published[2]}/canonical.json").content)
    record["text"] = "一、项目基本情况\n■■■"
    record["original_sha256"] = LogLeaf.objects.get(seq=2).sha256 if honest else "0" * 64
    content = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    digest = hashlib.sha256(content).hexdigest()
    change(
        "UPDATE tenders_announcementrecord SET content = %s, sha256 = %s WHERE announcement_id = %s",
        content, digest, published[2],
    )  # fmt: skip
    assert verify()[0] == 1, "masked, but no leaf says so"
    with transaction.atomic():
        log_append(entries=[("redaction", str(published[2]), digest)], now=NOW)
    code, told = verify()
    wrong = "但没有封存的原文。" if honest else "但所记的原文 SHA-256 与发布时的凭证不符。"
    assert code == 1
    assert told.startswith(f"第 2 号凭证：公告 {published[2]} 已遮蔽，{wrong}")


def test_a_properly_masked_announcement_is_told_as_masked() -> None:
    announcement = make_announcement(text="法定代表人赵试验。")
    asked = masking_request(
        announcement=announcement, texts=["赵试验"], reason="误公布姓名", by=make_staff("masking"), now=NOW
    )
    move(asked, "confirm", by=make_staff("masking"), now=NOW)
    code, told = verify()
    assert (code, told.splitlines()[0]) == (0, "已遮蔽 1 条（第 0 号凭证），原文的摘要与发布时一致。")
    assert json.loads(verify("--json")[1])["masked"] == [0]
