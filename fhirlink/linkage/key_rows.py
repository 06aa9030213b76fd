"""The keys of studies and of the record, as rows; set-based.

All run on the current thread's connection, inside the caller's transaction.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

import orjson

from core.database import as_rows, raw_connection
from fhirlink.linkage.keys import DECISION, JOINING, STUDY, Key, Kind, Owner
from fhirlink.linkage.matching import Known, Merge, Oldest
from fhirlink.models import LinkDecision

MOST_TERMS: Final = 1_000
"""Keys that are joined; what is joined beyond is not followed."""

Keys = Mapping[Owner, Collection[Key]]


def keys_of(partition_id: int, owners: Collection[Owner]) -> dict[Owner, set[Key]]:
    """Return the keys that owners have now."""
    found: dict[Owner, set[Key]] = {owner: set() for owner in owners}
    rows = raw_connection().execute(_OF_OWNERS, (partition_id, *_columns(owners)))
    for type_, id_, kind, term in rows:
        found[Owner(type_, id_)].add(Key(Kind(kind), term))
    return found


def replace_keys(
    partition_id: int, keys: Keys, versions: Mapping[Owner, int | None] | None = None
) -> None:
    """Have owners have these keys, and no others."""
    raw_connection().execute(_DELETE, (partition_id, *_columns(keys)))
    rows = as_rows(
        {
            "type": owner.type,
            "id": owner.id,
            "kind": key.kind,
            "term": key.term,
            "version": (versions or {}).get(owner),
        }
        for owner, found in keys.items()
        for key in sorted(found)
    )
    raw_connection().execute(_INSERT, (partition_id, rows))


def owners_of(
    partition_id: int, type_: str, kind: Kind, terms: Collection[str]
) -> dict[str, set[str]]:
    """Return the ids of the owners of a type that have keys of a kind, by term."""
    found: dict[str, set[str]] = {}
    rows = raw_connection().execute(
        _BY_TERMS, (partition_id, sorted(terms), kind, type_)
    )
    for term, id_ in rows:
        found.setdefault(term, set()).add(id_)
    return found


def versions_of(partition_id: int, owners: Collection[Owner]) -> dict[Owner, int]:
    """Return the keys of the versions that the keys of owners were read of."""
    rows = raw_connection().execute(_VERSIONS, (partition_id, *_columns(owners)))
    return {Owner(type_, id_): version for type_, id_, version in rows}


def reached(partition_id: int, terms: Iterable[str]) -> list[str]:
    """Return all that is joined with some keys, themselves included."""
    starts = sorted(set(terms))
    values = {
        "partition": partition_id,
        "starts": starts,
        "joining": JOINING,
        "decision": DECISION,
        "most": max(MOST_TERMS, 2 * len(starts)),
    }
    return sorted(row[0] for row in raw_connection().execute(_REACHED, values))


def known_of(partition_id: int, terms: Collection[str]) -> Known:
    """Return what is known of keys that are all that is joined with them."""
    values = (partition_id, list(terms), JOINING, JOINING, STUDY)
    owners: dict[Owner, list[Key]] = {}
    for type_, id_, kind, term in raw_connection().execute(_JOINS, values):
        owners.setdefault(Owner(type_, id_), []).append(Key(Kind(kind), term))
    oldest = {
        row[0]: Oldest(row[1], orjson.loads(row[2]))
        for row in raw_connection().execute(_OLDEST, (partition_id, list(terms)))
    }
    said = LinkDecision.objects.filter(
        partition=partition_id, undone_at=None, first__in=terms
    )
    splits, merges = set(), []
    for action, first, second in said.order_by("pk").values_list(
        "action", "first", "second"
    ):
        if action == LinkDecision.Action.SPLIT:
            splits.add(first)
        else:
            merges.append(Merge(first, second))
    return Known(owners, oldest, splits, merges)


def studies_of(partition_id: int, terms: Collection[str]) -> list[str]:
    """Return the studies whose patient has one of some keys."""
    rows = raw_connection().execute(_STUDIES, (partition_id, list(terms)))
    return [row[0] for row in rows]


def _columns(owners: Iterable[Owner]) -> tuple[list[str], list[str]]:
    listed = sorted(owners)
    return [each.type for each in listed], [each.id for each in listed]


_KEYS: Final = "FROM unnest(%s::text[], %s::text[]) AS owner (type, id)"
_OF_OWNERS: Final = (
    "WITH held AS (SELECT %s::bigint AS partition_id)"
    f" SELECT k.owner_type, k.owner_id, k.kind, k.term {_KEYS} CROSS JOIN held"
    " JOIN fhirlink_linkkey k ON k.partition_id = held.partition_id"
    " AND k.owner_type = owner.type AND k.owner_id = owner.id"
)
_DELETE: Final = (
    "WITH held AS (SELECT %s::bigint AS partition_id),"  # noqa: S608 constants
    f" owner AS (SELECT * {_KEYS})"
    " DELETE FROM fhirlink_linkkey k USING owner, held"
    " WHERE k.partition_id = held.partition_id"
    " AND k.owner_type = owner.type AND k.owner_id = owner.id"
)
_INSERT: Final = (
    "INSERT INTO fhirlink_linkkey (partition_id, owner_type, owner_id, kind, term,"
    " version) SELECT %s, row.type, row.id, row.kind, row.term, row.version"
    " FROM json_to_recordset(%s::json) AS row (type text, id text, kind text,"
    " term text, version bigint)"
)
_BY_TERMS: Final = (
    "SELECT term, owner_id FROM fhirlink_linkkey WHERE partition_id = %s"
    " AND term = ANY(%s) AND kind = %s AND owner_type = %s"
)
_VERSIONS: Final = (
    "WITH held AS (SELECT %s::bigint AS partition_id)"
    f" SELECT DISTINCT k.owner_type, k.owner_id, k.version {_KEYS} CROSS JOIN held"
    " JOIN fhirlink_linkkey k ON k.partition_id = held.partition_id"
    " AND k.owner_type = owner.type AND k.owner_id = owner.id"
    " WHERE k.version IS NOT NULL"
)
# A split key joins nothing but by a decision. Looked up by index from row to row.
_REACHED: Final = """
WITH RECURSIVE split AS (
  SELECT first AS term FROM fhirlink_linkdecision
  WHERE partition_id = %(partition)s AND action = 'split' AND undone_at IS NULL
), reached (term) AS (
  SELECT unnest(%(starts)s::text[]) COLLATE "C"
  UNION
  SELECT other.term FROM reached
  JOIN fhirlink_linkkey one ON one.partition_id = %(partition)s
    AND one.term = reached.term AND one.kind = ANY(%(joining)s)
  JOIN fhirlink_linkkey other ON other.partition_id = %(partition)s
    AND other.owner_type = one.owner_type AND other.owner_id = one.owner_id
    AND other.kind = ANY(%(joining)s)
  WHERE one.owner_type = %(decision)s OR NOT EXISTS (
    SELECT FROM split WHERE split.term IN (one.term, other.term))
)
SELECT term FROM reached LIMIT %(most)s
"""
# Of studies those that join something: there may be very many that do not.
_JOINS: Final = """
SELECT DISTINCT k.owner_type, k.owner_id, k.kind, k.term
FROM (
  SELECT DISTINCT partition_id, owner_type, owner_id FROM fhirlink_linkkey
  WHERE partition_id = %s AND term = ANY(%s) AND kind = ANY(%s)
) owner
JOIN fhirlink_linkkey k USING (partition_id, owner_type, owner_id)
WHERE k.kind = ANY(%s) AND (k.owner_type <> %s OR EXISTS (
  SELECT FROM fhirlink_linkkey o WHERE o.partition_id = k.partition_id
  AND o.owner_type = k.owner_type AND o.owner_id = k.owner_id AND o.kind = 'other'))
ORDER BY 1, 2, 3, 4
"""
_OLDEST: Final = (
    "SELECT joined.term, first.held_since, first.told::text"
    " FROM (SELECT %s::bigint AS partition_id, unnest(%s::text[]) AS term) joined"
    " CROSS JOIN LATERAL (SELECT s.held_since, s.told FROM fhirlink_linkedstudy s"
    " WHERE s.partition_id = joined.partition_id AND s.term = joined.term"
    " AND s.held_since IS NOT NULL ORDER BY s.held_since LIMIT 1) first"
)
_STUDIES: Final = (
    "SELECT study_instance_uid FROM fhirlink_linkedstudy"
    " WHERE partition_id = %s AND term = ANY(%s)"
)
