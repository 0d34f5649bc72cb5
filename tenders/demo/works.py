"""An engineering tender from its notice to the contract (工程建设项目招标投标).

Lawful intervals:
- 20 days from documents to deadline (招标投标法第二十四条);
- clarifications 15 days before, or the deadline moves (实施条例第二十一条);
- candidates public within 3 days and for at least 3 days (实施条例第五十四条);
- contract within 30 days (招标投标法第四十六条).
"""

from __future__ import annotations

from tenders.demo import names
from tenders.demo.basics import after, cn, iso, plain, workday, year, yuan
from tenders.demo.common import Chain, choices, deal_code, hour, moment, project_code, project_name, quantity
from tenders.demo.names import Body
from tenders.demo.purchase import OLD_TERM_UNTIL
from tenders.demo.texts import Kind, write

_BUILDER = {"build": "建筑工程", "road": "公路工程", "water": "水利水电工程"}
_FUNDS = ("财政资金", "上级专项资金及县级配套资金", "地方政府一般债券资金", "中央预算内投资及县级配套资金")
_SOE_FUNDS = ("企业自筹资金", "地方政府专项债券资金及企业自筹资金")
_PHASES = ("（一期）", "（二期）", "（第一批）", "（第二批）", "（一标段）", "（二标段）")
_CHANGES = (
    "工程量清单中土石方工程的部分项目特征描述有误，现予更正，详见随本文件发布的工程量清单。",
    "招标文件评标办法前附表中“类似工程业绩”的时间范围由“近三年”调整为“近五年”。",
    "专用合同条款中工程进度款支付比例由“80%”调整为“85%”，其余条款不变。",
    "施工图第12号图纸与说明不一致之处，以说明为准，更新后的图纸随本文件发布。",
    "招标控制价的暂列金额调整说明见附件，最高投标限价总额不变。",
)
_REJECTED = (
    "无。",
    "无否决投标情况。",
    "1家投标人的投标文件未按招标文件要求加盖电子印章，评标委员会否决其投标。",
    "1家投标人的投标报价超过最高投标限价，评标委员会否决其投标。",
    "1家投标人拟派项目负责人的资格不符合招标文件要求，评标委员会否决其投标。",
)


def build_works(chain: Chain, shape: str) -> None:
    """Write a tender's notices.

    Args:
        chain: the project.
        shape: its steps: ``n`` notice, ``c`` clarification, ``p`` candidates' publicity, ``r`` result, ``k`` contract,
            ``x`` termination, ``N`` second notice.
    """
    kind = chain.stream.pick(choices("works"))
    at = _Dates(chain, kind)
    for step in shape:
        _STEPS[step](at)


class _Dates:
    """The tender with the days and amounts that its next step needs."""

    def __init__(self, chain: Chain, kind: Kind) -> None:
        self.chain, self.kind = chain, kind
        self.day = self.notice = self.deadline = workday(chain.start)
        self.clock = ""
        self.notice_at = 0
        self.ceiling = _describe(chain, kind, self.day)


def _describe(chain: Chain, kind: Kind, day: int) -> int:
    """Fill in the works and their owner; returns the price ceiling in cents."""
    stream, facts, fields = chain.stream, chain.facts, chain.fields
    role, body = chain.body(kind.roles)
    chain.party(body)
    chain.agency()
    yearly = 12
    if chain.county.index == 0:
        yearly = 70 if role in names.COUNTY_WIDE else 40
    name = project_name(chain, kind, role, body, day, yearly=yearly)
    if name.endswith("建设"):
        name += "项目"
    elif stream.often(40) and kind.flag != "service":
        name += stream.pick(_PHASES[:2] if "建设工程" in name else _PHASES)
    q, units = quantity(stream, kind)
    ceiling = int(units * kind.price * stream.span(9700, 10300) / 100) + stream.span(0, 99)
    floor = 100_000_000 if kind.flag == "service" else 400_000_000
    ceiling = max(ceiling, floor + stream.span(1_000, 900_000))
    budget = (ceiling + 999_999) // 1_000_000 * 1_000_000
    facts.update(name=name, q=q, item=kind.item, code=project_code(chain, "GC", day))
    facts["need"] = kind.need.format_map(facts)
    facts.update(budget=yuan(budget), ceiling=yuan(ceiling), supervisor=chain.county.name + kind.note)
    _terms(chain, kind, role, body, ceiling)
    facts["old_note"] = "投标人应当提供“三证合一”的营业执照。" if day < OLD_TERM_UNTIL else ""
    facts["approval"] = f"{chain.county.name[:-1]}发改审〔{year(day)}〕{stream.span(3, 188)}号"
    fields.update(
        project_code=facts["code"], unified_deal_code=deal_code(chain, kind.code, day), project_name=name,
        budget_yuan=plain(budget), max_price_yuan=plain(ceiling), method="公开招标", supervisor=facts["supervisor"],
    )  # fmt: skip
    return ceiling


def _terms(chain: Chain, kind: Kind, role: str, body: Body, ceiling: int) -> None:
    """What the contract and the bidders are asked for, by the kind and size of the works."""
    stream, facts = chain.stream, chain.facts
    facts["funds"] = stream.pick(_SOE_FUNDS if role.startswith("soe") else _FUNDS)
    own_ground = role in ("middle", "primary", "hospital", "clinic")
    town = chain.county.name + facts["t"] if "{t}" in kind.subject else ""
    if "{road}" in kind.subject:
        town = chain.county.name + facts["road"]
    facts["location"] = body.address if own_ground else town or f"{chain.county.name}境内"
    facts["evaluation"] = "综合评估法"
    facts["consortium"] = "接受" if kind.trade == "design" else "不接受"
    cap = 10_000_000 if kind.trade == "design" else 80_000_000
    facts["deposit"] = f"{max(1, min(cap, ceiling // 50) // 1_000_000)}万元"
    if kind.flag == "service":
        _service_terms(facts, kind, stream.span(60, 120))
        return
    qualification = kind.qualification
    if ceiling >= 4_000_000_000:
        qualification = qualification.replace("三级及以上", "二级及以上")
    facts["qual"] = (
        "具有与本项目规模相适应的施工能力和业绩"
        if qualification == "无"
        else f"具备{qualification}资质和有效的安全生产许可证"
    )
    level = "一级" if ceiling >= 3_000_000_000 else "二级及以上"
    days = stream.span(9, 18) if ceiling < 800_000_000 else stream.span(18, 30)
    days = stream.span(30, 54) if ceiling >= 3_000_000_000 else days
    facts.update(
        part="施工", scope="施工图纸及工程量清单所含全部内容", duration_label="计划工期", duration=f"{days * 10}日历天",
        quality="符合国家现行工程施工质量验收标准，达到合格", bid_quality="合格", lead_title="项目经理",
        lead_need=f"{_BUILDER.get(kind.trade, '市政公用工程')}专业{level}注册建造师执业资格和有效的安全生产考核证书",
    )  # fmt: skip


def _service_terms(facts: dict[str, str], kind: Kind, days: int) -> None:
    facts["qual"] = f"具备{kind.qualification}资质"
    if kind.trade == "design":
        facts.update(
            part="勘察设计", scope="工程勘察、初步设计、施工图设计及施工配合服务", duration=f"{days}日历天",
            quality="符合国家和行业现行规范要求，通过有关部门审查", bid_quality="通过审查", lead_title="设计负责人",
            lead_need="相应专业高级工程师及以上职称",
        )  # fmt: skip
    else:
        facts.update(
            part="监理", scope="施工准备、施工及缺陷责任期的全过程监理", duration="自合同签订之日起至缺陷责任期满",
            quality="符合国家和行业现行监理规范要求", bid_quality="合格", lead_title="总监理工程师",
            lead_need="相应专业注册监理工程师执业资格",
        )  # fmt: skip
    facts["duration_label"] = "服务期"


def _say(at: _Dates, key: str, kind: str, title: str, fields: dict[str, str], corrects: int | None = None) -> None:
    facts = at.chain.facts
    facts["pub_day"] = cn(at.day)
    text = write("works", key, at.chain.style, facts)
    at.chain.say(kind, title, at.day, text, fields, corrects=corrects)


def _opening(at: _Dates) -> dict[str, str]:
    when = f"{iso(at.deadline)} {at.clock}"
    return {"deadline": when, "open_time": when, "place": at.chain.facts["place"]}


def _notice(at: _Dates, second: str = "") -> None:
    chain, facts, stream = at.chain, at.chain.facts, at.chain.stream
    at.notice, at.notice_at, at.clock = at.day, len(chain.items), hour(stream)
    first = after(at.day, 1)
    at.deadline = workday(first + stream.span(20, 27))
    facts.update(
        notice_day=cn(at.day), doc_from=cn(first), doc_to=cn(workday(first + stream.span(5, 7))),
        deadline=moment(at.deadline, at.clock), notice_title=f"{facts['name']}招标公告{second}",
    )  # fmt: skip
    chain.place()
    _say(at, "notice", "招标公告", facts["notice_title"], {**_opening(at), "notice_start": iso(at.day)})


def _second_notice(at: _Dates) -> None:
    at.day = after(at.day, at.chain.stream.span(4, 12))
    _notice(at, "（二次）")


def _clarification(at: _Dates) -> None:
    facts, stream = at.chain.facts, at.chain.stream
    at.day = after(at.notice, stream.span(2, 6))
    facts["correction"] = f"一、{stream.pick(_CHANGES)}"
    if at.day > at.deadline - 15 or stream.often(40):
        at.deadline = workday(max(at.day + 16, after(at.deadline, stream.span(3, 6))))
        new = moment(at.deadline, at.clock)
        facts["correction"] += f"\n二、投标截止时间及开标时间由“{facts['deadline']}”变更为“{new}”，地点不变。"
        facts["deadline"] = new
    else:
        facts["correction"] += "\n二、投标截止时间及开标时间不变。"
    _say(at, "clarification", "更正公告", f"{facts['name']}招标文件澄清与修改公告", _opening(at), at.notice_at)


def _candidates(at: _Dates) -> None:
    chain, facts, stream = at.chain, at.chain.facts, at.chain.stream
    firms = chain.three_firms(at.kind.trade)
    award = at.ceiling * stream.span(8800, 9820) // 10_000
    others = sorted(award + (at.ceiling - award) * stream.span(5, 90) // 100 for _ in range(2))
    scores = sorted((stream.span(8000, 9500) for _ in range(3)), reverse=True)
    for n in range(3):
        facts[f"lead_{n + 1}"] = names.person(stream)
        facts[f"certificate_{n + 1}"] = f"演示{stream.span(100000, 999999)}"
        facts[f"score_{n + 1}"] = f"{scores[n] / 100:.2f}"
    at.day = after(at.deadline, stream.span(1, 2))
    facts.update(
        first=firms[0].name, second=firms[1].name, third=firms[2].name, supplier_uscc=firms[0].uscc,
        supplier_address=firms[0].address, award=yuan(award), price_2=yuan(others[0]), price_3=yuan(others[1]),
        bid_duration=facts["duration"], rejected=stream.pick(_REJECTED), bidders=str(stream.span(4, 17)),
        open_day=cn(at.deadline), public_from=cn(at.day), public_to=cn(workday(at.day + 3)),
        saving=f"{(at.ceiling - award) / at.ceiling * 100:.2f}%",
    )  # fmt: skip
    end = workday(at.day + 3)
    fields = {
        "candidates": f"{firms[0].name}；{firms[1].name}；{firms[2].name}",
        "notice_start": iso(at.day),
        "notice_end": iso(end),
    }
    _say(at, "candidates", "中标候选人公示", f"{facts['name']}中标候选人公示", fields)
    chain.fields.update(supplier=firms[0].name, supplier_uscc=firms[0].uscc, award_amount_yuan=plain(award))
    at.day = end


def _result(at: _Dates) -> None:
    at.day = after(at.day, at.chain.stream.span(1, 3))
    _say(at, "result", "中标结果公示", f"{at.chain.facts['name']}中标结果公示", {"notice_start": iso(at.day)})


def _contract(at: _Dates) -> None:
    facts, stream = at.chain.facts, at.chain.stream
    signed = workday(at.day + stream.span(6, 18))
    at.day = after(signed, stream.span(1, 3))
    facts.update(
        contract_code=f"{facts['code']}-HT", signed_day=cn(signed),
        guarantee=f"签约合同价的{stream.pick((5, 8, 10))}%，以{stream.pick(('银行保函', '担保保函', '转账'))}形式提交",
    )  # fmt: skip
    fields = {"contract_signed": iso(signed), "contract_code": facts["contract_code"]}
    _say(at, "contract", "合同公告", f"{facts['name']}合同公告", fields)


def _termination(at: _Dates) -> None:
    facts, stream = at.chain.facts, at.chain.stream
    if at.chain.number % 3:
        at.day = after(at.deadline, stream.span(1, 2))
        facts["reason"] = (
            "截至投标截止时间，递交投标文件的投标人少于3个，根据《中华人民共和国招标投标法实施条例》第四十四条规定，不得开标，本次招标失败。"
        )
        facts["follow"] = "招标人将依法重新招标，请潜在投标人关注后续公告。已提交的投标保证金按规定退还。"
    else:
        at.day = after(at.notice, stream.span(4, 8))
        facts["reason"] = "因项目建设方案调整，招标人决定终止本次招标。"
        facts["follow"] = (
            "根据《中华人民共和国招标投标法实施条例》第三十一条规定，已提交的投标保证金及银行同期存款利息将及时退还。"
        )
    _say(at, "termination", "终止公告", f"{facts['name']}招标终止公告", {})


_STEPS = {
    "n": _notice, "N": _second_notice, "c": _clarification, "p": _candidates, "r": _result, "k": _contract,
    "x": _termination,
}  # fmt: skip
