"""The Device that has made a series: pure.

What data sets say of a device changes with time. It is described as the newest of them
has it, whichever is linked first; a newer one that says the same is not written down.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import orjson

from fhirlink.linkage.identifiers import DICOM_UID
from fhirlink.linkage.moments import moment_of
from fhirlink.linkage.notes import Notes
from fhirlink.linkage.patient import ORIGIN, is_ours
from fhirlink.linkage.reading import clean, compact, is_uid, text, values
from fhirlink.linkage.source import Source
from imaging.fold import fold
from imaging.rendering.attributes import Model

_MODEL: Final = "model-name"
AS_OF: Final = "urn:portal:described-at"
"""The extension with the moment of the data set that describes a Device."""
_BESIDE: Final = frozenset({"resourceType", "id", "meta", "extension"})
Json = Mapping[str, Any]


def device_of(model: Model, source: Source) -> dict[str, Any]:
    """Return the Device of the data set of a series; empty without a serial number.

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
        meta={"tag": [ORIGIN]},
        extension=_as_of(model, source),
        identifier=identifiers,
        status="active",
        manufacturer=maker,
        serialNumber=serial,
        deviceName=[{"name": name, "type": _MODEL}] if name else [],
        modelNumber=name,
        version=[{"value": each} for each in versions if each],
    )


def is_news(device: Json, held: Json) -> bool:
    """Return whether a Device is to be described anew.

    Parameters
    ----------
    held
        What stands; empty for nothing. One that the record has written itself stays.
    """
    if not held:
        return True
    if not is_ours(dict(held)):
        return False
    before, now = _described(held), _described(device)
    # Of the same moment one of both is chosen, whichever came first.
    return now != before and (_moment(device), now) > (_moment(held), before)


def _as_of(model: Model, source: Source) -> list[dict[str, str]]:
    silent = Notes()  # the series has noted its own
    for day, time in (("SeriesDate", "SeriesTime"), ("StudyDate", "StudyTime")):
        if at := moment_of(model, day, time, source=source, notes=silent):
            return [{"url": AS_OF, "valueDateTime": at}]
    return []


def _moment(device: Json) -> str:
    """Return since when a Device is described as it is, as it is written."""
    for each in device.get("extension") or ():
        if isinstance(each, Mapping) and each.get("url") == AS_OF:
            return clean(each.get("valueDateTime"))
    return ""


def _described(device: Json) -> str:
    told = {name: value for name, value in device.items() if name not in _BESIDE}
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()


def shown_device(model: Model) -> str:
    """Return how a device is shown: by its station, or maker and model."""
    made = (text(model, "Manufacturer"), text(model, "ManufacturerModelName"))
    return text(model, "StationName") or " ".join(filter(None, made))
