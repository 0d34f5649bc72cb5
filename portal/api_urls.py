"""Addresses for programs: feed, reading interface, its schema."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from portal import api, feeds

app_name = "portal_api"

urlpatterns = [
    path("feeds/announcements.atom", feeds.announcement_feed, name="feed"),
    path("api/v1/announcements/", api.AnnouncementListView.as_view(), name="announcements"),
    path("api/v1/announcements/<int:pk>/", api.AnnouncementDetailView.as_view(), name="announcement"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
]
