"""Limits of the watch over the instance; none of them is law."""

from __future__ import annotations

from datetime import timedelta

# A backup older than this is red (issue 3: "red after two days").
BACKUP_OLD = timedelta(days=2)
# After a failed night: not at once again, a full disk does not empty itself.
BACKUP_RETRY = timedelta(hours=1)
# A scratch restore of the database takes its time: once a week.
SCRATCH_EVERY = timedelta(days=7)
# The clock: beyond this offset deadlines to the minute are in doubt.
CLOCK_LIMIT_MS = 2_000
# What a person reads from another clock and types is no more exact.
PEOPLE_LIMIT_MS = 5_000
# A wall clock that moved by this against the machine's own counter was set by somebody (slewing makes 15 ms in 30 s).
JUMP_LIMIT_MS = 1_000
# A reading older than this says nothing of today; the page asks for a new one.
CLOCK_OLD = timedelta(days=2)
# Between entering a comparison and its confirmation the second person can still look at the same clock.
COMPARISON_OPEN = timedelta(minutes=30)
# Entries further off are a slip of the hand, not a clock.
COMPARISON_FAR = timedelta(days=1)
