"""Where the lake lies: a folder, or a bucket that delta-rs speaks with."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class LakePlace:
    """Where tables lie, one folder for each.

    Attributes
    ----------
    url
        Of a folder without a scheme, or ``s3://…``, ``az://…``, ``gs://…``.
    options
        How delta-rs speaks with a bucket; credentials come from the variables that the
        makers of each service name.
    """

    url: str
    options: tuple[tuple[str, str], ...] = ()

    @property
    def folder(self) -> Path | None:
        """Return the folder; None where it is a bucket."""
        return None if "://" in self.url else Path(self.url)

    def below(self, name: str) -> "LakePlace":
        """Return a place inside of this one."""
        return LakePlace(f"{self.url.rstrip('/')}/{name}", self.options)

    def make(self) -> None:
        """Create the folder, which only its owner may open."""
        if self.folder is not None:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def remove(self) -> None:
        """Remove all that lies here."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        from imaging.lake.bucket import remove_all  # noqa: PLC0415 loads obstore

        remove_all(self.url, dict(self.options))


def build_place(live: LakePlace, key: int) -> LakePlace:
    """Return where tables lie that are built beside those of `live`."""
    return live.below(f"_build-{key}")


def configured_lake() -> LakePlace | None:
    """Return where the settings have the lake; None where there is none."""
    if not settings.LAKE:
        return None
    return LakePlace(settings.LAKE, tuple(sorted(settings.LAKE_OPTIONS.items())))


def lake_place() -> LakePlace:
    """Return where the lake lies.

    Raises
    ------
    NotFound
        There is no lake.
    """
    place = configured_lake()
    if place is None:
        message = "There is no lake: PORTAL_LAKE names no folder and no bucket."
        raise NotFound(message)
    return place
