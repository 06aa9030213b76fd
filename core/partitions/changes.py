"""Creating, renaming, disabling and deleting partitions.

Each change is one line of the audit log and one entry of the feed, of kind
``partition``. A store that runs meanwhile goes where it was addressed to: it holds the
partition's key, and a reference to the row until it commits. `delete_partition` locks
that row for itself, so that either it sees the store's study, or the store sees the
partition's end.

These take part in the transaction of the caller, if any: Django's admin has one.
"""

from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from core import access, audit, changefeed
from core.access import Actor, Verb
from core.changefeed import Change, Op
from core.database import raw_connection
from core.errors import Busy, Conflict, Forbidden, Invalid
from core.models import (
    AS_IT_COMES,
    DEFAULT_PARTITION,
    STORED_AS,
    FormerPartitionName,
    Partition,
)
from core.partitions import names
from core.partitions.contents import held_in

KIND: Final = "partition"
_FORMS: Final = dict(STORED_AS)
CHANNEL: Final = "partitions"  # what PostgreSQL notifies of each change


def create_partition(
    *, actor: Actor, name: str, assigning_authority: str = ""
) -> Partition:
    """Create an empty partition.

    Raises
    ------
    Invalid
        No partition can have the name.
    Forbidden
        The actor may not manage data, or is bound to some partitions.
    Conflict
        There is one of this name.
    Busy
        Another partition had the name a moment ago.
    """
    access.require(actor, Verb.MANAGE)
    if actor.reach(Verb.MANAGE).partitions is not None:
        message = "Your account is bound to some partitions: it cannot create others."
        raise Forbidden(message)
    names.checked(name)
    with transaction.atomic():
        key = _insert(name, assigning_authority)
        if key is None:
            raise _taken(name)
        _record(actor, key, "create", f"created {name}")
    return Partition.objects.get(pk=key)


def change_partition(
    *,
    actor: Actor,
    name: str,
    new_name: str | None = None,
    is_disabled: bool | None = None,
    assigning_authority: str | None = None,
    stored_as: str | None = None,
) -> Partition:
    """Rename a partition, disable it or enable it; what is None stays as it is.

    Nothing is recorded where nothing changes.

    Parameters
    ----------
    stored_as
        One of `core.models.STORED_AS`: for images that are stored from now on.

    Raises
    ------
    Invalid
        No partition can have the name, or the new one, or store as is asked for.
    Forbidden, NotFound
        The actor may not manage data, or there is no such partition for it.
    Conflict
        There is one of the new name; or it is the default one, which is always there.
    Busy
        Another partition had the new name a moment ago.
    """
    access.require(actor, Verb.MANAGE)
    if stored_as is not None:
        _require_lossless(stored_as)
    with transaction.atomic():
        held = _locked(actor, name)
        done = []
        if new_name is not None and new_name != held.name:
            done.append(_rename(held, new_name))
        if is_disabled is not None and is_disabled != (held.disabled_at is not None):
            _require_not_default(held, "disabled")
            held.disabled_at = timezone.now() if is_disabled else None
            done.append(f"{'disabled' if is_disabled else 'enabled'} {held.name}")
        if assigning_authority not in {None, held.assigning_authority}:
            held.assigning_authority = assigning_authority or ""
            done.append(f"changed the assigning authority of {held.name}")
        if stored_as not in {None, held.stored_as}:
            held.stored_as = stored_as or AS_IT_COMES
            done.append(f"{held.name} stores {_FORMS[held.stored_as]}")
        if done:
            _save(held, held.name)
            _record(actor, held.pk, "update", ", ".join(done))
    return held


def delete_partition(*, actor: Actor, name: str) -> None:
    """Delete a partition that holds nothing.

    What tells of it stays: feed, audit log and usage. Its name is free again.

    Raises
    ------
    Forbidden, NotFound
        The actor may not manage data, or there is no such partition for it.
    Conflict
        It holds something, or is the default one, which is always there.
    """
    access.require(actor, Verb.MANAGE)
    with transaction.atomic():
        held = _locked(actor, name, for_good=True)
        _require_not_default(held, "deleted")
        contents = held_in(held.pk)
        if contents:
            told = " and ".join(f"{n} {what}" for what, n in contents.items())
            message = f"The partition holds {told}. Delete them first."
            raise Conflict(message, path="partition")
        held.deleted_at = timezone.now()
        _give_up_name(held)
        held.save(update_fields=["deleted_at"])
        _record(actor, held.pk, "delete", f"deleted {name}")


def create_for_store(actor: Actor, name: str) -> None:
    """Create the partition of a store unless another writer has just done so."""
    names.checked(name)
    if name == DEFAULT_PARTITION:
        create_default()
        return
    with transaction.atomic():
        key = _insert(name)
        if key is not None:
            _record(actor, key, "create", f"created {name} by a store")


def create_default() -> None:
    """Create the default partition. It counts as always there: nothing is recorded."""
    _insert(DEFAULT_PARTITION)


def _insert(name: str, assigning_authority: str = "") -> int | None:
    """Create a partition; None where the name is taken.

    Waits for whoever is giving the name up, or taking it, at this moment.
    """
    row = (
        raw_connection()
        .execute(
            "INSERT INTO core_partition (name, created_at, assigning_authority)"
            " VALUES (%s, now(), %s) ON CONFLICT DO NOTHING RETURNING id",
            (name, assigning_authority),
        )
        .fetchone()
    )
    if row is None:
        return None
    _require_rested(name, row[0])
    return int(row[0])


def _require_rested(name: str, partition_id: int) -> None:
    """Refuse a name that leads elsewhere in some process's memory.

    To be called with the name taken: who gives it up has committed by then.
    """
    row = (
        raw_connection()
        .execute(
            "SELECT 1 FROM core_formerpartitionname WHERE name = %s"
            " AND partition_id <> %s"
            " AND given_up_at > clock_timestamp() - %s * interval '1 second'",
            (name, partition_id, names.RESTS_S),
        )
        .fetchone()
    )
    if row is not None:
        message = f"Another partition was named {name} a moment ago. Try again later."
        raise Busy(message, retry_after_s=int(names.RESTS_S))


def _locked(actor: Actor, name: str, *, for_good: bool = False) -> Partition:
    """Return a partition, locked against other changes.

    Parameters
    ----------
    for_good
        Wait for stores into it, too, and have new ones wait.
    """
    rows = Partition.objects.select_for_update(no_key=not for_good)
    held = rows.filter(name=names.checked(name), deleted_at=None).first()
    if held is None:
        raise names.missing()
    access.require_whole_partition(actor, Verb.MANAGE, held.pk)
    return held


def _require_not_default(held: Partition, done: str) -> None:
    if held.name == DEFAULT_PARTITION:
        message = f"The default partition cannot be {done}: it is always there."
        raise Conflict(message, path="partition")


def _require_lossless(stored_as: str) -> None:
    if stored_as not in _FORMS:
        message = f"A partition stores as one of {', '.join(filter(None, _FORMS))}."
        raise Invalid(message, path="storedAs")


def _rename(held: Partition, new_name: str) -> str:
    """Give a partition another name, and return what was done."""
    _require_not_default(held, "renamed")
    names.checked(new_name)
    old_name = held.name
    _give_up_name(held)
    held.name = new_name
    return f"renamed {old_name} to {new_name}"


def _give_up_name(held: Partition) -> None:
    FormerPartitionName.objects.update_or_create(
        name=held.name,
        defaults={"partition": held, "given_up_at": timezone.now()},
    )


def _save(held: Partition, name: str) -> None:
    try:
        with transaction.atomic():
            held.save()
    except IntegrityError as error:
        raise _taken(name) from error
    _require_rested(name, held.pk)


def _taken(name: str) -> Conflict:
    message = f"There is a partition {name} already."
    return Conflict(message, path="partitionName")


def _record(actor: Actor, key: int, op: Op, done: str) -> None:
    """Write audit and feed, and have all processes forget what they know."""
    audit.record(
        audit.Event(actor, audit.Action.CONFIGURE, partition_id=key, detail=done)
    )
    raw_connection().execute("SELECT pg_notify(%s::text, '')", (CHANNEL,))
    change = Change(KIND, op, (str(key),), key, reason=done)
    changefeed.append([change], actor=actor)
    transaction.on_commit(names.forget)
