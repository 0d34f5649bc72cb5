"""What every chain of notices starts from: the parties, the thing, the amounts, the codes."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from tenders.demo import names
from tenders.demo.basics import Stream, cn, iso, year
from tenders.demo.names import Body, County, Firm
from tenders.demo.texts import Kind, kinds

# The reform of county bodies was complete by the spring of 2019.
REFORM = 737_119  # 2019-03-01
_CHECK = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_ROOMS = ("第一开标室", "第二开标室", "第三开标室", "第四开标室", "不见面开标大厅")


class Item(NamedTuple):
    """One notice of a chain, before it has an id; ``corrects`` is the position of the one it corrects."""

    type: str
    title: str
    published: str
    text: str
    fields: dict[str, str]
    corrects: int | None = None
    attachments: tuple[dict[str, str], ...] = ()


class Chain:
    """A project while its notices are written.

    Args:
        number: the project's number, its key to everything.
        county: where it is.
        start: ordinal of the day around which it begins.
    """

    def __init__(self, number: int, county: County, start: int) -> None:
        self.number = number
        self.serial = number + 1
        self.stream = Stream(number)
        self.county = county
        self.start = start
        self.facts: dict[str, str] = {
            "county": county.name,
            "city": county.city,
            "province": names.PROVINCE,
            "center": county.center,
            "platform": f"{county.name}公共资源电子交易平台",
        }
        self.fields: dict[str, str] = {}
        self.items: list[Item] = []
        self.style = 0

    def body(self, roles: tuple[str, ...]) -> tuple[str, Body]:
        """One of the county's bodies that play one of the roles, as it was called then; the role first."""
        role = self.stream.pick(roles)
        if role == "village":
            return role, self._village()
        bodies = self.county.bodies_before_reform if self.start < REFORM else self.county.bodies
        return role, self.stream.pick(bodies[role])

    def _village(self) -> Body:
        stream, county = self.stream, self.county
        town, village = stream.pick(county.towns), stream.pick(names.VILLAGES)
        region = county.name + town if county.index == 0 else county.name
        place = f"{county.name}{town}{village}村"
        self.facts.update(t=town, v=village)
        return Body(f"{place}股份经济合作社", region, town, place, names.phone(stream.next()), names.person(stream))

    def firm(self, trade: str) -> Firm:
        """A firm of the trade; to home come the dozen that know the way."""
        found = names.firms(trade)
        return found[self.stream.next() % (12 if self.county.index == 0 else len(found))]

    def three_firms(self, trade: str) -> tuple[Firm, Firm, Firm]:
        """Three different firms of the trade."""
        found = names.firms(trade)
        size = 12 if self.county.index == 0 else len(found)
        first = self.stream.next() % size
        return found[first], found[(first + 5) % size], found[(first + 7) % size]

    def agency(self) -> Firm:
        """The agency, put into the facts; its habits are the notices' style."""
        found = names.firms("agency")
        agency = found[self.stream.next() % (24 if self.county.index == 0 else len(found))]
        self.style = agency.style + self.stream.next() % 2
        self.facts.update(agency=agency.name, a_address=agency.address, a_phone=agency.phone, a_contact=agency.contact)
        self.fields["agency"] = agency.name
        return agency

    def party(self, body: Body) -> None:
        """Put the purchaser, tenderer or seller into the facts."""
        self.facts.update(purchaser=body.name, p_address=body.address, p_phone=body.phone, p_contact=body.contact)
        self.fields.update(purchaser=body.name, region=body.region)

    def place(self, *, online: bool = True) -> str:
        """Where bids are opened."""
        online = online and self.start >= REFORM  # remote openings spread after that
        room = _ROOMS[self.stream.next() % (5 if online else 4)]
        place = f"{self.county.center}{room}"
        self.facts["place"] = place
        return place

    def say(
        self,
        kind: str,
        title: str,
        day: int,
        text: str,
        fields: dict[str, str] | None = None,
        *,
        corrects: int | None = None,
    ) -> None:
        """Add a notice published on ``day``, at some minute between 09:00 and 17:29."""
        minute = 540 + self.stream.next() % 510
        published = f"{iso(day)} {minute // 60:02d}:{minute % 60:02d}"
        self.items.append(Item(kind, title, published, text, {**self.fields, **(fields or {})}, corrects))


@cache
def choices(name: str, *flags: str) -> tuple[Kind, ...]:
    """The kinds of ``kinds()``, each as often as there are bodies or places for it.

    Otherwise the county's one road office would buy the year's maintenance eight times, each school once in ten years.
    """
    found: list[Kind] = []
    bodies = names.county(0).bodies
    for kind in kinds(name, *flags):
        count = sum(len(bodies[role]) for role in kind.roles if role in bodies)
        found += [kind] * (8 if "{" in kind.subject else min(count, 8))
    return tuple(found)


def quantity(stream: Stream, kind: Kind, factor: float = 1.0) -> tuple[str, float]:
    """How much of the thing: an amount between the kind's limits, as text and as number of units."""
    amount = stream.log(kind.low, kind.high) * 10_000 / (kind.price * factor)
    steps = max(1, round(amount / kind.step))
    if kind.step < 1:
        return f"{steps / 10:.1f}", steps / 10
    return str(steps * int(kind.step)), steps * kind.step


def hour(stream: Stream) -> str:
    """An hour at which bids are opened."""
    return stream.pick(("09:00", "09:30", "10:00", "10:30", "14:30", "15:00", "09:00", "09:30"))


def moment(day: int, clock: str) -> str:
    """``2026年3月2日 09:00``."""
    return f"{cn(day)} {clock}"


@cache
def _head(letters: str, issuer: str) -> int:
    rest = 0
    for c in letters + issuer:
        rest = (rest + _CHECK.index(c)) * 2 % 37
    return rest


def deal_code(chain: Chain, letters: str, day: int) -> str:
    """The unified deal code (统一交易标识码), 40 characters, its check character by ISO 7064 MOD 37-2.

    Args:
        chain: its serial gives the six-digit serial number.
        letters: class of the trade, e.g. ``D01``.
        day: ordinal of the day on which the center registered the project.
    """
    issuer, stamp = chain.county.center_uscc, iso(day).replace("-", "")
    rest = _head(letters, issuer)
    serial = chain.serial % 1_000_000
    while True:
        tail, value = f"{serial:06d}", rest
        for c in stamp + tail:
            value = (value + ord(c) - 48) * 2 % 37
        check = _CHECK[(38 - value) % 37]
        if check != "*":  # a letter or digit everywhere: the star breaks file names
            return f"{letters}-{issuer}-{stamp}-{tail}-{check}"
        serial = (serial + 500_000) % 1_000_000


def project_code(chain: Chain, kind: str, day: int) -> str:
    """The project's number at its center, e.g. ``YZZC-2026-0012``."""
    return f"{chain.county.abbreviation}{kind}-{year(day)}-{chain.serial:04d}"


def project_name(chain: Chain, kind: Kind, role: str, body: Body, day: int, *, yearly: int) -> str:
    """The project's name, after the body or the county, with or without its year; fills ``{t}``, ``{v}`` and the like.

    Args:
        yearly: how many names in a hundred carry the year.
    """
    stream, facts = chain.stream, chain.facts
    villages = names.VILLAGES
    at = stream.next() % len(villages)
    facts.setdefault("v", villages[at])
    facts["v2"] = (
        villages[(at + 7) % len(villages)] if villages[(at + 7) % len(villages)] != facts["v"] else villages[at]
    )
    facts.setdefault("t", body.town or stream.pick(chain.county.towns))
    facts["road"] = stream.pick(names.STREETS)
    facts["river"] = stream.pick(names.RIVERS)
    facts["reservoir"] = stream.pick(names.RESERVOIRS)
    facts["address"] = f"{chain.county.name}{facts['road']}{stream.span(1, 260)}号"
    subject = kind.subject.format_map(facts) if "{" in kind.subject else kind.subject
    prefix = body.name
    if role in names.COUNTY_WIDE:
        prefix = chain.county.name
    elif role == "town":
        prefix = chain.county.name + ("" if "{t}" in kind.subject else body.town)
    stamp = f"{year(day)}年" if stream.often(yearly) else ""
    return f"{prefix}{stamp}{subject}"


def agency_fee(award: int) -> int:
    """What the agency is paid, in cents: steps that fall with the amount, as documents usually have them."""
    fee, done = 0.0, 0
    for upto, rate in ((100_000_000, 0.015), (500_000_000, 0.009), (1_000_000_000, 0.006), (10**14, 0.003)):
        part = min(award, upto) - done
        if part <= 0:
            break
        fee, done = fee + part * rate, upto
    return max(300_000, round(fee / 100) * 100)
