"""Writing resources: a batch of changes in one transaction, all or nothing.

Set-based: a fixed number of statements for any number of changes. Rows that are new
are inserted first, the others locked in the order of their keys, so that two writers
never wait for each other in a circle. What would change nothing is not written: its
version stays.

It decides nothing of who may: `fhirlink.store` does.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from core import audit, changefeed
from core.access import Actor
from core.errors import Busy
from fhirlink import write_sql
from fhirlink.concerned import patients_of
from fhirlink.document import packed
from fhirlink.search.index import IndexRows, index_rows
from fhirlink.write_sql import Row

KIND: Final = "resource"
"""What the change feed calls them; the key is type and id."""

Address = tuple[str, str]
"""Type and id."""

_TRIES: Final = 5
_SHOWN: Final = 20  # addresses of a batch in a row of the audit log
_NAMED: Final = 100  # changes whose patients are looked up for it; an import has more


class Outcome(StrEnum):
    """What came of a change."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    ABSENT = "absent"  # nothing was there to be deleted


@dataclass(frozen=True, slots=True)
class Change:
    """A resource that is to be what it says, or to be deleted.

    Attributes
    ----------
    method
        The HTTP verb that the history calls it by.
    content
        Its JSON; None to delete it.
    check
        Called with the row that is held, locked, or with None where there is none;
        raises what stands against the change.
    """

    type: str
    fhir_id: str
    method: str
    content: Mapping[str, Any] | None
    check: Callable[[Row | None], None] | None = None

    @property
    def address(self) -> Address:
        """Return type and id."""
        return self.type, self.fhir_id


class Written(NamedTuple):
    """What a resource is after a change.

    Attributes
    ----------
    number, at
        ``meta.versionId`` and ``meta.lastUpdated``.
    body
        Its JSON as `fhirlink.document` keeps it; empty where it is deleted.
    """

    type: str
    fhir_id: str
    outcome: Outcome
    number: int
    at: datetime | None
    body: bytes


def write(actor: Actor, partition_id: int, changes: Sequence[Change]) -> list[Written]:
    """Write changes inside the caller's transaction, whose last statement it is.

    Parameters
    ----------
    changes
        At most one of each resource.

    Returns
    -------
    list of Written
        In the order of `changes`.

    Raises
    ------
    PortalError
        What the `check` of a change raises: the transaction is to be rolled back.
    """
    prepared = [_Prepared.of(partition_id, change) for change in changes]
    held = _places(partition_id, prepared)
    for each in prepared:
        if each.change.check is not None:
            each.change.check(held.get(each.change.address))
    plans = [_plan(each, held.get(each.change.address)) for each in prepared]
    _replace_rows(plans)
    _audit(actor, partition_id, plans)
    _tell(actor, partition_id, plans)
    return [plan.written for plan in plans]


class _Prepared(NamedTuple):
    """A change, and what is written of it."""

    change: Change
    body: bytes
    rows: IndexRows

    @classmethod
    def of(cls, partition_id: int, change: Change) -> "_Prepared":
        if change.content is None:
            return cls(change, b"", IndexRows([], [], [], []))
        named = {
            **change.content,
            "resourceType": change.type,
            "id": change.fhir_id,
        }
        return cls(change, packed(named), index_rows(partition_id, named))


class _Plan(NamedTuple):
    """What is to be done about a resource.

    Attributes
    ----------
    row
        As it will be; None where there is nothing to do.
    """

    prepared: _Prepared
    row: Row | None
    written: Written


def _places(partition_id: int, prepared: Sequence[_Prepared]) -> dict[Address, Row]:
    """Insert rows for what is not there, and lock what is, in one order for all.

    What this call has inserted has no number yet.
    """
    wanted = {each.change.address for each in prepared}
    terms = {e.change.address: e.rows.terms for e in prepared if e.body}
    found: dict[Address, Row] = {}
    for _ in range(_TRIES):
        if missing := sorted(terms.keys() - found.keys()):
            new = {address: terms[address] for address in missing}
            found |= write_sql.insert_rows(partition_id, new)
        if rest := sorted(wanted - found.keys()):
            found |= write_sql.lock_rows(partition_id, rest)
        if terms.keys() <= found.keys():
            return found
    message = "Others write the same resources at the moment. Try again."
    raise Busy(message)


def _plan(prepared: _Prepared, held: Row | None) -> _Plan:
    change, body = prepared.change, prepared.body
    if held is None or (not body and held.is_deleted):
        number = held.number if held else 0
        at = held.updated_at if held else None
        written = Written(*change.address, Outcome.ABSENT, number, at, b"")
        return _Plan(prepared, None, written)
    if held.number and not held.is_deleted and held.body == body:
        written = Written(
            *change.address, Outcome.UNCHANGED, held.number, held.updated_at, body
        )
        return _Plan(prepared, None, written)
    row = replace(held, number=held.number + 1, body=body, is_deleted=not body)
    outcome = Outcome.UPDATED
    if not body:
        outcome = Outcome.DELETED
    elif held.number == 0 or held.is_deleted:
        outcome = Outcome.CREATED
    written = Written(*change.address, outcome, row.number, row.moment, body)
    return _Plan(prepared, row, written)


def _replace_rows(plans: Sequence[_Plan]) -> None:
    changed = [(plan.row, plan.prepared) for plan in plans if plan.row is not None]
    if not changed:
        return
    write_sql.insert_versions(
        [(row, prepared.change.method) for row, prepared in changed]
    )
    older = [(row, prepared.rows.terms) for row, prepared in changed if row.number > 1]
    write_sql.update_rows(older)
    write_sql.delete_values([row.id for row, _ in older])
    write_values([(row.id, prepared.rows) for row, prepared in changed])


Indexed = Sequence[tuple[int, IndexRows]]
"""Keys of resources, and what they are found by."""


def write_values(indexed: Indexed) -> None:
    """Write what resources are found by beside their rows, where there is nothing."""
    write_sql.insert_values("stringvalue", _strings(indexed))
    write_sql.insert_values("datevalue", _dates(indexed))
    write_sql.insert_values("quantityvalue", _quantities(indexed))
    write_sql.insert_texts(text for _, rows in indexed for text in rows.texts)


def _strings(indexed: Indexed) -> list[tuple[Any, ...]]:
    return [(key, *value) for key, index in indexed for value in index.strings]


def _dates(indexed: Indexed) -> list[tuple[Any, ...]]:
    return [(key, *value) for key, index in indexed for value in index.dates]


def _quantities(indexed: Indexed) -> list[tuple[Any, ...]]:
    return [(key, *value) for key, index in indexed for value in index.quantities]


_OPS: Final[Mapping[Outcome, tuple[changefeed.Op, audit.Action]]] = {
    Outcome.CREATED: ("create", audit.Action.STORE),
    Outcome.UPDATED: ("update", audit.Action.UPDATE),
    Outcome.DELETED: ("delete", audit.Action.DELETE),
}


def _audit(actor: Actor, partition_id: int, plans: Sequence[_Plan]) -> None:
    """Record what was done: a row for each kind of change."""
    done: dict[audit.Action, list[_Plan]] = {}
    for plan in plans:
        if plan.row is not None:
            _, action = _OPS[plan.written.outcome]
            done.setdefault(action, []).append(plan)
    for action, some in done.items():
        addresses = [plan.prepared.change.address for plan in some]
        told = [(*plan.prepared.change.address, plan.prepared.body) for plan in some]
        audit.record(
            audit.Event(
                actor,
                action,
                partition_id=partition_id,
                detail=counted(type_ for type_, _ in addresses),
                query=" ".join("/".join(each) for each in addresses[:_SHOWN]),
                patients=patients_of(partition_id, told) if len(told) <= _NAMED else (),
            )
        )


def counted(types: Iterable[str]) -> str:
    """Return how many resources there are of each type, for the audit log."""
    return ", ".join(f"{n} {type_}" for type_, n in sorted(Counter(types).items()))


def _tell(actor: Actor, partition_id: int, plans: Sequence[_Plan]) -> None:
    """Add what has changed to the feed."""
    changes = [
        changefeed.Change(
            kind=KIND,
            op=_OPS[plan.written.outcome][0],
            key=plan.prepared.change.address,
            partition_id=partition_id,
            version=plan.row.version_id,
        )
        for plan in plans
        if plan.row is not None
    ]
    if changes:
        changefeed.append_all(changes, actor=actor)
