"""Addresses below ``staff/performance/``."""

from performance.urls import money, reports, runs

urlpatterns = [*money.urlpatterns, *reports.urlpatterns, *runs.urlpatterns]
