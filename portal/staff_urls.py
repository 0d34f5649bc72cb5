"""Addresses of the editors' pages, below /staff/."""

from django.urls import path

from portal.views.staff import articles, rules, watch

urlpatterns = [
    path("articles/", articles.draft_list, name="staff_articles"),
    path("articles/new/", articles.draft_new, name="staff_article_new"),
    path("articles/published/", articles.published_list, name="staff_articles_published"),
    path("articles/published/<int:pk>/", articles.article_published, name="staff_article_published_one"),
    path("articles/published/<int:pk>/revise/", articles.article_revise, name="staff_article_revise"),
    path("articles/published/<int:pk>/withdraw/", articles.article_withdraw, name="staff_article_withdraw"),
    path("articles/<int:pk>/", articles.draft_detail, name="staff_article"),
    path("articles/<int:pk>/edit/", articles.draft_edit, name="staff_article_edit"),
    path("articles/<int:pk>/files/", articles.draft_file, name="staff_article_file"),
    path("articles/<int:pk>/files/<int:position>/", articles.draft_file_open, name="staff_article_file_open"),
    path("articles/<int:pk>/files/<int:position>/remove/", articles.draft_file_drop, name="staff_article_file_drop"),
    path("guides/<slug:role>/revise/", articles.guide_revise, name="staff_guide_revise"),
    path("rules/", rules.version_list, name="staff_rules"),
    path("rules/new/", rules.version_new, name="staff_rule_new"),
    path("rules/<int:pk>/", rules.version_detail, name="staff_rule"),
    path("rules/<int:pk>/edit/", rules.version_edit, name="staff_rule_edit"),
    path("rules/<int:pk>/revise/", rules.version_revise, name="staff_rule_revise"),
    path("rules/<int:pk>/files/", rules.version_file, name="staff_rule_file"),
    path("rules/<int:pk>/files/<int:position>/", rules.version_file_open, name="staff_rule_file_open"),
    path("rules/<int:pk>/files/<int:position>/remove/", rules.version_file_drop, name="staff_rule_file_drop"),
    path("rules/<int:pk>/versions/<int:number>/", rules.version_numbered, name="staff_rule_version"),
    path("rules/compare/<int:first>/<int:second>/", rules.version_compare, name="staff_rule_compare"),
    path("site-watch/", watch.site_watch, name="staff_site_watch"),
    path("site-watch/now/", watch.site_watch_now, name="staff_site_watch_now"),
]
