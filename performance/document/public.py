"""The public edition of a report: the same document without phone numbers and names of staff below the leaders.

Sources: 预算法第十四条 (what is disclosed), 个人信息保护法第六条 (no more personal data than the purpose needs).
Kept are the names of the head of the unit and of 组长 and 副组长; everybody else is told by what he is. Pure functions.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from typing import Any

from core.errors import BusinessError
from performance.document.model import Cover, Document, Evidence, document_json
from performance.document.named import Doubt, doubts, typed_hidden
from tenders.scan import Finding, scan

SOMEBODY, NUMBER, ADDRESS = "工作人员", "（号码略）", "（邮箱略）"
EDITION = ("版本", "公开版（不含联系电话和一般工作人员姓名）")
# Facts of the cover that the public edition leaves out, and one that is a number but nobody's.
LEFT_OUT, NO_NUMBER = frozenset({"填表人", "联系电话"}), frozenset({"统一社会信用代码"})
LEADING = "组长"
# No identity number is of somebody born later; a fixed day, so that the same document gives the same edition.
_TODAY = date(2100, 1, 1)
_BETWEEN = r"[\s\u3000\u00ad\u200b-\u200f\u2060\ufeff·•]*"
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})*(\.[0-9]+)?%?|-?[0-9]+\.[0-9]{1,2}%?|-?[0-9]{1,6}%?")
_MAIL = re.compile(r"[0-9A-Za-z._%+-]{1,64}@[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)+")
_ONE = r"[\u4e00-\u9fff·]{2,4}"
_SIGNED = re.compile(
    r"((?:联系人|经办人|承办人|填表人|制表人|填报人|审核人|复核人|督查人员|检查人员|记录人|调查人员|组员|成员|参加人员)"
    rf"(?:姓名)?[:：为]\s*)({_ONE}(?:[、，,\s]+{_ONE})*)(?![\u4e00-\u9fff:：])"
)
_SEPARATOR = re.compile(r"([、，,\s]+)")
_OFFICES = ("科", "室", "处", "局", "部", "组", "股", "单位", "中心", "人员", "人", "代表")
_MANY = re.compile(rf"{SOMEBODY}(?:[、，,\s]+{SOMEBODY})+")


@dataclass(frozen=True)
class People:
    """Names that are kept, and names that are replaced wherever they stand."""

    leaders: frozenset[str]
    others: frozenset[str]


def leaders_of(document: Document) -> frozenset[str]:
    """Whose names are public: the head of the unit, 组长 and 副组长 of the group."""
    head = {document.form.head} if document.form else set()
    told = {text for label, text in document.cover.facts if label == "单位负责人"}
    group = {name for role, name in document.cover.members if LEADING in role}
    return frozenset(name.strip() for name in head | told | group if name.strip())


def people_named(document: Document, staff: Iterable[str]) -> People:
    """Who is to be looked for.

    Args:
        document: with the people of its own cover and form.
        staff: further names: of the staff, of inspections and so on.
    """
    leaders = leaders_of(document)
    own = {name for _, name in document.cover.members} | ({document.form.filled_by} if document.form else set())
    own |= {text for label, text in document.cover.facts if label == "填表人"}
    names = {name.strip() for name in own | set(staff)}
    # One character is no name: it would be found in every sentence.
    return People(leaders, frozenset(name for name in names if len(name) > 1) - leaders)


def _even(text: str) -> str:
    """Compatibility forms of Chinese characters as people paste them; every character stays one."""
    return "".join(one if len(found := unicodedata.normalize("NFKC", one)) != 1 else found for one in text)


def _pattern(people: People) -> re.Pattern[str] | None:
    names = sorted(people.leaders | people.others, key=lambda name: (-len(name), name))
    spaced = [_BETWEEN.join(re.escape(one) for one in _even("".join(name.split()))) for name in names]
    return re.compile("|".join(spaced)) if spaced else None


def _bare(text: str) -> str:
    return re.sub(_BETWEEN, "", text)


@dataclass(frozen=True)
class Hider:
    """Takes names and numbers out of texts."""

    people: People

    def __post_init__(self) -> None:
        object.__setattr__(self, "_names", _pattern(self.people))
        object.__setattr__(self, "_kept", frozenset(_bare(_even(name)) for name in self.people.leaders))

    def __call__(self, text: str) -> str:
        """The text without them; a plain amount stays."""
        if not text or _PLAIN_NUMBER.fullmatch(text):
            return text
        for found in reversed(self.numbers(text)):
            text = text[: found.begin] + NUMBER + text[found.end :]
        text = self._without_names(_MAIL.sub(ADDRESS, text))
        text = typed_hidden(text, somebody=SOMEBODY, number=NUMBER, kept=self.is_public)
        text = _SIGNED.sub(lambda one: one[1] + self._signed(one[2]), text)
        return _MANY.sub(lambda one: f"{SOMEBODY}{one[0].count(SOMEBODY)}人", text)

    def is_public(self, name: str) -> bool:
        """Whether a name is a leader's."""
        return _bare(_even(name)) in self._kept  # type: ignore[attr-defined]

    def numbers(self, text: str) -> list[Finding]:
        """Phone, identity and account numbers in a text."""
        return scan(text, (), today=_TODAY)

    def _without_names(self, text: str) -> str:
        names: re.Pattern[str] | None = self._names  # type: ignore[attr-defined]
        if names is None:
            return text
        out, at = [], 0
        for found in names.finditer(_even(text)):
            if _bare(found[0]) not in self._kept:  # type: ignore[attr-defined]
                out += [text[at : found.start()], SOMEBODY]
                at = found.end()
        return "".join([*out, text[at:]])

    def _signed(self, listed: str) -> str:
        """Names after 经办人： and the like, whoever they are of."""
        parts = _SEPARATOR.split(listed)
        for place in range(0, len(parts), 2):
            one = parts[place]
            if one not in self.people.leaders and not one.endswith(_OFFICES) and SOMEBODY not in one:
                parts[place] = SOMEBODY
        return "".join(parts)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """A value with every text changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_mapped(one, change) for one in value)
    if isinstance(value, Evidence):
        return replace(value, what=change(value.what), name=change(value.name))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _mapped(getattr(value, one.name), change) for one in fields(value)})
    return value


def _cover(cover: Cover, hide: Hider) -> Cover:
    facts = [
        (label, text if label in NO_NUMBER else hide(text)) for label, text in cover.facts if label not in LEFT_OUT
    ]  # fmt: skip
    by_role: dict[str, list[str]] = {}
    for role, name in cover.members:
        by_role.setdefault(role, []).append(name)
    members = []
    for role, names in by_role.items():
        kept = [name for name in names if name.strip() in hide.people.leaders]
        members += [(hide(role), name) for name in kept]
        if more := len(names) - len(kept):
            members.append((hide(role), f"{more}人"))
    return replace(
        cover, title=hide(cover.title), unit=hide(cover.unit), facts=(*facts, EDITION), members=tuple(members),
        red_head=hide(cover.red_head), document_number=hide(cover.document_number),
    )  # fmt: skip


def public_edition(document: Document, people: People) -> Document:
    """The document as everybody may have it.

    Args:
        document: as it was submitted.
        people: of :func:`people_named`.

    Raises:
        BusinessError: ``public_leak``: something would still tell a name or a number.
    """
    hide = Hider(people)
    form = replace(document.form, filled_by="", phone="") if document.form else None
    # What names the kind is no text.
    bare = replace(document, form=form, cover=replace(document.cover, facts=(), members=()))
    found: Document = replace(_mapped(bare, hide), kind=document.kind, cover=_cover(document.cover, hide))
    _tight(found, hide)
    return found


def _tight(document: Document, hide: Hider) -> None:
    """Look again at all that will be printed. Raises BusinessError."""
    text = _bare(_even(document_json(document)))
    left = [name for name in hide.people.others if _bare(_even(name)) in _without(text, hide.people.leaders)]
    if left:
        raise BusinessError(
            f"没有生成公开版：有 {len(left)} 个姓名没有能隐去，请在报告里换一种写法后再生成。", "public_leak"
        )  # fmt: skip


def _without(text: str, leaders: Iterable[str]) -> str:
    """The text with the leaders' names out of the way: a shorter name may be part of one."""
    for name in sorted(leaders, key=len, reverse=True):
        text = text.replace(_bare(_even(name)), "\n")
    return text


def _texts(value: Any) -> Iterator[str]:
    """Every text of a document's plain values but digests."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in sorted(value.items()):
            if name != "sha256":
                yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def doubts_of(source: str, leaders: Iterable[str]) -> list[Doubt]:
    """Places of a public edition that a person must look at before it is disclosed, each once.

    Args:
        source: the edition's document as canonical JSON; leaders: whose names are public.
    """
    hide = Hider(People(frozenset(leaders), frozenset()))
    document = json.loads(source)
    # The facts of the cover are the unit's own codes.
    document["cover"]["facts"] = []
    found = (one for text in _texts(document) for one in doubts(text, kept=hide.is_public))
    return list(dict.fromkeys(found))


def replaced_in(base: str, source: str) -> list[tuple[str, str]]:
    """What the public edition replaced: a text as it was and as it is, each once.

    Args:
        base: the submission's document; source: the public edition's, both as canonical JSON.
    """
    before, after = json.loads(base), json.loads(source)
    # Its facts and members are not replaced but left out.
    for one in (before, after):
        one["cover"]["facts"], one["cover"]["members"] = [], []
    pairs = zip(_texts(before), _texts(after), strict=True)
    return list(dict.fromkeys((one, other) for one, other in pairs if one != other))
