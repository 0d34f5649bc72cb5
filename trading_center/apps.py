"""The wiring app, so that its commands are found."""

from django.apps import AppConfig


class TradingCenterConfig(AppConfig):
    name = "trading_center"
    verbose_name = "总装"
