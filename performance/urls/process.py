"""Addresses of the self-evaluation as a process: the 问题整改台账, plans, frozen reports."""

from django.urls import path

from performance.views import evaluation, rectifications, result_uses

urlpatterns = [
    path("reports/<int:pk>/uses/new/", result_uses.result_use_new, name="staff_result_use_new"),
    path("plans/", evaluation.plan_list, name="staff_plans"),
    path("plans/new/", evaluation.plan_new, name="staff_plan_new"),
    path("plans/<int:pk>/", evaluation.plan_detail, name="staff_plan"),
    path("plans/<int:pk>/edit/", evaluation.plan_edit, name="staff_plan_edit"),
    path("plans/<int:pk>/programs/", evaluation.plan_programs, name="staff_plan_programs"),
    path("plans/<int:pk>/print/", evaluation.plan_print, name="staff_plan_print"),
    path("plans/<int:pk>/programs.xlsx", evaluation.plan_xlsx, name="staff_plan_xlsx"),
    path("rectifications/", rectifications.rectification_list, name="staff_rectifications"),
    path("rectifications/new/", rectifications.rectification_new, name="staff_rectification_new"),
    path("rectifications/export.xlsx", rectifications.rectifications_xlsx, name="staff_rectifications_xlsx"),
    path("rectifications/print/", rectifications.rectifications_print, name="staff_rectifications_print"),
    path("rectifications/<int:pk>/", rectifications.rectification, name="staff_rectification"),
    path("rectifications/papers/<int:pk>/", rectifications.rectification_paper, name="staff_rectification_paper"),
]
