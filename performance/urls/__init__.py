"""Addresses below ``staff/performance/``."""

from performance.urls import goals, money, monthly, process, reports, runs, surveys

urlpatterns = [
    *money.urlpatterns,
    *goals.urlpatterns,
    *reports.urlpatterns,
    *runs.urlpatterns,
    *surveys.urlpatterns,
    *process.urlpatterns,
    *monthly.urlpatterns,
]
from performance.urls import forms, goals, money, reports, runs

urlpatterns = [*money.urlpatterns, *goals.urlpatterns, *reports.urlpatterns, *runs.urlpatterns, *forms.urlpatterns]
