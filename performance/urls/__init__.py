"""Addresses below ``staff/performance/``."""

from performance.urls import money

urlpatterns = [*money.urlpatterns]
