"""Which documents in studies the record tells of itself."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from fhirlink.linkage import key_rows, keys, reports
from fhirlink.linkage.keys import Kind


class Known(NamedTuple):
    """What the record tells of documents.

    Attributes
    ----------
    uids
        SOPInstanceUIDs that resources of the record name.
    own
        Types and ids of these resources.
    """

    uids: Collection[str]
    own: Collection[tuple[str, str]]


NOTHING: Final = Known((), ())


def known_documents(partition_id: int, uids: Sequence[str]) -> Known:
    """Return what the record tells of documents, by SOPInstanceUIDs."""
    if not uids:
        return NOTHING
    terms = {keys.of_uid(uid): uid for uid in uids}
    found, own = set(), set()
    for type_ in reports.TYPES:
        owners = key_rows.owners_of(partition_id, type_, Kind.DOCUMENT, list(terms))
        found |= {terms[term] for term in owners}
        own |= {(type_, id_) for ids in owners.values() for id_ in ids}
    return Known(found, own)
