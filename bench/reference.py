"""The reference of the HTTP benchmarks: a bare Django answer, one middleware, no database.

Settings, addresses and WSGI entry in one module: ``bench.reference:application`` with
``DJANGO_SETTINGS_MODULE=bench.reference``.
"""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.reference")

SECRET_KEY = "reference-" + "0" * 50
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "bench.reference"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
USE_TZ = True


def hello(request: HttpRequest) -> HttpResponse:
    """The least that Django can answer."""
    return HttpResponse("ok")


urlpatterns = [path("", hello)]
application = get_wsgi_application()
