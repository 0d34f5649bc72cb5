"""Wiring only: configuration, settings, addresses, Celery, the embedded services."""

from trading_center.celery import app as celery_app

__all__ = ["celery_app"]
