"""Questionnaires to begin with: offered, not imposed."""

from __future__ import annotations

from dataclasses import dataclass

from performance.survey_rulebook import CHOICE, CHOICES, SCALE, TEXT, YESNO


@dataclass(frozen=True)
class Draft:
    """A question of a standard questionnaire; ``office``: code of the office that it is about."""

    text: str
    kind: str = SCALE
    office: str = ""
    options: tuple[str, ...] = ()
    counts: bool = True
    required: bool = True


INTRO = (
    "为改进服务，请您用两三分钟填写这份问卷。问卷不记名：不记录您的姓名、电话、网络地址和填写时间；答卷打乱次序、成批清点，"
    "工作人员看不到哪一份对应哪个问卷码。"
)
_WHO = Draft("您的身份", CHOICE, "", ("投标人或供应商", "招标人或采购人", "代理机构", "评审专家", "其他"), counts=False,
             required=False)  # fmt: skip
_MORE = Draft("您还有什么意见和建议", TEXT, counts=False, required=False)
STANDARD: dict[str, tuple[Draft, ...]] = {
    "industry": (
        Draft("您对交易信息公开及时、完整的评价", office="intake"),
        Draft("您对开标、评标现场秩序和工作纪律的评价", office="evaluation"),
        Draft("您对合同见证、档案查询服务的评价", office="witness"),
        Draft("您对保证金收取、退还及时规范的评价", office="finance"),
        Draft("您对交易系统和场所设备稳定可靠的评价", office="it"),
        Draft("您对工作人员廉洁自律、公平公正的评价", office="general"),
        Draft("工作人员是否做到不推诿、不刁难、不收礼", YESNO, "general"),
        _WHO,
        Draft("您认为最需要改进的方面（可多选）", CHOICES, "",
              ("信息公开", "办事效率", "现场秩序", "系统设备", "服务态度", "廉洁纪律"), counts=False, required=False),
        _MORE,
    ),
    "window": (
        Draft("您对窗口人员服务态度的评价", office="intake"),
        Draft("您对一次性告知、材料受理的评价", office="intake"),
        Draft("您对等候和办理时间的评价", office="intake"),
        Draft("您对大厅环境、标识指引的评价", office="general"),
        Draft("您对网上办理、电话咨询的评价", office="it"),
        Draft("这次的事情是否办成，或者得到明确答复", YESNO, "intake"),
        Draft("您这次办理的事项", CHOICE, "",
              ("项目登记", "公告发布", "保证金", "合同见证", "档案查询", "咨询", "其他"), counts=False, required=False),
        _MORE,
    ),
}  # fmt: skip
