"""The Celery application: acks late, one task at a time, arguments that are ids only."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trading_center.settings")

app = Celery("trading_center")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
