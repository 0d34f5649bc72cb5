"""The wiring app: its commands are found, and tasks of every app belong to its Celery application."""

from django.apps import AppConfig

from trading_center.celery import app as celery_app


class TradingCenterConfig(AppConfig):
    name = "trading_center"
    verbose_name = "总装"

    def ready(self) -> None:
        celery_app.set_default()
