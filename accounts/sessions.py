"""The store of staff sessions: rows in the database whose key is a digest of the cookie."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

# What a session knows of itself besides Django's own keys; moments are seconds since 1970.
BEGUN, SEEN, ADDRESS, DEVICE = "begun", "seen", "address", "device"
FACTOR = "factor"
DUTIES = "duties"
PENDING = "pending"


def digest(session_key: str) -> str:
    """The primary key of the row of the session with this cookie."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def _moment(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


class SessionStore(DatabaseStore):
    """Django's database store over ``accounts.models.Session``."""

    @classmethod
    def get_model_class(cls) -> Any:
        """The model of the rows."""
        from accounts.models import Session  # noqa: PLC0415 (models exist after django.setup)

        return Session

    def _get_session_from_db(self) -> Any:
        found = self.model.objects.filter(
            session_key=digest(self.session_key or ""), expire_date__gt=timezone.now()
        ).first()
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        """Is the key taken?"""
        return self.model.objects.filter(session_key=digest(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row that keeps ``data``."""
        key = self._get_or_create_session_key()  # type: ignore[attr-defined]
        model: Any = self.get_model_class()
        return model(
            session_key=digest(key),
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            user_id=int(data[SESSION_KEY]) if SESSION_KEY in data else None,
            begun_at=_moment(data.get(BEGUN)),
            seen_at=_moment(data.get(SEEN)),
            address=data.get(ADDRESS, "")[:64],
            device=data.get(DEVICE, "")[:200],
        )

    def delete(self, session_key: str | None = None) -> None:
        """Remove the row; one that is gone is no error."""
        key = session_key or self.session_key
        if key:
            self.model.objects.filter(session_key=digest(key)).delete()
