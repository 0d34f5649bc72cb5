"""Wiring only: configuration, settings, addresses, Celery, the embedded services.

Imports nothing: the supervisor and the embedded services start without Django and Celery.
"""
