"""What is below a code: by a loaded hierarchy, else by the prefix of ICD codes."""

from typing import Final

from core.database import raw_connection

ICD: Final = frozenset(
    (
        *("http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm"),
        *("http://hl7.org/fhir/sid/icd-9-cm", "http://hl7.org/fhir/sid/icd-10-gm"),
        *(
            "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
            "http://hl7.org/fhir/sid/icd-o-3",
        ),
        *("urn:oid:2.16.840.1.113883.6.90", "urn:oid:2.16.840.1.113883.6.3"),
    )
)
"""Systems of which a longer code is below a shorter one that it begins with."""


def has_hierarchy(system: str) -> bool:
    """Return whether it is known what is below the codes of a system."""
    return system in ICD or _is_loaded(system)


def concepts_below(system: str, code: str) -> list[int]:
    """Return the keys of a concept and of all below it; of none that nobody knows.

    Without a hierarchy it is the concept alone.
    """
    if _is_loaded(system):
        rows = raw_connection().execute(_BY_CLOSURE, (system, code, system, code))
    elif system in ICD and code:
        rows = raw_connection().execute(_BY_PREFIX, (system, f"{_escaped(code)}%"))
    else:
        rows = raw_connection().execute(_ITSELF, (system, code))
    return [row[0] for row in rows]


def codes_below(system: str, code: str, *, limit: int) -> list[str]:
    """Return a code and those below it that are known, in order; `limit` at most."""
    keys = concepts_below(system, code)[:limit]
    return sorted(row[0] for row in raw_connection().execute(_CODES, (keys,)))


def codes_above(system: str, code: str, *, limit: int) -> list[str]:
    """Return a code and those above it, in order; `limit` at most."""
    if _is_loaded(system):
        values = (system, code, limit)
        return sorted(row[0] for row in raw_connection().execute(_ABOVE, values))
    # Of ICD, whatever it begins with: what is no code is nowhere.
    longest = code if system in ICD else ""
    return [*(longest[:end] for end in range(1, len(longest))), code][-limit:]


def _is_loaded(system: str) -> bool:
    row = raw_connection().execute(_LOADED, (system,)).fetchone()
    return row is not None


def _escaped(code: str) -> str:
    return code.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_LOADED: Final = (
    "SELECT FROM fhirlink_concept c WHERE c.system = %s AND c.is_loaded AND EXISTS ("
    "SELECT FROM fhirlink_conceptancestor a WHERE a.concept_id = c.id) LIMIT 1"
)
_ITSELF: Final = "SELECT id FROM fhirlink_concept WHERE system = %s AND code = %s"
_BY_CLOSURE: Final = (
    f"{_ITSELF} UNION SELECT a.concept_id FROM fhirlink_conceptancestor a"  # noqa: S608 own names
    " JOIN fhirlink_concept c ON c.id = a.ancestor_id"
    " WHERE c.system = %s AND c.code = %s ORDER BY 1"
)
_CODES: Final = "SELECT code FROM fhirlink_concept WHERE id = ANY(%s::bigint[])"
_ABOVE: Final = (
    "SELECT up.code FROM fhirlink_concept c"
    " JOIN fhirlink_conceptancestor a ON a.concept_id = c.id"
    " JOIN fhirlink_concept up ON up.id = a.ancestor_id"
    " WHERE c.system = %s AND c.code = %s LIMIT %s"
)
_BY_PREFIX: Final = (
    "SELECT id FROM fhirlink_concept WHERE system = %s AND code LIKE %s ORDER BY 1"
)
