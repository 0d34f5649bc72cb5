"""Addresses of the public pages; contracts name those that outsiders rely on."""

from django.urls import include, path

from portal.views import announcements, articles, home, log, pages, reports, rules, surveys

pages_urls = [
    path("", home.home, name="home"),
    path("announcements/", announcements.announcement_list, name="announcements"),
    path("announcements/<int:pk>/", announcements.announcement_detail, name="announcement"),
    path("announcements/<int:pk>/canonical.json", announcements.announcement_canonical, name="canonical"),
    path("announcements/<int:pk>/qr.svg", announcements.announcement_qr, name="qr"),
    path("announcements/<int:pk>/attachments/<int:position>/", announcements.attachment, name="attachment"),
    path("articles/<slug:slug>/", articles.article_list, name="articles"),
    path("articles/<slug:slug>/<int:pk>/", articles.article_detail, name="article"),
    path(
        "articles/<slug:slug>/<int:pk>/attachments/<int:position>/",
        articles.article_attachment,
        name="article_attachment",
    ),
    path("rules/", rules.rule_list, name="rules"),
    path("rules/<int:pk>/", rules.rule_detail, name="rule"),
    path("rules/<int:pk>/versions/<int:number>/", rules.rule_version, name="rule_version"),
    path(
        "rules/<int:pk>/versions/<int:number>/attachments/<int:position>/",
        rules.rule_attachment,
        name="rule_attachment",
    ),
    path("rules/<int:pk>/compare/<int:first>/<int:second>/", rules.rule_compare, name="rule_compare"),
    path("guides/", pages.guides, name="guides"),
    path("guides/<slug:role>/", pages.guide, name="guide"),
    path("guides/<slug:role>/first/", pages.guide_first, name="guide_first"),
    path("sitemap/", pages.site_map, name="site_map"),
    path("about/", pages.about, name="about"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("log/", log.about, name="log"),
    path("log/verify/", log.verify, name="log_verify"),
    path("log/checkpoint", log.checkpoint, name="log_checkpoint"),
    path("log/checkpoints", log.checkpoints, name="log_checkpoints"),
    path("log/key", log.key, name="log_key"),
    path("log/leaves", log.leaves, name="log_leaves"),
    path("log/inclusion", log.inclusion, name="log_inclusion"),
    path("log/consistency", log.consistency, name="log_consistency"),
    path("log/receipt/<str:seq>.json", log.receipt, name="log_receipt"),
    path("log/objects/<str:seq>.json", log.log_object, name="log_object"),
    path("reports/", reports.report_check, name="reports"),
    path("reports/<str:code>/", reports.report_confirm, name="report"),
    path("survey/", surveys.entry, name="surveys"),
    path("survey/thanks/", surveys.thanks, name="survey_thanks"),
    path("survey/t/<str:code>/", surveys.slip, name="survey_slip"),
    path("survey/<str:code>/", surveys.poster, name="survey"),
    path("reports/<str:code>/report.pdf", reports.report_download, name="report_download"),
    path("robots.txt", pages.robots, name="robots"),
    path("favicon.ico", pages.favicon, name="favicon"),
]

urlpatterns = [
    path("", include((pages_urls, "portal"))),
    path("", include("portal.api_urls")),
]
