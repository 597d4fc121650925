"""Django's settings, made from `Config`. Everything an operator may choose is in `config.py`, nothing is chosen here."""

from __future__ import annotations

from pathlib import Path

from sscard.app.config import load
from sscard.app.database import DatabaseFault, django_database
from sscard.app.rooms import rooms_with

CONFIG = load()

SECRET_KEY = CONFIG.secret_key
DEBUG = CONFIG.debug
ALLOWED_HOSTS = list(CONFIG.allowed_hosts)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    *(f"sscard.{room}" for room in rooms_with("apps")),
    "sscard.app",
]
AUTH_USER_MODEL = "control.Staff"

MIDDLEWARE = [
    "sscard.portal.middleware.HouseHeaders",
    "sscard.portal.netbank.hosts.Sites",
    "django.middleware.common.CommonMiddleware",
    "sscard.portal.looks.Looks",
    "sscard.portal.netbank.hosts.SiteSessions",
    "django.middleware.csrf.CsrfViewMiddleware",
    "sscard.api.request_log.RequestLog",
    "sscard.api.methods.Methods",
    "sscard.portal.middleware.HouseRefusals",
]
ROOT_URLCONF = "sscard.app.urls"
BANK_URLCONF = "sscard.app.bank_urls"  # of the banks' own hosts
NATIONAL_URLCONF = "sscard.sim.national.site"  # of the virtual national platform's host
WSGI_APPLICATION = "sscard.app.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "sscard.portal.looks.context",
                "sscard.portal.netbank.signed.frame",
            ]
        },
    }
]

try:
    DATABASES = {"default": {**django_database(CONFIG.urls().app), "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}}
except (DatabaseFault, FileNotFoundError):  # no database yet: `sscard up` makes one, `doctor` still runs
    DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "sscard"}}
# One act is one transaction that the door opens; ATOMIC_REQUESTS would roll back a refusal's audit row.
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

PASSWORD_HASHERS = ["sscard.control.passwords.HouseArgon2"]
SESSION_ENGINE = "sscard.control.sessions"
SESSION_COOKIE_NAME = "__Host-sscard"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-sscard-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "sscard.portal.errors.forgery_guard"
SECURE_CONTENT_TYPE_NOSNIFF = True

DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400

LANGUAGE_CODE = "zh-hans"
USE_I18N = False  # texts stand in the rooms' words.toml
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# Jobs stand in PostgreSQL; a room's tasks are in its `jobs.py`.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"masked": {"()": "sscard.kernel.logs.Masked"}},
    "formatters": {"line": {"()": "sscard.kernel.logs.Lines"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["masked"]}},
    "root": {"handlers": ["out"], "level": "WARNING" if CONFIG.profile == "test" else "INFO"},
    "loggers": {
        "procrastinate": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
    },
}
