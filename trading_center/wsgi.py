"""WSGI entry for the web server: the public cache before Django."""

import gc
import multiprocessing
import os
import signal

from django.core.wsgi import get_wsgi_application

from trading_center.embedded.child import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trading_center.settings")

if multiprocessing.parent_process() is not None:
    # A worker that outlives the killed web server would keep the port from the next one.
    die_with_parent(signal.SIGKILL)

django_application = get_wsgi_application()

# Needs Django's settings, so it stands below the line that loads them.
from portal.edge import PublicCache  # noqa: E402 (see above)
from tenders.version import content_version_bump  # noqa: E402 (see above)
from trading_center.metrics import Measured  # noqa: E402 (see above)

# New code may render differently: what an older process kept or tagged is forgotten.
content_version_bump()
application = Measured(PublicCache(django_application))

# What start-up made stays for good: the collector need not walk over it while visitors wait.
gc.collect()
gc.freeze()
