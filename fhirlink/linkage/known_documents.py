"""Which documents in studies the record tells of itself."""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from fhirlink.linkage import documents, key_rows, keys, reports
from fhirlink.linkage.keys import Kind


class Known(NamedTuple):
    """What the record tells of documents.

    Attributes
    ----------
    uids
        SOPInstanceUIDs that resources of the record name, or have been made of.
    own
        Types and ids of these resources.
    """

    uids: Collection[str]
    own: Collection[tuple[str, str]]


NOTHING: Final = Known((), ())


def known_documents(
    partition_id: int, made: Mapping[str, str], before: Collection[str]
) -> Known:
    """Return what the record tells of documents, by name or as what is made of them.

    Parameters
    ----------
    made
        Ids of the DocumentReferences that would be made, by SOPInstanceUID.
    before
        Ids of those that were made before.
    """
    names = {keys.of_uid(uid): uid for uid in made}
    names |= {keys.address(documents.TYPE, id_): uid for uid, id_ in made.items()}
    terms = {*names, *(keys.address(documents.TYPE, each) for each in before)}
    if not terms:
        return NOTHING
    found, own = set(), set()
    for type_ in reports.TYPES:
        owners = key_rows.owners_of(partition_id, type_, Kind.DOCUMENT, terms)
        found |= {names[term] for term in owners if term in names}
        own |= {(type_, id_) for ids in owners.values() for id_ in ids}
    return Known(found, own)
