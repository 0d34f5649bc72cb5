"""A government purchase from its intention to the contract (政府采购).

Lawful intervals:
- intention 30 days before (财库〔2020〕10号);
- documents 20 days before the deadline of a tender (政府采购法第三十五条), 10 days in a consultation
  (财库〔2014〕214号), 3 working days in negotiation and inquiry (财政部令第74号第二十九条、第四十五条);
- clarifications 15 days before, or the deadline moves (财政部令第87号第二十七条);
- contract within 30 days (政府采购法第四十六条).
"""

from __future__ import annotations

from tenders.demo import names
from tenders.demo.basics import after, before, cn, iso, month, plain, wan, workday, yuan
from tenders.demo.common import (
    REFORM,
    Chain,
    agency_fee,
    choices,
    deal_code,
    hour,
    moment,
    project_code,
    project_name,
    quantity,
)
from tenders.demo.texts import Kind, write

INTENTIONS_SINCE = 737_607  # 2020-07-01, 财库〔2020〕10号
SMALL_FIRMS_RULE = 737_791  # 2021-01-01, 财库〔2020〕46号
OLD_TERM_UNTIL = 736_481  # 2017-06-01: until then notices asked for the licence "三证合一"

_TYPES = {
    "公开招标": "公开招标公告", "竞争性磋商": "竞争性磋商公告", "竞争性谈判": "竞争性谈判公告", "询价": "询价公告",
}  # fmt: skip
_DOCUMENTS = {
    "公开招标": "招标文件", "竞争性磋商": "磋商文件", "竞争性谈判": "谈判文件", "询价": "询价通知书",
    "单一来源": "采购文件",
}  # fmt: skip
# The first three fit any year, the others speak of remote openings.
_EXTRA = (
    "本项目不收取投标（响应）保证金，代理服务费按采购文件约定收取。",
    "本项目不组织现场踏勘，供应商可自行踏勘，费用自理；采购人将为踏勘提供必要便利。",
    "供应商对采购文件有疑问的，可以通过平台在线询问，采购人将在3个工作日内答复。",
    "本项目实行全流程电子化采购，供应商应当提前办理数字证书，并在截止时间前将加密的电子文件上传至平台。",
    "供应商应当在截止时间后30分钟内完成电子文件解密，因自身原因未按时解密的，视为撤回文件。",
    "采用不见面方式开启，供应商无需到现场，应当保持在线并及时回应澄清要求。",
)
_CHANGES = {
    "D01": (
        "评分标准中“类似业绩”的时间范围，由“近三年”更正为“近五年”，每提供一项得2分，最高得6分。",
        "采购需求中质量保证期由“一年”更正为“三年”，自验收合格之日起计算。",
        "采购需求附件中标的清单的计量单位存在笔误，现予更正，详见更正后的采购文件。",
        "采购需求中交货地点补充为“采购人指定地点，由供应商负责卸货和搬运”。",
    ),
    "D03": (
        "评分标准中“服务方案”的分值由“20分”更正为“25分”，“企业信誉”的分值由“10分”更正为“5分”，总分不变。",
        "采购需求中考核办法补充“每季度考核一次，考核结果与服务费支付挂钩”，考核细则详见附件。",
        "付款方式由“按年支付”更正为“按季度考核后支付”。",
        "采购需求附件中服务范围示意图更新，服务总量不变，详见更正后的采购文件。",
    ),
    "D02": (
        "工程量清单中部分项目特征描述存在笔误，现予更正，最高限价不变，详见更正后的工程量清单。",
        "采购需求中缺陷责任期由“一年”更正为“两年”。",
        "施工图纸第3号图的尺寸标注有误，更正后的图纸随采购文件一并发布。",
    ),
}
_SINGLE_REASONS = (
    "现有系统（设备）的核心技术、接口和专用备件为拟定供应商独有，经市场调查和专业人员论证，其他供应商无法提供同等服务，属于只能从唯一供应商处采购的情形。",
    "采购人前期已就本项目面向社会公开征询，仅拟定供应商具备服务条件，不存在其他合理的选择或者替代，属于只能从唯一供应商处采购的情形。",
    "本项目为在用系统（设备）的延续性服务，受技术条件和数据安全限制不能更换供应商，经专业人员论证，属于只能从唯一供应商处采购的情形。",
)
_PAYMENTS = (
    "合同签订后预付合同金额的30%，验收合格后付清余款",
    "合同签订后预付合同金额的40%，验收合格后付至97%，余款质保期满后支付",
    "按季度支付，每季度考核合格后10个工作日内支付当期费用",
)
_CONTRACT_NOTES = (
    "本合同不收取履约保证金",
    "供应商可凭本合同申请政府采购合同融资",
    "采购人自收到发票后10个工作日内将资金支付到合同约定的供应商账户",
    "履约保证金为合同金额的5%，以保函形式提交",
)


def build_purchase(chain: Chain, shape: str, kind: Kind | None = None) -> None:
    """Write a purchase's notices.

    Args:
        chain: the project.
        shape: its steps in order: ``i`` intention, ``n`` notice, ``c`` correction, ``x`` termination, ``N`` second
            notice, ``s`` publicity of a single source, ``r`` result, ``k`` contract, ``a`` acceptance.
        kind: what is bought, if not left to chance.
    """
    stream = chain.stream
    if kind is None:
        flags = ("single",) if "s" in shape else ("public",) if "a" in shape else ("", "public")
        kind = stream.pick(choices("purchase", *flags))
    day = workday(chain.start)
    notice = workday(day + stream.span(31, 58)) if "i" in shape else day
    budget = _describe(chain, kind, notice, single="s" in shape)
    last = _Dates(chain, kind, budget, day, notice)
    for step in shape:
        _STEPS[step](last)


def _describe(chain: Chain, kind: Kind, notice: int, *, single: bool) -> int:
    """Fill in the thing bought and by whom; returns the budget in cents."""
    stream, facts, fields = chain.stream, chain.facts, chain.fields
    role, body = chain.body(kind.roles)
    chain.party(body)
    chain.agency()
    yearly = 30 if kind.flag == "public" else 12
    if chain.county.index == 0:
        yearly = 88 if role in names.COUNTY_WIDE else 55
    name = project_name(chain, kind, role, body, notice, yearly=yearly)
    if stream.often(40) and not name.endswith("采购") and kind.code == "D03":
        name += "采购"
    name += "项目"
    q, units = quantity(stream, kind)
    exact = units * kind.price * stream.span(1000, 1060) / 1000
    digits = 1_000 if exact > 400_000 else 100
    budget = max(1, round(exact / digits)) * digits * 100
    facts.update(name=name, q=q, unit=kind.unit, item=kind.item, term=kind.note, qual=kind.qualification)
    facts["need"] = kind.need.format_map(facts)
    facts.update(budget=yuan(budget), budget_wan=wan(budget), code=project_code(chain, "ZC", notice))
    ceiling = budget if stream.often(70) else budget * stream.span(960, 995) // 100_000 * 100
    facts["ceiling"] = yuan(ceiling)
    method = "单一来源" if single else _method(chain, kind, budget)
    facts.update(method=method, doc=_DOCUMENTS[method], won="中标" if method == "公开招标" else "成交")
    facts["bid"] = "投标文件" if method == "公开招标" else "响应文件"
    _small_firms(chain, kind, budget, notice)
    fields.update(
        project_code=facts["code"], unified_deal_code=deal_code(chain, kind.code, notice), project_name=name,
        budget_yuan=plain(budget), max_price_yuan=plain(ceiling), method=method,
    )  # fmt: skip
    return ceiling


def _method(chain: Chain, kind: Kind, budget: int) -> str:
    draw = chain.stream.next() % 100
    if kind.code == "D02":  # works below the tender law's threshold
        return "竞争性磋商" if draw < 70 else "竞争性谈判"
    if budget >= 200_000_000:
        return "公开招标"
    if kind.code == "D03":
        return "公开招标" if draw < 40 else "竞争性磋商"
    return "公开招标" if draw < 45 else "询价" if draw < 75 else "竞争性谈判"


def _small_firms(chain: Chain, kind: Kind, budget: int, notice: int) -> None:
    """Support of small firms by the rule of the time, and what was asked of licences then."""
    facts, recent = chain.facts, notice >= SMALL_FIRMS_RULE
    reserved = chain.stream.often(75 if recent and budget < 200_000_000 else 20)
    rate = ("5%" if kind.code == "D02" else "10%") if recent else "6%"
    facts["small_short"] = "是" if reserved else "否"
    facts["small"] = (
        "本项目专门面向中小企业采购"
        if reserved
        else f"本项目不专门面向中小企业预留份额，对小微企业报价给予{rate}的价格扣除"
    )
    rule = "《政府采购促进中小企业发展管理办法》（财库〔2020〕46号）" if recent else (
        "《政府采购促进中小企业发展暂行办法》（财库〔2011〕181号）"
    )  # fmt: skip
    facts["policy"] = chain.stream.pick((
        f"本项目落实{rule}等政府采购政策，监狱企业、残疾人福利性单位视同小微企业。",
        "执行节能产品、环境标志产品优先采购以及促进中小企业发展、支持残疾人就业等政府采购政策。",
        f"需要落实的政府采购政策：节约能源、保护环境、扶持不发达地区、{rule}等。",
    ))  # fmt: skip
    facts["old_note"] = "供应商应当持有“三证合一”的营业执照。" if notice < OLD_TERM_UNTIL else ""
    facts["extra"] = chain.stream.pick(_EXTRA if notice >= REFORM else _EXTRA[:3])


class _Dates:
    """The chain with the days that its next step counts from."""

    def __init__(self, chain: Chain, kind: Kind, ceiling: int, day: int, notice: int) -> None:
        self.chain, self.kind, self.ceiling = chain, kind, ceiling
        self.first, self.notice = day, notice
        self.next_notice = notice
        self.deadline = self.previous = day
        self.clock = ""
        self.notice_at = 0
        self.signed = 0
        self.won: dict[str, str] = {}


def _say(at: _Dates, key: str, kind: str, title: str, day: int, fields: dict[str, str], corrects: int | None) -> None:
    facts = at.chain.facts
    facts["pub_day"] = cn(day)
    at.previous = day
    text = write("purchase", key, at.chain.style, facts)
    at.chain.say(kind, title, day, text, fields, corrects=corrects)


def _intention(at: _Dates) -> None:
    facts = at.chain.facts
    facts["planned"] = month(at.notice)
    hidden = ("agency", "unified_deal_code", "max_price_yuan")  # not settled yet when an intention is published
    later = {key: at.chain.fields.pop(key) for key in hidden}
    _say_intention(at)
    at.chain.fields.update(later)


def _say_intention(at: _Dates) -> None:
    facts, day = at.chain.facts, at.first
    if day < INTENTIONS_SINCE:
        _say(at, "requirement", "采购需求公示", f"{facts['name']}采购需求公示", day, {}, None)
        return
    title = f"{facts['name']}采购意向" if at.chain.style % 2 else f"{facts['name']}政府采购意向公开"
    _say(at, "intention", "采购意向公开", title, day, {"expected_month": facts["planned"]}, None)


def _notice(at: _Dates, second: str = "") -> None:
    chain, facts, stream = at.chain, at.chain.facts, at.chain.stream
    day, method = at.next_notice, facts["method"]
    at.clock = hour(stream)
    if method == "公开招标":
        at.deadline = workday(day + stream.span(21, 27))
    elif method == "竞争性磋商":
        at.deadline = workday(max(after(day, 8), day + stream.span(11, 15)))
    else:
        at.deadline = after(day, stream.span(6, 9))
    bids = 5 if method in ("公开招标", "竞争性磋商") else 3
    first = after(day, 1)
    facts.update(
        notice_day=cn(day), doc_from=cn(first), doc_to=cn(after(first, bids)), deadline=moment(at.deadline, at.clock),
    )  # fmt: skip
    chain.place()
    facts["notice_title"] = f"{facts['name']}{_TYPES[method]}{second}"
    at.notice, at.notice_at = day, len(chain.items)
    key = "tender" if method == "公开招标" else "response"
    _say(at, key, _TYPES[method], facts["notice_title"], day, {**_opening(at), "notice_start": iso(day)}, None)


def _second_notice(at: _Dates) -> None:
    at.next_notice = after(at.previous, at.chain.stream.span(4, 12))
    _notice(at, "（二次）")


def _opening(at: _Dates) -> dict[str, str]:
    when = f"{iso(at.deadline)} {at.clock}"
    return {"deadline": when, "open_time": when, "place": at.chain.facts["place"]}


def _correction(at: _Dates) -> None:
    facts, stream = at.chain.facts, at.chain.stream
    method = facts["method"]
    day = after(at.notice, stream.span(1, 4))
    if method == "公开招标":
        latest = at.deadline - 15
    elif method == "竞争性磋商":
        latest = at.deadline - 5
    else:
        latest = before(before(before(at.deadline)))
    change = stream.pick(_CHANGES[at.kind.code])
    facts["corrected"] = f"采购公告、{facts['doc']}" if day > latest else facts["doc"]
    facts["correction"] = f"1.{change}"
    if day > latest or stream.often(45):
        old = facts["deadline"]
        at.deadline = workday(max(day + 16 if method == "公开招标" else day + 9, after(at.deadline, stream.span(3, 6))))
        facts["deadline"] = moment(at.deadline, at.clock)
        facts["corrected"] = f"采购公告、{facts['doc']}"
        facts["correction"] += (
            f"\n2.{facts['bid']}提交截止时间及开启时间由“{old}”更正为“{facts['deadline']}”，地点不变。"
        )
    _say(at, "correction", "更正公告", f"{facts['name']}更正公告", day, _opening(at), at.notice_at)


def _termination(at: _Dates) -> None:
    facts, stream = at.chain.facts, at.chain.stream
    again = "采购人将重新组织采购活动。"
    law = "根据《中华人民共和国政府采购法》第三十六条第一项规定，本项目废标。"
    if facts["method"] != "公开招标":
        law = "不符合竞争性采购的法定供应商数量要求，本次采购活动终止。"
    day = after(at.deadline, stream.span(1, 2))
    facts["reason"] = f"截至{facts['deadline']}，提交{facts['bid']}的供应商不足三家，{law}"
    if at.chain.number % 5 == 3:
        facts["reason"] = f"经评审，对{facts['doc']}作实质性响应的供应商不足三家，{law}"
    facts["follow"] = again
    _say(at, "termination", "终止公告", f"{facts['name']}终止公告", day, {}, None)


def _single(at: _Dates) -> None:
    chain, facts = at.chain, at.chain.facts
    day = at.notice
    _award(at)
    start = after(day, 1)
    at.deadline = after(start, 5)
    facts.update(reason=chain.stream.pick(_SINGLE_REASONS), public_from=cn(start), public_to=cn(at.deadline))
    facts.update(notice_day=cn(day), experts="、".join(names.person(chain.stream) for _ in range(3)))
    chain.place(online=False)
    fields = {"notice_start": iso(day), "supplier": facts["supplier"], "supplier_uscc": facts["supplier_uscc"]}
    _say(at, "single", "单一来源公示", f"{facts['name']}单一来源采购公示", day, fields, None)
    at.deadline = after(at.deadline, chain.stream.span(3, 7))


def _award(at: _Dates) -> None:
    """Find the winner and its price; goods are priced by the unit, so that unit price times quantity is the price."""
    chain, facts, stream = at.chain, at.chain.facts, at.chain.stream
    firm = chain.firm(at.kind.trade)
    award = int(at.ceiling * stream.span(9050, 9960) / 10_000)
    if at.kind.code == "D01":
        unit = award // int(facts["q"])
        award = unit * int(facts["q"])
        facts.update(quantity=facts["q"] + at.kind.unit, unit_award=yuan(unit), delivery="采购人指定地点交付")
    else:
        award = award // 10_000 * 10_000 if at.kind.code == "D03" else award
        facts.update(quantity="1项", unit_award="详见合同附件", delivery=f"履约地点：{facts['p_address']}")
    facts.update(
        supplier=firm.name, supplier_uscc=firm.uscc, supplier_address=firm.address, supplier_phone=firm.phone,
        award=yuan(award), fee=yuan(agency_fee(award)),
    )  # fmt: skip
    at.won = {"supplier": firm.name, "supplier_uscc": firm.uscc, "award_amount_yuan": plain(award)}


def _result(at: _Dates) -> None:
    chain, facts, stream = at.chain, at.chain.facts, at.chain.stream
    method = facts["method"]
    if not at.won:
        _award(at)
    chain.fields.update(at.won)
    large = at.ceiling >= (1_000_000_000 if method == "公开招标" else 200_000_000)
    people = (7 if large else 5) if method == "公开招标" else (5 if large else 3)
    panel = [names.person(stream) for _ in range(people)]
    facts["experts"] = "、".join(panel) + "（采购人代表）"
    facts["open_day"] = cn(at.deadline)
    facts["score"] = f"评审总得分：{stream.span(8600, 9780) / 100:.2f}分"
    if method in ("竞争性谈判", "询价"):
        facts["score"] = "评审情况：满足采购需求，最后报价最低"
    elif method == "单一来源":
        facts["score"] = "评审情况：经协商，质量和价格合理，同意成交"
    if at.kind.code == "D02":
        facts.update(manager=names.person(stream), certificate=f"演示{stream.span(10000, 99999)}")
    lots = {"D01": "lots_goods", "D02": "lots_works", "D03": "lots_service"}[at.kind.code]
    facts["lots"] = write("pieces", lots, 0, facts)
    title = f"{facts['name']}{facts['won']}结果公告"
    _say(at, "result", "中标（成交）结果公告", title, after(at.deadline, stream.span(1, 5)), {}, None)


def _contract(at: _Dates) -> None:
    facts, stream = at.chain.facts, at.chain.stream
    at.signed = workday(at.previous + stream.span(5, 18))
    facts.update(
        contract_code=f"{facts['code']}-HT", signed_day=cn(at.signed), contract_note=stream.pick(_CONTRACT_NOTES),
        payment=_PAYMENTS[2] if at.kind.code == "D03" else stream.pick(_PAYMENTS[:2]),
        accept_rule="服务类项目按季度进行履约考核" if at.kind.code == "D03" else "验收不合格的，供应商应当限期整改",
    )  # fmt: skip
    day = after(at.signed, 1)
    fields = {"contract_signed": iso(at.signed), "contract_code": facts["contract_code"]}
    _say(at, "contract", "合同公告", f"{facts['name']}合同公告", day, fields, None)


def _acceptance(at: _Dates) -> None:
    facts, stream = at.chain.facts, at.chain.stream
    accepted = workday(at.signed + stream.span(75, 130))
    facts["accepted_day"] = cn(accepted)
    facts["experts"] = "、".join(names.person(stream) for _ in range(3))
    facts["served"] = f"{names.person(stream)}、{names.person(stream)}"
    facts["satisfaction"] = f"{stream.span(910, 988) / 10:.1f}"
    day = after(accepted, stream.span(2, 6))
    _say(at, "acceptance", "履约验收结果公告", f"{facts['name']}履约验收结果公告", day, {}, None)


_STEPS = {
    "i": _intention, "n": _notice, "N": _second_notice, "c": _correction, "x": _termination, "s": _single,
    "r": _result, "k": _contract, "a": _acceptance,
}  # fmt: skip
