"""Django's settings, read from the environment through `portal.env`.

Every variable has a default that is right for the embedded parts; the variables are
listed with their meaning in ``docs/operations.md``.
"""

from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from portal import env
from portal.embedded.places import Places
from portal.embedded.secrets import secret_key
from portal.pages.viewer_policy import add_headers

BASE_DIR: Final = Path(__file__).resolve().parent.parent
PLACES: Final = Places(env.folder("PORTAL_DATA", BASE_DIR / "var"))

DEBUG = False
SECRET_KEY = env.text("PORTAL_SECRET_KEY") or secret_key(PLACES.data)
ALLOWED_HOSTS = env.words("PORTAL_ALLOWED_HOSTS") or ["*"]
CSRF_TRUSTED_ORIGINS = env.words("PORTAL_TRUSTED_ORIGINS")
TRUSTED_PROXIES = env.networks("PORTAL_TRUSTED_PROXIES")
CORS_ORIGINS = env.words("PORTAL_CORS_ORIGINS")

INSTALLED_APPS = [
    "core.administration.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "guardian",
    "core",
    "imaging",
    "fhirlink",
    "cohorts",
    "worklist",
    "portal.demo",
    "portal",
]
MIDDLEWARE = [
    "core.secure_cookies.SecureCookies",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.accounts.sessions.NoteSessions",
    "core.refusals.AnswerErrors",
]
ROOT_URLCONF = "portal.urls"
ASGI_APPLICATION = "portal.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def database(url: str) -> dict[str, Any]:
    """Return Django's form of a ``postgresql://`` address."""
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # Hot statements run prepared; Django's own never repeat to the letter.
            "prepare_threshold": 3,
            "application_name": "portal",
            # A database whose machine has vanished is noticed. Not sooner: each
            # attempt on one that hangs takes a connection when it goes on.
            "connect_timeout": 30,
            "keepalives_idle": 15,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 30_000,
            # A writer that hangs must not hold the feed's lock (core.changefeed).
            "options": "-c idle_in_transaction_session_timeout=60s",
        },
    }


DATABASES = {"default": database(env.text("DATABASE_URL") or PLACES.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False  # each write service owns its one transaction

REDIS_URL = env.text("REDIS_URL") or PLACES.redis_url
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
    }
}
SESSION_ENGINE = "core.accounts.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.integer("PORTAL_SESSION_HOURS", 12, minimum=1) * 3600
SESSION_IDLE_S = env.integer("PORTAL_SESSION_IDLE_MINUTES", 120, minimum=1) * 60
LOGIN_URL = "/sign-in/"
CSRF_FAILURE_VIEW = "core.refusals.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True

AUTH_USER_MODEL = "core.Account"
# django-guardian keeps object permissions; `core.access` alone reads them, so its
# backend, which knows no expiry, is not asked, and there is no anonymous account.
ANONYMOUS_USER_NAME = None
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]

OIDC_ISSUERS = env.issuers("PORTAL_OIDC_ISSUER")
OIDC_AUDIENCES = env.words("PORTAL_OIDC_AUDIENCE")
OIDC_NAME_CLAIM = env.text("PORTAL_OIDC_NAME_CLAIM", "preferred_username")
OIDC_GROUPS_CLAIM = env.text("PORTAL_OIDC_GROUPS_CLAIM", "groups")
OIDC_ROLES = env.pairs("PORTAL_OIDC_ROLES")
OIDC_CLIENT_IDS = env.of_each("PORTAL_OIDC_CLIENT_ID", OIDC_ISSUERS)
OIDC_CLIENT_SECRETS = env.of_each("PORTAL_OIDC_CLIENT_SECRET", OIDC_ISSUERS)
OIDC_SCOPE = env.text("PORTAL_OIDC_SCOPE", "openid profile")
if OIDC_ISSUERS and not OIDC_AUDIENCES and not OIDC_CLIENT_IDS:
    # Whatever the issuer signs for anybody else would be taken.
    raise env.SettingError("PORTAL_OIDC_AUDIENCE", "", "what tokens for us name")

ELASTICSEARCH_URLS = env.words("ELASTICSEARCH_URL")
ELASTICSEARCH_USER = env.text("ELASTICSEARCH_USER")
ELASTICSEARCH_PASSWORD = env.text("ELASTICSEARCH_PASSWORD")
ELASTICSEARCH_API_KEY = env.text("ELASTICSEARCH_API_KEY")
ELASTICSEARCH_CA = env.text("ELASTICSEARCH_CA")
ELASTICSEARCH_PREFIX = env.text("ELASTICSEARCH_PREFIX", "portal")
ELASTICSEARCH_TIMEOUT_MS = env.integer("ELASTICSEARCH_TIMEOUT_MS", 1000, minimum=1)
ELASTICSEARCH_WAIT_MS = env.integer("ELASTICSEARCH_WAIT_MS", 100)

BLOB_FOLDER = env.folder("PORTAL_BLOBS", PLACES.blobs)
STORAGE_URL = env.bucket("STORAGE_URL")
STORAGE_ENDPOINT = env.address("STORAGE_ENDPOINT")
STORAGE_REGION = env.text("STORAGE_REGION")
STORAGE_PATH_STYLE = env.boolean("STORAGE_PATH_STYLE", default=True)
STORAGE_PATIENCE_S = env.integer("STORAGE_PATIENCE_S", 20, minimum=1)
# `obstore` reads these, and what else there may be, by itself.
STORAGE_S3_CREDENTIALS = (
    env.text("AWS_ACCESS_KEY_ID"),
    env.text("AWS_SECRET_ACCESS_KEY"),
    env.text("AWS_SESSION_TOKEN"),
)
LAKE = env.folder_or_bucket("PORTAL_LAKE")
LAKE_OPTIONS = env.pairs("PORTAL_LAKE_OPTIONS")
LAKE_RETENTION_HOURS = env.integer("PORTAL_LAKE_RETENTION_HOURS", 7 * 24, minimum=1)
BLOB_GRACE_S = env.integer("PORTAL_BLOB_GRACE_S", 3 * 24 * 3600)
RESULT_FOLDER = env.folder("PORTAL_RESULTS", PLACES.data / "results")
RESULT_DAYS = env.integer("PORTAL_RESULT_DAYS", 7, minimum=1)
FHIR_OTHER_TYPES = env.boolean("PORTAL_FHIR_OTHER_TYPES", default=True)
FHIR_POLL_S = env.integer("PORTAL_FHIR_POLL_S", 60, minimum=1)
EXPORT_FOLDERS = env.folders("PORTAL_EXPORT_FOLDERS")
EXPORT_HOSTS = env.hosts("PORTAL_EXPORT_HOSTS")
EXPORT_SERVERS = env.servers("PORTAL_EXPORT_SERVERS")
EXPORT_BUCKETS = env.file("PORTAL_EXPORT_BUCKETS")
EXPORT_IDENTITY_CONTAINERS = env.addresses("PORTAL_EXPORT_IDENTITY_CONTAINERS")
# `imaging.outside.azure_identity.Identity`; Azure sets these by itself.
AZURE_IDENTITY = (
    env.address("AZURE_MSI_ENDPOINT")
    or "http://169.254.169.254/metadata/identity/oauth2/token",
    env.address("IDENTITY_ENDPOINT"),
    env.text("IDENTITY_HEADER"),
    env.text("AZURE_FEDERATED_TOKEN_FILE"),
    env.text("AZURE_TENANT_ID"),
    env.address("AZURE_AUTHORITY_HOST") or "https://login.microsoftonline.com",
    env.text("AZURE_CLIENT_ID"),
)
EXPORT_TOKENS = env.of_each("PORTAL_EXPORT_TOKENS", list(EXPORT_SERVERS))
IMPORT_FOLDERS = env.folders("PORTAL_IMPORT_FOLDERS")
AUDIT_KEEP_DAYS = env.integer("PORTAL_AUDIT_KEEP_DAYS", 7 * 365 + 2, minimum=7)
STORE_LIMIT_BYTES = env.integer("PORTAL_STORE_LIMIT_BYTES", 64 * 1024**3, minimum=1)
DATABASE_THREADS = env.integer("PORTAL_DATABASE_THREADS", 8, minimum=2)
STATEMENT_TIMEOUT_S = env.integer("PORTAL_STATEMENT_TIMEOUT_S", 30, minimum=1)
ANSWER_S = env.integer("PORTAL_ANSWER_S", 60, minimum=1)
PING_S = env.integer("PORTAL_PING_S", 15, minimum=1)
GRAPHQL_COST = env.integer("PORTAL_GRAPHQL_COST", 20_000, minimum=100)
ASSIGNING_AUTHORITY = env.text("PORTAL_ASSIGNING_AUTHORITY")
ACCESSION_SYSTEM = env.text("PORTAL_ACCESSION_SYSTEM")
LINK_ADDRESS = env.address("PORTAL_LINK_ADDRESS")
LINK_INSTANCES = env.integer("PORTAL_LINK_INSTANCES", 2_000)
LINK_NAMESPACE = env.uuid(
    "PORTAL_LINK_NAMESPACE", "1f0ca6e2-1d1f-4f1b-9d6d-5f2c8f0f6a11"
)
LINK_QUIET_S = env.integer("PORTAL_LINK_QUIET_S", 2)
LINK_WAIT_S = env.integer("PORTAL_LINK_WAIT_S", 30)
LINK_ZONE = env.text("PORTAL_LINK_ZONE")
COHORT_HOURS = env.integer("PORTAL_COHORT_HOURS", 24, minimum=1)
COHORT_LOG_DAYS = env.integer("PORTAL_COHORT_LOG_DAYS", 90, minimum=1)
COHORT_QUESTIONS_A_DAY = env.integer("PORTAL_COHORT_QUESTIONS_A_DAY", 300, minimum=1)
WORKLIST_LABEL = env.text("PORTAL_WORKLIST_LABEL", "worklist")
STATION = env.code("PORTAL_STATION", "PORTAL, 99PORTAL, Imaging Research Portal")
WORKITEM_DAYS = env.integer("PORTAL_WORKITEM_DAYS", 0)
DELETION_LOCK_DAYS = env.integer("PORTAL_DELETION_LOCK_DAYS", 30)
EVENT_DAYS = env.integer("PORTAL_EVENT_DAYS", 30, minimum=1)
EVENTS_KEPT = env.integer("PORTAL_EVENTS_KEPT", 100_000, minimum=1)
LANGUAGE_ENDPOINT = env.address("PORTAL_LANGUAGE_ENDPOINT")
LANGUAGE_HOSTS = env.hosts("PORTAL_LANGUAGE_HOSTS")
LANGUAGE_MODEL = env.text("PORTAL_LANGUAGE_MODEL")
LANGUAGE_KEY = env.text("PORTAL_LANGUAGE_KEY")
if LANGUAGE_ENDPOINT and not LANGUAGE_MODEL:
    raise env.SettingError("PORTAL_LANGUAGE_MODEL", "", "the name of a model there")
BOOTSTRAP_TOKEN = env.text("PORTAL_BOOTSTRAP_TOKEN")

LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "portal.formats"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
FRONTEND_FOLDER = env.folder("PORTAL_FRONTEND", BASE_DIR / "frontend" / "dist")
# Vite names each file after what is in it.
_BUILT = FRONTEND_FOLDER / "app"
STATICFILES_DIRS = [("app", _BUILT)] if _BUILT.is_dir() else []
WHITENOISE_USE_FINDERS = True  # static files as the packages bring them
VIEWER_FOLDER = env.folder("PORTAL_VIEWER", BASE_DIR / "frontend" / "viewer" / "dist")
if (VIEWER_FOLDER / "files").is_dir():
    WHITENOISE_ROOT = VIEWER_FOLDER / "files"
WHITENOISE_ADD_HEADERS_FUNCTION = add_headers
# What packagers have named after what is in it.
WHITENOISE_IMMUTABLE_FILE_TEST = (
    r"^/static/app/|^/viewer/(?:[\w-]+\.bundle\.)?[0-9a-f]{16}\.\w+$"
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("PORTAL_LOG_LEVEL", "INFO")},
    "loggers": {
        # Its warnings quote values of files, which no log may hold.
        "pydicom": {"propagate": False},
        # A line for each request, and on request each document with it.
        "elastic_transport": {"level": "ERROR"},
        # Failures are logged by core.boundary, once; a 503 of /readyz is none.
        "django.request": {"propagate": False},
    },
}
