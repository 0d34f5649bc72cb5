"""Which project stands at which number: its county, its day, its steps.

Fifty projects make a block of two hundred announcements, always the same steps at the same place of a block: so
announcement ``i`` belongs to a project that can be told from ``i`` alone: a larger load begins with the smaller one.
"""

from __future__ import annotations

from datetime import date
from itertools import accumulate

from tenders.demo.assets import build_asset, build_land
from tenders.demo.basics import Stream
from tenders.demo.common import Chain
from tenders.demo.names import COUNTIES, county
from tenders.demo.purchase import build_purchase
from tenders.demo.texts import kinds, read_words, write
from tenders.demo.works import build_works

EPOCH = date(2026, 6, 30).toordinal()
"""Nothing of the fixed content is published after this day."""
OLDEST = date(2016, 7, 1).toordinal()
OLDEST_TENTH_ENDS = date(2017, 8, 1)
"""About a tenth of the announcements of the province size were published before this day."""

BLOCK = 200
"""Announcements in a block."""
HOME_BLOCKS = 30
"""Blocks of 云泽县 alone: the first is its last year, all of them its last three; then other counties, ten years."""

# P purchase, W works, L land, A state property, R rural property; then the steps.
_SLOTS = read_words("chains.txt")["block"]
_OFFSETS = (0, *accumulate(len(slot) - 2 for slot in _SLOTS))
PROJECTS_A_BLOCK = len(_SLOTS)
_SLOT_OF = tuple(slot for slot, steps in enumerate(_SLOTS) for _ in steps[2:])

# One project in 20,000 for each of the first five (remainder, row), one in 400 of the oldest tenth for the last.
_RARE_EVERY = 20_000
_RARE = {12: 0, 612: 1, 1312: 2, 7712: 3, 13312: 4}
_OLD_EVERY, _OLD_AT, _OLD_FIRST, _OLD_LAST = 400, 37, 1_500, 14_000

RARE_TERMS: dict[str, str] = {
    "古籍修复": "项目号除以20000余12：从small起就有，一百万条中13个项目、78条公告，各年都有",
    "编钟": "项目号除以20000余612：从county起就有，一百万条中13个项目、78条公告，各年都有",
    "天象仪": "项目号除以20000余1312：从county起就有，一百万条中13个项目、78条公告，各年都有",
    "盲文": "项目号除以20000余7712：仅province，13个项目、78条公告，各年都有",
    "声呐": "项目号除以20000余13312：仅province，12个项目、72条公告，各年都有",
    "户户通": "仅province最早的十分之一（2017年8月以前）：31个项目、186条公告",
    "三证合一": "仅province中2017年8月以前的采购、招标公告，约1.7万条，占全部的百分之二弱，全部在最早的十分之一",
    "国土资源局": "仅province中2019年7月以前，约2.1万条，此后该单位名称为自然资源局",
}
"""Words for search tests, and where each occurs."""


def locate(position: int) -> tuple[int, int]:
    """The project of the announcement at ``position`` (from 0), and which of its notices that is."""
    block, rest = divmod(position, BLOCK)
    slot = _SLOT_OF[rest]
    return block * PROJECTS_A_BLOCK + slot, rest - _OFFSETS[slot]


def slot(number: int) -> str:
    """The kind and steps of a project, e.g. ``P:inrk``."""
    return _SLOTS[number % PROJECTS_A_BLOCK]


def _place(number: int) -> tuple[int, int]:
    """County and first day of a project."""
    block, draw = number // PROJECTS_A_BLOCK, Stream(number + (1 << 40)).next()
    if block == 0:
        return 0, EPOCH - 400 + draw % 330
    if block < HOME_BLOCKS:
        return 0, EPOCH - 1_095 + draw % 1_000
    days = EPOCH - 140 - OLDEST
    return 1 + draw % (COUNTIES - 1), OLDEST + (block - HOME_BLOCKS) * days // 4_970 + draw // 1_000 % 9


def write_chain(chain: Chain, steps: str) -> None:
    """Write a project's notices into ``chain.items``.

    Args:
        chain: new.
        steps: as ``slot`` gives them.
    """
    kind, shape = steps[0], steps[2:]
    number = chain.number
    if kind == "P":
        rare = None
        if number % _RARE_EVERY in _RARE:
            rare = kinds("rare")[_RARE[number % _RARE_EVERY]]
        elif number % _OLD_EVERY == _OLD_AT and _OLD_FIRST <= number < _OLD_LAST:
            rare = kinds("rare")[5]
        build_purchase(chain, shape, rare)
    elif kind == "W":
        build_works(chain, shape)
    elif kind == "L":
        build_land(chain, shape)
    else:
        build_asset(chain, shape, rural=kind == "R")


def build(number: int) -> Chain:
    """The project of that number with all its notices; none is published after ``EPOCH``."""
    where, start = _place(number)
    latest = date.fromordinal(EPOCH).isoformat()
    while True:
        chain = Chain(number, county(where), start)
        write_chain(chain, slot(number))
        last = chain.items[-1].published[:10]
        if last <= latest:
            break
        start -= date.fromisoformat(last).toordinal() - EPOCH + 3
    if number % 7 == 0 and number < HOME_BLOCKS * PROJECTS_A_BLOCK:
        attach(chain)
    return chain


def attach(chain: Chain) -> None:
    """Give the first notice with bids to be handed in the opening pages of its documents."""
    facts = chain.facts
    if "doc_from" not in facts or "need" not in facts or "parcel" in facts or "way" in facts:
        return
    facts.setdefault("doc", "招标文件")
    facts.setdefault("bid", "投标文件")
    facts.setdefault("term", facts.get("duration", ""))
    facts["invitation"] = "招标公告" if facts["doc"] == "招标文件" else "采购邀请"
    price = Stream(chain.number + (1 << 41)).pick((30, 40, 50))
    facts.update(weight_price=str(price), weight_technical=str(85 - price), weight_business="15")
    at = next(n for n, item in enumerate(chain.items) if "deadline" in item.fields and item.corrects is None)
    text = write("pieces", "excerpt", 0, {**facts, "deadline": facts["deadline"]})
    name = f"{facts['name']}{facts['doc']}（节选）.txt"
    chain.items[at] = chain.items[at]._replace(attachments=({"name": name, "text": text},))
