"""Fictional places, bodies and firms.

No name here is that of a real county or city; firms carry a fictional place in their names, their codes a region
that does not exist, telephones an area code that does not exist; persons have a surname only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from tenders.demo.basics import Stream
from tenders.demo.texts import read_words

PROVINCE = "东澜省"

_WORDS = read_words("names.txt")
CITIES, VILLAGES, STREETS = _WORDS["cities"], _WORDS["villages"], _WORDS["streets"]
RIVERS, RESERVOIRS, SURNAMES = _WORDS["rivers"], _WORDS["reservoirs"], _WORDS["surnames"]
COUNTY_WIDE = frozenset(_WORDS["county_wide"])
"""Bodies that name their projects after the county rather than after themselves."""
BEFORE_REFORM = tuple(tuple(pair.split(">")) for pair in _WORDS["before_reform"])
"""What a body is called now and what it was called before the reform of 2018 and 2019."""
# By what they buy: middle schools, hospitals, the water bureau …; by what they sell.
_ROLES = {key[5:]: words for key, words in _WORDS.items() if key.startswith("role:")}
_TRADES = {key[6:]: words for key, words in _WORDS.items() if key.startswith("trade:")}

# Characters of county names, with the letter that stands for each in project codes.
_FIRST = dict(zip("青澜枫禾柏栖溪璟鹭砚杉梧荷苍霁", "QLFHBQXJLYSWHCJ", strict=True))
_SECOND = dict(zip("泽岫渚汀澄原陂垣屏麓", "ZXZTCYBYPL", strict=True))
# 云泽 is home; 青原 is a real district and left out, which leaves 150.
_OTHERS = [(a + b, _FIRST[a] + _SECOND[b]) for b in _SECOND for a in _FIRST if a + b != "青原"]
_STEMS = [("云泽", "YZ"), *_OTHERS]
COUNTIES = len(_STEMS)

_USCC_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUE = {c: i for i, c in enumerate(_USCC_CHARS)}
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


class Body(NamedTuple):
    """A public body or state firm: its name, region and town (empty for the county's own), address and contact."""

    name: str
    region: str
    town: str
    address: str
    phone: str
    contact: str


class Firm(NamedTuple):
    """A supplier, bidder or agency."""

    name: str
    uscc: str
    address: str
    phone: str
    contact: str
    style: int


@dataclass(frozen=True, eq=False)
class County:
    """A fictional county with everything a notice may name in it."""

    index: int
    name: str
    abbreviation: str
    city: str
    center: str
    center_uscc: str
    page: str
    towns: tuple[str, ...]
    bodies: dict[str, tuple[Body, ...]]
    bodies_before_reform: dict[str, tuple[Body, ...]]


def uscc(kind: str, region: str, number: int) -> str:
    """A unified social credit code with right check characters (GB 32100, its inner organisation code by GB 11714).

    Args:
        kind: registering office and kind of body, 2 characters, e.g. ``91`` for a firm, ``12`` for an institution.
        region: 6 digits; fictional ones begin with ``00``.
        number: serial number within the region, below 1,000,000.
    """
    org = f"MA{number:06d}"
    values = [int(c, 36) for c in org]
    rest = (11 - sum(v * w for v, w in zip(values, _ORG_WEIGHTS, strict=True)) % 11) % 11
    code = f"{kind}{region}{org}{'X' if rest == 10 else rest}"
    total = sum(_USCC_VALUE[c] * pow(3, i, 31) for i, c in enumerate(code))
    return code + _USCC_CHARS[-total % 31]


def phone(number: int) -> str:
    """A telephone of an area code that does not exist."""
    return f"0000-555{number % 10_000:04d}"


def person(stream: Stream) -> str:
    """A surname and 某: nobody."""
    return stream.pick(SURNAMES) + "某"


@cache
def firms(trade: str) -> tuple[Firm, ...]:
    """Sixty firms of a trade; the first twelve are those that come to 云泽 (its own, its city's, its province's).

    Args:
        trade: a key of the table of trades, or ``agency``.
    """
    kinds = _WORDS["agency_kinds"] if trade == "agency" else _TRADES[trade]
    position = 0 if trade == "agency" else list(_TRADES).index(trade) + 1
    places = ("云泽", "澜江", PROVINCE[:2], "澜江", PROVINCE[:2], *(c[:-1] for c in CITIES[1:]))
    found = []
    for n in range(60):
        stream = Stream(position * 1_000 + n + 7)
        place = places[n % 5] if n < 24 else places[n % len(places)]
        brand = _WORDS["brands"][(n * 7 + position * 11 + n // 30) % len(_WORDS["brands"])]
        seat = "云泽县" if place == "云泽" else "澜江市" if place == PROVINCE[:2] else f"{place}市"
        address = f"{seat}{stream.pick(STREETS)}{stream.span(1, 299)}号"
        number = position * 1_000 + n
        code = uscc("91", "000000", number)
        found.append(Firm(place + brand + kinds[n % len(kinds)], code, address, phone(number), person(stream), n % 3))
    return tuple(found)


def _towns(index: int) -> tuple[str, ...]:
    if index == 0:
        return _WORDS["home_towns"]
    stems = _WORDS["town_stems"]
    size = len(stems)
    return tuple(stems[(index * 7 + n * 11) % size] + ("镇" if n < 6 else "乡") for n in range(9))


def _bodies(index: int, name: str, city: str, towns: tuple[str, ...], *, old: bool) -> dict[str, tuple[Body, ...]]:
    found: dict[str, tuple[Body, ...]] = {}
    for position, (role, templates) in enumerate(_ROLES.items()):
        bodies: list[Body] = []
        for n, template in enumerate(templates):
            for town in towns if "{t}" in template else ("",):
                stream = Stream(index * 100_000 + position * 1_000 + n * 50 + len(bodies) + 3)
                title = template.format(c=name, t=town, city=city)
                for now, then in BEFORE_REFORM if old else ():
                    title = title.replace(now, then)
                # Only home is split into towns: with those of all counties the list of regions would be endless.
                region = name + town if index == 0 else name
                street = "中心街" if town else stream.pick(STREETS)
                address = f"{name}{town}{street}{stream.span(1, 188)}号"
                bodies.append(Body(title, region, town, address, phone(stream.next()), person(stream)))
        found[role] = tuple(bodies)
    return found


@cache
def county(index: int) -> County:
    """The county of that number: 0 is 云泽县, at most ``COUNTIES - 1``."""
    stem, letters = _STEMS[index]
    name, city, towns = stem + "县", CITIES[index // 12], _towns(index)
    return County(
        index=index,
        name=name,
        abbreviation=letters,
        city=city,
        center=f"{name}公共资源交易中心",
        center_uscc=uscc("12", f"{index:06d}", 1),
        page="https://ggzy.yunze.example" if index == 0 else f"https://ggzy{index:03d}.donglan.example",
        towns=towns,
        bodies=_bodies(index, name, city, towns, old=False),
        bodies_before_reform=_bodies(index, name, city, towns, old=True),
    )
