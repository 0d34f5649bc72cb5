"""All addresses: the health and the numbers of the instance, the staff pages, then everything of the portal."""

from django.urls import include, path

from trading_center.health import healthz
from trading_center.metrics import metrics

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("staff/announcements/", include("tenders.urls")),
    path("staff/performance/", include("performance.urls")),
    path("staff/", include("workflow.urls")),
    path("staff/", include("portal.staff_urls")),
    path("staff/", include("accounts.urls")),
    path("staff/audit/", include("audit.urls")),
    path("staff/notices/", include("notices.urls")),
    path("staff/upkeep/", include("upkeep.urls")),
    path("", include("portal.urls")),
]

handler500 = "portal.views.failure.failure"
