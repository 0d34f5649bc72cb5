"""What should not be published unnoticed: identity, phone and account numbers, and words of a list. Pure functions.

Sources: 个人信息保护法 arts 6, 28, 51; GB 11643-1999 (identity numbers and their check digit, through python-stdnum);
GB 32100-2015 (unified social credit codes, which are no personal data); ISO/IEC 7812-1 (card numbers, Luhn).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from stdnum import luhn
from stdnum.cn import ric, uscc

IDENTITY, MOBILE, PHONE, ACCOUNT = "identity", "mobile", "phone", "account"
KINDS = {
    IDENTITY: "居民身份证号码",
    MOBILE: "手机号码",
    PHONE: "固定电话号码",
    ACCOUNT: "银行账号",
    "wrong": "错字错词",
    "wording": "不规范表述",
    "sensitive": "敏感词",
    "discriminating": "可能排斥潜在投标人",
}
ADVICE = {
    IDENTITY: "公开的公告一般不得出现完整的身份证号码，请删去或者只留前六位和后四位",
    MOBILE: "只应是采购人、代理机构对外公布的联系电话，个人号码请换成办公电话",
    PHONE: "请核对是对外公布的联系电话",
    ACCOUNT: "只应是对外公布的保证金等收款账户，请逐位核对",
}
# The second person confirms these one by one, too.
SERIOUS = frozenset({IDENTITY, ACCOUNT})
# Full-width digits, letters and dashes as people paste them; every character stays one character.
_EVEN = str.maketrans(
    "０１２３４５６７８９Ｘｘ－—–‐‑−（）\u00a0\u3000", "0123456789Xx------()" + "  "
)  # fmt: skip
_GAP = r"[ \-]?"
_DIGIT = rf"(?:{_GAP}\d)"
_NOT_BEFORE, _NOT_AFTER = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_IDENTITY_18 = re.compile(rf"{_NOT_BEFORE}[1-9]{_DIGIT}{{16}}{_GAP}[\dXx]{_NOT_AFTER}")
_IDENTITY_15 = re.compile(rf"{_NOT_BEFORE}[1-9]{_DIGIT}{{14}}{_NOT_AFTER}")
_MOBILE = re.compile(rf"(?<![0-9A-Za-z.])(?:\+?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}{_NOT_AFTER}")
_PHONE = re.compile(
    rf"(?<![0-9A-Za-z.])(?:\(?0\d{{2,3}}\)?{_GAP}[2-9]\d{{6,7}}(?:-\d{{1,6}})?|[48]00-?\d{{3}}-?\d{{4}}){_NOT_AFTER}"
)
_PHONE_SHORT = re.compile(rf"{_NOT_BEFORE}[2-9]\d{{6,7}}{_NOT_AFTER}")
_ACCOUNT = re.compile(rf"{_NOT_BEFORE}\d{_DIGIT}{{11,18}}{_NOT_AFTER}")
_USCC = re.compile(rf"{_NOT_BEFORE}[0-9A-HJ-NPQRTUWXY]{{18}}{_NOT_AFTER}")
# Words that, shortly before a number, tell what it is.
_NEAR = 24
_SAYS_IDENTITY = re.compile(r"身份证|证件号|公民身份")
_SAYS_CODE = re.compile(r"信用代码|机构代码|税号")
_SAYS_ACCOUNT = re.compile(r"账号|帐号|账户|帐户|卡号|开户|银行")
_SAYS_PHONE = re.compile(r"电话|传真|热线|联系方式")
# GB/T 2260: the first two digits of every region.
_PROVINCES = frozenset(
    map(
        str,
        (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82),
    )
)
FIRST_BIRTH = date(1890, 1, 1)


@dataclass(frozen=True)
class Word:
    """A word to look for: ``kind`` is one of ScanWord's."""

    word: str
    kind: str
    suggestion: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing found.

    Args:
        kind: a key of KINDS.
        where: name of the part (``title``, ``text``, or of a field).
        begin, end: its place in that part, as characters.
        text: as it stands there.
        advice: what to do, in Chinese.
    """

    kind: str
    where: str
    begin: int
    end: int
    text: str
    advice: str

    @property
    def label(self) -> str:
        """The kind in Chinese."""
        return KINDS[self.kind]

    @property
    def key(self) -> str:
        """The same for the same thing wherever it stands: it is answered once.

        24 bits tell the things of one announcement apart; a whole digest would give a number away to who tries all.
        """
        digest = hashlib.sha256(f"{self.kind}\0{digits_of(self.text) or self.text}".encode()).hexdigest()
        return f"{self.kind}-{digest[:6]}"

    @property
    def serious(self) -> bool:
        """Whether the second person must confirm it, too."""
        return self.kind in SERIOUS


def digits_of(text: str) -> str:
    """The digits (and X) of a number however it is written; empty for a word."""
    return re.sub(r"[^0-9X]", "", text.translate(_EVEN).upper())


def _birth(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def identity_is_valid(number: str, today: date) -> bool:
    """Whether 18 digits (the last may be X) are an identity number: province, birth date, check digit (GB 11643).

    Numbers of regions that no longer exist count as well, so that only the province is looked at.
    """
    born = _birth(number[6:14])
    known = number[:2] in _PROVINCES and born is not None and FIRST_BIRTH <= born <= today
    return known and ric.calc_check_digit(number) == number[-1]


def old_identity_is_valid(number: str) -> bool:
    """Whether 15 digits can be an identity number of before 1999 (no check digit: year in two digits)."""
    return number[:2] in _PROVINCES and _birth("19" + number[6:12]) is not None


def _says(pattern: re.Pattern[str], text: str, at: int) -> bool:
    before = text[max(0, at - _NEAR) : at].rsplit("\n\n", 1)[-1]
    return pattern.search(before) is not None


def _identities(text: str, today: date) -> Iterator[tuple[str, int, int]]:
    for found in _IDENTITY_18.finditer(text):
        number = digits_of(found.group())
        # One in thirty is a valid unified social credit code as well: then the text decides, in doubt for the person.
        is_code = uscc.is_valid(number) and _says(_SAYS_CODE, text, found.start())
        if identity_is_valid(number, today) and not is_code:
            yield IDENTITY, *found.span()
    for found in _IDENTITY_15.finditer(text):
        if old_identity_is_valid(digits_of(found.group())) and _says(_SAYS_IDENTITY, text, found.start()):
            yield IDENTITY, *found.span()


def _accounts(text: str) -> Iterator[tuple[str, int, int]]:
    codes = {found.span() for found in _USCC.finditer(text) if uscc.is_valid(found.group())}
    for found in _ACCOUNT.finditer(text):
        number = digits_of(found.group())
        # ISO/IEC 7812-1: cards of China UnionPay begin with 62 and carry Luhn's digit; other accounts have none.
        is_card = number.startswith("62") and len(number) >= 16 and luhn.is_valid(number)
        if is_card or (_says(_SAYS_ACCOUNT, text, found.start()) and found.span() not in codes):
            yield ACCOUNT, *found.span()


def _phones(text: str) -> Iterator[tuple[str, int, int]]:
    for found in _MOBILE.finditer(text):
        yield MOBILE, *found.span()
    for found in _PHONE.finditer(text):
        yield PHONE, *found.span()
    for found in _PHONE_SHORT.finditer(text):
        if _says(_SAYS_PHONE, text, found.start()):
            yield PHONE, *found.span()


def scan(text: str, words: Iterable[Word], *, where: str = "text", today: date) -> list[Finding]:
    """Everything found in one text, in order; what overlaps is told once, the weightier kind.

    Args:
        text: as it will be published.
        words: the list of words.
        where: name of the part.
        today: no identity number is of somebody born later.
    """
    even = text.translate(_EVEN)
    spans = [*_identities(even, today), *_accounts(even), *_phones(even)]
    advice = dict(ADVICE)
    found: list[Finding] = []
    taken: list[tuple[int, int]] = []
    for kind, begin, end in spans:
        if not any(begin < until and since < end for since, until in taken):
            taken.append((begin, end))
            found.append(Finding(kind, where, begin, end, text[begin:end], advice[kind]))
    for word in words:
        begin = text.find(word.word)
        while begin >= 0 and word.word:
            found.append(Finding(word.kind, where, begin, begin + len(word.word), word.word, word.suggestion))
            begin = text.find(word.word, begin + len(word.word))
    return sorted(found, key=lambda one: (one.begin, one.end))


def scan_parts(parts: Mapping[str, str], words: Sequence[Word], *, today: date) -> list[Finding]:
    """Everything found in the named parts of a draft, part by part."""
    return [one for where, text in parts.items() for one in scan(text, words, where=where, today=today)]


@dataclass(frozen=True)
class Matter:
    """One thing to be answered: the same number or word, wherever it stands."""

    finding: Finding
    count: int
    places: tuple[str, ...]

    @property
    def key(self) -> str:
        """As of its findings."""
        return self.finding.key


def matters(findings: Sequence[Finding]) -> list[Matter]:
    """Findings put together by key, in order of first appearance."""
    first: dict[str, int] = {}
    for number, one in enumerate(findings):
        first.setdefault(one.key, number)
    ordered = sorted(findings, key=lambda one: first[one.key])
    found = []
    for _, group in groupby(ordered, key=lambda one: one.key):
        same = list(group)
        found.append(Matter(same[0], len(same), tuple(dict.fromkeys(one.where for one in same))))
    return found


def marked(text: str, findings: Iterable[Finding]) -> SafeString:
    """``text`` as markup with what was found in ``<mark>``; of two that overlap the first."""
    out, at = [], 0
    for one in sorted(findings, key=lambda one: (one.begin, -one.end)):
        if one.begin < at:
            continue
        label = escape(one.label)
        out += [escape(text[at : one.begin]), f'<mark class="finding {one.kind}" title="{label}">']
        out += [escape(text[one.begin : one.end]), "</mark>"]
        at = one.end
    return mark_safe("".join([*out, escape(text[at:])]))  # noqa: S308 (every piece is escaped)
