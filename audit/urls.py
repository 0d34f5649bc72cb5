"""Addresses below /staff/audit/."""

from django.urls import path

from audit import views

app_name = "audit"
urlpatterns = [
    path("", views.action_list, name="list"),
    path("export/", views.action_export, name="export"),
    path("failures/", views.failure_list, name="failures"),
    path("denials/", views.denial_list, name="denials"),
    path("<int:number>/", views.action_detail, name="detail"),
]
