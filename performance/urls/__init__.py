"""Addresses below ``staff/performance/``."""

from performance.urls import goals, money, monthly, reports, runs

urlpatterns = [
    *money.urlpatterns,
    *goals.urlpatterns,
    *reports.urlpatterns,
    *runs.urlpatterns,
    *monthly.urlpatterns,
]
