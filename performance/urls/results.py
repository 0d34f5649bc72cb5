"""Addresses of the department's own score, of editions, disclosure and the package, of comparisons."""

from django.urls import path

from performance.views import appraisals, compare, editions

urlpatterns = [
    path("reports/<int:pk>/versions/", editions.report_versions, name="staff_report_versions"),
    path("reports/<int:pk>/versions/public/", editions.public_make, name="staff_report_public"),
    path("reports/<int:pk>/versions/scan/", editions.scan_new, name="staff_scan_new"),
    path("reports/<int:pk>/versions/package/", editions.package, name="staff_report_package"),
    path("scans/<int:pk>/", editions.scan_file, name="staff_scan"),
    path("files/<int:pk>/disclose/", editions.disclose, name="staff_report_disclose"),
    path("disclosures/<int:pk>/withdraw/", editions.withdraw, name="staff_disclosure_withdraw"),
    path("compare/", compare.compare, name="staff_compare"),
    path("compare/lines.xlsx", compare.compare_xlsx, name="staff_compare_xlsx"),
    path("management/", appraisals.appraisal_list, name="staff_appraisals"),
    path("management/<int:pk>/", appraisals.appraisal_detail, name="staff_appraisal"),
    path("management/<int:pk>/keep/", appraisals.appraisal_keep, name="staff_appraisal_keep"),
    path("management/<int:pk>/score.xlsx", appraisals.appraisal_xlsx, name="staff_appraisal_xlsx"),
    path("management/scores/<int:pk>/", appraisals.appraisal_kept, name="staff_appraisal_kept"),
    path("management/scores/<int:pk>/score.xlsx", appraisals.appraisal_kept_xlsx, name="staff_appraisal_kept_xlsx"),
    path("management/schemes/", appraisals.management_schemes, name="staff_management_schemes"),
    path("management/schemes/<int:pk>/", appraisals.management_scheme, name="staff_management_scheme"),
    path("management/schemes/<int:pk>/new/", appraisals.management_scheme_new, name="staff_management_scheme_new"),
]
