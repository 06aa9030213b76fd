"""Takes a batch of the feed over into the tables; loads delta-rs.

``changes`` is written last: what it has, all tables have. Where a process dies before,
the same entries come again, and each table knows by its own last commit which of them
are new to it. What is new is only appended; all else is put in the place of what may be
there, in one commit, so that it does no harm however often it comes.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from django.db import transaction

from core import audit, changefeed
from core.access import system
from core.changefeed import Entry
from core.changefeed_access import PARTITION
from core.errors import Upstream
from core.models import DeadLetter
from imaging.feed import KIND
from imaging.lake import predicates, rows
from imaging.lake.copying import switch
from imaging.lake.definitions import CHANGES, INSTANCES, SERIES, STUDIES
from imaging.lake.history import changes_of
from imaging.lake.limits import lift_limits
from imaging.lake.places import build_place, lake_place
from imaging.lake.rows import StudyKey
from imaging.lake.states import keep_states
from imaging.lake.tables import Lake, LakeTable, open_lake, storage_errors
from imaging.models import LakeBuild

ACTOR: Final = system("lake")
NAME: Final = "lake"
NEARLY: Final = 1_000  # entries behind the head at which a rebuilt lake is switched to


def take(entries: Sequence[Entry]) -> None:
    """Bring the tables from before the entries to after them.

    Side effects: rows of the audit log with whose data went into the lake.

    Raises
    ------
    Upstream
        The lake cannot be reached, or lacks entries before these.
    """
    lift_limits()
    live = lake_place()
    build = LakeBuild.objects.last()
    place = live if build is None else build_place(live, build.pk)
    with storage_errors():
        lake = open_lake(place)
        _require_all_before(lake[CHANGES.name].position, entries[0].seq)
        _write(lake, entries)
        if build is not None:
            if changefeed.head() - entries[-1].seq > NEARLY:
                return
            lake = switch(lake, live)
            build.delete()
            transaction.on_commit(place.remove)
        keep_states(lake.values())


def _write(lake: Lake, entries: Sequence[Entry]) -> None:
    own = [entry for entry in entries if entry.kind == KIND]
    if own:
        keys = {(entry.partition_id or 0, entry.key[0]) for entry in own}
        _write_levels(lake, keys, own[-1].seq)
        _write_instances(lake[INSTANCES.name], own)
        _record(own)
    renamed = {
        e.partition_id for e in entries if (e.kind, e.op) == (PARTITION, "update")
    }
    if renamed:
        _rename(lake.values(), {key for key in renamed if key is not None})
    _write_changes(lake[CHANGES.name], entries)


def _write_levels(lake: Lake, keys: Collection[StudyKey], position: int) -> None:
    """Have studies and series say what they say now: an entry more does not matter."""
    where = predicates.of_studies(keys)
    lake[STUDIES.name].replace(where, rows.study_rows(keys), position=position)
    lake[SERIES.name].replace(where, rows.series_rows(keys), position=position)


def _write_instances(table: LakeTable, entries: Sequence[Entry]) -> None:
    changes = changes_of(entries, taken=table.position)
    chunks = rows.instance_rows(changes.added)
    position = entries[-1].seq
    if not changes.replaced:
        table.append(chunks, position=position)
        return
    months = rows.months_of({place.version_id for place in changes.replaced})
    where = predicates.of_versions(changes.replaced, months)
    table.replace(where, chunks, position=position)


def _write_changes(table: LakeTable, entries: Sequence[Entry]) -> None:
    chunks = [rows.change_rows(entries)]
    position = entries[-1].seq
    if entries[0].seq > table.position:
        table.append(chunks, position=position)
        return
    months = {rows.month(entry.at) for entry in entries}
    where = predicates.of_entries([entry.seq for entry in entries], months)
    table.replace(where, chunks, position=position)


def _rename(tables: Iterable[LakeTable], partition_ids: Collection[int]) -> None:
    names = rows.partition_names(partition_ids)
    for table in tables:
        for partition_id, name in sorted(names.items()):
            table.rename_partition(partition_id, name)


def _require_all_before(position: int, first: int) -> None:
    """Refuse tables that lack entries which the follower has taken already.

    They were restored, or replaced by others. Entries that could not be applied are
    the only ones that may be missing.
    """
    missing = first - 1 - position
    if missing <= 0:
        return
    letters = DeadLetter.objects.filter(
        follower=NAME, seq__gt=position, seq__lt=first
    ).count()
    if letters < missing:
        message = (
            f"The lake ends at entry {position}, although {first - 1} were taken:"
            " somebody has changed it. Have it built anew: manage.py lake rebuild."
        )
        raise Upstream(message, retryable=True)


def _record(entries: Sequence[Entry]) -> None:
    """Record whose data leave for the lake, for each partition."""
    keys = {(entry.partition_id or 0, entry.key[0]) for entry in entries}
    patients = rows.patients_of(keys)
    for partition_id in sorted({key[0] for key in keys}):
        own = {key: held for key, held in patients.items() if key[0] == partition_id}
        number = sum(entry.partition_id == partition_id for entry in entries)
        detail = f"{number} changes up to entry {entries[-1].seq} into the lake"
        audit.record_answer(
            audit.Event(
                ACTOR, audit.Action.EXPORT, partition_id=partition_id, detail=detail
            ),
            patients=own.values(),
            studies=[key[1] for key, held in own.items() if held is None],
        )
