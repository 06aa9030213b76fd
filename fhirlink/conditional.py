"""Writes whose resource is found by a search (FHIR R4 3.1.0.6.1, 3.1.0.7.1, 3.1.0.8.1).

What is found is found under a lock that all writes by the same search take, so that
two clients that create the same thing at once create it once.
"""

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from core.database import raw_connection
from core.errors import Invalid, PreconditionFailed
from fhirlink.access import Seen
from fhirlink.preconditions import checked_id
from fhirlink.search.matching import matching_ids

Search = tuple[str, str]
"""Type and query."""


def lock_searches(partition_id: int, searches: Collection[Search]) -> None:
    """Have others that write by these searches wait until the transaction has ended.

    Who needs several takes them at once: they are locked in one order for all.
    """
    numbers = sorted({_number(partition_id, *search) for search in searches})
    if numbers:
        raw_connection().execute(
            "SELECT pg_advisory_xact_lock(number)"
            " FROM unnest(%s::bigint[]) WITH ORDINALITY AS lock (number, place)"
            " ORDER BY place",
            (numbers,),
        )


def _number(partition_id: int, type_: str, query: str) -> int:
    words = sorted(parse_qsl(query, keep_blank_values=True))
    text = repr((partition_id, type_, words))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def all_found(partition_id: int, type_: str, query: str, limit: int) -> Sequence[str]:
    """Return the ids of what a search finds in a partition, under the lock.

    Raises
    ------
    Invalid
        It does not say which: it has no search parameter, or one that is not known.
    """
    if not query.strip("&"):
        message = "Say by search parameters which resource is meant."
        raise Invalid(message, path="request.url")
    lock_searches(partition_id, [(type_, query)])
    seen = Seen(partition_id, "true", [])
    return matching_ids(seen, type_, query, limit=limit)


def one_found(partition_id: int, type_: str, query: str) -> str | None:
    """Return the id of the only resource that a search finds; None without any.

    Raises
    ------
    PreconditionFailed
        It finds several.
    """
    found = all_found(partition_id, type_, query, limit=2)
    if len(found) > 1:
        message = "The search finds several resources: say more exactly which is meant."
        raise PreconditionFailed(message)
    return found[0] if found else None


def meant_id(content: Mapping[str, Any], found: str | None) -> str:
    """Return the id of what a conditional update writes (FHIR R4 3.1.0.6.1).

    Parameters
    ----------
    found
        The id of what the search has found.

    Raises
    ------
    Invalid
        The content has the id of another resource.
    """
    given = content.get("id")
    if found is None:
        return checked_id(given) if isinstance(given, str) else str(uuid4())
    if given not in {None, found}:
        message = "The search finds another resource than the id of the content names."
        raise Invalid(message, path="id")
    return found
