"""What the matrix of moves needs to know of the tables of this app (see tests.workflow.move_samples)."""

from tests.performance import forms_samples, goals_samples, lag_samples, money_samples, process_samples, survey_samples

IN_STATE = {
    **money_samples.IN_STATE,
    **goals_samples.IN_STATE,
    **process_samples.IN_STATE,
    **survey_samples.IN_STATE,
    **lag_samples.IN_STATE,
    **forms_samples.IN_STATE,
}
UNSAVED = {
    **money_samples.UNSAVED,
    **goals_samples.UNSAVED,
    **process_samples.UNSAVED,
    **survey_samples.UNSAVED,
    **lag_samples.UNSAVED,
    **forms_samples.UNSAVED,
}
