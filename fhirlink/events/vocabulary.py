"""The keys of codes and units: found, or made where they are new; and their counts.

Set-based. The follower is the only writer, so nothing is locked; concepts are loaded
by others as well.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final, NamedTuple

import orjson

from core.database import as_rows, raw_connection
from fhirlink.events.amounts import canonical_unit
from fhirlink.events.codes import Codes
from fhirlink.events.values import Unit

Placed = tuple[int, Codes]
"""A partition, and codes in it."""


class Use(NamedTuple):
    """What a CodeableConcept is to events: `fhirlink.models.CodeUse`."""

    code: int
    role: int
    kind: int


def keys_of_codes(wanted: Iterable[Placed]) -> dict[Placed, int]:
    """Return the keys of codes; nothing for those that are empty."""
    asked = {(part, _digest(codes)): codes for part, codes in wanted if codes}
    found = _keys(_SELECT_CODES, asked)
    if missing := sorted(asked.keys() - found.keys()):
        made = _keys(_INSERT_CODES, missing)
        _insert_codings({key: asked[place] for place, key in made.items()})
        found |= made
    return {(place[0], asked[place]): key for place, key in found.items()}


def _digest(codes: Codes) -> str:
    text = orjson.dumps([list(each) for each in codes])
    return blake2b(text, digest_size=16).hexdigest()


def _keys(sql: str, places: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    asked = as_rows({"partition_id": part, "digest": at} for part, at in places)
    rows = raw_connection().execute(sql, (asked,))
    return {(row[0], row[1]): row[2] for row in rows}


def _insert_codings(made: Mapping[int, Codes]) -> None:
    rows = as_rows(
        {"key": key, "position": position, **each._asdict()}
        for key, codes in made.items()
        for position, each in enumerate(codes[:_MOST])
    )
    raw_connection().execute(_INSERT_CONCEPTS, (rows,))
    raw_connection().execute(_INSERT_CODINGS, (rows,))


def keys_of_units(wanted: Iterable[Unit]) -> dict[Unit, int]:
    """Return the keys of units."""
    asked = as_rows(
        {**unit._asdict(), "canonical": canonical_unit(unit)} for unit in wanted
    )
    raw_connection().execute(_INSERT_UNITS, (asked,))
    rows = raw_connection().execute(_SELECT_UNITS, (asked,))
    return {Unit(*row[:3]): row[3] for row in rows}


def count(uses: Counter[Use]) -> None:
    """Add to how often codes are used, and forget those that are not any more."""
    rows = [{**use._asdict(), "more": more} for use, more in uses.items() if more]
    if not rows:
        return
    asked = as_rows(rows)
    raw_connection().execute(_COUNT, (asked,))
    if fewer := sorted({use.code for use, more in uses.items() if more < 0}):
        _forget(fewer)


def _forget(codes: list[int]) -> None:
    """Forget codes without a use, and concepts that were in no others."""
    execute = raw_connection().execute
    execute(_DELETE_USES, (codes,))
    unused = [row[0] for row in execute(_DELETE_CODES, (codes,))]
    if unused:
        concepts = [row[0] for row in execute(_DELETE_CODINGS, (unused,)) if row[0]]
        execute(_DELETE_CONCEPTS, (sorted(set(concepts)),))


def reset() -> None:
    """Forget all codes that were seen; what was loaded stays."""
    execute = raw_connection().execute
    execute(
        "TRUNCATE fhirlink_codeuse, fhirlink_coding, fhirlink_codeableconcept,"
        " fhirlink_unit RESTART IDENTITY"
    )
    execute("DELETE FROM fhirlink_concept WHERE NOT is_loaded")


_MOST: Final = 1000  # codings of one CodeableConcept
_CODES: Final = "json_to_recordset(%s::json) AS new (partition_id bigint, digest text)"
_SELECT_CODES: Final = (
    "SELECT held.partition_id, new.digest, held.id FROM fhirlink_codeableconcept held"  # noqa: S608 own names
    f" JOIN {_CODES} ON held.partition_id = new.partition_id"
    " AND held.digest = decode(new.digest, 'hex')"
)
_INSERT_CODES: Final = (
    "INSERT INTO fhirlink_codeableconcept (partition_id, digest)"  # noqa: S608 own names
    f" SELECT partition_id, decode(digest, 'hex') FROM {_CODES}"
    " RETURNING partition_id, encode(digest, 'hex'), id"
)
_CODINGS: Final = (
    "json_to_recordset(%s::json) AS new"
    " (key int, position smallint, system text, code text, display text)"
)
_INSERT_CONCEPTS: Final = (
    "INSERT INTO fhirlink_concept (system, code, is_loaded)"  # noqa: S608 own names
    f" SELECT DISTINCT new.system, new.code, false FROM {_CODINGS}"
    " LEFT JOIN fhirlink_concept held USING (system, code)"
    " WHERE new.code <> '' AND held.id IS NULL ORDER BY 1, 2 ON CONFLICT DO NOTHING"
)
_INSERT_CODINGS: Final = (
    "INSERT INTO fhirlink_coding (codeable_concept_id, position, concept_id, display)"  # noqa: S608 own names
    f" SELECT new.key, new.position, concept.id, new.display FROM {_CODINGS}"
    " LEFT JOIN fhirlink_concept concept ON concept.system = new.system"
    " AND concept.code = new.code AND new.code <> ''"
)
_UNITS: Final = (
    "json_to_recordset(%s::json) AS new"
    " (system text, code text, words text, canonical text)"
)
_INSERT_UNITS: Final = (
    "INSERT INTO fhirlink_unit (system, code, words, canonical)"  # noqa: S608 own names
    f" SELECT new.system, new.code, new.words, new.canonical FROM {_UNITS}"
    " LEFT JOIN fhirlink_unit held USING (system, code, words)"
    " WHERE held.id IS NULL ORDER BY 1, 2, 3"
)
_SELECT_UNITS: Final = (
    "SELECT held.system, held.code, held.words, held.id FROM fhirlink_unit held"  # noqa: S608 own names
    f" JOIN {_UNITS} USING (system, code, words)"
)
_COUNT: Final = (
    "INSERT INTO fhirlink_codeuse AS held"
    " (codeable_concept_id, role, kind, number_of_events)"
    " SELECT code, role, kind, more FROM json_to_recordset(%s::json)"
    " AS new (code int, role smallint, kind smallint, more bigint)"
    " ON CONFLICT (codeable_concept_id, role, kind) DO UPDATE"
    " SET number_of_events = held.number_of_events + excluded.number_of_events"
)
_DELETE_USES: Final = (
    "DELETE FROM fhirlink_codeuse WHERE codeable_concept_id = ANY(%s::int[])"
    " AND number_of_events = 0"
)
_DELETE_CODES: Final = (
    "DELETE FROM fhirlink_codeableconcept held WHERE id = ANY(%s::int[])"
    " AND NOT EXISTS (SELECT FROM fhirlink_codeuse u"
    " WHERE u.codeable_concept_id = held.id) RETURNING id"
)
_DELETE_CODINGS: Final = (
    "DELETE FROM fhirlink_coding WHERE codeable_concept_id = ANY(%s::int[])"
    " RETURNING concept_id"
)
_DELETE_CONCEPTS: Final = (
    "DELETE FROM fhirlink_concept held WHERE id = ANY(%s::bigint[]) AND NOT is_loaded"
    " AND NOT EXISTS (SELECT FROM fhirlink_coding c WHERE c.concept_id = held.id)"
)
