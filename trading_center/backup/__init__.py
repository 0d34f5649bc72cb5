"""Backup and restore: database and files in one archive, checked by its digests before anything is touched."""
