"""Django app configuration."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = "文件"

    def ready(self) -> None:
        from documents.selectors import faults_count  # noqa: PLC0415 (models exist now)
        from upkeep.metrics import gauge_register  # noqa: PLC0415 (see above)

        gauge_register("tc_file_faults", "Stored files that are missing or altered", faults_count)
