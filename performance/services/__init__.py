"""Writes of budget, spending, goals and reports."""
