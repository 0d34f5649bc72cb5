"""Phrases that the checks look for in the narrative: data, to be added to."""

from __future__ import annotations

# A claim, and the record that would show it. Sources: DOMAIN 6.3 (3, 7), 11 (last bullet).
CLAIMS_OF_INSPECTION = ("无截留", "无挪用", "专款专用", "没有截留", "没有挪用", "不存在截留", "定期或不定期进行督查")
CLAIM_OF_PURPOSE = "专款专用"
CLAIMS_OF_GOALS = (
    "均已达到年初预期", "均已完成", "均达到预期", "全部完成", "各项目标均已达到", "全部达到预期", "圆满完成",
)  # fmt: skip
# Remains of other programs and of blank forms.
LEFTOVERS = (
    r"\[bookmark:[^\]]*\]?", r"</?[a-zA-Z][^>]{0,200}>", r"&(?:nbsp|amp|lt|gt|#\d+);",
    r"_GoBack|(?<![A-Za-z])T[O]DO(?![A-Za-z])|待补充|待填写", r"\bOLE_LINK\d+", r"MERGEFIELD",
    r"HYPERLINK", r"\{\{|\}\}|\{%|%\}", r"【[^】]{0,40}(?:填写|此处|请)[^】]{0,40}】", r"[Xx×]{3,}",
    r"\*\*[^*]+\*\*", r"[\ue000-\uf8ff\ufffd]",
)  # fmt: skip
WHY = ("原因", "由于", "因为", "主要是")
PROJECT_WORDS = ("项目资金", "项目支出", "专项资金", "项目经费")
# A number with a unit that reports compute; what compares with a limit is no figure of the year.
TYPED = r"(?<![\d.≥≤＞＜><])(\d[\d,]*(?:\.\d+)?)\s*(万元|亿元|%|％|宗|分(?!钟|档|之))"
LIMITS = (
    "低于",
    "高于",
    "不低于",
    "不高于",
    "不超过",
    "不少于",
    "达到",
    "超过",
    "指标值",
    "大于",
    "小于",
    "满分",
    "至",
)
FIGURED = frozenset({
    "income", "spending", "special", "goals", "score", "execution", "indicators", "conclusion", "problems", "remedies",
})  # fmt: skip
