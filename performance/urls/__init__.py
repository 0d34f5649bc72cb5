"""Addresses below ``staff/performance/``."""

from performance.urls import reports, runs

urlpatterns = [*reports.urlpatterns, *runs.urlpatterns]
