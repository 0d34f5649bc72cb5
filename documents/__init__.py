"""Stored files, addressed by SHA-256, never overwritten."""
