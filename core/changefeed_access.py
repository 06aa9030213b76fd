"""Which entries of the change feed an actor sees: SQL for `core.changefeed`.

Of data those in partitions and scopes that it reaches, of deleted studies what it saw.
Of projects those that it sees, of partitions those that it enters. Of grants its own,
those on what it owns, and where it may see accounts all of a partition. Of resources
of the clinical record, of workitems, and of who is told of these, those of partitions
in which it sees who all patients are.
"""

from typing import Any, Final

from core.access import Actor, Verb
from core.reach import EVERYWHERE, Reach

Conditions = tuple[list[str], list[Any]]

PARTITION: Final = "partition"
PROJECT: Final = "project"
GRANT: Final = "grant"  # key: scope, "account" or "group", whose, level
RESOURCE: Final = "resource"  # key: type, id
WORKITEM: Final = "workitem"  # key: UID
SUBSCRIPTION: Final = "workitem_subscription"  # key: AE title, UID

_OF_OTHERS: Final = frozenset(
    {PARTITION, PROJECT, GRANT, RESOURCE, WORKITEM, SUBSCRIPTION}
)

_WHOLE: Final = "(%s::bigint[] IS NULL OR partition_id = ANY(%s::bigint[]))"
_OF_SCOPES: Final = (
    "EXISTS (SELECT FROM core_scopedstudy AS seen"
    " WHERE seen.study_instance_uid = key[1]"
    " AND seen.partition_id = core_feedentry.partition_id"
    " AND seen.scope_id = ANY(%s))"
)
_OF_PROJECT: Final = (
    "key[1] IN (SELECT object_id::text FROM core_scope"
    " WHERE kind = 'project' AND id = ANY(%s::bigint[]))"
)
_OF_OWN: Final = "(key[2] = 'account' AND key[3] = %s::text)"
_ON_OWNED: Final = "key[1] = ANY(%s::text[])"


def visible_entries(actor: Actor, kind: str | None) -> Conditions:
    """Return the SQL of what an actor sees, and its values.

    Parameters
    ----------
    kind
        The only kind of entries that is asked for, if any.
    """
    if kind is not None and kind not in _OF_OTHERS:
        return _data(actor.reach(Verb.READ))
    verbs = (Verb.READ, Verb.READ_ACCOUNTS, Verb.VIEW_PHI)
    if all(actor.reach(verb) == EVERYWHERE for verb in verbs):
        return [], []
    data, of_data = _data(actor.reach(Verb.READ))
    parts = (
        _partitions(actor.reach(Verb.READ)),
        _projects(actor.reach(Verb.READ)),
        _grants(actor),
        _resources(actor.reach(Verb.VIEW_PHI)),
        (" AND ".join(data) or "true", of_data),
    )
    texts = [text for text, _ in parts]
    condition = (
        f"CASE WHEN kind = '{PARTITION}' THEN {texts[0]}"
        f" WHEN kind = '{PROJECT}' THEN {texts[1]}"
        f" WHEN kind = '{GRANT}' THEN {texts[2]}"
        f" WHEN kind IN ('{RESOURCE}', '{WORKITEM}', '{SUBSCRIPTION}') THEN {texts[3]}"
        f" ELSE {texts[4]} END"
    )
    return [condition], [value for _, values in parts for value in values]


def _data(reach: Reach) -> Conditions:
    if reach.partitions is None:
        return [], []
    if not reach.scopes:
        return ["partition_id = ANY(%s)"], [reach.partition_keys]
    return (
        [f"(partition_id = ANY(%s) OR {_OF_SCOPES})"],
        [reach.partition_keys, reach.scope_keys],
    )


def _partitions(reach: Reach) -> tuple[str, list[Any]]:
    entered = None if reach.entered is None else sorted(reach.entered)
    return _WHOLE, [entered, entered]


def _resources(reach: Reach) -> tuple[str, list[Any]]:
    keys = reach.partition_keys
    return _WHOLE, [keys, keys]


def _projects(reach: Reach) -> tuple[str, list[Any]]:
    keys = reach.partition_keys
    return f"({_WHOLE} OR {_OF_PROJECT})", [keys, keys, reach.scope_keys]


def _grants(actor: Actor) -> tuple[str, list[Any]]:
    owned = actor.reach(Verb.SHARE)
    seen = actor.reach(Verb.READ_ACCOUNTS).partition_keys
    whole = owned.partition_keys
    return (
        f"({_WHOLE} OR {_WHOLE} OR {_OF_OWN} OR {_ON_OWNED})",
        [
            *(seen, seen, whole, whole),
            str(actor.account_id or 0),
            [str(key) for key in owned.scope_keys],
        ],
    )
