"""Pages are tested with static files as they stand."""

from tests.portal.conftest import plain_static

__all__ = ["plain_static"]
