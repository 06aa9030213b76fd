"""Thumbnails: small pictures without words (DICOM PS3.18 10.4.1.1.5), kept for series.

A follower of the feed chooses which instance stands for a series; it is drawn once the
series has settled, or by the first who asks. What is kept is given only while that
instance still stands for the series, so it is never of something else. Other thumbnails
are made when they are asked for.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from core import audit
from core.access import Actor, system
from core.changefeed import Entry
from core.database import raw_connection
from core.errors import NotAcceptable, NotFound
from core.followers import Follower, is_transient
from imaging.feed import KIND
from imaging.models import Thumbnail
from imaging.pictures import (
    RENDERING_VERSION,
    Frames,
    find_image,
    frames_in,
    make_picture,
)
from imaging.rendering import Appearance, PictureType, Viewport
from imaging.retrieve import (
    IMAGE_COLUMNS,
    MIDDLE,
    MIDDLE_FRAME,
    Address,
    HeldImage,
    Listing,
)

logger = logging.getLogger(__name__)

ACTOR: Final = system("thumbnails")

SIZE: Final = Viewport(256, 256)
"""Of those that are kept; the picture fills it in one direction."""

SETTLED_S: Final = 3.0
"""How long a series rests before it is drawn: while it comes in, its middle moves."""

BATCH: Final = 20
_QUALITY: Final = 80
_NONE: Final = b""


def appearance_of(viewport: Viewport) -> Appearance:
    """Return how thumbnails look: without graphics, which may name the patient."""
    return Appearance(viewport=viewport, quality=_QUALITY, overlays=False)


class ThumbnailFollower(Follower):
    """Chooses what stands for each series that has changed, as it is now.

    An entry that comes twice or late chooses the same.
    """

    name = "thumbnails"
    version = RENDERING_VERSION

    def apply(self, entries: Sequence[Entry]) -> None:
        """Choose anew for the series that entries are about."""
        touched = sorted(
            {
                (entry.partition_id, *entry.key[:2])
                for entry in entries
                if entry.kind == KIND and entry.partition_id is not None
            }
        )
        if touched:
            keys = [list(column) for column in zip(*touched, strict=True)]
            raw_connection().execute(_FORGET, keys)
            raw_connection().execute(_CHOOSE, keys)

    def reset(self) -> None:
        """Forget all thumbnails."""
        Thumbnail.objects.all().delete()


@dataclass(frozen=True, slots=True)
class FoundThumbnail:
    """What a thumbnail is made of, and what is kept of it.

    Attributes
    ----------
    kept
        The picture of `SIZE` in JPEG; None where there is none.
    """

    listing: Listing[HeldImage]
    number: int
    kept: bytes | None

    @property
    def image(self) -> HeldImage:
        """Return the instance that is shown."""
        return self.listing.page[0]

    def frames(self) -> Frames:
        """Return what is to be drawn.

        Raises
        ------
        NotFound, NotAcceptable
            Nothing can be.
        """
        return frames_in(self.image, self.listing.event, [self.number])


def find_thumbnail(
    *, actor: Actor, address: Address, number: int | None
) -> FoundThumbnail:
    """Return what stands for a study, a series or an instance.

    Parameters
    ----------
    number
        Of the frame, from 1; None for the one in the middle.

    Raises
    ------
    NotFound
        There is nothing that the actor may see.
    Forbidden
        The actor may not see who the patient is.
    """
    wanted = MIDDLE_FRAME if number is None else number
    listing = find_image(
        actor=actor, address=address, numbers=[wanted], what="thumbnails"
    )
    kept = _kept(listing) if number is None else None
    return FoundThumbnail(listing, wanted, kept)


def keep(found: FoundThumbnail, picture: bytes) -> None:
    """Keep a picture that was made on demand, if it stands for its series."""
    _keep(found.image, found.listing.event, picture)


def make_thumbnails(*, time_limit_s: float) -> int:
    """Draw what was chosen and has settled; return how many."""
    done = 0
    end = time.monotonic() + time_limit_s
    while time.monotonic() < end:
        chosen = _to_make()
        for each in chosen:
            _keep(each.image, each.event, _made(each))
        done += len(chosen)
        if len(chosen) < BATCH:
            break
    return done


class _Chosen(NamedTuple):
    """A version that is to be drawn."""

    image: HeldImage
    event: audit.Event


def _to_make() -> list[_Chosen]:
    cursor = raw_connection().cursor(binary=True)
    parameters = {"numbers": [MIDDLE_FRAME], "settled_s": SETTLED_S, "batch": BATCH}
    rows = cursor.execute(_TO_MAKE, parameters).fetchall()
    return [
        _Chosen(
            HeldImage(*row),
            audit.Event(
                ACTOR,
                audit.Action.RETRIEVE,
                partition_id=partition_id,
                study_instance_uid=study,
            ),
        )
        for partition_id, study, *row in rows
    ]


def _made(chosen: _Chosen) -> bytes:
    """Return the picture of a version; `_NONE` where there can be none."""
    try:
        frames = frames_in(chosen.image, chosen.event, [MIDDLE_FRAME])
        return make_picture(frames, 0, appearance_of(SIZE), PictureType.JPEG)
    except (NotFound, NotAcceptable):
        return _NONE
    except Exception as error:
        if is_transient(error):
            raise
        # Else it would stand before all others for ever.
        logger.exception("version %d has no thumbnail", chosen.image.version_id)
        return _NONE


def _kept(listing: Listing[HeldImage]) -> bytes | None:
    cursor = raw_connection().cursor(binary=True)
    row = cursor.execute(_FIND, _key(listing.page[0], listing.event)).fetchone()
    return row[0] if row and row[0] else None


def _keep(image: HeldImage, event: audit.Event, picture: bytes) -> None:
    raw_connection().execute(_KEEP, {**_key(image, event), "picture": picture})


def _key(image: HeldImage, event: audit.Event) -> dict[str, object]:
    return {
        "partition": event.partition_id,
        "study": event.study_instance_uid,
        "series": image.series_instance_uid,
        "version": image.version_id,
    }


_OF_VERSION: Final = """
WHERE partition_id = %(partition)s AND study_instance_uid = %(study)s
AND series_instance_uid = %(series)s AND version_key = %(version)s
"""
_FIND: Final = "SELECT picture FROM imaging_thumbnail" + _OF_VERSION  # noqa: S608 constants
_KEEP: Final = (
    f"UPDATE imaging_thumbnail SET picture = %(picture)s {_OF_VERSION}"  # noqa: S608 constants
    "AND picture IS NULL"
)


_TOUCHED: Final = """
touched AS (SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[])
  AS touched (partition_id, study_instance_uid, series_instance_uid))"""
_CHOOSE: Final = f"""
WITH {_TOUCHED}, series AS (
  SELECT se.id, t.partition_id, t.study_instance_uid, t.series_instance_uid
  FROM touched t
  JOIN imaging_study st ON st.partition_id = t.partition_id
    AND st.study_instance_uid = t.study_instance_uid
  JOIN imaging_series se ON se.study_id = st.id
    AND se.series_instance_uid = t.series_instance_uid
), middle AS ({MIDDLE})
INSERT INTO imaging_thumbnail AS held
  (partition_id, study_instance_uid, series_instance_uid, version_key)
SELECT series.partition_id, series.study_instance_uid, series.series_instance_uid,
  middle.version_id FROM middle JOIN series ON series.id = middle.series_id
ON CONFLICT (partition_id, study_instance_uid, series_instance_uid) DO UPDATE
SET version_key = excluded.version_key, picture = NULL, chosen_at = now()
WHERE held.version_key <> excluded.version_key
"""  # noqa: S608 constants
_FORGET: Final = f"""
WITH {_TOUCHED}
DELETE FROM imaging_thumbnail held USING touched t
WHERE held.partition_id = t.partition_id
  AND held.study_instance_uid = t.study_instance_uid
  AND held.series_instance_uid = t.series_instance_uid
  AND NOT EXISTS (
    SELECT FROM imaging_study st JOIN imaging_series se ON se.study_id = st.id
    WHERE st.partition_id = t.partition_id
      AND st.study_instance_uid = t.study_instance_uid
      AND se.series_instance_uid = t.series_instance_uid)
"""  # noqa: S608 constants
_TO_MAKE: Final = f"""
SELECT t.partition_id, t.study_instance_uid, t.series_instance_uid,
  '' AS sop_instance_uid, {IMAGE_COLUMNS}
FROM (SELECT * FROM imaging_thumbnail WHERE picture IS NULL
    AND chosen_at < now() - %(settled_s)s * interval '1 second'
  ORDER BY chosen_at LIMIT %(batch)s) t
JOIN imaging_instanceversion v ON v.id = t.version_key
"""  # noqa: S608 constants
