"""Sessions of the web sign-in: in the cache, and in the database where that loses them.

They end with the browser, because the next one at the machine is somebody else, and
some hours after the sign-in, whatever is done meanwhile. Django's own know only the one
or the other: a session with a fixed end gets a cookie that outlives the browser.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends import cached_db
from django.utils import timezone


class SessionStore(cached_db.SessionStore):
    """One session; ``SESSION_ENGINE`` names this module."""

    def begin(self) -> None:
        """Let it end after ``PORTAL_SESSION_HOURS`` from now."""
        self.set_expiry(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE))

    def get_expire_at_browser_close(self) -> bool:
        """Return True: the cookie has no date of its own."""
        return True
