"""Writes of the tenders app, split by noun."""
