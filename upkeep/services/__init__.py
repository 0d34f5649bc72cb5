"""Writes of the upkeep app."""
