"""Upkeep without an administrator: recovery hold, backups that were made, the watched clock, metrics."""
