"""Addresses of goals, indicators, actual values, deal figures, schemes and scores."""

from django.urls import path

from performance.views import actuals, deals, goal_indicators, goals, schemes, scoring

urlpatterns = [
    path("goals/", goals.goal_list, name="staff_goals"),
    path("goals/new/<int:year>/", goals.goal_new, name="staff_goal_new"),
    path("goals/new/<int:year>/<int:program>/", goals.goal_new, name="staff_goal_new_program"),
    path("goals/compare/<int:first>/<int:second>/", goals.goal_compare, name="staff_goal_compare"),
    path("goals/<int:pk>/", goals.goal_detail, name="staff_goal"),
    path("goals/<int:pk>/edit/", goals.goal_edit, name="staff_goal_edit"),
    path("goals/<int:pk>/scheme/", goals.goal_scheme, name="staff_goal_scheme"),
    path("goals/<int:pk>/print/", goals.goal_print, name="staff_goal_print"),
    path("goals/<int:pk>/indicators.xlsx", goals.goal_xlsx, name="staff_goal_xlsx"),
    path("goals/<int:pk>/indicators/new/", goal_indicators.indicator_new, name="staff_indicator_new"),
    path("goals/indicators/<int:pk>/edit/", goal_indicators.indicator_edit, name="staff_indicator_edit"),
    path("goals/indicators/<int:pk>/delete/", goal_indicators.indicator_delete, name="staff_indicator_delete"),
    path("goals/indicators/<int:pk>/shift/", goal_indicators.indicator_shift, name="staff_indicator_shift"),
    path("indicators/", actuals.own_list, name="staff_indicators"),
    path("indicators/export.xlsx", actuals.own_xlsx, name="staff_indicators_xlsx"),
    path("indicators/<int:pk>/", actuals.indicator, name="staff_indicator"),
    path("indicators/<int:pk>/compute/", actuals.compute, name="staff_indicator_compute"),
    path("indicators/values/<int:pk>/rows/", actuals.value_rows, name="staff_value_rows"),
    path("indicators/papers/<int:pk>/", actuals.paper, name="staff_actual_paper"),
    path("deals/", deals.deal_list, name="staff_deals"),
    path("deals/<int:year>/<slug:category>/", deals.deal, name="staff_deal"),
    path("deals/papers/<int:pk>/", deals.deal_paper, name="staff_deal_paper"),
    path("schemes/", schemes.scheme_list, name="staff_schemes"),
    path("schemes/<int:pk>/", schemes.scheme, name="staff_scheme"),
    path("schemes/<int:pk>/new/", schemes.scheme_new, name="staff_scheme_new"),
    path("schemes/<int:pk>/stop/", schemes.scheme_stop, name="staff_scheme_stop"),
    path("scoring/<int:pk>/", scoring.score, name="staff_score"),
    path("scoring/<int:pk>/begin/", scoring.score_begin, name="staff_score_begin"),
    path("scoring/<int:pk>/lines/<slug:line>/", scoring.score_line, name="staff_score_line"),
    path("scoring/<int:pk>/form.json", scoring.score_file, name="staff_score_file"),
    path("scoring/<int:pk>/compare/", scoring.score_compare, name="staff_score_compare"),
]
