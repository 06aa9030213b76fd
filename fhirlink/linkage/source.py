"""What is configured of where studies come from: settings of a partition."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid5

MOST_INSTANCES: Final = 2_000


@dataclass(frozen=True, slots=True)
class Source:
    """How the studies of a partition are read.

    Attributes
    ----------
    partition
        Its name.
    namespace
        Of the deployment: what ids are derived from, so that they can be told again.
    assigning_authority
        Identifier system of a PatientID without issuer; empty: such patients stay
        unlinked.
    issuers
        Identifier systems of issuers that are no URIs, by their names.
    zone
        IANA name, or an offset such as ``+0100``, of times without an offset.
    accession_system, study_id_system
        Identifier systems of accession numbers without issuer, and of study ids.
    address
        Root of the DICOMweb service of the partition; empty: there is no endpoint.
    most_instances
        How many instances an ImagingStudy lists; of a larger study its series only.
    names_staff
        Whether performing physicians and operators are named.
    is_suspended
        Whether others are told that the service is out of use for now.
    """

    partition: str
    namespace: UUID
    assigning_authority: str = ""
    issuers: Mapping[str, str] = field(default_factory=dict, hash=False)
    zone: str = ""
    accession_system: str = ""
    study_id_system: str = ""
    address: str = ""
    most_instances: int = MOST_INSTANCES
    names_staff: bool = False
    is_suspended: bool = False

    def id_of(self, type_: str, *key: str) -> str:
        """Return the id of a resource: the same whenever it is asked for."""
        parts = (self.partition, type_, *key)
        # Lengths: so that no two keys are written alike.
        named = "".join(f"{len(part)}:{part}" for part in parts)
        return str(uuid5(self.namespace, named))

    def urn(self, kind: str, name: str = "") -> str:
        """Return a URI of ours for what has none: a scheme, an issuer."""
        return ":".join(filter(None, ("urn:portal", kind, self.partition, name)))
