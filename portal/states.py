"""The states of articles and of the center's rules, from the draft to the end, and their tables of moves."""

from __future__ import annotations

from django.db import models

from workflow.moves import LEADERS, NEW, Duty, Move, Table


class ArticleState(models.TextChoices):
    """Of the sheet on which an article is written; what was published is a row of its own."""

    DRAFT = "draft", "起草中"
    SUBMITTED = "submitted", "待复核"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已撤下"
    DISCARDED = "discarded", "已作废"


class RuleState(models.TextChoices):
    """Of one version of a rule."""

    DRAFT = "draft", "起草中"
    SUBMITTED = "submitted", "待复核"
    RELEASED = "released", "已发布"
    REPEALED = "repealed", "已废止"
    DISCARDED = "discarded", "已作废"


_A, _R = ArticleState, RuleState
_WRITERS = (Duty.ARTICLE_EDIT,)
_RELEASERS = (Duty.ARTICLE_EDIT, Duty.OFFICE_HEAD)
_RULE_WRITERS = (Duty.RULE_EDIT,)
_RULE_RELEASERS = (Duty.RULE_EDIT, Duty.OFFICE_HEAD)
_MAKERS = ("create", "edit", "submit")
_VERSION_CHANGED = "portal.services.caches.version_bump"

ARTICLE_MOVES = (
    Move("create", "新建", (NEW,), _A.DRAFT, _WRITERS, gates=("portal.gates.article_shape",)),
    Move("edit", "修改", (_A.DRAFT,), "", _WRITERS, gates=("portal.gates.article_data",),
         records=("portal.services.articles.draft_write",), optional=True),
    Move("submit", "提交复核", (_A.DRAFT,), _A.SUBMITTED, _WRITERS,
         gates=("portal.gates.article_complete", "portal.gates.article_clean", "portal.gates.article_current"),
         notify=("next",)),
    Move("publish", "复核发布", (_A.SUBMITTED,), _A.PUBLISHED, _RELEASERS, other_than=_MAKERS,
         gates=("portal.gates.article_complete", "portal.gates.article_clean", "portal.gates.article_current"),
         records=("portal.services.articles.draft_publish",), effects=(_VERSION_CHANGED,), notify=("makers",)),
    Move("return", "退回修改", (_A.SUBMITTED,), _A.DRAFT, _RELEASERS, other_than=_MAKERS, comment=True,
         notify=("makers",)),
    Move("recall", "收回", (_A.SUBMITTED,), _A.DRAFT, _WRITERS, person="portal.gates.article_writer", optional=True),
    Move("ask_withdraw", "申请撤下", (_A.PUBLISHED,), "", _RELEASERS,
         gates=("portal.gates.article_newest", "portal.gates.withdrawal_open"),
         notify=("portal.recipients.withdrawal_deciders",), comment=True, optional=True),
    Move("withdraw", "撤下", (_A.PUBLISHED,), _A.WITHDRAWN, _RELEASERS, other_than=("ask_withdraw",),
         gates=("portal.gates.article_newest", "portal.gates.withdrawal_asked"),
         records=("portal.services.articles.draft_withdraw",), effects=(_VERSION_CHANGED,), notify=("involved",),
         comment=True, optional=True,
         confirm="撤下后，公开网站的原地址只显示标题、撤下时间和理由，各个旧版本也不再显示正文，不能恢复。"),
    Move("discard", "作废", (_A.DRAFT,), _A.DISCARDED, _WRITERS, optional=True,
         confirm="作废后不能再修改，记录保留。"),
)  # fmt: skip

RULE_MOVES = (
    Move("create", "新建", (NEW,), _R.DRAFT, _RULE_WRITERS, gates=("portal.gates.rule_dates",)),
    Move("edit", "修改", (_R.DRAFT,), "", _RULE_WRITERS, gates=("portal.gates.rule_data",),
         records=("portal.services.rules.version_write",), optional=True),
    Move("submit", "提交复核", (_R.DRAFT,), _R.SUBMITTED, _RULE_WRITERS,
         gates=("portal.gates.rule_complete", "portal.gates.rule_follows"), notify=("next",)),
    Move("release", "复核发布", (_R.SUBMITTED,), _R.RELEASED, _RULE_RELEASERS, other_than=_MAKERS,
         gates=("portal.gates.rule_complete", "portal.gates.rule_follows"),
         records=("portal.services.rules.version_release",), effects=(_VERSION_CHANGED,), notify=("makers",)),
    Move("return", "退回修改", (_R.SUBMITTED,), _R.DRAFT, _RULE_RELEASERS, other_than=_MAKERS, comment=True,
         notify=("makers",)),
    Move("recall", "收回", (_R.SUBMITTED,), _R.DRAFT, _RULE_WRITERS, person="portal.gates.rule_writer", optional=True),
    Move("ask_repeal", "申请废止", (_R.RELEASED,), "", (*_RULE_WRITERS, *LEADERS), form="portal.staff_forms.RepealForm",
         gates=("portal.gates.rule_repealable",), recorded=("repealed_on",),
         notify=("portal.recipients.repeal_deciders",), comment=True, optional=True),
    Move("repeal", "废止", (_R.RELEASED,), _R.REPEALED, LEADERS, other_than=("ask_repeal",),
         person="portal.gates.rule_leader", form="portal.staff_forms.RepealForm",
         gates=("portal.gates.rule_repealable", "portal.gates.repeal_asked"),
         records=("portal.services.rules.version_repeal",),
         effects=(_VERSION_CHANGED,), recorded=("repealed_on",), notify=("involved",), comment=True, optional=True,
         confirm="废止后，这项制度自所填日期起失效，公开页面标明已废止，不能恢复。"),
    Move("discard", "作废", (_R.DRAFT,), _R.DISCARDED, _RULE_WRITERS, optional=True,
         confirm="作废后不能再修改，记录保留。"),
)  # fmt: skip

MOVES = {
    "portal.ArticleDraft": Table(
        states=ArticleState,
        moves=ARTICLE_MOVES,
        final=(_A.PUBLISHED, _A.WITHDRAWN, _A.DISCARDED),
        rows="portal.selectors.drafts.draft_rows",
        visible="portal.selectors.drafts.drafts_visible",
        title="portal.selectors.drafts.draft_title",
        url="portal.selectors.drafts.draft_url",
        facts="portal.selectors.drafts.draft_facts",
    ),
    "portal.RuleVersion": Table(
        states=RuleState,
        moves=RULE_MOVES,
        final=(_R.RELEASED, _R.REPEALED, _R.DISCARDED),
        rows="portal.selectors.rules.version_rows",
        visible="portal.selectors.rules.versions_visible",
        title="portal.selectors.rules.version_title",
        url="portal.selectors.rules.version_url",
        facts="portal.selectors.rules.version_facts",
        lock_first="portal.selectors.rules.rule_locks",
    ),
}
