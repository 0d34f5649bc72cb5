"""All addresses: the health of the instance, then everything of the portal."""

from django.urls import include, path

from trading_center.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("staff/announcements/", include("tenders.urls")),
    path("staff/", include("workflow.urls")),
    path("staff/", include("accounts.urls")),
    path("", include("portal.urls")),
]

handler500 = "portal.views.failure.failure"
