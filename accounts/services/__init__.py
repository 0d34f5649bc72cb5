"""Writes of the accounts app, a module per noun."""
