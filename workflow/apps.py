"""Django app configuration."""

from django.apps import AppConfig
from django.core.checks import register

from audit.words import namer_add, teller_add


class WorkflowConfig(AppConfig):
    name = "workflow"
    verbose_name = "流转与时限"

    def ready(self) -> None:
        # The registry of checks wants the function, once the models are there.
        from accounts.navigation import Entry, entry_add  # noqa: PLC0415 (models are not ready at import)
        from workflow.checks import moves_check  # noqa: PLC0415 (see above)
        from workflow.moves import LEADERS, STAFF  # noqa: PLC0415 (see above)
        from workflow.words import record_words, subject_titles  # noqa: PLC0415 (see above)

        register(moves_check)
        teller_add(record_words)
        namer_add(subject_titles)
        entry_add(Entry("交办督办", "staff_tasks", frozenset(STAFF), 1))
        entry_add(Entry("审批", "staff_approve", frozenset(LEADERS), 2))
