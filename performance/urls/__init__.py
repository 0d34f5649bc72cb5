"""Addresses below ``staff/performance/``."""

from performance.urls import forms, goals, money, monthly, process, reports, results, runs, surveys

urlpatterns = [
    *money.urlpatterns,
    *goals.urlpatterns,
    *reports.urlpatterns,
    *runs.urlpatterns,
    *monthly.urlpatterns,
    *forms.urlpatterns,
    *surveys.urlpatterns,
    *process.urlpatterns,
    *results.urlpatterns,
]
