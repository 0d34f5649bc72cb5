"""Addresses of satisfaction surveys."""

from django.urls import path

from performance.views import survey_slips, surveys

urlpatterns = [
    path("surveys/", surveys.survey_list, name="staff_surveys"),
    path("surveys/export.xlsx", surveys.list_xlsx, name="staff_surveys_xlsx"),
    path("surveys/new/", surveys.survey_new, name="staff_survey_new"),
    path("surveys/<int:pk>/", surveys.survey, name="staff_survey"),
    path("surveys/<int:pk>/edit/", surveys.survey_edit, name="staff_survey_edit"),
    path("surveys/<int:pk>/preview/", surveys.preview, name="staff_survey_preview"),
    path("surveys/<int:pk>/results.xlsx", surveys.survey_xlsx, name="staff_survey_xlsx"),
    path("surveys/<int:pk>/repeat/", surveys.repeat, name="staff_survey_repeat"),
    path("surveys/<int:pk>/fill/", surveys.fill, name="staff_survey_fill"),
    path("surveys/<int:pk>/questions/new/", surveys.question_new, name="staff_survey_question_new"),
    path("surveys/questions/<int:pk>/", surveys.question_edit, name="staff_survey_question"),
    path("surveys/questions/<int:pk>/remove/", surveys.question_remove, name="staff_survey_question_remove"),
    path("surveys/questions/<int:pk>/shift/", surveys.question_shift, name="staff_survey_question_shift"),
    path("surveys/<int:pk>/slips/", survey_slips.slips, name="staff_survey_slips"),
    path("surveys/<int:pk>/slips/links.xlsx", survey_slips.links, name="staff_survey_links"),
    path("surveys/<int:pk>/poster/", survey_slips.poster, name="staff_survey_poster"),
    path("surveys/<int:pk>/poster/limit/", survey_slips.poster_limit, name="staff_survey_poster_limit"),
    path("surveys/<int:pk>/papers/", survey_slips.papers, name="staff_survey_papers"),
    path("surveys/<int:pk>/papers/type/", survey_slips.paper, name="staff_survey_paper"),
]
