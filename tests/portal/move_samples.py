"""What the matrix of moves needs to know of this app's tables (see ``tests.workflow.move_samples``)."""

from tests.portal.sheets import draft_sample, draft_unsaved, version_sample, version_unsaved

IN_STATE = {"portal.articledraft": draft_sample, "portal.ruleversion": version_sample}
UNSAVED = {"portal.articledraft": draft_unsaved, "portal.ruleversion": version_unsaved}
