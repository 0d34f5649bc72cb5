"""Addresses below ``staff/performance/``."""

from performance.urls import goals, money, process, reports, results, runs

urlpatterns = [
    *money.urlpatterns,
    *goals.urlpatterns,
    *reports.urlpatterns,
    *runs.urlpatterns,
    *process.urlpatterns,
    *results.urlpatterns,
]
