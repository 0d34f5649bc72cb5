"""Who is told that a second person is wanted: for withdrawing an article, for repealing a rule."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.duties import Duty
from portal.gates import rule_leader
from portal.models import ArticleDraft, RuleVersion
from workflow.models import StateChange
from workflow.moves import LEADERS
from workflow.recipients import actors_with


def withdrawal_deciders(draft: ArticleDraft, *, history: Sequence[StateChange]) -> set[int]:
    """Everybody who may confirm a withdrawal; the one who asked is left out by the caller."""
    return {actor.user.pk for actor in actors_with((Duty.ARTICLE_EDIT, Duty.OFFICE_HEAD), now=history[-1].at)}


def repeal_deciders(version: RuleVersion, *, history: Sequence[StateChange]) -> set[int]:
    """The directors, and the heads of the offices that answer for the rule."""
    return {
        actor.user.pk
        for actor in actors_with(LEADERS, now=history[-1].at)
        if any(not rule_leader(version, holding=holding) for holding in actor.holdings)
    }
