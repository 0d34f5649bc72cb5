"""Django app configuration."""

from django.apps import AppConfig


class TendersConfig(AppConfig):
    name = "tenders"
    verbose_name = "交易受理"
