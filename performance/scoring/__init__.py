"""Self-evaluation scored: what a form says, what it is worth, what about it needs a word.

Contract: self-evaluation files, version 1. No database: command, pages and reports call the same.
"""
