"""Addresses of the self-evaluation as a process: the 问题整改台账, plans, frozen reports."""

from django.urls import path

from performance.views import rectifications

urlpatterns = [
    path("rectifications/", rectifications.rectification_list, name="staff_rectifications"),
    path("rectifications/new/", rectifications.rectification_new, name="staff_rectification_new"),
    path("rectifications/export.xlsx", rectifications.rectifications_xlsx, name="staff_rectifications_xlsx"),
    path("rectifications/print/", rectifications.rectifications_print, name="staff_rectifications_print"),
    path("rectifications/<int:pk>/", rectifications.rectification, name="staff_rectification"),
    path("rectifications/papers/<int:pk>/", rectifications.rectification_paper, name="staff_rectification_paper"),
]
