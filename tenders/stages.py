"""Which part of a project's life an announcement type belongs to, told by its name."""

from __future__ import annotations

from tenders.models import AnnouncementType

_S = AnnouncementType.Stage
# In this order: 结果更正公告 is a correction, 合同变更 too; 中标候选人公示 is no result yet.
_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (_S.TERMINATION, ("终止", "废标", "暂停", "撤销", "流标", "失败")),
    (_S.CORRECTION, ("更正", "变更", "澄清", "答疑", "补充", "延期", "修改")),
    (_S.INTENTION, ("意向", "计划", "预告")),
    (_S.CANDIDATES, ("候选人",)),
    (_S.CONTRACT, ("合同",)),
    (_S.RESULT, ("结果", "中标", "成交", "中选", "入围")),
    (
        _S.NOTICE,
        (
            "招标",
            "采购",
            "谈判",
            "磋商",
            "询价",
            "单一来源",
            "资格预审",
            "出让",
            "转让",
            "招租",
            "挂牌",
            "拍卖",
            "公告",
        ),
    ),
)


def stage_of(type_name: str) -> str:
    """The stage of a type of announcement, e.g. ``correction`` for 更正/澄清公告; ``other`` when unknown."""
    for stage, words in _WORDS:
        if any(word in type_name for word in words):
            return str(stage)
    return str(_S.OTHER)
