"""Staff pages are tested with plain static addresses."""

from tests.portal.conftest import plain_static

__all__ = ["plain_static"]
