"""Django settings, all derived from trading_center.config."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from celery.schedules import crontab

from core.keyfiles import session_secrets
from trading_center.config import ROOT, is_loopback, load
from trading_center.embedded.paths import APP_ROLE, OWNER_ROLE, Paths

CONFIG = load(os.environ)
BASE_DIR = ROOT
PATHS = Paths(CONFIG.DATA_DIR)
INSTANCE = CONFIG.INSTANCE
EMBEDDED_DATABASE = not CONFIG.DATABASE_URL
EMBEDDED_REDIS = not CONFIG.REDIS_URL

# Keys that are no setting: core.keys. A rotated session key is still read.
KEYS_DIR = CONFIG.KEYS_DIR or PATHS.keys
_SESSION_SECRETS = [CONFIG.SECRET_KEY] if CONFIG.SECRET_KEY else session_secrets(KEYS_DIR)
SECRET_KEY, *SECRET_KEY_FALLBACKS = _SESSION_SECRETS or ["instance-not-made-yet-" + "x" * 40]
# Functions (obj, by=, now=) -> list of sentences that stop every publication while they say something.
PUBLICATION_HOLDS: list[str] = ["upkeep.gates.hold_reasons"]
# The transparency log's name, until its first leaf fixes it.
LOG_ORIGIN = CONFIG.LOG_ORIGIN or CONFIG.SITE_NAME
DEBUG = False
_LOCAL = ("localhost", "127.0.0.1", "[::1]")
ALLOWED_HOSTS = [*_LOCAL, *CONFIG.SITE_HOST]
if CONFIG.HOST not in (*_LOCAL, "0.0.0.0", "::"):  # noqa: S104 (compared, not bound)
    ALLOWED_HOSTS.append(CONFIG.HOST)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "trading_center.apps.OwnStaticFiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "trading_center",
    "portal",
    "performance",
    "experts",
    "deposits",
    "tenders",
    "documents",
    "notices",
    "workflow",
    "upkeep",
    "accounts",
    "audit",
]
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
# A visitor gets no cookie: sessions, CSRF, login and messages are for paths below /staff/ alone.
MIDDLEWARE = [
    "trading_center.middleware.RequestMiddleware",
    "trading_center.middleware.ReconnectMiddleware",
    "portal.middleware.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.LargePrintMiddleware",
    "django.middleware.common.CommonMiddleware",
    "portal.middleware.PublicPageMiddleware",
    "accounts.middleware.StaffSessionMiddleware",
    "accounts.middleware.StaffCsrfMiddleware",
    "accounts.middleware.StaffAuthMiddleware",
    "accounts.middleware.StaffMessageMiddleware",
    "accounts.middleware.StaffPageMiddleware",
]
ROOT_URLCONF = "trading_center.urls"
WSGI_APPLICATION = "trading_center.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "portal.context.site",
                "accounts.context.staff",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["portal.templatetags.portal"],
        },
    }
]


def database_from_url(url: str) -> dict[str, object]:
    """Django's connection parameters for ``postgres://user:password@host:port/name?sslmode=…``."""
    parts = urlsplit(url)
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


# Commands that change the schema run as the owner; everything else as the role without DDL.
OWNER_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "showmigrations", "squashmigrations", "flush"}
AS_OWNER = os.environ.get("TC_AS_OWNER") == "1" or (len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS)


def _database(owner: bool) -> dict[str, object]:
    if EMBEDDED_DATABASE:
        found: dict[str, object] = dict(PATHS.database(OWNER_ROLE if owner else APP_ROLE))
    else:
        found = database_from_url((CONFIG.DATABASE_OWNER_URL if owner else "") or CONFIG.DATABASE_URL)
    # A restore and an upgrade prepare a database beside the portal's own.
    found["NAME"] = os.environ.get("TC_DATABASE_NAME") or found["NAME"]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,
        # Asking before every request whether the server is there takes longer than a query: a request that finds
        # it gone is answered anew on another connection (trading_center.middleware).
        "CONN_HEALTH_CHECKS": False,
        "ATOMIC_REQUESTS": False,
        **found,
    }


DATABASES = {"default": _database(AS_OWNER)}
DATABASE_APP_ROLE = APP_ROLE if EMBEDDED_DATABASE else str(database_from_url(CONFIG.DATABASE_URL)["USER"])
OWNER_DATABASE = _database(True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = CONFIG.REDIS_URL or PATHS.redis_url()
CELERY_BROKER_URL = (
    CONFIG.REDIS_URL.replace("unix://", "redis+socket://", 1) if CONFIG.REDIS_URL else PATHS.broker_url()
)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 4
# What a killed worker had begun is given to another after this long, in seconds.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900, "socket_timeout": 30, "socket_connect_timeout": 4}
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
# Laying out a long report takes memory that Python does not give back: such a process is replaced afterwards (KB).
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 450_000
CELERY_BEAT_MAX_LOOP_INTERVAL = 5


def _every(task: str, schedule: float | crontab) -> dict[str, object]:
    """A task of the schedule; what nobody has begun by the next time is not worth beginning twice."""
    return {
        "task": task,
        "schedule": schedule,
        "options": {"expires": schedule if isinstance(schedule, float) else 3600.0},
    }


# Each asks first whether anything is due; so a machine that was off at midnight catches up.
CELERY_BEAT_SCHEDULE = {
    "log-days-close": _every("audit.tasks.log_days_close", crontab(minute=15)),
    "publish-due": _every("tenders.tasks.publish_due", 10.0),
    "seal-actions": _every("audit.tasks.seal_actions", 5.0),
    "digest-days": _every("audit.tasks.digest_days", crontab(minute=3)),
    "verify-actions": _every("audit.tasks.verify_actions", crontab(hour=2, minute=20)),
    "sweep-login-failures": _every("audit.tasks.sweep_login_failures", crontab(hour=3, minute=10)),
    "send-checkpoints": _every("notices.tasks.send_checkpoints", crontab(minute=33)),
    "sweep-runs": _every("performance.tasks.sweep_runs", 10.0),
    "draft-year-ends": _every("performance.tasks.draft_year_ends", 10.0),
    "remind-rectifications": _every("performance.tasks.remind_rectifications", 3600.0),
    "sweep-notices": _every("notices.tasks.sweep_notices", 10.0),
    "sweep-imports": _every("performance.tasks.sweep_imports", 10.0),
    "release-answers": _every("performance.tasks.release_answers", 60.0),
    "sweep-surveys": _every("performance.tasks.sweep_surveys", 300.0),
    "ask-lags": _every("performance.tasks.ask_lags", crontab(minute=10)),
    "remind-performance": _every("performance.tasks.remind_performance", crontab(minute=40)),
    "remind-monitorings": _every("performance.tasks.remind_monitorings", crontab(minute=37)),
    "site-watch": _every("portal.tasks.site_watch_nightly", 1800.0),
    "backup": _every("trading_center.tasks.backup_tonight", 600.0),
    "clock": _every("upkeep.tasks.clock_read", 1800.0),
    "clock-jump": _every("upkeep.tasks.clock_watch", 30.0),
}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.services.passwords.LengthValidator"},
    {"NAME": "accounts.services.passwords.KindsValidator"},
    {"NAME": "accounts.services.passwords.NamesValidator"},
    {"NAME": "accounts.services.passwords.CommonValidator"},
    {"NAME": "accounts.services.passwords.HistoryValidator"},
]

# Sessions of the staff (accounts.sessions); how long they may last idle and at all: accounts.rulebook.
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = "staff_session"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "staff_csrf"
CSRF_COOKIE_AGE = None  # until the browser is closed
CSRF_FAILURE_VIEW = "accounts.views.failures.csrf_failure"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in CONFIG.SITE_HOST]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# The way to other machines is always TLS, ours or the proxy's; on the machine itself the middleware takes the flag off.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(CONFIG.SITE_HOST) or not is_loopback(CONFIG.HOST)
if CONFIG.BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Printed logins open nothing to other machines.
DEMO_LOGINS = INSTANCE == "demo" and is_loopback(CONFIG.HOST)

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = PATHS.data_dir / "static"
# Packages of package.json that pages load, under names of their own; where npm had no net they are missing.
NPM_PACKAGES = {"npm/noble-ed25519": "@noble/ed25519", "npm/noble-hashes": "@noble/hashes"}
STATICFILES_DIRS = [
    BASE_DIR / "static",
    *((prefix, BASE_DIR / "node_modules" / name) for prefix, name in NPM_PACKAGES.items()),
]
STATICFILES_STORAGE_BACKEND = "whitenoise.storage.CompressedManifestStaticFilesStorage"


def _storage(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    if parts.scheme == "s3":
        host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
        options = dict(parse_qsl(parts.query))
        scheme = "http" if options.get("tls") == "0" else "https"
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "access_key": unquote(parts.username or ""),
                "secret_key": unquote(parts.password or ""),
                "endpoint_url": f"{scheme}://{host}",
                "bucket_name": parts.path.strip("/"),
                "region_name": options.get("region", "us-east-1"),
                "file_overwrite": False,
                "default_acl": None,
            },
        }
    location = Path(unquote(parts.path)) if url else PATHS.files
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": location}}


STORAGES = {
    "default": _storage(CONFIG.STORAGE_URL),
    "staticfiles": {"BACKEND": STATICFILES_STORAGE_BACKEND},
}
FILE_UPLOAD_PERMISSIONS = 0o600

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # HeadersMiddleware sends X-Frame-Options and frame-ancestors
    "security.W003",  # accounts.middleware.StaffCsrfMiddleware: Django's own, where something can be changed
    "security.W004",  # HSTS and the way to HTTPS are the proxy's: deploy/nginx.conf.template
    "security.W008",
    "staticfiles.W004",  # without npm's packages the portal runs, and the page that needs them says so
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["portal.renderers.ExactJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "portal.api.exception_handler",
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS would tell of the code, in English
    "URL_FORMAT_OVERRIDE": None,  # ?format=… is an unknown name like any other, and ignored
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "公共资源交易中心开放接口",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVERS": [],
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "portal.api.without_internal_notes"],
}

# Named by dotted paths, for audit imports nothing above it: who may see its pages; where the day's head goes.
STAFF_ACCESS = "accounts.access.duty_required"
AUDIT_LOG_APPEND = "audit.log_services.log_append"

NOTICE_OUTBOX = PATHS.data_dir / "outbox"
# Functions that say why nothing may be sent now, and the one that gives the log's day-end checkpoints.
NOTICE_GATES: tuple[str, ...] = ("upkeep.gates.hold_reasons",)
# Who shows a stored content to somebody, as (model, lookup of its digest, more): asked before one is removed.
FILE_USES: tuple[tuple[str, str, dict[str, bool]], ...] = (
    ("tenders.Attachment", "sha256", {"stored": True}),
    ("tenders.DraftAttachment", "file__sha256", {}),
    ("portal.ArticleFile", "sha256", {}),
    ("portal.DraftFile", "sha256", {}),
    ("portal.RuleFile", "sha256", {}),
    ("workflow.TaskPaper", "sha256", {}),
    ("performance.ReportFile", "file__sha256", {}),
    ("performance.StampedScan", "file__sha256", {}),
    ("performance.EntryPaper", "file__sha256", {}),
    ("performance.SpendingImport", "file__sha256", {}),
    ("performance.ActualPaper", "file__sha256", {}),
    ("performance.DealFigure", "file__sha256", {}),
    ("performance.RectificationPaper", "file__sha256", {}),
    ("performance.LagPaper", "file__sha256", {}),
    ("performance.BureauWorkbook", "file__sha256", {}),
)
# What the upkeep page tells of besides: sentences, none when all is well.
UPKEEP_FAULTS = ("documents.selectors.fault_lines",)
# Tells a deputy, in the transaction of the delegation (accounts.services.duties).
DELEGATION_TOLD = "notices.services.moves.delegation_told"
NOTICE_CHECKPOINTS = "audit.log_selectors.day_end_texts"
_MAIL = urlsplit(CONFIG.NOTICE_EMAIL_URL)
EMAIL_HOST, EMAIL_PORT = unquote(_MAIL.hostname or ""), _MAIL.port or (465 if _MAIL.scheme == "smtps" else 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_MAIL.username or ""), unquote(_MAIL.password or "")
EMAIL_USE_SSL = _MAIL.scheme == "smtps"
EMAIL_USE_TLS = dict(parse_qsl(_MAIL.query)).get("starttls") == "1"
EMAIL_TIMEOUT = 20

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "trading_center.logs.TextFormatter"},
        "json": {"()": "trading_center.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": CONFIG.LOG_FORMAT}},
    # Django's own handlers (of debugging, of its server for development) write addresses as they came.
    "loggers": {name: {"handlers": [], "level": "INFO", "propagate": True} for name in ("django", "django.server")},
    "root": {"handlers": ["console"], "level": CONFIG.LOG_LEVEL},
}
