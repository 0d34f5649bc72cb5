"""The states of this app and the tables of their moves."""

from __future__ import annotations

from performance.budget_moves import BUDGET_MOVES
from performance.goal_moves import GOAL_MOVES
from performance.lag_moves import LAG_MOVES
from performance.monitoring_moves import MONITORING_MOVES
from performance.process_moves import PROCESS_MOVES
from performance.survey_moves import SURVEY_MOVES

MOVES = {
    **BUDGET_MOVES,
    **GOAL_MOVES,
    **PROCESS_MOVES,
    **SURVEY_MOVES,
    **LAG_MOVES,
    **MONITORING_MOVES,
}
