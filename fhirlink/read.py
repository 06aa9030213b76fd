"""Reading resources (FHIR R4 3.1.0.2 read, 3.1.0.3 vread)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.rows import class_row

from core import audit
from core.access import Actor
from core.database import raw_connection
from core.errors import Gone, NotFound
from fhirlink.access import Seen, seen_in
from fhirlink.concerned import patients_of
from fhirlink.document import whole
from fhirlink.write import Outcome, Written

MISSING: Final = "There is no such resource."

_VERSION: Final = (
    "SELECT r.type, r.fhir_id, v.number, v.at, v.method, v.body"
    " FROM fhirlink_resource r JOIN fhirlink_resourceversion v"
)
_ONE: Final = "r.partition_id = %s AND r.type = %s AND r.fhir_id = %s"


@dataclass(frozen=True, slots=True)
class Version:
    """A resource as it was from one write to the next.

    Attributes
    ----------
    number, at
        ``meta.versionId`` and ``meta.lastUpdated``.
    method
        The HTTP verb that made it.
    body
        Its JSON as `fhirlink.document` keeps it; empty where it was deleted.
    """

    type: str
    fhir_id: str
    number: int
    at: datetime
    method: str
    body: bytes

    @property
    def is_deleted(self) -> bool:
        """Return whether this is where it was deleted."""
        return not self.body

    @property
    def told(self) -> tuple[str, str, bytes]:
        """Return what the audit log is to know of it."""
        return self.type, self.fhir_id, self.body

    def unchanged(self) -> Written:
        """Return it as what a write has left as it was."""
        return Written(
            self.type,
            self.fhir_id,
            Outcome.UNCHANGED,
            self.number,
            self.at,
            self.body,
        )

    def json(self) -> bytes:
        """Return it as clients get it."""
        return whole(self.type, self.fhir_id, self.number, self.at, self.body)


def read(*, actor: Actor, partition: str, type_: str, fhir_id: str) -> Version:
    """Return the current version of a resource.

    Raises
    ------
    NotFound
        There is none that the actor may see.
    Gone
        It was deleted.
    """
    seen = seen_in(actor, partition)
    found = _versions(
        f"{_VERSION} ON v.id = r.version_id WHERE {_ONE} AND {seen.condition}",
        [seen.partition_id, type_, fhir_id, *seen.values],
    )
    return _only(actor, seen, found)


def vread(
    *, actor: Actor, partition: str, type_: str, fhir_id: str, number: int
) -> Version:
    """Return one version of a resource, the current one or another.

    Raises
    ------
    NotFound
        There is none that the actor may see.
    Gone
        The resource was deleted with it.
    """
    seen = seen_in(actor, partition)
    found = _versions(
        f"{_VERSION} ON v.resource_id = r.id AND v.number = %s WHERE {_ONE}"
        f" AND {seen.condition}",
        [number, seen.partition_id, type_, fhir_id, *seen.values],
    )
    return _only(actor, seen, found)


def current(partition_id: int, type_: str, fhir_id: str) -> Version | None:
    """Return the current version of a resource to who works in all of a partition.

    None where there is none, or it was deleted; nothing is recorded.
    """
    found = _versions(
        f"{_VERSION} ON v.id = r.version_id WHERE {_ONE} AND NOT r.is_deleted",
        [partition_id, type_, fhir_id],
    )
    return found[0] if found else None


def _versions(query: str, values: Sequence[Any]) -> list[Version]:
    cursor = raw_connection().cursor(row_factory=class_row(Version))
    cursor.execute(query, list(values))
    return cursor.fetchall()


def _only(actor: Actor, seen: Seen, found: Sequence[Version]) -> Version:
    if not found:
        raise NotFound(MISSING)
    (version,) = found
    event = audit.Event(
        actor,
        audit.Action.RETRIEVE,
        partition_id=seen.partition_id,
        detail=f"1 {version.type}",
        query=f"{version.type}/{version.fhir_id}",
    )
    audit.record_answer(event, patients=patients_of(seen.partition_id, [version.told]))
    if version.is_deleted:
        message = "The resource was deleted. Its history has what it was."
        raise Gone(message)
    return version
