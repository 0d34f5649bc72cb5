"""``python -m tests.audit.publisher NAME COUNT``: a real process that publishes, in batches of uneven size.

Every third batch is rolled back first: what is rolled back must leave no gap. The database is the one that
TEST_DATABASE names.
"""

from __future__ import annotations

import os
import sys

import django
from django.conf import settings


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trading_center.settings")
    settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
    settings.KEYS_DIR = os.environ["TEST_KEYS"]
    django.setup()
    from django.db import transaction  # noqa: PLC0415 (needs django.setup)
    from django.utils import timezone  # noqa: PLC0415 (see above)

    from audit.log_services import log_append  # noqa: PLC0415 (see above)
    from tenders.lines import announcement_line  # noqa: PLC0415 (see above)
    from tenders.services.announcements import announcements_store  # noqa: PLC0415 (see above)
    from tests.tenders.factories import CATEGORIES, line_of  # noqa: PLC0415 (see above)

    name, count = sys.argv[1], int(sys.argv[2])
    sys.stdin.readline()  # all start together
    for batch in range(count):
        if batch % 3 == 2:
            try:
                with transaction.atomic():
                    log_append(entries=[("result", name, b"{}")], now=timezone.now())
                    raise InterruptedError
            except InterruptedError:
                pass
        lines = [announcement_line(line_of(id=f"{name}-{batch}-{n}"), CATEGORIES) for n in range(1 + batch % 4)]
        assert set(announcements_store(lines=lines, now=timezone.now())) == {"imported"}
        with transaction.atomic():
            log_append(entries=[("result", f"{name}-{batch}", b'{"n":1}')], now=timezone.now())


if __name__ == "__main__":
    main()
