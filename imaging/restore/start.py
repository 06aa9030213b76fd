"""Starting imports of what was exported: folders with a manifest, and archives."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from django.conf import settings

from core.access import Actor, Verb, require
from core.errors import Invalid, NotFound
from core.models import Operation
from imaging import folder_import
from imaging.outside.folders import allowed
from imaging.outside.zip_reading import directory_of
from imaging.restore.lines import MANIFEST
from imaging.restore.places import FileInPlace, described, opened_place

SETTING: Final = "PORTAL_IMPORT_FOLDERS"
VERBS: Final = (Verb.STORE, Verb.MANAGE)

Where = Mapping[str, str]


def start_restore(
    *, actor: Actor, path: str, partition: str, replace: bool
) -> Operation:
    """Start to import an exported folder, or a zip archive.

    Parameters
    ----------
    path
        Of the folder or archive, below one of ``PORTAL_IMPORT_FOLDERS``.

    Raises
    ------
    Forbidden
        The actor may not store, or not manage data: whatever lies there is read.
    Invalid
        It may not be read, or is neither an archive nor a folder with a manifest.
    """
    _require(actor)
    root, below = allowed(path, settings.IMPORT_FOLDERS, setting=SETTING)
    where = {"root": str(root), "below": below}
    return start(actor=actor, where=where, partition=partition, replace=replace)


def start_restore_from_bucket(
    *, actor: Actor, bucket: str, path: str, partition: str, replace: bool
) -> Operation:
    """Start to import an exported folder, or a zip archive, of a bucket.

    Parameters
    ----------
    bucket
        A name of ``PORTAL_EXPORT_BUCKETS``.

    Raises
    ------
    Forbidden, Invalid
        As `start_restore`; or there is no such bucket.
    """
    _require(actor)
    where = {"bucket": bucket, "below": path.strip("/")}
    return start(actor=actor, where=where, partition=partition, replace=replace)


def start(*, actor: Actor, where: Where, partition: str, replace: bool) -> Operation:
    """Start to import what an operator names.

    Parameters
    ----------
    where
        ``root``, a folder of the server, or ``bucket``, and what lies ``below``: a
        folder or an archive.
    """
    _require(actor)
    what, source = "archive", {"archive": _archive(where)}
    if source["archive"] is None:
        what, source = "exported folder", {"manifest": _exported(where)}
    return folder_import.begin(
        actor=actor,
        source=source,
        described=f"{what} {described(where)}",
        partition=partition,
        replace=replace,
    )


def _require(actor: Actor) -> None:
    for verb in VERBS:
        require(actor, verb)


def _archive(where: Where) -> dict[str, str | int] | None:
    """Return the place and the name of an archive; None where it is no file."""
    path = PurePosixPath(where["below"])
    if not path.name:
        return None
    above = str(path.parent) if path.parent.name else ""
    try:
        place = opened_place({**where, "below": above})
    except Invalid:  # the folder above is not there
        return None
    try:
        file = FileInPlace(place, path.name, place.size_of(path.name))
    except NotFound:
        return None
    else:
        directory_of(file)
    finally:
        place.close()
    return {**where, "below": above, "file": path.name}


def _exported(where: Where) -> dict[str, str | int]:
    """Return the place of an exported folder, with the length of its manifest."""
    place = opened_place(where)
    try:
        size = place.size_of(MANIFEST)
    except NotFound as error:
        message = (
            f"It is neither a zip archive nor a folder with a {MANIFEST}, as exports"
            " write it."
        )
        raise Invalid(message, path="path") from error
    finally:
        place.close()
    return {**where, "size": size}
