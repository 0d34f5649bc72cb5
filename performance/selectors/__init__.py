"""Reads of budget, spending, goals and reports."""
