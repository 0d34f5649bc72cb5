"""Argon2 as the portal has it, but weak: a real hash takes 0.2 s of the processor on purpose, some tests make many."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """The same algorithm with the smallest parameters it takes."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
