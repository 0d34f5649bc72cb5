"""Addresses below /staff/notices/."""

from django.urls import path

from notices.views import inbox, outbox

app_name = "notices"
urlpatterns = [
    path("", inbox.inbox_list, name="inbox"),
    path("read/", inbox.inbox_all_read, name="read_all"),
    path("<int:number>/open/", inbox.inbox_open, name="open"),
    path("outbox/", outbox.outbox_list, name="outbox"),
    path("outbox/<int:number>/", outbox.outbox_act, name="outbox_act"),
]
