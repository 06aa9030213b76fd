"""``manage.py sweep``: remove bytes that nothing needs, now."""

import math
from typing import Any

from django.core.management.base import BaseCommand

from imaging.blobs.sweep import sweep_freed, sweep_orphans


class Command(BaseCommand):
    """Do at once what the workers do by and by."""

    help = (
        "Removes blobs that were deleted or replaced longer ago than "
        "PORTAL_BLOB_GRACE_S, and files that no instance names."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Sweep both kinds and say how many were removed."""
        freed = sweep_freed(time_limit_s=math.inf)
        orphans = sweep_orphans()
        self.stdout.write(f"Removed {freed} freed blobs and {orphans} orphans.")
