"""Django app configuration."""

from django.apps import AppConfig
from django.core.checks import register


class WorkflowConfig(AppConfig):
    name = "workflow"
    verbose_name = "流转与时限"

    def ready(self) -> None:
        # The registry of checks wants the function, once the models are there.
        from workflow.checks import moves_check  # noqa: PLC0415 (models are not ready at import)

        register(moves_check)
