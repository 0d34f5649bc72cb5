"""What the rows of a list are beside what is entered: new, known, in agreement, different, or wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from performance.models import FiscalYear, ImportLine, SpendingEntry, SpendingImport, SpendingLine
from performance.money_words import yuan
from performance.selectors.purse import Purse, Wanted
from performance.sheets.reading import ReadRow, code_of

Verdict = ImportLine.Verdict
Kind = SpendingImport.Kind
# A payment of the same sum to the same payee within so many days is likely the same one, dated otherwise.
NEAR = timedelta(days=31)


@dataclass
class Judged:
    """A row's verdict.

    Args:
        verdict: of ``ImportLine.Verdict``; message: a sentence; wanted: what would be entered, None when unreadable.
        entry_id: the entry that it is about, if any.
    """

    row: ReadRow
    verdict: str
    message: str = ""
    wanted: Wanted | None = None
    entry_id: int | None = None


class Matcher:
    """Judges the rows of one list, in their order; each sees what those before it would enter."""

    def __init__(self, *, year: FiscalYear, kind: str, purse: Purse) -> None:
        self.year, self.kind, self.purse = year, kind, purse
        self.by_payment: dict[str, list[SpendingEntry]] = defaultdict(list)
        self.by_content: dict[tuple[Any, ...], list[SpendingEntry]] = defaultdict(list)
        self.by_voucher: dict[str, list[SpendingEntry]] = defaultdict(list)
        self.by_payee: dict[tuple[str, Decimal], list[SpendingEntry]] = defaultdict(list)
        self.seen: dict[tuple[Any, ...], int] = {}
        self.used: set[int] = set()
        for entry in standing_entries(year):
            self.by_content[_content(entry)].append(entry)
            self.by_voucher[entry.voucher_number].append(entry)
            self.by_payee[entry.payee, entry.amount].append(entry)
            if entry.payment_number:
                self.by_payment[entry.payment_number].append(entry)
        self.matched = _matched_before(year)
        self._lines_by_codes()

    def _lines_by_codes(self) -> None:
        self.lines: dict[tuple[str, str, str], list[SpendingLine]] = defaultdict(list)
        for line in self.purse.lines.values():
            names = (
                {""} if line.program_year is None else {line.program_year.program.code, line.program_year.program.name}
            )
            for name in names:
                self.lines[line.functional.code, line.economic.code, name].append(line)

    def judge(self, row: ReadRow) -> Judged:
        """The verdict on the next row."""
        if row.faults:
            return Judged(row, Verdict.WRONG, "；".join(row.faults) + "。")
        try:
            wanted = self._wanted(row)
        except ValueError as error:
            return Judged(row, Verdict.WRONG, f"{error}。")
        return self.judge_wanted(row, wanted)

    def judge_wanted(self, row: ReadRow, wanted: Wanted) -> Judged:
        """The verdict on a row whose line was found."""
        key = _wanted_key(wanted)
        if key in self.seen:
            same = "支付单号和预算" if wanted.payment_number else "内容"
            return Judged(
                row,
                Verdict.WRONG,
                f"与第 {self.seen[key]} 行的{same}完全相同，是重复的请删去一行；确是两笔的，请用不同的凭证号。",
                wanted,
            )
        self.seen[key] = row.number
        found = self._known(row, wanted)
        if found is not None:
            if found.entry_id:
                self.used.add(found.entry_id)
            return found
        if reasons := self.purse.reasons(wanted):
            return Judged(row, Verdict.WRONG, "；".join(reasons) + "。", wanted)
        self.purse.take(wanted)
        return Judged(row, Verdict.NEW, "", wanted)

    def _wanted(self, row: ReadRow) -> Wanted:
        """Raises ValueError: no line, several, or no such expense line."""
        values = row.values
        line = self._line(values)
        expense = self._expense(line, values.get("expense", ""))
        payment = values.get("payment_number", "")
        return Wanted(
            line.pk, values["spent_on"], values["amount"], values["purpose"], values["payee"],
            values.get("voucher_number") or payment, payment, expense,
        )  # fmt: skip

    def _line(self, values: dict[str, Any]) -> SpendingLine:
        functional, economic = code_of(values["functional"]), code_of(values["economic"])
        program = values.get("program", "")
        if program and not any(program == name for _, _, name in self.lines):
            raise ValueError(f"{self.year.year} 年度预算里没有项目“{program}”，请核对项目代码或名称")
        found = self.lines.get((functional, economic, program), [])
        if category := values.get("category", ""):
            labels = {label: value for value, label in SpendingLine.Category.choices}
            if category not in labels:
                raise ValueError(f"“支出类别”写成{'、'.join(labels)}中的一种，现在是“{category}”")
            found = [one for one in found if one.category == labels[category]]
        words = f"功能科目 {functional}、经济科目 {economic}" + (f"、项目“{program}”" if program else "")
        if not found:
            raise ValueError(f"预算里没有这一项支出（{words}），请核对科目；确有支出的，先在预算里补列")
        if len(found) > 1:
            names = "、".join(str(one.get_category_display()) for one in found)
            raise ValueError(f"{words}对应几项预算（{names}），请在“支出类别”一列写明是哪一项")
        return found[0]

    def _expense(self, line: SpendingLine, name: str) -> int | None:
        if not name:
            return None
        found = [one for one in self.purse.expenses.values() if one.name == name]
        found = [one for one in found if one.program_year_id == line.program_year_id]
        if not found:
            raise ValueError(f"这个项目没有支出明细“{name}”，请核对明细名称")
        return found[0].pk

    def _known(self, row: ReadRow, wanted: Wanted) -> Judged | None:
        """The verdict by what is entered already; None: it is new."""
        if wanted.payment_number:
            if entries := self.by_payment.get(wanted.payment_number):
                return self._by_number(row, wanted, entries)
            if (entry_id := self.matched.get((wanted.payment_number, wanted.line_id))) is not None:
                return Judged(row, Verdict.KNOWN, "以前的清单里核对过，与登记相符。", wanted, entry_id)
        if self.kind == Kind.ENTRIES:
            entries = [one for one in self.by_content.get(_content(wanted), []) if one.pk not in self.used]
            return Judged(row, Verdict.KNOWN, "已经登记过，不再登记。", wanted, entries[0].pk) if entries else None
        return self._payment(row, wanted)

    def _by_number(self, row: ReadRow, wanted: Wanted, entries: list[SpendingEntry]) -> Judged | None:
        same = [one for one in entries if one.line_id == wanted.line_id]
        if not same:
            # One payment may stand on several lines of the budget.
            return None
        entry = same[0]
        if differences := _differences(wanted, entry):
            return Judged(row, Verdict.DIFFERS, f"支付单号已经登记过，但{'；'.join(differences)}。", wanted, entry.pk)
        return Judged(row, Verdict.KNOWN, "已经登记过，不再登记。", wanted, entry.pk)

    def _payment(self, row: ReadRow, wanted: Wanted) -> Judged | None:
        """A payment beside entries that were made by hand, without its number."""
        near = [
            one
            for one in self.by_payee.get((wanted.payee, wanted.amount), [])
            if one.pk not in self.used and not one.payment_number and abs(one.spent_on - wanted.spent_on) <= NEAR
        ]
        near.sort(key=lambda one: (one.line_id != wanted.line_id, abs(one.spent_on - wanted.spent_on), one.pk))
        if not near:
            return self._same_voucher(row, wanted)
        entry = near[0]
        if differences := _differences(wanted, entry):
            return Judged(
                row,
                Verdict.DIFFERS,
                f"与第 {entry.pk} 号登记收款人、金额相同，但{'；'.join(differences)}。",
                wanted,
                entry.pk,
            )
        return Judged(row, Verdict.MATCHED, "与登记相符，确认后记下支付单号的对应关系。", wanted, entry.pk)

    def _same_voucher(self, row: ReadRow, wanted: Wanted) -> Judged | None:
        same = [
            one
            for one in self.by_voucher.get(wanted.voucher_number, [])
            if one.line_id == wanted.line_id and one.payee == wanted.payee and one.pk not in self.used
        ]
        if not same:
            return None
        told = "；".join(_differences(wanted, same[0]))
        return Judged(
            row, Verdict.DIFFERS, f"与第 {same[0].pk} 号登记凭证号、收款人相同，但{told}。", wanted, same[0].pk
        )


def standing_entries(year: FiscalYear) -> Iterable[SpendingEntry]:
    """Entries of the year that were not taken back."""
    return SpendingEntry.objects.filter(fiscal_year=year, reversal_of__isnull=True, reversal__isnull=True).order_by(
        "pk"
    )


def _matched_before(year: FiscalYear) -> dict[tuple[str, int], int]:
    """(payment number, line) -> entry, of lists that were confirmed; entries taken back since do not count."""
    rows = ImportLine.objects.filter(
        batch__fiscal_year=year, batch__state=SpendingImport.State.APPLIED, verdict=Verdict.MATCHED,
        entry__isnull=False, entry__reversal__isnull=True,
    ).values_list("values", "entry_id", "entry__line_id")  # fmt: skip
    return {(str(values.get("payment_number", "")), line): entry for values, entry, line in rows}


def _content(one: Any) -> tuple[Any, ...]:
    return (
        one.line_id, one.expense_line_id, one.spent_on, one.amount, one.purpose, one.payee, one.voucher_number,
    )  # fmt: skip


def _wanted_key(wanted: Wanted) -> tuple[Any, ...]:
    return (wanted.payment_number, wanted.line_id) if wanted.payment_number else _content(wanted)


def _differences(wanted: Wanted, entry: SpendingEntry) -> list[str]:
    """What the list says otherwise than the entry."""
    found = []
    if wanted.amount != entry.amount:
        found.append(
            f"清单金额 {yuan(wanted.amount)}，登记 {yuan(entry.amount)}，相差 {yuan(wanted.amount - entry.amount)}"
        )
    if wanted.spent_on != entry.spent_on:
        found.append(f"清单日期 {wanted.spent_on:%Y-%m-%d}，登记 {entry.spent_on:%Y-%m-%d}")
    if wanted.payee != entry.payee:
        found.append(f"清单收款人“{wanted.payee}”，登记“{entry.payee}”")
    if wanted.line_id != entry.line_id:
        found.append("清单的科目与登记的预算不同")
    return found


@dataclass
class Missing:
    """Entries of the days that a list covers which stand in no row of it; ``count`` of them, the first few shown."""

    first: date | None = None
    last: date | None = None
    count: int = 0
    entries: list[SpendingEntry] = field(default_factory=list)


MOST_MISSING = 50


def entries_missing(batch: SpendingImport) -> Missing:
    """What was entered within the days of a bureau's list but does not stand in it: the other half of reconciling."""
    if batch.kind != Kind.PAYMENTS:
        return Missing()
    days = [str(one.get("spent_on", "")) for one in batch.lines.values_list("values", flat=True)]
    found = sorted(date.fromisoformat(day) for day in days if day)
    if not found:
        return Missing()
    told = batch.lines.filter(entry__isnull=False).values("entry_id")
    rows = (
        SpendingEntry.objects.filter(
            fiscal_year=batch.fiscal_year, reversal_of__isnull=True, reversal__isnull=True,
            spent_on__range=(found[0], found[-1]),
        ).exclude(pk__in=told).order_by("spent_on", "pk")
    )  # fmt: skip
    return Missing(found[0], found[-1], rows.count(), list(rows[:MOST_MISSING]))
