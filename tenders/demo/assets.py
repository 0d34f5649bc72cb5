"""Land by listing, state property, and rural property rights (土地使用权、国有产权、其他交易).

Lawful intervals: land notice 20 days before the listing, listing at least 10 days, result within 10 working days
(国土资源部令第39号); assets disclosed 10 working days, above 10 million yuan and equity 20 (国资委财政部令第32号).
"""

from __future__ import annotations

from tenders.demo import names
from tenders.demo.basics import after, before, cn, iso, plain, workday, year, yuan
from tenders.demo.common import Chain, choices, deal_code, moment, project_code, project_name, quantity
from tenders.demo.texts import Kind, write

# use, years, yuan per square metre from and to, square metres from and to, plot ratio, density, green, buyers, bids
_USES = (
    ("工业用地", 50, 150, 320, 8_000, 110_000, "不低于1.0", "不低于40%", "不高于15%", "factory", 3),
    ("城镇住宅用地", 70, 1200, 3600, 9_000, 60_000, "大于1.0且不高于2.0", "不高于28%", "不低于35%", "estate", 30),
    ("商服用地", 40, 1100, 3800, 2_500, 25_000, "不高于2.5", "不高于45%", "不低于20%", "estate", 18),
    ("物流仓储用地", 50, 160, 300, 8_000, 60_000, "不低于0.8", "不低于40%", "不高于15%", "trade", 3),
    ("工业用地", 50, 160, 300, 12_000, 90_000, "不低于1.2", "不低于45%", "不高于15%", "factory", 3),
)
_LIMITS = {
    "工业用地": "竞得人应当按照园区产业规划和准入要求进行建设，并与园区管理机构签订项目投资监管协议。",
    "城镇住宅用地": "竞买人应当以自有资金参加竞买，不得使用银行贷款等融资资金。",
}
_LAND_CHANGES = (
    "地块内原有地上附着物已由出让人组织清理完毕，交付条件补充为“场地平整，通水、通电、通路”。",
    "地块北侧市政道路红线调整，出让面积不变，规划条件中建筑退让距离以更新后的规划条件通知书为准。",
    "补充地块文物考古调查意见，地块范围内未发现地下文物遗存，其他出让条件不变。",
)
_WITHDRAWALS = (
    "公告期满未征集到符合条件的意向方。",
    "因标的权属资料需要进一步补充完善，暂不具备交易条件。",
    "因公共利益需要，标的用途调整。",
)


def build_land(chain: Chain, shape: str) -> None:
    """Write a listing: ``n`` notice, ``c`` supplementary notice, ``r`` result."""
    stream, facts, fields = chain.stream, chain.facts, chain.fields
    use, years, low, high, small, large, far, density, green, trade, heat = stream.pick(_USES)
    _, body = chain.body(("land",))
    chain.party(body)
    day = workday(chain.start)
    area = round(stream.log(small, large))
    start = max(60, round(area * stream.log(low, high) / 10_000))
    step = next(s for s in (200, 100, 50, 20, 10, 5, 1) if s * 80 <= start or s == 1)
    deposit = -(-start * stream.pick((20, 30, 50)) // 100)
    parcel = f"{chain.county.abbreviation}{year(day)}-{stream.pick('GC')}{chain.number % 900 + 1:03d}"
    town = stream.pick(chain.county.towns)
    side = stream.pick(("东侧", "西侧", "南侧", "北侧"))
    location = stream.pick((
        f"{chain.county.name}{town}{stream.pick(names.VILLAGES)}村",
        f"{chain.county.name}{stream.pick(names.STREETS)}{side}",
        f"{chain.county.name}经济开发区{stream.pick(names.STREETS)}{side}",
    ))  # fmt: skip
    if use == "城镇住宅用地":
        location = f"{chain.county.name}{stream.pick(names.STREETS)}{side}"
    facts.update(
        parcel=parcel, location=location, area=str(area), use=use, years=str(years),
        far=far, density=density, green=green,
        start=f"{start:,}", step=str(step), deposit=f"{deposit:,}", limit=_LIMITS.get(use, ""),
    )  # fmt: skip
    fields.update(
        project_code=project_code(chain, "TD", day), unified_deal_code=deal_code(chain, "B01", day), parcel_no=parcel,
        project_name=f"{parcel}号国有建设用地使用权", method="挂牌出让", use=use, area_m2=str(area), years=str(years),
        start_price_yuan=f"{start * 10_000}.00", deposit_yuan=f"{deposit * 10_000}.00", location=location,
    )  # fmt: skip
    chain.style = stream.next() % 2
    chain.place(online=False)
    at = _Listing(chain, day, start, step, heat)
    for letter in shape:
        {"n": at.notice, "c": at.change, "r": lambda: at.result(trade)}[letter]()


class _Listing:
    """A listing and its days."""

    def __init__(self, chain: Chain, day: int, start: int, step: int, heat: int) -> None:
        self.chain, self.day, self.start, self.step, self.heat = chain, day, start, step, heat
        self.opens = self.ends = day
        self.clock = chain.stream.pick(("10:00", "15:00", "16:00"))
        self.name = f"{chain.facts['county']}{chain.facts['parcel']}号地块"

    def _schedule(self, opens: int) -> dict[str, str]:
        facts = self.chain.facts
        self.opens = workday(opens)
        self.ends = workday(self.opens + self.chain.stream.span(10, 13))
        closing = before(self.ends)
        facts.update(
            list_from=moment(self.opens, "09:00"), list_to=moment(self.ends, self.clock), list_end=cn(self.ends),
            deadline=moment(closing, "17:00"), doc_from=cn(after(self.day, 1)), doc_to=cn(closing),
            pub_day=cn(self.day),
        )  # fmt: skip
        return {
            "deadline": f"{iso(closing)} 17:00",
            "open_time": f"{iso(self.ends)} {self.clock}",
            "listing_start": f"{iso(self.opens)} 09:00",
            "listing_end": f"{iso(self.ends)} {self.clock}",
            "place": facts["place"],
        }

    def notice(self) -> None:
        facts = self.chain.facts
        title = f"{self.name}国有建设用地使用权挂牌出让公告"
        fields = self._schedule(self.day + self.chain.stream.span(20, 23))
        facts.update(notice_day=cn(self.day), notice_title=title)
        text = write("assets", "land_notice", self.chain.style, facts)
        self.chain.say("国有建设用地使用权挂牌出让公告", title, self.day, text, fields)

    def change(self) -> None:
        chain = self.chain
        self.day = after(self.day, chain.stream.span(3, 7))
        # The new start is 20 days from this notice: what moves the price must be known as long as the rest.
        fields = self._schedule(max(self.opens, self.day + chain.stream.span(20, 22)))
        chain.facts["correction"] = chain.stream.pick(_LAND_CHANGES)
        text = write("assets", "land_change", 0, chain.facts)
        chain.say("更正公告", f"{self.name}国有建设用地使用权挂牌出让补充公告", self.day, text, fields, corrects=0)

    def result(self, trade: str) -> None:
        chain, facts, stream = self.chain, self.chain.facts, self.chain.stream
        firm = chain.firm(trade)
        bids = stream.next() % (self.heat + 1) if stream.often(60) else 0
        deal = self.start + self.step * bids
        self.day = after(self.ends, stream.span(1, 7))
        until = after(self.day, 5)
        facts.update(
            supplier=firm.name, supplier_uscc=firm.uscc, deal=f"{deal:,}", pub_day=cn(self.day),
            public_from=cn(self.day), public_to=cn(until), premium=f"{(deal - self.start) / self.start * 100:.2f}%",
        )  # fmt: skip
        fields = {
            "supplier": firm.name, "supplier_uscc": firm.uscc, "award_amount_yuan": f"{deal * 10_000}.00",
            "deal_date": iso(self.ends), "notice_start": iso(self.day), "notice_end": iso(until),
        }  # fmt: skip
        text = write("assets", "land_result", 0, facts)
        chain.say("挂牌出让结果公示", f"{self.name}国有建设用地使用权挂牌出让结果公示", self.day, text, fields)


_WORDS = {
    "招租": ("出租方", "承租方", "年租金底价", "公开招租公告"),
    "转让": ("转让方", "受让方", "转让底价", "资产转让公告"),
    "产权转让": ("转让方", "受让方", "转让底价", "产权转让公告"),
    "流转": ("流转方", "受让方", "年流转费底价", "农村产权流转公告"),
}


def build_asset(chain: Chain, shape: str, *, rural: bool) -> None:
    """Write a sale, lease or transfer: ``n`` notice, ``e`` extension, ``r`` result, ``x`` termination."""
    flags = ("rural",) if rural else ("lease", "scrap", "", "bulk", "estate", "equity")
    stream, facts = chain.stream, chain.facts
    kind = stream.pick(choices("assets", *flags))
    role, body = chain.body(kind.roles)
    chain.party(body)
    day = workday(chain.start)
    name = project_name(chain, kind, role, body, day, yearly=0 if "{" in kind.subject else 45)
    q, units = quantity(stream, kind)
    exact = units * kind.price * stream.span(900, 1100) / 1000
    digits = 10_000 if exact > 1_000_000 else 1_000 if exact > 100_000 else 100
    start = max(5, round(exact / digits)) * digits * 100
    step = next(s for s in (10_000, 5_000, 2_000, 1_000, 500, 200, 100) if s * 10_000 <= start or s == 100) * 100
    deposit = max(100_000, start * 20 // 100 // 10_000 * 10_000)
    facts.update(name=name, q=q, item=kind.item, period=kind.note, qual=kind.qualification, way=kind.code)
    facts["need"] = kind.need.format_map(facts)
    party, buyer, label, notice_type = _WORDS[kind.code]
    if "经营权" in name and kind.code == "招租":
        label = "年经营权费底价"
    facts.update(
        code=project_code(chain, "QT" if rural else "CQ", day), party=party, buyer=buyer, buyer_short=buyer,
        price_label=label, start=yuan(start), step=yuan(step), deposit=yuan(min(deposit, start * 3 // 10)),
        valuation="，资产评估结果已经备案，转让底价不低于评估值" if kind.flag in ("equity", "estate") else "",
    )  # fmt: skip
    chain.fields.update(
        project_code=facts["code"], project_name=name, method="网络竞价", start_price_yuan=plain(start),
        deposit_yuan=plain(min(deposit, start * 3 // 10)),
    )  # fmt: skip
    if not rural:
        chain.fields["unified_deal_code"] = deal_code(chain, "C01", day)
    chain.style = stream.next() % 2
    chain.place()
    long = kind.flag == "equity" or start > 1_000_000_000
    at = _Disclosure(chain, kind, day, start, step, 20 if long else 10)
    for letter in shape:
        {"n": lambda: at.notice(notice_type), "e": at.extension, "r": at.result, "x": at.termination}[letter]()


class _Disclosure:
    """A disclosure and its days."""

    def __init__(self, chain: Chain, kind: Kind, day: int, start: int, step: int, days: int) -> None:
        self.chain, self.kind, self.day, self.start, self.step, self.days = chain, kind, day, start, step, days
        self.until = self.auction = day

    def _schedule(self, until: int) -> dict[str, str]:
        self.until = until
        self.auction = after(until, self.chain.stream.span(2, 4))
        self.chain.facts.update(
            deadline=moment(until, "17:00"), auction=moment(self.auction, "10:00"), doc_to=cn(until),
            pub_day=cn(self.day),
        )  # fmt: skip
        return {
            "deadline": f"{iso(until)} 17:00",
            "open_time": f"{iso(self.auction)} 10:00",
            "place": self.chain.facts["place"],
        }

    def notice(self, kind: str) -> None:
        facts = self.chain.facts
        first = after(self.day, 1)
        facts.update(doc_from=cn(first), days=str(self.days), notice_day=cn(self.day))
        fields = {**self._schedule(after(first, self.days)), "notice_start": iso(first)}
        text = write("assets", "asset_notice", self.chain.style, facts)
        said = facts["name"].endswith(("转让", "流转", "租赁", "处置", "销售"))
        title = facts["name"] + ("公告" if said else kind.replace("农村产权", ""))
        self.chain.say(kind, title, self.day, text, fields)

    def extension(self) -> None:
        chain = self.chain
        self.day = after(self.until, 1)
        fields = self._schedule(after(self.day, 5))
        text = write("assets", "asset_extension", 0, chain.facts)
        chain.say("延期公告", f"{chain.facts['name']}延期公告", self.day, text, fields, corrects=0)

    def result(self) -> None:
        chain, facts, stream = self.chain, self.chain.facts, self.chain.stream
        private = (
            self.kind.flag in ("rural", "lease") and self.kind.qualification.startswith("具有完全") and stream.often(35)
        )
        firm = None if private else chain.firm(self.kind.trade)
        rounds = stream.next() % 16 if stream.often(65) else 0
        deal = self.start + self.step * rounds
        self.day = after(self.auction, stream.span(1, 3))
        until = after(self.day, 5)
        facts.update(
            supplier=firm.name if firm else f"{names.person(stream)}（自然人）", deal=yuan(deal), pub_day=cn(self.day),
            auction_day=cn(self.auction), public_from=cn(self.day), public_to=cn(until),
            premium=f"{(deal - self.start) / self.start * 100:.2f}%",
        )  # fmt: skip
        fields = {
            "supplier": facts["supplier"], "award_amount_yuan": plain(deal), "deal_date": iso(self.auction),
            "notice_start": iso(self.day), "notice_end": iso(until), **({"supplier_uscc": firm.uscc} if firm else {}),
        }  # fmt: skip
        text = write("assets", "asset_result", 0, facts)
        chain.say("成交公示", f"{facts['name']}成交公示", self.day, text, fields)

    def termination(self) -> None:
        chain, facts = self.chain, self.chain.facts
        self.day = after(self.until, 1)
        ground = self.kind.flag in ("lease", "estate", "rural")
        facts["reason"] = chain.stream.pick(_WITHDRAWALS if ground else _WITHDRAWALS[:2])
        facts["follow"] = f"{facts['party']}将根据情况另行委托交易。"
        facts["pub_day"] = cn(self.day)
        text = write("assets", "asset_termination", 0, facts)
        chain.say("终止公告", f"{facts['name']}终止公告", self.day, text, {})
