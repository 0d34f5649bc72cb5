"""Addresses of the reports' files."""

from django.urls import path

from performance.views import runs

urlpatterns = [
    path("reports/<int:pk>/make/", runs.report_make, name="staff_report_make"),
    path("reports/<int:pk>/form.xlsx", runs.report_form, name="staff_report_form"),
    path("runs/<int:pk>/", runs.run_detail, name="staff_run"),
    path("files/<int:pk>/pdf", runs.report_pdf, name="staff_report_pdf"),
]
