"""The log in words that visitors read."""

from __future__ import annotations

DAY_ENDS_SHOWN = 31
KINDS = {
    "announcement": "公告",
    "correction": "更正、终止等针对前一公告的公告",
    "redaction": "公告中个人信息的遮蔽",
    "draw_commitment": "抽取前封存码",
    "draw_witnesses": "监督人员的随机因子",
    "draw_outcome": "抽取结果",
    "opening_record": "开标记录",
    "result": "结果",
    "contract": "合同公告",
    "ledger_digest": "保证金账目的每日摘要",
    "audit_digest": "操作记录的每日摘要",
    "library_digest": "专家库摘要",
    "restored": "从备份恢复",
}


def kind_words(kind: str) -> str:
    """What a leaf of this kind stands for."""
    return KINDS.get(kind, kind)


# What the visitor's browser does, in order (static/js/log-verify.js).
STEPS = (
    ("fetch", "取回凭证、证明、检查点和公钥"),
    ("bytes", "取回存证原文，计算 SHA-256，与凭证中的摘要比对"),
    ("inclusion", "由凭证和证明算出树根，与检查点的树根比对"),
    ("signature", "用公钥核验检查点的签名"),
    ("consistency", "核对最新检查点由这个检查点延续而来"),
)
