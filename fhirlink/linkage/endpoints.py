"""Where the studies of a partition can be fetched, as Endpoints: pure."""

from typing import Any, Final

from fhirlink.linkage.source import Source

_TYPES: Final = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type"
_KINDS: Final = (
    ("dicom-wado-rs", "DICOM WADO-RS", ("application/dicom", "application/dicom+json")),
    ("dicom-qido-rs", "DICOM QIDO-RS", ("application/dicom+json",)),
)
_PAYLOADS: Final = "http://terminology.hl7.org/CodeSystem/endpoint-payload-type"


def endpoints_of(source: Source, *, is_well: bool = True) -> list[dict[str, Any]]:
    """Return the Endpoints of a partition: retrieve first, then search.

    Parameters
    ----------
    is_well
        Whether the service answers.
    """
    if not source.address:
        return []
    return [_endpoint(source, *kind, is_well=is_well) for kind in _KINDS]


def references(source: Source) -> list[dict[str, Any]]:
    """Return references to the Endpoints of a partition."""
    return [
        {"reference": f"Endpoint/{each['id']}", "type": "Endpoint"}
        for each in endpoints_of(source)
    ]


def _endpoint(
    source: Source, kind: str, name: str, forms: tuple[str, ...], *, is_well: bool
) -> dict[str, Any]:
    return {
        "resourceType": "Endpoint",
        "id": source.id_of("Endpoint", kind),
        "identifier": [{"system": source.urn("endpoint"), "value": kind}],
        "status": "active" if is_well else "suspended",
        "connectionType": {"system": _TYPES, "code": kind, "display": name},
        "name": f"{name} of {source.partition}",
        "payloadType": [{"coding": [{"system": _PAYLOADS, "code": "any"}]}],
        "payloadMimeType": list(forms),
        "address": source.address,
    }
