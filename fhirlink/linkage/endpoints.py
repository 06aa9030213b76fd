"""Where the studies of a partition can be fetched and looked at, as Endpoints: pure.

References
----------
FHIR R4 Endpoint; IHE RAD TF-2 4.106 (Invoke Image Display).
"""

from typing import Any, Final

from fhirlink.linkage.source import Source

_TYPES: Final = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type"
_WADO: Final = (
    *("dicom-wado-rs", "DICOM WADO-RS"),
    ("application/dicom", "application/dicom+json"),
)
_QIDO: Final = ("dicom-qido-rs", "DICOM QIDO-RS", ("application/dicom+json",))
_IID: Final = ("ihe-iid", "IHE IID", ("text/html",))
_SERVICE: Final = "/dicomweb"
DISPLAY: Final = "/IHEInvokeImageDisplay"
"""Where images are shown, below the portal's own address."""
_PAYLOADS: Final = "http://terminology.hl7.org/CodeSystem/endpoint-payload-type"


def endpoints_of(source: Source) -> list[dict[str, Any]]:
    """Return the Endpoints of a partition: retrieve, search, then show."""
    if not source.address:
        return []
    found = [_endpoint(source, source.address, *kind) for kind in (_WADO, _QIDO)]
    if display := display_of(source):
        found.append(_endpoint(source, display, *_IID))
    return found


def display_of(source: Source) -> str:
    """Return where images of a partition are shown; empty where it cannot be told.

    It lies beside the DICOMweb service, if that has the portal's own path.
    """
    root, found, _ = source.address.partition(_SERVICE)
    return f"{root}{DISPLAY}/{source.partition}" if found else ""


def references(source: Source) -> list[dict[str, Any]]:
    """Return references to the Endpoints of a partition."""
    return [
        {"reference": f"Endpoint/{each['id']}", "type": "Endpoint"}
        for each in endpoints_of(source)
    ]


def _endpoint(
    source: Source, address: str, kind: str, name: str, forms: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "resourceType": "Endpoint",
        "id": source.id_of("Endpoint", kind),
        "identifier": [{"system": source.urn("endpoint"), "value": kind}],
        "status": "suspended" if source.is_suspended else "active",
        "connectionType": {"system": _TYPES, "code": kind, "display": name},
        "name": f"{name} of {source.partition}",
        "payloadType": [{"coding": [{"system": _PAYLOADS, "code": "any"}]}],
        "payloadMimeType": list(forms),
        "address": address,
    }
