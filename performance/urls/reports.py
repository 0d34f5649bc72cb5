"""Addresses of the reports."""

from django.urls import path

from performance.views import reasons, reports

urlpatterns = [
    path("reports/", reports.report_list, name="staff_reports"),
    path("reports/new/", reports.report_new, name="staff_report_new"),
    path("reports/<int:pk>/", reports.report_detail, name="staff_report"),
    path("reports/<int:pk>/edit/", reports.report_edit, name="staff_report_edit"),
    path("reports/<int:pk>/reasons/", reasons.report_reasons, name="staff_report_reasons"),
    path("reports/<int:pk>/sections/<slug:key>/", reports.section_edit, name="staff_section_edit"),
    path("reports/<int:pk>/sections/<slug:key>/renew/", reports.section_renew, name="staff_section_renew"),
    path("reports/<int:pk>/sections/<slug:key>/versions/<int:number>/", reports.section_version,
         name="staff_section_version"),
]  # fmt: skip
