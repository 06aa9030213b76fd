"""Which resource here is which one there: rows of `RemoteResource`."""

from collections.abc import Collection, Iterable, Sequence

from fhirlink.models import RemoteResource, RemoteServer
from fhirlink.remote.content import digest
from fhirlink.search.rows import COLUMNS, Found, Statement, found_by

Place = tuple[str, str]
"""Type and id."""

_FIELDS = ("fhir_id", "remote_id", "is_ours", "etag", "ours", "theirs", "names", "at")


def link_of(server: RemoteServer, type_: str, fhir_id: str) -> RemoteResource | None:
    """Return what a resource here is there; None where that is not known."""
    held = RemoteResource.objects.filter(server=server, type=type_, fhir_id=fhir_id)
    return held.first()


def links_there(
    server: RemoteServer, places: Collection[Place]
) -> dict[Place, RemoteResource]:
    """Return what resources there are here, by their places there."""
    found = RemoteResource.objects.filter(
        server=server,
        type__in={type_ for type_, _ in places},
        remote_id__in={fhir_id for _, fhir_id in places},
    )
    return {(each.type, each.remote_id): each for each in found}


def remember(links: Sequence[RemoteResource]) -> None:
    """Write links down: new ones, and what is new of old ones.

    One to one: a link to either end that is not this one's is replaced.
    """
    for link in links:
        others = RemoteResource.objects.filter(server=link.server, type=link.type)
        others.filter(remote_id=link.remote_id).exclude(fhir_id=link.fhir_id).delete()
    RemoteResource.objects.bulk_create(
        links,
        update_conflicts=True,
        unique_fields=["server", "type", "fhir_id"],
        update_fields=[each for each in _FIELDS if each != "fhir_id"],
    )


def is_news(
    link: RemoteResource | None, version: str, content: dict[str, object]
) -> bool:
    """Return whether what a server has is other than what is known of it."""
    if link is None:
        return True
    if version and link.etag == version:
        return False
    return bytes(link.theirs) != digest(content)


def held_here(partition_id: int, places: Iterable[Place]) -> dict[Place, Found]:
    """Return the current versions of resources that are not deleted."""
    wanted = sorted(set(places))
    page = (
        f"SELECT {COLUMNS} FROM unnest(%s::text[], %s::text[]) AS key (type, fhir_id)"  # noqa: S608 own names
        " JOIN fhirlink_resource r ON r.partition_id = %s AND r.type = key.type"
        " AND r.fhir_id = key.fhir_id AND NOT r.is_deleted"
    )
    columns = [list(each) for each in zip(*wanted, strict=True)] or [[], []]
    rows = found_by(Statement(page, [*columns, partition_id]))
    return {found.address: found for found, _ in rows}
