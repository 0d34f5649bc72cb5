"""Addresses of the public pages; contracts name those that outsiders rely on."""

from django.urls import include, path

from portal.views import announcements, articles, home, pages

pages_urls = [
    path("", home.home, name="home"),
    path("announcements/", announcements.announcement_list, name="announcements"),
    path("announcements/<int:pk>/", announcements.announcement_detail, name="announcement"),
    path("announcements/<int:pk>/canonical.json", announcements.announcement_canonical, name="canonical"),
    path("announcements/<int:pk>/qr.svg", announcements.announcement_qr, name="qr"),
    path("announcements/<int:pk>/attachments/<int:position>/", announcements.attachment, name="attachment"),
    path("articles/<slug:slug>/", articles.article_list, name="articles"),
    path("articles/<slug:slug>/<int:pk>/", articles.article_detail, name="article"),
    path("guides/", pages.guides, name="guides"),
    path("guides/<slug:role>/", pages.guide, name="guide"),
    path("sitemap/", pages.site_map, name="site_map"),
    path("about/", pages.about, name="about"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("robots.txt", pages.robots, name="robots"),
    path("favicon.ico", pages.favicon, name="favicon"),
]

urlpatterns = [
    path("", include((pages_urls, "portal"))),
    path("", include("portal.api_urls")),
]
