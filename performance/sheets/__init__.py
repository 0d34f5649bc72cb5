"""Excel lists from outside: opened with hard limits, read cell by cell, never trusted."""
