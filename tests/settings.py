"""Django's settings under test: the portal's own, on servers made for this run."""

import os
import sys

from tests.object_storage import start_configured
from tests.servers import start_servers

# Where Python is told to keep no compiled files: a hundred processes of portals and
# commands would compile the same thousand sources, for a third of their start.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

start_servers()
start_configured()
# Whether somebody has built the pages here changes nothing (tests/frontend/built.py).
os.environ.setdefault("PORTAL_FRONTEND", "no-frontend")
os.environ.setdefault("PORTAL_VIEWER", "no-viewer")

from portal.settings import *  # noqa: E402, F403 the variables above come first
from portal.settings import PLACES, REDIS_URL, STORAGE_URL  # noqa: E402

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
REDIS_URL = f"{REDIS_URL}?db={int(WORKER.removeprefix('gw')) % 16}"
STORAGE_URL = f"{STORAGE_URL}/{WORKER}" if STORAGE_URL else ""
BLOB_FOLDER = PLACES.data / f"blobs-{WORKER}"
RESULT_FOLDER = PLACES.data / f"results-{WORKER}"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
    }
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
