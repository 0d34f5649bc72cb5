"""Lists from Excel: read, shown line by line, entered wholly or not at all; every bad file says what is wrong where."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.errors import BusinessError
from performance.models import ImportLine, SpendingEntry, SpendingImport
from performance.selectors.matching import entries_missing
from performance.services import imports
from performance.services.entries import spending_reverse
from performance.sheets.template import template_write
from tests.performance import books
from tests.performance.books import book, entry, payment
from tests.performance.money_factories import DAY, NOW, Budget, make_budget
from tests.workflow.test_move_race import together

pytestmark = pytest.mark.django_db(transaction=True)


def start(budget: Budget, content: bytes, kind: str = "entries", name: str = "清单.xlsx") -> SpendingImport:
    return imports.import_start(
        year=budget.year, kind=kind, content=io.BytesIO(content), name=name, by=budget.cast.finance, now=NOW
    )


def read(budget: Budget, content: bytes, kind: str = "entries") -> SpendingImport:
    """Upload and read."""
    batch = start(budget, content, kind)
    assert imports.import_read(number=batch.pk, clock=lambda: NOW)
    batch.refresh_from_db()
    return batch


def apply(budget: Budget, batch: SpendingImport) -> SpendingImport:
    return imports.import_apply(batch=batch, by=budget.cast.finance, now=NOW)


def verdicts(batch: SpendingImport) -> list[tuple[int, str, str]]:
    return list(batch.lines.order_by("row").values_list("row", "verdict", "message"))


def only(batch: SpendingImport) -> str:
    """What the one line of a list says."""
    assert batch.state == "read", batch.message
    ((_, verdict, message),) = verdicts(batch)
    return f"{verdict} {message}"


def test_a_right_list_is_shown_entered_and_known_the_second_time() -> None:
    budget = make_budget()
    rows = [
        entry(1),
        entry(2, economic="30201", category="日常公用经费", amount="1,000.10"),
        entry(3, economic=30201, program="", category="项目支出", amount=50),
    ]
    rows[2][5] = budget.program.program.code
    rows[2][6] = "日常办公"
    batch = read(budget, book(rows))
    assert [(row, verdict) for row, verdict, _ in verdicts(batch)] == [(2, "new"), (3, "new"), (4, "new")]
    assert not SpendingEntry.objects.exists()
    apply(budget, batch)
    found = SpendingEntry.objects.order_by("pk")
    assert [one.amount for one in found] == [Decimal("100.25"), Decimal("1000.10"), Decimal("50.00")]
    assert [one.line_id for one in found] == [budget.personnel.pk, budget.routine.pk, budget.project.pk]
    assert found[2].expense_line.name == "日常办公"
    assert set(ImportLine.objects.values_list("entry", flat=True)) == {one.pk for one in found}
    apply(budget, batch)  # pressed twice
    again = read(budget, book(rows))
    assert [verdict for _, verdict, _ in verdicts(again)] == ["known"] * 3
    apply(budget, again)
    assert SpendingEntry.objects.count() == 3


def test_one_wrong_line_and_nothing_is_entered() -> None:
    budget = make_budget()
    batch = read(budget, book([entry(1), entry(2, amount="待定"), entry(3)]))
    assert verdicts(batch)[1] == (3, "wrong", "“金额”“待定”不是金额，写成 1234567.00 这样。")
    with pytest.raises(BusinessError, match="有 1 行有错"):
        apply(budget, batch)
    assert not SpendingEntry.objects.exists()


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "text in a number cell": ({"amount": "约一百"}, "“金额”“约一百”不是金额"),
    "negative": ({"amount": -100}, "负数"),
    "formula": ({"amount": "=1+1"}, "“金额”是公式"),
    "three decimals": ({"amount": 1.234}, "不是整分"),
    "no payee": ({"payee": None}, "“收款人”没有填"),
    "no day": ({"day": "六月"}, "“支付日期”“六月”不是日期"),
    "another year": ({"day": date(2024, 6, 1)}, "日期不在 2025 年度"),
    "no such line": ({"economic": "30299"}, "预算里没有这一项支出（功能科目 2010350、经济科目 30299）"),
    "no such program": ({"program": "没有的项目"}, "没有项目“没有的项目”"),
    "no such category": ({"category": "其他支出"}, "“支出类别”写成"),
    "above the balance": ({"amount": 50000.01}, "余额是 50,000.00 元"),
    "held for others": ({"purpose": "退投标保证金"}, "替别人保管的钱"),
    "account damaged": ({"voucher": 6.2284e18}, "可能丢了位数"),
    "control": ({"payment": "x" * 61}, "超过 60 字"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_a_row_is_told_with_its_place(name: str) -> None:
    more, said = WRONG[name]
    batch = read(make_budget(), book([entry(1, **more)]))
    assert only(batch).startswith("wrong ") and said in only(batch)
    assert batch.lines.get().row == 2


def test_each_row_sees_what_those_before_it_take() -> None:
    budget = make_budget()
    batch = read(budget, book([entry(n, amount=20000) for n in range(1, 4)]))
    assert [verdict for _, verdict, _ in verdicts(batch)] == ["new", "new", "wrong"]
    assert "余额是 10,000.00 元" in verdicts(batch)[2][2]


def test_the_same_row_twice_is_told() -> None:
    batch = read(make_budget(), book([entry(1), entry(2), entry(1)]))
    assert "与第 2 行的内容完全相同" in verdicts(batch)[2][2]


def test_merged_and_hidden_rows_are_told_row_by_row() -> None:
    def touch(made: Any, sheet: Any) -> None:
        sheet.merge_cells("I2:I3")
        sheet.row_dimensions[4].hidden = True
        sheet.row_dimensions[5].height = 30

    batch = read(make_budget(), book([entry(n) for n in range(1, 5)], touch=touch))
    found = verdicts(batch)
    assert [verdict for _, verdict, _ in found] == ["wrong", "wrong", "wrong", "new"]
    assert found[0][2] == found[1][2] == "“收款人”是合并单元格，请取消合并，每一行都填上。"
    assert "隐藏" in found[2][2]


def test_titles_totals_empty_rows_and_other_columns_are_no_entries() -> None:
    rows = [[*entry(1, amount=100), "记事"], [], [*entry(2, amount=200), ""], ["合计", 300]]
    above = [["云泽县公共资源交易中心支出清单"], [], ["编制：财务科", "", "单位：元"]]
    batch = read(make_budget(), book(rows, heads=(*books.ENTRY_HEADS, "备注"), above=above))
    assert [(row, verdict) for row, verdict, _ in verdicts(batch)] == [(5, "new"), (7, "new")]
    assert batch.notes == ["没有用到的列：备注。"]


def test_a_total_that_is_not_the_sum_is_told() -> None:
    batch = read(make_budget(), book([entry(1, amount=100), ["合计", 300]]))
    assert "与上面各行之和 100.00 元 相差 200.00 元" in verdicts(batch)[1][2]


def test_wan_above_the_list_or_in_the_header_is_converted() -> None:
    budget = make_budget()
    for heads, above in (
        (["支付日期", "金额（万元）", *books.ENTRY_HEADS[2:]], []),
        (["支付日期", "金额", *books.ENTRY_HEADS[2:]], [["单位：万元"]]),
    ):
        batch = read(budget, book([entry(1, amount=1.25)], heads=heads, above=above))
        assert (batch.lines.get().values["amount"], batch.notes) == ("12500.00", ["金额按万元换算成元。"])


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "missing column": (lambda: book([entry(1)[:9]], heads=books.ENTRY_HEADS[:9]), "缺少“凭证号”这一列"),
    "no header": (lambda: book([[1, 2, 3]], heads=["甲", "乙", "丙"]), "找不到表头"),
    "two of one": (lambda: book([[*entry(1), 5]], heads=(*books.ENTRY_HEADS, "支付金额")), "重复，请只留一列"),
    "nothing below": (lambda: book([]), "表头下面没有内容"),
    "merged header": (lambda: book([entry(1)], touch=lambda b, s: s.merge_cells("A1:B1")), "表头"),
    "hidden column": (
        lambda: book([entry(1)], touch=lambda b, s: setattr(s.column_dimensions["B"], "hidden", True)),
        "“金额”这一列是隐藏的",
    ),
    "two lists": (
        lambda: book([entry(1)], touch=lambda b, s: b.create_sheet("又一张").append(list(books.ENTRY_HEADS))),
        "都像清单",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_list_that_cannot_be_read_is_refused_with_a_sentence(name: str) -> None:
    make, said = REFUSED[name]
    batch = read(make_budget(), make())
    assert batch.state == "refused" and said in batch.message
    assert not batch.lines.exists()


def test_hidden_sheets_are_not_read_and_said_so() -> None:
    def touch(made: Any, sheet: Any) -> None:
        hidden = made.create_sheet("去年")
        hidden.append(list(books.ENTRY_HEADS))
        hidden.append(entry(9, amount=999))
        hidden.sheet_state = "hidden"

    batch = read(make_budget(), book([entry(1)], touch=touch))
    assert (only(batch), batch.notes) == ("new ", ["隐藏的工作表没有读：去年。"])


BAD_FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "macros": (lambda: books.with_macros(book([entry(1)])), "有宏"),
    "old": (lambda: books.ole("Workbook"), "旧版格式"),
    "encrypted": (lambda: books.ole("EncryptedPackage"), "打开密码"),
    "text": (lambda: "支付日期,金额\n".encode(), "不是 Excel 文件"),
    "empty": (lambda: b"", "不是 Excel 文件"),
    "other zip": (
        lambda: books.rewritten(book([]), lambda n, p: None if n == "xl/workbook.xml" else p),
        "不是 Excel 文件",
    ),
    "bomb": (lambda: books.bomb(book([entry(1)])), "太大"),
    "cut off": (lambda: book([entry(1)])[:-200], "已损坏"),
    "large": (lambda: b"PK" + b"\x00" * (11 * 1024 * 1024), "超过 10 MB"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_before_it_is_stored(name: str) -> None:
    make, said = BAD_FILES[name]
    with pytest.raises(BusinessError, match=said):
        start(make_budget(), make())
    assert not SpendingImport.objects.exists()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: books.entities(book([entry(1)])), "已损坏"),
        (lambda: books.many_rows(book([entry(1)]), 250_000), "行"),
        (
            lambda: books.rewritten(book([entry(1)]), lambda n, p: None if n == "xl/worksheets/sheet1.xml" else p),
            "已损坏",
        ),
    ],
)
def test_a_hostile_package_is_refused_by_the_reader(make: Callable[[], bytes], said: str) -> None:
    batch = read(make_budget(), make())
    assert batch.state == "refused" and said in batch.message


def test_the_template_filled_in_is_a_right_list() -> None:
    import openpyxl  # noqa: PLC0415 (only here)

    budget = make_budget()
    for kind in ("entries", "payments"):
        made = openpyxl.load_workbook(template_write(budget.year, kind))
        sheet = made.worksheets[0]
        heads = [one.value for one in sheet[1]]
        sample = {
            "支付日期": "2025-06-10",
            "金额（元）": 5.5,
            "功能科目": "2010350",
            "经济科目": "30101",
            "用途": "工资",
            "收款人": "职工",
            "凭证号": "1",
            "支付单号": "ZF1",
        }
        sheet.append([sample.get(head) for head in heads])
        file = io.BytesIO()
        made.save(file)
        batch = read(budget, file.getvalue(), kind)
        assert only(batch) == "new "
        assert made.worksheets[2].max_row == 4


def payments(budget: Budget, *rows: list[Any]) -> SpendingImport:
    return read(budget, book(rows, heads=books.PAYMENT_HEADS), "payments")


def pay(budget: Budget, **more: Any) -> SpendingEntry:
    return budget.spend(line=budget.personnel, payee="本单位职工", purpose="发放工资", **more)


def test_the_bureau_s_list_is_reconciled_with_the_entries() -> None:
    budget = make_budget()
    matched, numbered = pay(budget), pay(budget, amount=Decimal("200.00"), payment_number="ZF00002")
    other = pay(budget, amount=Decimal("300.00"), payment_number="ZF00003")
    late = pay(budget, amount=Decimal("400.00"), spent_on=date(2025, 6, 1))
    alone = pay(budget, amount=Decimal("999.00"))
    batch = payments(
        budget,
        payment(1),
        payment(2, amount="200.00"),
        payment(3, amount="310.00"),
        payment(4, amount="400.00"),
        payment(5, amount="500.00"),
    )
    found = verdicts(batch)
    assert [verdict for _, verdict, _ in found] == ["matched", "known", "differs", "differs", "new"]
    assert "清单金额 310.00 元，登记 300.00 元，相差 10.00 元" in found[2][2]
    assert "清单日期 2025-06-10，登记 2025-06-01" in found[3][2]
    entries = batch.lines.order_by("row").values_list("entry", flat=True)
    assert list(entries) == [matched.pk, numbered.pk, other.pk, late.pk, None]
    assert [one.pk for one in entries_missing(batch).entries] == [alone.pk]
    apply(budget, batch)
    assert SpendingEntry.objects.get(payment_number="ZF00005").amount == Decimal("500.00")
    again = payments(budget, payment(1), payment(5, amount="500.00"))
    assert [verdict for _, verdict, _ in verdicts(again)] == ["known", "known"]


def test_two_payments_alike_match_two_entries_and_a_third_is_new() -> None:
    budget = make_budget()
    pair = {pay(budget).pk, pay(budget).pk}
    batch = payments(budget, payment(1), payment(2), payment(3))
    assert [verdict for _, verdict, _ in verdicts(batch)] == ["matched", "matched", "new"]
    assert set(batch.lines.exclude(entry=None).values_list("entry", flat=True)) == pair


def test_an_entry_that_was_taken_back_is_no_entry() -> None:
    budget = make_budget()
    first = pay(budget, payment_number="ZF00001")
    spending_reverse(entry=first, reversed_on=DAY, reason="登记错了", by=budget.cast.finance, now=NOW)
    batch = payments(budget, payment(1))
    assert only(batch) == "new "
    apply(budget, batch)
    assert SpendingEntry.objects.filter(payment_number="ZF00001").count() == 3  # with its reversal


def test_what_happened_since_the_preview_is_seen_and_nothing_is_entered() -> None:
    budget = make_budget()
    batch = read(budget, book([entry(1, amount=100), entry(2, amount=49_000)]))
    pay(budget, amount=Decimal("2000.00"))
    with pytest.raises(BusinessError, match="预览以后情况变了，第 3 行"):
        apply(budget, batch)
    assert SpendingEntry.objects.count() == 1
    imports.import_again(batch=batch, by=budget.cast.finance, now=NOW)
    assert imports.import_read(number=batch.pk, clock=lambda: NOW)
    assert [verdict for _, verdict, _ in verdicts(batch)] == ["new", "wrong"]


def test_confirmed_by_many_at_once_it_is_entered_once() -> None:
    budget = make_budget()
    batch = read(budget, book([entry(n) for n in range(1, 30)]))
    assert together([lambda: apply(budget, batch) for _ in range(5)]) == {"done": 5}
    assert SpendingEntry.objects.count() == 29


def test_two_lists_with_the_same_rows_at_once_enter_them_once() -> None:
    budget = make_budget()
    pair = [read(budget, book([entry(1)])), read(budget, book([entry(1)]))]
    found = together([lambda one=one: apply(budget, one) for one in pair])
    assert found == {"done": 1, "blocked": 1}
    assert SpendingEntry.objects.count() == 1


def test_a_dead_reader_s_list_is_taken_over_and_the_dead_one_writes_nothing() -> None:
    budget = make_budget()
    batch = start(budget, book([entry(n) for n in range(1, 1200)]))
    later = NOW + timedelta(minutes=2)

    def clock_of_a_slow_reader() -> datetime:
        """While the first one still reads, another thinks it dead and reads the whole list."""
        if SpendingImport.objects.filter(pk=batch.pk, attempts=1, rows_read__gt=0).exists():
            assert imports.import_read(number=batch.pk, clock=lambda: later)
        return NOW

    assert not imports.import_read(number=batch.pk, clock=clock_of_a_slow_reader)
    batch.refresh_from_db()
    assert (batch.state, batch.attempts, batch.lines.count()) == ("read", 2, 1199)


def test_the_sweep_hands_over_what_nobody_reads_and_leaves_the_living_alone() -> None:
    budget = make_budget()
    batch = start(budget, book([entry(1)]))
    assert imports.imports_sweep(now=NOW) == 0
    assert imports.imports_sweep(now=NOW + timedelta(seconds=11)) == 1
    SpendingImport.objects.filter(pk=batch.pk).update(claim="12345678123456781234567812345678", alive_at=NOW)
    assert imports.imports_sweep(now=NOW + timedelta(seconds=30)) == 0
    assert imports.imports_sweep(now=NOW + timedelta(seconds=61)) == 1
    with pytest.raises(BusinessError, match="正在读"):
        imports.import_again(batch=batch, by=budget.cast.finance, now=NOW)


def test_a_list_that_kills_its_reader_is_given_up_after_some_attempts() -> None:
    batch = start(make_budget(), book([entry(1)]))
    SpendingImport.objects.filter(pk=batch.pk).update(attempts=3)
    assert imports.import_read(number=batch.pk, clock=lambda: NOW)
    batch.refresh_from_db()
    assert batch.state == "refused" and "试了 3 次" in batch.message


def test_what_was_given_up_is_not_entered() -> None:
    budget = make_budget()
    batch = read(budget, book([entry(1)]))
    imports.import_discard(batch=batch, by=budget.cast.finance, now=NOW)
    with pytest.raises(BusinessError, match="已放弃"):
        apply(budget, batch)


def test_ten_thousand_lines_are_read_and_entered_with_few_queries(django_assert_max_num_queries: Any) -> None:
    budget = make_budget()
    batch = start(budget, book([entry(n, amount=1.01) for n in range(1, 10_001)]))
    with django_assert_max_num_queries(80):
        imports.import_read(number=batch.pk, clock=lambda: NOW)
    batch.refresh_from_db()
    assert (batch.state, batch.lines.filter(verdict="new").count()) == ("read", 10_000)
    with django_assert_max_num_queries(80):
        apply(budget, batch)
    assert SpendingEntry.objects.count() == 10_000
