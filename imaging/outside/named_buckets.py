"""The buckets that the settings name, with their credentials."""

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings

from core.errors import Invalid
from imaging.outside.object_place import Place

if TYPE_CHECKING:
    from imaging.outside.objects import Objects

PATIENCE_S: Final = 30


def named_bucket(name: str) -> Place:
    """Return a bucket of the file that ``PORTAL_EXPORT_BUCKETS`` names.

    Raises
    ------
    Invalid
        There is none of this name.
    """
    file: Path | None = settings.EXPORT_BUCKETS
    try:
        listed = json.loads(file.read_text("utf-8")) if file else {}
        held = listed[name]
        return Place(
            held["url"].rstrip("/"),
            held.get("config", {}),
            by_identity=held.get("managedIdentity") is True,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = "No bucket of this name is listed in PORTAL_EXPORT_BUCKETS."
        raise Invalid(message, path="bucket") from error


def opened(
    place: Place, *, patience_s: int = PATIENCE_S
) -> AbstractContextManager["Objects"]:
    """Open a bucket, for as long as it is needed."""
    from imaging.outside import objects  # noqa: PLC0415 loads obstore

    return objects.opened(place, patience_s=patience_s)
