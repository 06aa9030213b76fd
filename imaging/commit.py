"""The one transaction that makes received instances held.

For any number of requests at once: rows of studies, series, instances and versions,
audit and change-feed entries commit together or not at all. Studies are locked first,
in the order of their UIDs, by everyone who writes below them; so two writers never
wait for each other in a circle, and what is read under the lock stays true.

The statements are set-based and prepared (`imaging.commit_sql`): their number does
not grow with the number of instances.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import transaction

from core import audit, changefeed
from core.access import Actor
from imaging import commit_sql
from imaging.index import Model, with_patient_id
from imaging.receive import Received, load_model
from imaging.store_status import FailureReason, Refused, Stored, StoreOutcome

ATTEMPTS: Final = 5
EXISTS_IDENTICAL: Final = (
    "The instance exists already, with identical bytes: nothing is left to do."
)
EXISTS_DIFFERENT: Final = (
    "The instance exists already, with different bytes. Use PUT to replace it."
)


@dataclass(frozen=True, slots=True)
class Item:
    """One received instance and how it is to be stored.

    Attributes
    ----------
    replace
        Whether it may take the place of a held one (PUT) or not (POST).
    """

    actor: Actor
    partition_id: int
    received: Received
    replace: bool
    origin: audit.Origin = field(default_factory=audit.ORIGIN.get)

    @property
    def study_key(self) -> tuple[int, str]:
        """Return what is locked."""
        return (self.partition_id, self.received.study_instance_uid)

    @property
    def key(self) -> tuple[int, str, str, str]:
        """Return the identity: the three UIDs inside a partition."""
        received = self.received
        return (
            *self.study_key,
            received.series_instance_uid,
            received.instance.sop_instance_uid,
        )


class _StudyVanishedError(Exception):
    """A study was deleted between its creation and its lock: try again."""


def commit(items: Sequence[Item]) -> list[StoreOutcome]:
    """Store the items and return an outcome for each, in their order.

    An instance that comes twice is stored once: the second is told that it exists,
    or replaces the first, as if the requests had come one after the other.
    """
    outcomes: dict[int, StoreOutcome] = {}
    waiting = list(enumerate(items))
    while waiting:
        seen: set[tuple[int, str, str, str]] = set()
        now: list[tuple[int, Item]] = []
        later: list[tuple[int, Item]] = []
        for position, item in waiting:
            (later if item.key in seen else now).append((position, item))
            seen.add(item.key)
        results = _commit_distinct([item for _, item in now])
        outcomes.update(zip((position for position, _ in now), results, strict=True))
        waiting = later
    return [outcomes[position] for position in range(len(items))]


def _commit_distinct(items: Sequence[Item]) -> list[StoreOutcome]:
    for _attempt in range(ATTEMPTS):
        try:
            with transaction.atomic(durable=True):
                return _Transaction(items).run()
        except _StudyVanishedError:
            continue
    message = "a study was deleted at each attempt to store into it"
    raise RuntimeError(message)


class _Transaction:
    """The steps of one commit and what they hand on."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._study_ids: dict[tuple[int, str], int] = {}
        self._studies: dict[int, commit_sql.LockedStudy] = {}
        self._series_ids: dict[tuple[int, str], int] = {}

    def run(self) -> list[StoreOutcome]:
        self._lock_studies()
        self._find_series()
        held = self._held()
        accepted = [i for i in self._items if i.replace or i.key not in held]
        if accepted:
            self._write(accepted, held)
        done = {item.key for item in accepted}
        return [
            _stored(item, replaced=item.key in held)
            if item.key in done
            else _exists(item, held[item.key])
            for item in self._items
        ]

    def _lock_studies(self) -> None:
        keys = sorted({item.study_key for item in self._items})
        locked = commit_sql.lock_studies(keys)
        if len(locked) != len(keys):
            raise _StudyVanishedError
        for study in locked:
            self._study_ids[study.partition_id, study.study_instance_uid] = study.id
            self._studies[study.id] = study

    def _find_series(self) -> None:
        keys = {
            (self._study_id(item), item.received.series_instance_uid)
            for item in self._items
        }
        self._series_ids = commit_sql.find_series(sorted(keys))

    def _held(self) -> dict[tuple[int, str, str, str], commit_sql.HeldInstance]:
        places = {
            (self._series_id(item), item.received.instance.sop_instance_uid): item.key
            for item in self._items
        }
        return {
            places[held.series_id, held.sop_instance_uid]: held
            for held in commit_sql.held_instances(list(places))
        }

    def _write(
        self,
        items: Sequence[Item],
        held: dict[tuple[int, str, str, str], commit_sql.HeldInstance],
    ) -> None:
        version_ids = commit_sql.insert_versions([item.received for item in items])
        variant_ids = commit_sql.count_variants(
            [(self._study_id(item), item.received.patient) for item in items]
        )
        rows = [
            commit_sql.InstanceRow(
                study_id=self._study_id(item),
                series_id=self._series_id(item),
                version_id=version_id,
                variant_id=variant_ids[
                    self._study_id(item), item.received.patient.digest
                ],
                instance=item.received.instance,
            )
            for item, version_id in zip(items, version_ids, strict=True)
        ]
        new = [
            row for item, row in zip(items, rows, strict=True) if item.key not in held
        ]
        commit_sql.insert_instances(new)
        replaced = [
            (held[item.key], row)
            for item, row in zip(items, rows, strict=True)
            if item.key in held
        ]
        if replaced:
            commit_sql.replace_instances(replaced)
        self._describe(items, rows, new)
        self._record(items, version_ids, held)

    def _describe(
        self,
        items: Sequence[Item],
        rows: Sequence[commit_sql.InstanceRow],
        new: Sequence[commit_sql.InstanceRow],
    ) -> None:
        """Give series and studies the values of their newest instance."""
        added_to_series = Counter(row.series_id for row in new)
        added_to_study = Counter(row.study_id for row in new)
        of_series: dict[int, tuple[int, Received]] = {}
        of_study: dict[int, list[tuple[int, Received]]] = {}
        for item, row in zip(items, rows, strict=True):
            of_series[row.series_id] = (row.version_id, item.received)
            of_study.setdefault(row.study_id, []).append(
                (row.version_id, item.received)
            )
        for series_id, (version_id, received) in sorted(of_series.items()):
            model = load_model(received.metadata)
            added = added_to_series[series_id]
            commit_sql.describe_series(series_id, version_id, model, added)
        models = {
            study_id: self._study_model(study_id, [one for _, one in stored])
            for study_id, stored in sorted(of_study.items())
        }
        patients = commit_sql.find_patients(
            {self._studies[study_id]: model for study_id, model in models.items()}
        )
        for study_id, stored in sorted(of_study.items()):
            study, added = self._studies[study_id], added_to_study[study_id]
            commit_sql.describe_study(
                study, stored[-1][0], models[study_id], patients[study], added
            )
            only_added = added == len(stored)
            sop_classes = {one.instance.sop_class_uid for _, one in stored}
            commit_sql.count_study(study_id, sop_classes if only_added else None)

    def _study_model(self, study_id: int, stored: Sequence[Received]) -> Model:
        """Return the newest model; PatientID from the newest that has one."""
        model = load_model(stored[-1].metadata)
        for source in reversed(stored):
            if source.patient.patient_id:
                return with_patient_id(model, load_model(source.metadata))
        return with_patient_id(model, commit_sql.held_patient_id(study_id))

    def _record(
        self,
        items: Sequence[Item],
        version_ids: Sequence[int],
        held: dict[tuple[int, str, str, str], commit_sql.HeldInstance],
    ) -> None:
        """Write audit and feed, by actor: the feed's lock is the last one taken."""
        changes: dict[Actor, list[changefeed.Change]] = {}
        for item, version_id in zip(items, version_ids, strict=True):
            change = changefeed.Change(
                kind="instance",
                op="update" if item.key in held else "create",
                key=item.key[1:],
                partition_id=item.partition_id,
                version=version_id,
            )
            changes.setdefault(item.actor, []).append(change)
        _record_in_audit(items)
        for actor, entries in changes.items():
            for start in range(0, len(entries), changefeed.MAXIMUM_CHANGES):
                chunk = entries[start : start + changefeed.MAXIMUM_CHANGES]
                changefeed.append(chunk, actor=actor)

    def _study_id(self, item: Item) -> int:
        return self._study_ids[item.study_key]

    def _series_id(self, item: Item) -> int:
        return self._series_ids[self._study_id(item), item.received.series_instance_uid]


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


def _exists(item: Item, held: commit_sql.HeldInstance) -> Refused:
    identical = held.sha256 == item.received.sha256
    return Refused(
        item.received.instance.sop_class_uid,
        item.received.instance.sop_instance_uid,
        FailureReason.INSTANCE_EXISTS,
        (EXISTS_IDENTICAL if identical else EXISTS_DIFFERENT,),
    )


def _record_in_audit(items: Iterable[Item]) -> None:
    """Write one audit row for each study that was stored into."""
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
