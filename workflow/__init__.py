"""Moves and states, clocks, the calendar and the staff desk built from them (step 1: the calendar)."""
