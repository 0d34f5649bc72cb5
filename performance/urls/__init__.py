"""Addresses below ``staff/performance/``."""

from performance.urls import reports

urlpatterns = [*reports.urlpatterns]
