"""Addresses of this app; included under ``staff/performance/``."""

from performance.urls import goals

urlpatterns = [*goals.urlpatterns]
