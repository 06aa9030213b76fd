"""Exporting the images of a run: the studies of its outputs, as DICOM files."""

from uuid import UUID

from cohorts.answers.event_rows import MOST, page_of_events
from cohorts.answers.exporting import reading_that_leaves, require_names
from cohorts.answers.reading import Reading
from core.access import Actor
from core.errors import Invalid
from core.models import Operation
from imaging.export import AS_STORED, Typed, start_export


def start_study_export(
    *,
    actor: Actor,
    run_id: UUID,
    destination: Typed,
    transfer_syntax: str = AS_STORED,
) -> Operation:
    """Start to export the studies that a run lists, as `imaging.export` does.

    Those that are not held here are skipped, and listed as its errors.

    Raises
    ------
    Forbidden, NotFound, Gone
        The actor may not export what it sees, or is told rows without names; or the
        run is not there.
    Invalid
        The run lists no study; the destination or the transfer syntax is none.
    TooLarge
        There are more studies than one export may name.
    """
    reading = reading_that_leaves(actor, run_id)
    require_names(reading)
    studies: dict[str, None] = {}
    for output, wanted in enumerate(reading.query.output):
        if wanted.what in {"imaging", "document"}:
            studies |= _studies(reading, output)
    if not studies:
        message = "The cohort lists no study: ask for imaging."
        raise Invalid(message, path="id")
    return start_export(
        actor=actor,
        partition=reading.run.partition.name,
        source=Typed("identifiers", {"values": list(studies)}),
        destination=destination,
        transfer_syntax=transfer_syntax,
    )


def _studies(reading: Reading, output: int) -> dict[str, None]:
    found: dict[str, None] = {}
    after, has_more = None, True
    while has_more:
        page = page_of_events(reading, output=output, limit=MOST, after=after)
        for row in page.rows:
            found |= dict.fromkeys(row.event.studies)
        has_more = page.has_more and bool(page.rows)
        after = page.rows[-1].cursor if page.rows else None
    return found
