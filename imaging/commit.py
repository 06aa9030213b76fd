"""The one transaction that makes received instances held.

For any number of requests at once: rows of studies, series, instances and versions,
audit and change-feed entries commit together or not at all. Studies are locked first,
in the order of their UIDs, by everyone who writes below them; so two writers never
wait for each other in a circle, and what is read under the lock stays true.

The statements are set-based and prepared (`imaging.commit_sql`,
`imaging.describe_sql`), and sent without waiting for each answer: the database is
waited for three times, however many instances there are. It works while the bytes go
to the disk; the feed's lock is taken once they are there.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.db import transaction

from core import audit, changefeed
from core.access import Actor
from core.database import raw_connection
from core.reach import Reach
from imaging import commit_sql, describe_sql
from imaging.commit_sql import HeldInstance, InstanceRow, Key, StudyKey
from imaging.index import Model, text, with_patient_id
from imaging.levels import Level
from imaging.query_tags import rows as tag_rows
from imaging.receive import Received, load_model
from imaging.results import is_result
from imaging.store_status import FailureReason, Refused, Stored, StoreOutcome

EXISTS_IDENTICAL: Final = (
    "The instance exists already, with identical bytes: nothing is left to do."
)
EXISTS_DIFFERENT: Final = (
    "The instance exists already, with different bytes. Use PUT to replace it."
)

NOT_AUTHORIZED: Final = (
    "Your roles and grants allow to add results to studies that you see, but not this."
)


@dataclass(frozen=True, slots=True)
class Item:
    """One received instance and how it is to be stored.

    Attributes
    ----------
    replace
        Whether it may take the place of a held one (PUT) or not (POST).
    expires_after
        How long its study is kept; the last store into a study decides.
    within
        Where its study has to be held already; None where it may be new.
    """

    actor: Actor
    partition_id: int
    received: Received
    replace: bool
    expires_after: timedelta | None = None
    within: Reach | None = None
    origin: audit.Origin = field(default_factory=audit.ORIGIN.get)

    @property
    def study_key(self) -> StudyKey:
        """Return what is locked."""
        return (self.partition_id, self.received.study_instance_uid)

    @property
    def key(self) -> Key:
        """Return the identity: the three UIDs inside a partition."""
        received = self.received
        return (
            *self.study_key,
            received.series_instance_uid,
            received.instance.sop_instance_uid,
        )


def commit(
    items: Sequence[Item], durable: Sequence[Future[None]] = ()
) -> list[StoreOutcome]:
    """Store the items and return an outcome for each, in their order.

    An instance that comes twice is stored once: the second is told that it exists,
    or replaces the first, as if the requests had come one after the other.

    Parameters
    ----------
    durable
        Done once the bytes of all items are on the disk; waited for before anything
        commits.

    Raises
    ------
    OSError
        Bytes could not be made durable: nothing more is stored.
    """
    outcomes: dict[int, StoreOutcome] = {}
    waiting = list(enumerate(items))
    while waiting:
        seen: set[Key] = set()
        now: list[tuple[int, Item]] = []
        later: list[tuple[int, Item]] = []
        for position, item in waiting:
            (later if item.key in seen else now).append((position, item))
            seen.add(item.key)
        results = _commit_distinct([item for _, item in now], durable)
        outcomes.update(zip((position for position, _ in now), results, strict=True))
        waiting = later
    return [outcomes[position] for position in range(len(items))]


def _commit_distinct(
    items: Sequence[Item], durable: Sequence[Future[None]]
) -> list[StoreOutcome]:
    """Store items of different keys; those outside of their reach are refused."""
    with transaction.atomic(durable=True), raw_connection().pipeline():
        outside = _outside(items)
        inside = [item for item in items if item.key not in outside]
        stored = iter(_commit_inside(inside, durable) if inside else ())
    return [
        _not_authorized(item) if item.key in outside else next(stored) for item in items
    ]


def _outside(items: Sequence[Item]) -> set[Key]:
    """Return the keys of items whose studies are not held where they have to be."""
    reaches: dict[Reach, list[Item]] = {}
    for item in items:
        if item.within is not None:
            reaches.setdefault(item.within, []).append(item)
    outside: set[Key] = set()
    for reach, those in reaches.items():
        held = commit_sql.held_studies({item.study_key for item in those}, reach)
        outside.update(item.key for item in those if item.study_key not in held)
    return outside


def _commit_inside(
    items: Sequence[Item], durable: Sequence[Future[None]]
) -> list[StoreOutcome]:
    """Store items inside the transaction, locking what they are stored into."""
    places, tags = commit_sql.lock_places([item.key for item in items])
    accepted = [
        (item, InstanceRow(place, item.received))
        for item, place in zip(items, places, strict=True)
        if item.replace or place.held is None
    ]
    if accepted:
        _write(accepted, tags)
        for each in durable:
            each.result()
        _record(accepted)
    return [
        _stored(item, replaced=place.held is not None)
        if item.replace or place.held is None
        else _exists(item, place.held)
        for item, place in zip(items, places, strict=True)
    ]


_Accepted = Sequence[tuple[Item, InstanceRow]]


def _write(accepted: _Accepted, tags: tag_rows.Tags) -> None:
    """Write rows, and give series and studies their values (decision 0004)."""
    commit_sql.write_instances([row for _, row in accepted])
    of_series: dict[int, list[InstanceRow]] = {}
    of_study: dict[StudyKey, list[InstanceRow]] = {}
    for item, row in accepted:
        of_series.setdefault(row.place.series_id, []).append(row)
        of_study.setdefault(item.study_key, []).append(row)
    # The newest instance of a study is that of a series, too: decoded once for both.
    newest = {
        rows[-1].place.version_id: load_model(rows[-1].received.metadata)
        for rows in of_series.values()
    }
    for series_id, rows in sorted(of_series.items()):
        version_id = rows[-1].place.version_id
        describe_sql.describe_series(
            series_id, version_id, newest[version_id], _number_of_new(rows)
        )
    models = {key: _study_model(rows, newest) for key, rows in sorted(of_study.items())}
    describe_sql.name_patients({key: each.model for key, each in models.items()})
    expiries = {item.study_key: item.expires_after for item, _ in accepted}
    for key, described in models.items():
        _describe_study(of_study[key], described.model, expiries[key])
    if tags:
        _index_by_tags(tags, of_study, newest, models)


def _index_by_tags(
    tags: tag_rows.Tags,
    of_study: Mapping[StudyKey, Sequence[InstanceRow]],
    newest: Mapping[int, Model],
    described: Mapping[StudyKey, describe_sql.Described],
) -> None:
    """Give instances, series and studies their values of tags: one statement."""
    written = tag_rows.Rewritten(tags)
    for key, rows in of_study.items():
        partition_id, study = key[0], described[key]
        written.add(
            Level.STUDY,
            study.model,
            partition_id=partition_id,
            version_id=study.version_id,
            row_id=rows[0].place.study_id,
        )
        for row in rows:
            version_id = row.place.version_id
            model = newest.get(version_id)
            if model is not None:
                written.add(
                    Level.SERIES,
                    model,
                    partition_id=partition_id,
                    version_id=version_id,
                    row_id=row.place.series_id,
                )
            if tags[Level.INSTANCE]:
                written.add(
                    Level.INSTANCE,
                    model or load_model(row.received.metadata),
                    partition_id=partition_id,
                    version_id=version_id,
                )
    tag_rows.write(written)


def _describe_study(
    rows: Sequence[InstanceRow], model: Model, expires_after: timedelta | None
) -> None:
    newest, added = rows[-1].place, _number_of_new(rows)
    only_added = added == len(rows)
    describe_sql.describe_study(
        newest.study_id,
        newest.version_id,
        model,
        added=added,
        sop_classes={row.instance.sop_class_uid for row in rows}
        if only_added
        else None,
        expires_after=expires_after,
    )


def _study_model(
    rows: Sequence[InstanceRow], newest: Mapping[int, Model]
) -> describe_sql.Described:
    """Return the newest model that is no result; PatientID from the newest with one."""
    described = next(
        (row for row in reversed(rows) if not is_result(row.instance.sop_class_uid)),
        None,
    )
    if described is None:
        version_id, model = describe_sql.describing_model(rows[-1].place.study_id)
    else:
        version_id = described.place.version_id
        model = newest.get(version_id) or load_model(described.received.metadata)
    if not text(model, "PatientID"):
        model = with_patient_id(model, _patient_id_of(rows))
    return describe_sql.Described(version_id, model)


def _patient_id_of(rows: Sequence[InstanceRow]) -> Model:
    for row in reversed(rows):
        if row.patient.patient_id:
            return load_model(row.received.metadata)
    return describe_sql.held_patient_id(rows[-1].place.study_id)


def _number_of_new(rows: Sequence[InstanceRow]) -> int:
    return sum(row.place.held is None for row in rows)


def _record(accepted: _Accepted) -> None:
    """Write audit and feed, by actor: the feed's lock is the last one taken."""
    changes: dict[Actor, list[changefeed.Change]] = {}
    for item, row in accepted:
        change = changefeed.Change(
            kind="instance",
            op="create" if row.place.held is None else "update",
            key=item.key[1:],
            partition_id=item.partition_id,
            version=row.place.version_id,
        )
        changes.setdefault(item.actor, []).append(change)
    _record_in_audit(item for item, _ in accepted)
    for actor, entries in changes.items():
        changefeed.append_all(entries, actor=actor)


def _stored(item: Item, *, replaced: bool) -> Stored:
    received = item.received
    return Stored(
        received.study_instance_uid,
        received.series_instance_uid,
        received.instance.sop_class_uid,
        received.instance.sop_instance_uid,
        replaced,
        received.warning,
        received.comments,
        received.hints,
    )


def _not_authorized(item: Item) -> Refused:
    return Refused(
        item.received.instance.sop_class_uid,
        item.received.instance.sop_instance_uid,
        FailureReason.NOT_AUTHORIZED,
        (NOT_AUTHORIZED,),
    )


def _exists(item: Item, held: HeldInstance) -> Refused:
    identical = held.sha256 == item.received.sha256
    return Refused(
        item.received.instance.sop_class_uid,
        item.received.instance.sop_instance_uid,
        FailureReason.INSTANCE_EXISTS,
        (EXISTS_IDENTICAL if identical else EXISTS_DIFFERENT,),
    )


def _record_in_audit(accepted: Iterable[Item]) -> None:
    """Write one audit row for each study that was stored into."""
    items = list(accepted)
    stored = Counter((item.actor, item.origin, item.study_key) for item in items)
    patients = {item.study_key: item.received.patient.patient_id for item in items}
    audit.record(
        *(
            audit.Event(
                actor,
                audit.Action.STORE,
                partition_id=study_key[0],
                patient_id=patients[study_key],
                study_instance_uid=study_key[1],
                detail=f"{number} instances",
                origin=origin,
            )
            for (actor, origin, study_key), number in stored.items()
        )
    )
