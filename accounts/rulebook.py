"""Numbers of login security.

GB/T 22239-2019 (等级保护第三级) 8.1.4.1 asks for complex and regularly changed secrets, limits on failed logins, and
time-outs, but gives no numbers; these are what assessors expect, in force from 2026-01-01.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

# Passwords: at least 8 is expected, 10 leaves room; 3 of the 4 kinds (upper, lower, digit, other).
PASSWORD_LENGTH = 10
PASSWORD_KINDS = 3
PASSWORD_AGE = timedelta(days=90)
PASSWORD_HISTORY = 5

# Sessions: idle 15 to 30 minutes is expected; nobody works longer than 12 hours on one login.
SESSION_IDLE = timedelta(minutes=30)
SESSION_LONGEST = timedelta(hours=12)
# The time of the last use is written at most this often: a write for every request would cost more than it tells.
SESSION_NOTE_EVERY = timedelta(seconds=60)
# How long the code may be awaited after the password was right.
CODE_WAIT = timedelta(minutes=5)


@dataclass(frozen=True)
class GuardRule:
    """How many failures lock, for how long at first (it doubles with every further lock), and for how long at most.

    Failures and locks are forgotten ``forget`` after the last one.
    """

    failures: int
    first: timedelta
    longest: timedelta
    forget: timedelta


ACCOUNT_RULE = GuardRule(5, timedelta(minutes=15), timedelta(hours=4), timedelta(hours=24))
# A whole office may sit behind one address.
ADDRESS_RULE = GuardRule(30, timedelta(minutes=15), timedelta(hours=1), timedelta(hours=1))

# TOTP (RFC 6238): SHA-1, 6 digits, 30 s, as every phone app has it; one step of drift to each side.
TOTP_SECONDS = 30
TOTP_DRIFT = 1
RECOVERY_CODES = 10
