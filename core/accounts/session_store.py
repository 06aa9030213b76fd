"""Sessions of the web sign-in: in the cache, and in the database where that loses them.

They end with the browser, because the next one at the machine is somebody else; when
nothing was asked with them for a while; and some hours after the sign-in, whatever is
done meanwhile. Django's own know only the one or the other: a session with a fixed end
gets a cookie that outlives the browser.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import cached_db
from django.core.cache import cache
from django.utils import timezone


class SessionStore(cached_db.SessionStore):
    """One session; ``SESSION_ENGINE`` names this module."""

    def begin(self) -> None:
        """Let it end after ``PORTAL_SESSION_HOURS`` from now, used or not."""
        self.set_expiry(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE))

    def go_on(self, used_at: datetime) -> None:
        """Let it end ``PORTAL_SESSION_IDLE_MINUTES`` after a use; not once it has."""
        end = self.get_expiry_date(modification=used_at)
        held = self.model.objects.filter(
            session_key=self.session_key, expire_date__gt=timezone.now()
        )
        if held.update(expire_date=end):
            left = (end - timezone.now()).total_seconds()
            cache.touch(self.cache_key, max(int(left), 0))

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """Return when it ends if nothing more is asked with it."""
        used_at: datetime = kwargs.setdefault("modification", timezone.now())
        idle = used_at + timedelta(seconds=settings.SESSION_IDLE_S)
        return min(super().get_expiry_date(**kwargs), idle)

    def get_expiry_age(self, **kwargs: Any) -> int:
        """Return in how many seconds that is."""
        return min(super().get_expiry_age(**kwargs), settings.SESSION_IDLE_S)

    def get_expire_at_browser_close(self) -> bool:
        """Return True: the cookie has no date of its own."""
        return True
