"""Where an instance keeps its things, and how its parts are reached. Standard library alone."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

OWNER_ROLE = "tc_owner"
APP_ROLE = "tc_app"
DATABASE_NAME = "trading_center"
PG_PORT = 5432
# sun_path holds 107 bytes; the longest socket name below the folder is PostgreSQL's.
LONGEST_SOCKET_NAME = f"/.s.PGSQL.{PG_PORT}.lock"
SOCKET_PATH_LIMIT = 107


@dataclass(frozen=True)
class Paths:
    """The folders and files of the instance in ``data_dir`` (absolute)."""

    data_dir: Path

    @property
    def postgres(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def redis(self) -> Path:
        return self.data_dir / "redis"

    @property
    def secrets(self) -> Path:
        return self.data_dir / "secrets"

    @property
    def keys(self) -> Path:
        """The keyring (core.keyfiles), unless the setting KEYS_DIR names another folder; never in a backup."""
        return self.data_dir / "keys"

    @property
    def files(self) -> Path:
        return self.data_dir / "files"

    @property
    def tls(self) -> Path:
        """The instance's own certificate authority and the server's certificate."""
        return self.data_dir / "tls"

    @property
    def log(self) -> Path:
        return self.data_dir / "log"

    @property
    def lock(self) -> Path:
        """Lock files; they stay, only the locks on them come and go."""
        return self.data_dir / "lock"

    @property
    def state(self) -> Path:
        """Notes that spare work at the next start; all of it may be deleted."""
        return self.data_dir / "state"

    @property
    def instance(self) -> Path:
        """The file that says demo or center, for life."""
        return self.data_dir / "instance"

    @property
    def run(self) -> Path:
        """The 0700 folder of the sockets: in DATA_DIR, or a short one where the path would be too long.

        A comma separates hosts for PostgreSQL's clients, so that a path with one cannot name a socket either.
        """
        own = self.data_dir / "run"
        if len(os.fsencode(own)) + len(LONGEST_SOCKET_NAME) <= SOCKET_PATH_LIMIT and "," not in str(own):
            return own
        name = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return Path(f"/tmp/tc-{os.getuid()}-{name}")  # noqa: S108 (0700, owner checked when it is made)

    def secret(self, name: str) -> str:
        """The secret ``name``, or an empty text before the instance has been made."""
        try:
            return (self.secrets / name).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return ""

    def database(self, role: str) -> dict[str, str]:
        """Connection parameters of the embedded PostgreSQL for ``role`` (OWNER_ROLE or APP_ROLE)."""
        return {
            "NAME": DATABASE_NAME,
            "USER": role,
            "PASSWORD": self.secret(role),
            "HOST": str(self.run),
            "PORT": str(PG_PORT),
        }

    @property
    def redis_socket(self) -> Path:
        return self.run / "redis.sock"

    def redis_url(self) -> str:
        """Address of the embedded Redis, as redis-py reads it."""
        return f"unix://:{self.secret('redis')}@{quote(str(self.redis_socket))}"

    def broker_url(self) -> str:
        """The same Redis, as Celery reads it."""
        return f"redis+socket://:{self.secret('redis')}@{quote(str(self.redis_socket))}"
