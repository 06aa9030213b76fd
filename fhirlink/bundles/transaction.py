"""Transactions: all entries or none (FHIR R4 3.1.0.11.2)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar
from uuid import uuid4

from django.db import transaction

from core.access import Actor, Verb, require, require_whole_partition
from core.errors import Invalid, PortalError, PreconditionFailed
from core.partitions import get_partition
from fhirlink.bundles.entries import READS, Entry, in_order
from fhirlink.bundles.references import conditional_references, replaced
from fhirlink.conditional import Search, lock_searches, meant_id, one_found
from fhirlink.patching import change_of_entry
from fhirlink.preconditions import must_be_at, require_id, require_storable
from fhirlink.read import Version, current
from fhirlink.store import found_to_delete, writable_partition
from fhirlink.validation import InvalidResource
from fhirlink.write import Change, Written, write

T = TypeVar("T")
_VERBS: Final = {
    "DELETE": (Verb.DELETE,),
    "GET": (Verb.VIEW_PHI,),
    "HEAD": (Verb.VIEW_PHI,),
    "PATCH": (Verb.STORE, Verb.VIEW_PHI),
}


class Done(NamedTuple):
    """What came of an entry.

    Attributes
    ----------
    written
        None for a read, and for a search that found nothing to delete.
    """

    entry: Entry
    written: Written | None


@dataclass(slots=True)
class _Plan:
    """What an entry is about to do.

    Attributes
    ----------
    held
        What a conditional create has found: it is left as it is.
    """

    entry: Entry
    fhir_id: str
    held: Version | None = None

    @property
    def address(self) -> str:
        """Return the reference to it."""
        return f"{self.entry.type}/{self.fhir_id}"


def any_id(_entry: Entry) -> str:
    """Return an id that no other resource has."""
    return str(uuid4())


def commit_transaction(
    *,
    actor: Actor,
    partition: str,
    entries: Sequence[Entry],
    new_id: Callable[[Entry], str] = any_id,
) -> list[Done]:
    """Do all that entries ask for, or nothing.

    Parameters
    ----------
    new_id
        Returns the id of what an entry creates. Who may do the same transaction twice
        gives the same ones, and has created nothing more.

    Returns
    -------
    list of Done
        In the order of the entries; reads are left to be done when it has committed.

    Raises
    ------
    PortalError
        What stands against an entry; `path` names it.
    """
    key = _place(actor, partition, entries)
    with transaction.atomic(durable=True):
        lock_searches(key, {each for entry in entries for each in _searches(entry)})
        plans = [
            plan
            for entry in in_order(entries)
            if entry.method not in READS
            for plan in _named(entry, _planned, key, entry, new_id)
        ]
        _require_different(plans)
        places = {
            plan.entry.full_url: plan.address for plan in plans if plan.entry.full_url
        }
        changes = [
            _named(plan.entry, _change, key, plan, places)
            for plan in plans
            if plan.held is None
        ]
        written = write(actor, key, changes)
    return _done(entries, plans, written)


def _searches(entry: Entry) -> Iterator[Search]:
    """Yield what is searched for to do an entry."""
    if entry.query and entry.method not in READS:
        yield entry.type, entry.query
    if entry.if_none_exist is not None:
        yield entry.type, entry.if_none_exist
    for _, type_, query in conditional_references(entry.resource):
        yield type_, query


def _place(actor: Actor, partition: str, entries: Sequence[Entry]) -> int:
    """Return the key of the partition, where the actor may do all of it there."""
    verbs = {
        verb for entry in entries for verb in _VERBS.get(entry.method, (Verb.STORE,))
    }
    for verb in verbs:
        require(actor, verb)
    if Verb.STORE in verbs:
        key = writable_partition(actor, partition)
    else:
        verb = next(iter(verbs), Verb.VIEW_PHI)
        key = get_partition(actor=actor, name=partition, verb=verb)
    if Verb.DELETE in verbs:
        require_whole_partition(actor, Verb.DELETE, key)
    return key


def _planned(
    partition_id: int, entry: Entry, new_id: Callable[[Entry], str]
) -> list[_Plan]:
    """Find out which resources an entry is about."""
    if entry.method == "DELETE" and entry.query:
        found = found_to_delete(partition_id, entry.type, entry.query)
        return [_Plan(entry, fhir_id) for fhir_id in found]
    if entry.method == "POST":
        held = None
        if entry.if_none_exist is not None:
            found_id = one_found(partition_id, entry.type, entry.if_none_exist)
            held = found_id and current(partition_id, entry.type, found_id)
        return [_Plan(entry, held.fhir_id if held else new_id(entry), held or None)]
    if entry.query:
        found_id = one_found(partition_id, entry.type, entry.query)
        if entry.method == "PATCH":
            return [_Plan(entry, found_id or "")]  # of nothing, which is not found
        return [_Plan(entry, meant_id(entry.resource or {}, found_id))]
    return [_Plan(entry, entry.fhir_id)]


def _require_different(plans: Sequence[_Plan]) -> None:
    """Refuse two writes of one resource (FHIR R4 3.1.0.11.2)."""
    addresses: set[str] = set()
    for plan in plans:
        if plan.address in addresses and plan.held is None:
            message = f"{plan.address} is written twice in one transaction."
            raise Invalid(message, path=plan.entry.place)
        addresses.add(plan.address)


def _change(partition_id: int, plan: _Plan, places: Mapping[str, str]) -> Change:
    """Return what an entry changes, its references resolved."""
    entry = plan.entry
    must = must_be_at(entry.if_match)
    check = None if must is None else partial(_named, entry, must)
    if entry.method == "DELETE":
        return Change(entry.type, plan.fhir_id, "DELETE", None, check)
    assert entry.resource is not None  # noqa: S101 as entries are read
    if entry.method == "PATCH":
        change = change_of_entry(
            partition_id, entry.type, plan.fhir_id, entry.resource, entry.if_match
        )
        return replace(change, content=replaced(change.content, places))
    if entry.method == "PUT" and not entry.query:
        require_id(entry.resource, plan.fhir_id)
    found = {
        text: _referred(partition_id, text, type_, query)
        for text, type_, query in conditional_references(entry.resource)
    }
    content = replaced(entry.resource, {**places, **found})
    require_storable(content, entry.type)
    return Change(entry.type, plan.fhir_id, entry.method, content, check)


def _referred(partition_id: int, text: str, type_: str, query: str) -> str:
    """Return the address of what a reference by search means."""
    fhir_id = one_found(partition_id, type_, query)
    if fhir_id is None:
        message = f"The reference {text[:100]!r} finds no resource."
        raise PreconditionFailed(message)
    return f"{type_}/{fhir_id}"


def _named(entry: Entry, do: Callable[..., T], *given: Any) -> T:
    """Do something about an entry, whose place is told of what stands against it."""
    try:
        return do(*given)
    except InvalidResource as error:
        raise error.within(f"{entry.place}.resource") from error
    except PortalError as error:
        error.path = f"{entry.place}.{error.path}" if error.path else entry.place
        raise


def _done(
    entries: Sequence[Entry], plans: Sequence[_Plan], written: Sequence[Written]
) -> list[Done]:
    """Return what came of each entry, in the order of the bundle."""
    changed = iter(written)
    outcomes: dict[str, list[Written]] = {}
    for plan in plans:
        one = next(changed) if plan.held is None else plan.held.unchanged()
        outcomes.setdefault(plan.entry.place, []).append(one)
    return [
        Done(entry, next(iter(outcomes.get(entry.place, [])), None))
        for entry in entries
    ]
