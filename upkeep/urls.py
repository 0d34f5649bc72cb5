"""Addresses below /staff/upkeep/."""

from django.urls import path

from upkeep import views

app_name = "upkeep"
urlpatterns = [
    path("", views.home, name="home"),
    path("hold/checkpoint/", views.hold, name="hold"),
    path("hold/lost/", views.lost, name="lost"),
    path("clock/", views.compare, name="compare"),
    path("clock/<int:pk>/", views.decide, name="decide"),
    path("alarms/<int:pk>/", views.alarm, name="alarm"),
]
