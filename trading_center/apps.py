"""The wiring app: its commands are found, and tasks of every app belong to its Celery application."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig

from core.sentences import sentences_install
from trading_center.celery import app as celery_app


class TradingCenterConfig(AppConfig):
    name = "trading_center"
    default = True
    verbose_name = "总装"

    def ready(self) -> None:
        celery_app.set_default()
        sentences_install()


class OwnStaticFiles(StaticFilesConfig):
    """Static files without those of pages that the portal does not serve: compressing them takes half a minute."""

    default = False
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "rest_framework", "drf_spectacular_sidecar", "*.map"]
    # Of npm's packages only what browsers read.
    ignore_patterns += ["*.ts", "*.md", "LICENSE", "package.json", "src"]
