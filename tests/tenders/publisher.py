"""``python -m tests.tenders.publisher [KILLS SEED]``: a real process that publishes what is due in TEST_DATABASE.

Without arguments it waits for a line and publishes. With them it forks that many children that publish, each killed
at a random moment by SIGKILL, and then publishes what is left; it prints how many children were killed at work.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from typing import Any

import django
from django.conf import settings
from django.db.backends.signals import connection_created

LONGEST_SECONDS = 0.25


def _set_role(connection: Any, **_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{settings.DATABASE_APP_ROLE}"')


def _publish() -> None:
    from tenders.services.publication import drafts_publish_due  # noqa: PLC0415 (needs django.setup)
    from tests.tenders.drafts import NOW  # noqa: PLC0415 (see above)

    drafts_publish_due(now=NOW)


def _killed(kills: int, seed: int) -> int:
    chance, count = random.Random(seed), 0
    for _ in range(kills):
        child = os.fork()
        if child == 0:
            _publish()
            os._exit(0)
        time.sleep(chance.uniform(0, LONGEST_SECONDS))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        count += os.WIFSIGNALED(status)
    return count


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trading_center.settings")
    settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
    connection_created.connect(_set_role)
    django.setup()
    if len(sys.argv) > 1:
        sys.stdout.write(f"{_killed(int(sys.argv[1]), int(sys.argv[2]))}\n")
    else:
        sys.stdin.readline()  # all start together
    _publish()


if __name__ == "__main__":
    main()
