"""WSGI entry for the web server."""

import multiprocessing
import os
import signal

from django.core.wsgi import get_wsgi_application

from trading_center.embedded.child import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trading_center.settings")

if multiprocessing.parent_process() is not None:
    # A worker that outlives the killed web server would keep the port from the next one.
    die_with_parent(signal.SIGKILL)

application = get_wsgi_application()
