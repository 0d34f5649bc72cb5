"""Fictional places, bodies and firms.

No name here is that of a real county or city; firms carry a fictional place in their names, their codes a region that does
not exist, telephones an area code that does not exist; persons have a surname only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from tenders.demo.basics import Stream

PROVINCE = "东澜省"
CITIES = (
    "澜江市", "枫陵市", "禾川市", "栖云市", "璟阳市", "砚湖市", "杉洲市", "梧岭市", "荷州市", "苍澜市", "霁阳市", "溪陵市", "鹭湾市",
)  # fmt: skip
_FIRST = {
    "青": "Q", "澜": "L", "枫": "F", "禾": "H", "柏": "B", "栖": "Q", "溪": "X", "璟": "J", "鹭": "L", "砚": "Y", "杉": "S",
    "梧": "W", "荷": "H", "苍": "C", "霁": "J",
}  # fmt: skip
_SECOND = {
    "泽": "Z", "岫": "X", "渚": "Z", "汀": "T", "澄": "C", "原": "Y", "陂": "B", "垣": "Y", "屏": "P", "麓": "L",
}  # fmt: skip
# 云泽 is home; 青原 is a real district and left out, which leaves 150.
_STEMS = (("云泽", "YZ"),) + tuple((a + b, _FIRST[a] + _SECOND[b]) for b in _SECOND for a in _FIRST if a + b != "青原")
COUNTIES = len(_STEMS)

_HOME_TOWNS = (
    "云麓镇", "青石桥镇", "柳林镇", "双河镇", "白鹭镇", "石门坎镇", "梨树湾镇", "大泽镇", "清溪铺镇", "枣园乡", "松岭乡", "沙湾乡",
)  # fmt: skip
_TOWN_STEMS = (
    "古渡", "三岔口", "枫桥", "龙泉铺", "杏花", "马家坪", "上泽", "下泽", "望湖", "桃源铺", "青杨", "红石", "黄泥岗", "竹溪", "南屏",
    "北原", "东岭", "西坪", "银杏", "栗子坪", "荷塘", "清水湾", "石鼓", "太平铺", "芦花", "新集", "官庄", "长堤", "稻香", "碧潭",
)  # fmt: skip
VILLAGES = (
    "前进", "李家湾", "张家坪", "王家坳", "新民", "胜利", "红旗", "团结", "柳树底", "槐树庄", "上河", "下河", "石桥头", "杨家洼", "赵家沟",
    "陈家寨", "大湾", "小湾", "东风", "西沟", "南坪", "北坡", "梅林", "枣树营", "泉水", "高家岭", "周家店", "竹园", "荷叶塘", "马鞍山前",
)  # fmt: skip
STREETS = (
    "人民路", "建设街", "文化路", "滨河大道", "迎宾大道", "振兴路", "学府路", "望湖大道", "青年路", "兴农街", "和平路", "泽湖路", "工业大道",
    "团结街", "景观路", "站前街", "长兴路", "育才街", "康宁路", "惠民路",
)  # fmt: skip
RIVERS = ("云水河", "白沙河", "清泽河", "柳河", "石门河", "小澜河", "双溪河", "青龙河")
RESERVOIRS = ("龙潭", "石门坎", "青山", "红旗", "黄家沟", "碧泉", "松岭", "三岔沟")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"

# What a body is called now and what it was called before the reform of 2018 and 2019.
BEFORE_REFORM = (
    ("自然资源局", "国土资源局"), ("农业农村局", "农业局"), ("文化广电和旅游局", "文化广电新闻出版局"), ("林业和草原局", "林业局"),
    ("应急管理局", "安全生产监督管理局"), ("消防救援大队", "公安消防大队"), ("融媒体中心", "广播电视台"), ("退役军人事务局", "民政局"),
    ("医疗保障局", "人力资源和社会保障局"), ("卫生健康局", "卫生和计划生育局"), ("机关事务服务中心", "机关事务管理局"),
)  # fmt: skip

# Bodies by what they buy; {c} county with 县, {city} its city, {t} a town (one body for each town named by the number).
_ROLES: dict[str, tuple[str, ...]] = {
    "middle": ("{c}第一中学", "{c}第二中学", "{c}第三中学", "{c}实验中学", "{c}职业技术教育中心", "{c}{t}中学"),
    "primary": ("{c}实验小学", "{c}第二小学", "{c}第三小学", "{c}育才小学", "{c}{t}中心小学"),
    "kinder": ("{c}县直机关幼儿园", "{c}第二幼儿园", "{c}{t}中心幼儿园"),
    "edu": ("{c}教育体育局",),
    "hospital": ("{c}人民医院", "{c}中医院", "{c}妇幼保健院"),
    "clinic": ("{c}{t}卫生院",),
    "health": ("{c}卫生健康局",),
    "cdc": ("{c}疾病预防控制中心",),
    "town": ("{c}{t}人民政府",),
    "housing": ("{c}住房和城乡建设局",),
    "city": ("{c}城市管理综合行政执法局",),
    "traffic": ("{c}交通运输局",),
    "water": ("{c}水利局",),
    "agri": ("{c}农业农村局",),
    "forest": ("{c}林业和草原局",),
    "woods": ("{c}国有林场",),
    "land": ("{c}自然资源局",),
    "police": ("{c}公安局",),
    "road_police": ("{c}公安局交通警察大队",),
    "affairs": ("{c}机关事务服务中心",),
    "bureau": (
        "{c}财政局", "{c}民政局", "{c}人力资源和社会保障局", "{c}市场监督管理局", "{c}行政审批局", "{c}司法局", "{c}审计局",
        "{c}医疗保障局", "{c}统计局", "{c}退役军人事务局", "{c}人民法院", "{c}人民检察院",
    ),
    "approval": ("{c}行政审批局",),
    "civil": ("{c}民政局",),
    "labour": ("{c}人力资源和社会保障局",),
    "tourism": ("{c}文化广电和旅游局",),
    "finance": ("{c}财政局",),
    "market": ("{c}市场监督管理局",),
    "library": ("{c}图书馆",),
    "museum": ("{c}博物馆",),
    "culture": ("{c}文化馆",),
    "media": ("{c}融媒体中心",),
    "emergency": ("{c}应急管理局",),
    "fire": ("{c}消防救援大队",),
    "soe_city": ("{c}城市建设投资有限公司",),
    "soe_water": ("{c}水务发展有限公司",),
    "soe_asset": ("{c}国有资产经营有限公司",),
    "soe_farm": ("{c}农业发展投资有限公司",),
    "grain": ("{c}粮食储备有限公司",),
    "coop": ("{c}供销合作社联合社",),
}  # fmt: skip
# Bodies that name their projects after the county rather than after themselves.
COUNTY_WIDE = frozenset(
    "edu health finance market housing city traffic water agri forest woods land approval civil labour tourism emergency "
    "soe_city soe_water soe_asset soe_farm grain coop village".split()
)

_TRADES = {
    "build": ("建设工程有限公司", "建筑安装工程有限公司", "建筑工程有限公司"),
    "municipal": ("市政工程有限公司", "市政建设有限公司"),
    "road": ("路桥工程有限公司", "公路工程有限公司"),
    "water": ("水利水电工程有限公司", "水利工程有限公司"),
    "survey": ("工程监理有限公司", "工程项目管理有限公司"),
    "design": ("勘察设计有限公司", "规划设计研究院有限公司"),
    "it": ("信息技术有限公司", "智能科技有限公司", "软件有限公司"),
    "medical": ("医疗器械有限公司", "医疗科技有限公司"),
    "teaching": ("教育科技有限公司", "教学设备有限公司", "文体用品有限公司"),
    "furniture": ("办公家具有限公司", "家具制造有限公司"),
    "food": ("餐饮管理有限公司", "农产品配送有限公司", "食品有限公司"),
    "guard": ("保安服务有限公司", "安保服务有限公司"),
    "property": ("物业服务有限公司", "物业管理有限公司"),
    "clean": ("环境服务有限公司", "环卫服务有限公司", "环保科技有限公司"),
    "green": ("园林绿化有限公司", "生态园林有限公司"),
    "consult": ("工程咨询有限公司", "信息咨询有限公司", "测绘地理信息有限公司"),
    "vehicle": ("汽车销售服务有限公司", "专用汽车有限公司"),
    "machine": ("机电设备有限公司", "机械设备有限公司"),
    "trade": ("商贸有限公司", "贸易有限公司"),
    "agri": ("农业科技有限公司", "农业开发有限公司"),
    "estate": ("房地产开发有限公司", "置业有限公司"),
    "factory": ("新材料有限公司", "食品加工有限公司", "装备制造有限公司"),
    "culture": ("文化传媒有限公司", "文化科技有限公司"),
    "care": ("养老服务有限公司", "健康管理有限公司"),
    "test": ("检测技术有限公司", "检验检测有限公司"),
    "telecom": ("通信服务有限公司", "云计算有限公司"),
    "recycle": ("再生资源有限公司", "物资回收有限公司"),
}
_BRANDS = (
    "恒筑", "正衡", "瑞禾", "启辰", "众诚", "天诺", "铭远", "昌禾", "嘉砺", "弘毅", "博采", "鼎晟", "润湖", "安邦", "宏硕", "宇川", "泰合",
    "华屹", "中栋", "信达诚", "立新", "金穗", "顺弘", "佳禾", "远图", "盛泽", "同创", "凯源", "锦程", "德润",
)  # fmt: skip
_AGENCY_KINDS = ("招标代理有限公司", "项目管理有限公司", "工程咨询有限公司", "招标咨询有限公司")

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
    kinds = _AGENCY_KINDS if trade == "agency" else _TRADES[trade]
    position = 0 if trade == "agency" else list(_TRADES).index(trade) + 1
    places = ("云泽", "澜江", PROVINCE[:2], "澜江", PROVINCE[:2], *(c[:-1] for c in CITIES[1:]))
    found = []
    for n in range(60):
        stream = Stream(position * 1_000 + n + 7)
        place = places[n % 5] if n < 24 else places[n % len(places)]
        brand = _BRANDS[(n * 7 + position * 11 + n // 30) % len(_BRANDS)]
        seat = "云泽县" if place == "云泽" else "澜江市" if place == PROVINCE[:2] else f"{place}市"
        address = f"{seat}{stream.pick(STREETS)}{stream.span(1, 299)}号"
        number = position * 1_000 + n
        code = uscc("91", "000000", number)
        found.append(Firm(place + brand + kinds[n % len(kinds)], code, address, phone(number), person(stream), n % 3))
    return tuple(found)


def _towns(index: int) -> tuple[str, ...]:
    if index == 0:
        return _HOME_TOWNS
    size = len(_TOWN_STEMS)
    return tuple(_TOWN_STEMS[(index * 7 + n * 11) % size] + ("镇" if n < 6 else "乡") for n in range(9))


def _bodies(index: int, name: str, city: str, towns: tuple[str, ...], *, old: bool) -> dict[str, tuple[Body, ...]]:
    found: dict[str, tuple[Body, ...]] = {}
    for position, (role, templates) in enumerate(_ROLES.items()):
        bodies = []
        for n, template in enumerate(templates):
            for town in towns if "{t}" in template else ("",):
                stream = Stream(index * 100_000 + position * 1_000 + n * 50 + len(bodies) + 3)
                title = template.format(c=name, t=town, city=city)
                for now, then in BEFORE_REFORM if old else ():
                    title = title.replace(now, then)
                # Only home is split into towns: a hundred and fifty counties with theirs would make a list nobody reads.
                region = name + town if index == 0 else name
                address = f"{name}{town}{'' if town else stream.pick(STREETS)}{'中心街' if town else ''}{stream.span(1, 188)}号"
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
