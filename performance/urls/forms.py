"""Addresses of the monitoring forms and of the bureau's workbooks."""

from django.urls import path

from performance.views import monitoring, workbooks

urlpatterns = [
    path("monitoring/", monitoring.monitoring_list, name="staff_monitorings"),
    path("monitoring/years/<int:year>/list.xlsx", monitoring.monitoring_list_xlsx, name="staff_monitorings_xlsx"),
    path("monitoring/new/<int:year>/<int:program>/", monitoring.monitoring_new, name="staff_monitoring_new"),
    path("monitoring/<int:pk>/", monitoring.monitoring_detail, name="staff_monitoring"),
    path("monitoring/<int:pk>/edit/", monitoring.monitoring_edit, name="staff_monitoring_edit"),
    path("monitoring/<int:pk>/take/", monitoring.monitoring_take, name="staff_monitoring_take"),
    path("monitoring/<int:pk>/form.pdf", monitoring.monitoring_paper, name="staff_monitoring_pdf"),
    path("monitoring/<int:pk>/form.xlsx", monitoring.monitoring_xlsx, name="staff_monitoring_xlsx"),
    path("workbooks/", workbooks.workbook_list, name="staff_workbooks"),
    path("workbooks/new/", workbooks.workbook_new, name="staff_workbook_new"),
    path("workbooks/<int:pk>/", workbooks.workbook_detail, name="staff_workbook"),
    path("workbooks/<int:pk>/edit/", workbooks.workbook_edit, name="staff_workbook_edit"),
    path("workbooks/<int:pk>/use/", workbooks.workbook_use, name="staff_workbook_use"),
    path("workbooks/<int:pk>/remove/", workbooks.workbook_remove, name="staff_workbook_remove"),
    path("workbooks/<int:pk>/blank.xlsx", workbooks.workbook_blank, name="staff_workbook_blank"),
    path("workbooks/<int:pk>/sheets/<int:number>/", workbooks.workbook_sheet, name="staff_workbook_sheet"),
    path("workbooks/<int:pk>/sheets/<int:number>/cells/<slug:cell>/", workbooks.workbook_cell,
         name="staff_workbook_cell"),
    path("workbooks/<int:pk>/sheets/<int:number>/cells/<slug:cell>/remove/", workbooks.workbook_cell_remove,
         name="staff_workbook_cell_remove"),
    path("workbooks/<int:pk>/sheets/<int:number>/suggestions/", workbooks.workbook_suggestions,
         name="staff_workbook_suggestions"),
    path("workbooks/<int:pk>/fill/<slug:kind>/<int:number>/", workbooks.workbook_fill, name="staff_workbook_fill"),
    path("workbooks/<int:pk>/fill/<slug:kind>/<int:number>/filled.xlsx", workbooks.workbook_filled,
         name="staff_workbook_filled"),
]  # fmt: skip
