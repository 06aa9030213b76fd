"""The Device that has made a series: pure."""

from typing import Any, Final
from urllib.parse import quote

from fhirlink.linkage.identifiers import DICOM_UID
from fhirlink.linkage.reading import clean, compact, is_uid, text, values
from fhirlink.linkage.source import Source
from imaging.fold import fold
from imaging.rendering.attributes import Model

_MODEL: Final = "model-name"


def device_of(model: Model, source: Source) -> dict[str, Any]:
    """Return the Device of a data set; empty without a serial number.

    Manufacturer and serial number tell which one it is.
    """
    maker, serial = text(model, "Manufacturer"), text(model, "DeviceSerialNumber")
    if not maker or not serial:
        return {}
    uid, name = text(model, "DeviceUID"), text(model, "ManufacturerModelName")
    system = source.urn("device", quote(fold(maker), safe=""))
    identifiers = [{"system": system, "value": serial}]
    if is_uid(uid):
        identifiers.append({"system": DICOM_UID, "value": f"urn:oid:{uid}"})
    versions = map(clean, values(model, "SoftwareVersions"))
    return compact(
        resourceType="Device",
        id=source.id_of("Device", fold(maker), serial),
        identifier=identifiers,
        status="active",
        manufacturer=maker,
        serialNumber=serial,
        deviceName=[{"name": name, "type": _MODEL}] if name else [],
        modelNumber=name,
        version=[{"value": each} for each in versions if each],
    )


def shown_device(model: Model) -> str:
    """Return how a device is shown: by its station, or maker and model."""
    made = (text(model, "Manufacturer"), text(model, "ManufacturerModelName"))
    return text(model, "StationName") or " ".join(filter(None, made))
