"""Addresses below ``staff/performance/``."""

from performance.urls import forms, goals, money, reports, runs

urlpatterns = [*money.urlpatterns, *goals.urlpatterns, *reports.urlpatterns, *runs.urlpatterns, *forms.urlpatterns]
