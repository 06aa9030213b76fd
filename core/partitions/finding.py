"""Finding partitions: by name for one request, or all that an actor may see."""

from collections.abc import Collection, Mapping, Sequence

from django.db.models import F

from core import access
from core.access import Actor, Verb
from core.database import raw_connection
from core.models import AS_IT_COMES, DEFAULT_PARTITION, Partition
from core.partitions import changes, names


def get_partition(*, actor: Actor, name: str, verb: Verb = Verb.READ) -> int:
    """Return the key of the partition `name`, for reading or writing inside of it.

    Parameters
    ----------
    verb
        What is to be done there.

    Raises
    ------
    Invalid
        No partition can have the name.
    NotFound
        There is none, or `verb` reaches nothing in it. (Azure's DICOM service answers
        400: its dialects map it.)
    Conflict
        It is disabled.
    """
    named = names.find(name)
    if named is None and name == DEFAULT_PARTITION:  # is always there
        changes.create_default()
        named = names.find(name)
    if named is None:
        raise names.missing()
    return _usable(actor, named, verb)


def get_or_create_partition(
    *, actor: Actor, name: str, verb: Verb = Verb.STORE_RESULTS
) -> int:
    """Return the key of the partition `name`, creating it where a store may.

    Runs in a transaction of its own, so that writers that meet in a new partition
    do not wait for each other's stores.

    Parameters
    ----------
    verb
        What is to be written there.

    Raises
    ------
    Invalid
        No partition can have the name.
    Forbidden
        The actor may not write this.
    NotFound
        There is none and `actor`, bound to some partitions, may not create one.
    Conflict
        It is disabled.
    Busy
        Another partition had the name a moment ago.
    """
    access.require(actor, verb)
    if names.find(name) is None and actor.reach(Verb.STORE).partitions is None:
        changes.create_for_store(actor, name)
    return get_partition(actor=actor, name=name, verb=verb)


def known_partition(*, actor: Actor, name: str) -> int | None:
    """Return the key of the partition `name`, to store, where that needs no database.

    Raises
    ------
    NotFound
        The actor may store nothing in it.
    Conflict
        It is disabled.
    """
    named = names.known(name)
    return None if named is None else _usable(actor, named, Verb.STORE_RESULTS)


def stored_as(name: str) -> str:
    """Return the transfer syntax into which images are brought as they are stored.

    Of the partition `name`, to whoever stores in it; empty: they stay as they come.

    Raises
    ------
    Invalid
        No partition can have the name.
    """
    named = names.find(name)
    return named.stored_as if named is not None else AS_IT_COMES


def known_stored_as(name: str) -> str | None:
    """Return the same where that needs no database."""
    named = names.known(name)
    return None if named is None else named.stored_as


def find_partition(*, actor: Actor, name: str) -> Partition:
    """Return the partition `name`, disabled or not.

    Raises
    ------
    Invalid
        No partition can have the name.
    NotFound
        There is none, or `actor` may not see it.
    """
    access.require(actor, Verb.READ)
    held = Partition.objects.filter(name=names.checked(name), deleted_at=None).first()
    if held is None:
        raise names.missing()
    access.require_partition(actor, Verb.READ, held.pk)
    return held


def list_partitions(*, actor: Actor, verb: Verb = Verb.READ) -> Sequence[Partition]:
    """Return the partitions that `actor` may see, disabled or not, oldest first.

    Parameters
    ----------
    verb
        What is to be done in each, if not to see it.
    """
    access.require(actor, verb)
    held = Partition.objects.filter(deleted_at=None).order_by("id")
    visible = actor.reach(verb).entered
    return list(held if visible is None else held.filter(pk__in=visible))


def partition_told_of(*, actor: Actor, name: str) -> int:
    """Return the key of the partition that the audit log tells of by its name.

    One that was deleted is found by the last name that it had, where no other has it.

    Raises
    ------
    Invalid
        No partition can have the name.
    Forbidden
        The actor may not read the audit log.
    NotFound
        There never was one.
    """
    access.require(actor, Verb.READ_AUDIT)
    held = Partition.objects.filter(name=names.checked(name))
    last_first = held.order_by(F("deleted_at").desc(nulls_first=True))
    key = last_first.values_list("pk", flat=True).first()
    if key is None:
        raise names.missing()
    return key


def names_told_of(*, actor: Actor, keys: Collection[int]) -> Mapping[int, str]:
    """Return what partitions that the audit log tells of are called, or were.

    Raises
    ------
    Forbidden
        The actor may not read the audit log.
    """
    access.require(actor, Verb.READ_AUDIT)
    held = Partition.objects.filter(pk__in=keys)
    return dict(held.values_list("pk", "name"))


def disabled_partitions() -> frozenset[int]:
    """Return the keys that a query across all partitions leaves out: few, or none."""
    rows = raw_connection().execute(
        "SELECT id FROM core_partition"
        " WHERE disabled_at IS NOT NULL AND deleted_at IS NULL"
    )
    return frozenset(key for (key,) in rows)


def _usable(actor: Actor, named: names.Named, verb: Verb) -> int:
    access.require_partition(actor, verb, named.key)
    if named.is_disabled:
        raise names.disabled()
    return named.key
