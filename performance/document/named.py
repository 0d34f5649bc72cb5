"""People and their numbers in running text that no list knows: found by the words in front of them.

What is surely a name or a number is replaced; what only looks like one is told, for a person to decide. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# The hundred or so commonest surnames, less those that mostly begin other words (万, 成, 单, 项, 时, 应, 和, 文).
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵钱严覃武戴莫孔向汤常温康施牛樊葛邢安齐易伍"
    "庞颜倪庄聂鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕裴霍涂翁曲盛冉骆"
)
_COMPOUND = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|端木|夏侯"
_SURNAME = rf"(?:{_COMPOUND}|[{_SURNAMES}])"
_HAN = r"[\u4e00-\u9fff]"
# Words that begin like a name.
_WORDS = (
    "金额|金融|余额|方案|方式|方面|方法|程序|程度|高级|高效|高度|高于|严格|常规|常年|常务|许可|安全|安排|施工|施行|施策|"
    "任务|任职|任何|齐全|顾问|关系|关于|关键|向上|江苏|易于|白天|左右|包括|包含|尚未|尚无|盛会|史料|钟点|毛利|温度|康复|"
    "石油|田间|武装|宁愿|申请|申报|殷切|马上|路线|付款|夏季|纪律|纪检|范围|莫非|曲线|祝贺|梁柱|童年|符合|凌晨|毕业|兰花"
)
_NAME = rf"(?!{_WORDS}){_SURNAME}{_HAN}{{1,2}}"
_CUES = (
    "联系人|经办人|经手人|承办人|填表人|制表人|填报人|记账人|复核人|审核人|记录人|采购人代表|收款人|报账员|保管员|管理员|"
    "督查人员|检查人员|调查人员|会计|出纳|负责人|分管领导|科长|主任|科员|专员|干部|职工|员工|同志|老师|师傅"
)
# What may stand after a name in a sentence without a mark in between.
_AFTER = "负责|办理|经办|经手|核对|填写|填报|提供|保管|签字|签收|说明|汇总|统计|同志|登记|联系|电话|手机|微信"
_SAID = re.compile(rf"((?:{_CUES})(?:姓名)?(?:为|是)?[:：\s]*)({_NAME})(?=[^\u4e00-\u9fff]|$|{_AFTER})")
_BY = re.compile(
    rf"([由请找])((?!{_WORDS}){_SURNAME}(?:科长|主任|老师|师傅|会计|女士|先生|{_HAN}{{1,2}}))(?=负责|办理|经办|保管|联系|填报)"
)
_PHONE = re.compile(
    r"((?:电话|座机|传真|手机|热线|值班)(?:号码?)?(?:为|是)?[:：\s]*)((?:[0-9０-９][-－—()（）转\s]*){7,15}(?<![-－—()（）转\s]))"
)
_QQ = re.compile(r"((?:[QqＱｑ]{2})(?:号码?|群)?(?:为|是)?[:：\s]*)([0-9０-９]{5,12})")
_WECHAT = re.compile(
    r"((?:微信号?|[Ww]e[Cc]hat|[Vv][Xx])(?:号码?|群)?(?:为|是)?[:：\s]*)([A-Za-z][-_A-Za-z0-9]{4,19}|[0-9]{5,15})"
)
_DOUBTFUL_NAME = re.compile(rf"(?:{_CUES}|由)(?:姓名)?[:：为是\s]*({_NAME})")
# A run of seven digits or more that is neither a sum, a count nor a part of a code.
_DOUBTFUL_NUMBER = re.compile(
    r"(?<![0-9A-Za-z.,])[0-9]{7,}(?![0-9A-Za-z])(?!\.[0-9])(?!,[0-9]{3})(?!\s*(?:年|元|万|亿|宗|人|次|件|个|份|户|平方|%|％))"
)
ACCOUNT = "（账号略）"
_AROUND = 12


def typed_hidden(text: str, *, somebody: str, number: str, kept: Callable[[str], bool]) -> str:
    """The text without the names and numbers that its own words point at.

    Args:
        somebody: what stands for a name; number: for a phone number; kept: whether a name is public.
    """
    text = _PHONE.sub(lambda one: one[1] + number, text)
    text = _WECHAT.sub(lambda one: one[1] + ACCOUNT, _QQ.sub(lambda one: one[1] + ACCOUNT, text))

    def hide(one: re.Match[str]) -> str:
        return one[0] if kept(one[2]) else one[1] + somebody

    return _BY.sub(hide, _SAID.sub(hide, text))


@dataclass(frozen=True)
class Doubt:
    """A place that may tell a name or a number: the words themselves, and the words around them."""

    words: str
    around: str


def doubts(text: str, *, kept: Callable[[str], bool]) -> Iterator[Doubt]:
    """Places of a public text for a person to look at."""
    found = [(one.start(1), one.end(1)) for one in _DOUBTFUL_NAME.finditer(text) if not kept(one[1])]
    found += [one.span() for one in _DOUBTFUL_NUMBER.finditer(text)]
    for begin, end in sorted(found):
        yield Doubt(text[begin:end], text[max(0, begin - _AROUND) : end + _AROUND])
