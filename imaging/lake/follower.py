"""The follower that writes the lake; it loads delta-rs only as it works."""

from collections.abc import Sequence

from django.db import transaction

from core.changefeed import Entry
from core.followers import Follower
from imaging.lake.places import build_place, lake_place
from imaging.models import LakeBuild


class LakeFollower(Follower):
    """Writes what the feed tells of into Delta tables.

    Few large commits are what readers want: it lets entries gather, and takes many at
    once.
    """

    name = "lake"
    batch = 2_000
    gathers_s = 30.0

    def apply(self, entries: Sequence[Entry]) -> None:
        """Take entries over; those that come twice or late change nothing."""
        from imaging.lake import writing  # noqa: PLC0415 loads delta-rs

        writing.take(entries)

    def reset(self) -> None:
        """Begin tables beside the others, which stay until the new ones are whole."""
        live = lake_place()
        for build in LakeBuild.objects.all():
            transaction.on_commit(build_place(live, build.pk).remove)
        LakeBuild.objects.all().delete()
        LakeBuild.objects.create()
