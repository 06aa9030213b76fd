"""How the studies of a partition are read: its own settings, else the portal's."""

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from core import audit
from core.access import Actor, Verb, require, require_whole_partition
from core.errors import Invalid
from core.models import Partition
from core.partitions import get_partition
from fhirlink.linkage.codes import is_uri
from fhirlink.linkage.dirty import mark_partition
from fhirlink.linkage.moments import is_zone
from fhirlink.linkage.source import Source
from fhirlink.models import LinkSource

_URIS: Final = ("assigning_authority", "accession_system", "study_id_system")
FIELDS: Final = (*_URIS, "issuers", "zone", "address", "names_staff", "is_suspended")
"""What can be configured of a partition."""


def source_of(partition: Partition) -> Source:
    """Return how the studies of a partition are read."""
    held = LinkSource.objects.filter(partition=partition).first() or LinkSource()
    base: str = settings.LINK_ADDRESS
    default = f"{base}/partitions/{partition.name}" if base else ""
    return Source(
        partition.name,
        settings.LINK_NAMESPACE,
        assigning_authority=held.assigning_authority or settings.ASSIGNING_AUTHORITY,
        issuers=held.issuers,
        zone=held.zone or settings.LINK_ZONE,
        accession_system=held.accession_system or settings.ACCESSION_SYSTEM,
        study_id_system=held.study_id_system,
        address=held.address or default,
        most_instances=settings.LINK_INSTANCES,
        names_staff=held.names_staff,
        is_suspended=held.is_suspended or partition.disabled_at is not None,
    )


def configure_source(
    *, actor: Actor, partition: str, values: Mapping[str, Any]
) -> LinkSource:
    """Say how the studies of a partition are read; all of them are linked anew.

    Parameters
    ----------
    values
        Fields of `LinkSource` and what they are to be; others stay.

    Raises
    ------
    Forbidden, NotFound
        The actor may not manage all of the partition.
    Invalid
        A value is none that can be used.
    """
    require(actor, Verb.MANAGE)
    key = get_partition(actor=actor, name=partition, verb=Verb.MANAGE)
    require_whole_partition(actor, Verb.MANAGE, key)
    for name, value in values.items():
        _check(name, value)
    with transaction.atomic():  # the admin has one around it
        held, _ = LinkSource.objects.update_or_create(
            partition_id=key, defaults=dict(values)
        )
        mark_partition(key)
        changed = ", ".join(sorted(values))
        audit.record(
            audit.Event(
                actor,
                audit.Action.CONFIGURE,
                partition_id=key,
                detail=f"linkage: {changed}",
            )
        )
    return held


def _check(name: str, value: Any) -> None:
    if name not in FIELDS:
        message = f"There is no such setting; they are {', '.join(FIELDS)}."
        raise Invalid(message, path=name)
    if name == "zone" and value and not is_zone(value):
        message = "A zone is an offset such as +0100, or a name such as Europe/Berlin."
        raise Invalid(message, path=name)
    uris = [value] if name in _URIS else []
    if name == "issuers":
        if not isinstance(value, dict):
            message = "Issuers are an object: their names, and their systems."
            raise Invalid(message, path=name)
        uris = list(value.values())
    if any(each and not is_uri(str(each)) for each in uris):
        message = "A system is a URI: urn:oid:1.2.3, or https://hospital.example/mrn."
        raise Invalid(message, path=name)
