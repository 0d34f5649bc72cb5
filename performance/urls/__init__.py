"""Addresses below ``staff/performance/``."""

from performance.urls import goals, money, reports, results, runs

urlpatterns = [*money.urlpatterns, *goals.urlpatterns, *reports.urlpatterns, *runs.urlpatterns, *results.urlpatterns]
