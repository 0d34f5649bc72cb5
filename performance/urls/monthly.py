"""Addresses of the months' work: progress of the spending, plans, lags, goals by office and month."""

from django.urls import path

from performance.views import lags, month_plans, progress, shares

urlpatterns = [
    path("progress/", progress.progress, name="staff_progress"),
    path("progress/<int:pk>/", progress.progress_year, name="staff_progress_year"),
    path("progress/<int:pk>/progress.xlsx", progress.progress_xlsx, name="staff_progress_xlsx"),
    path("progress/<int:pk>/plans/", month_plans.plans, name="staff_month_plans"),
    path("progress/<int:pk>/plans.xlsx", month_plans.plans_xlsx, name="staff_month_plans_xlsx"),
    path("progress/lines/<int:pk>/", month_plans.line_plan, name="staff_month_plan"),
    path("progress/<int:pk>/ask/<slug:what>/", lags.ask, name="staff_lag_ask"),
    path("program-years/<int:pk>/department/", progress.department, name="staff_program_department"),
    path("progress/lags/", lags.lag_list, name="staff_lags"),
    path("progress/lags/export.xlsx", lags.lags_xlsx, name="staff_lags_xlsx"),
    path("progress/lags/<int:pk>/", lags.lag, name="staff_lag"),
    path("progress/lag-papers/<int:pk>/", lags.paper, name="staff_lag_paper"),
    path("goals/shares/", shares.share_list, name="staff_shares"),
    path("goals/shares/<int:pk>/", shares.share, name="staff_share"),
    path("goals/shares/<int:pk>/<int:office>/", shares.share_edit, name="staff_share_edit"),
    path("goals/shares/own/", shares.own, name="staff_own_progress"),
]
