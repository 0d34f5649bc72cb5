"""The portal's settings with the owner's connection: tests make their database, then step down (conftest)."""

import os

from trading_center.settings import *  # noqa: F403 (the same settings are the point)
from trading_center.settings import OWNER_DATABASE

DATABASES = {"default": OWNER_DATABASE}
# Processes that a test starts are the portal itself, not a test.
os.environ["DJANGO_SETTINGS_MODULE"] = "trading_center.settings"
