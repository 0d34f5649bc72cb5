"""Who comes to the site, and the pages each of them needs first."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from portal.guide_texts import AGENCY, BIDDER, PURCHASER

GUIDES = "guides"  # slug of the column of guides


@dataclass(frozen=True)
class RoleLink:
    """A link of a role to the list with one condition, e.g. ``{"type": "更正公告"}``."""

    label: str
    params: tuple[tuple[str, str], ...]

    @property
    def url(self) -> str:
        return f"{reverse('portal:announcements')}?{urlencode(self.params)}"


@dataclass(frozen=True)
class Role:
    """A kind of visitor; ``text`` is its guide's first version, later ones are articles with this role."""

    slug: str
    name: str
    who: str
    links: tuple[RoleLink, ...]
    text: str

    @property
    def title(self) -> str:
        """Of the guide."""
        return f"{self.name}办事指南"


def _words(label: str, text: str) -> RoleLink:
    return RoleLink(label, (("q", text), ("sort", "relevance")))


ROLES = (
    Role(
        "bidder",
        "投标人、供应商",
        "参加投标、响应和竞买的单位与个人",
        (_words("查招标公告", "招标公告"), _words("查更正、澄清", "更正"), _words("查中标候选人公示", "候选人公示")),
        BIDDER,
    ),
    Role(
        "purchaser",
        "招标人、采购人",
        "项目业主、采购单位、出让方与转让方",
        (_words("查采购意向", "采购意向"), _words("查结果公告", "结果公告"), _words("查合同公告", "合同")),
        PURCHASER,
    ),
    Role(
        "agency",
        "代理机构",
        "受委托办理招标、采购、出让和转让的机构",
        (_words("查单一来源公示", "单一来源"), _words("查竞争性磋商公告", "磋商"), _words("查终止公告", "终止")),
        AGENCY,
    ),
)


def role_named(slug: str) -> Role | None:
    """The role of that slug, or None."""
    return next((role for role in ROLES if role.slug == slug), None)
