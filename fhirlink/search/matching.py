"""Which resources a search finds, by their ids alone: for conditional writes."""

from collections.abc import Sequence

from core.database import raw_connection
from core.errors import Invalid
from fhirlink.access import Seen
from fhirlink.search.asked import asked
from fhirlink.search.compile import matching
from fhirlink.search.parse import pairs_of


def matching_ids(seen: Seen, type_: str, query: str, *, limit: int) -> Sequence[str]:
    """Return the ids of what a search finds, the oldest first, up to a number.

    Raises
    ------
    Invalid
        It has a parameter that is not known, or says only how to answer.
    """
    found = asked([type_], list(pairs_of(query)))
    (conditions,) = found.conditions
    if not conditions:
        message = "Say by search parameters which resource is meant."
        raise Invalid(message)
    where, values = matching(seen, type_, conditions)
    rows = raw_connection().execute(
        f"SELECT r.fhir_id FROM fhirlink_resource r WHERE {where}"  # noqa: S608
        " ORDER BY r.id LIMIT %s",
        [*values, limit],
    )
    return [fhir_id for (fhir_id,) in rows]
