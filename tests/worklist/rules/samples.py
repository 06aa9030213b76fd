"""Workitems made from the table: the least that is allowed, and all that is."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from imaging.part10.model import JsonModel
from worklist.rules.attributes import ATTRIBUTES, Attribute, Usage

UID = "1.2.826.0.1.3680043.8.498.1"
VALUES: Mapping[str, Any] = {
    "AE": "PORTAL", "CS": "M", "DA": "20270131", "DS": 12.5, "DT": "20270131101500",
    "IS": 7, "LO": "text", "LT": "text", "PN": {"Alphabetic": "Doe^Jane"}, "SH": "text",
    "ST": "text", "TM": "1015", "UI": "1.2.3.4", "UR": "https://example.org/1",
    "US": 1, "UT": "text", "UC": "text",
}  # fmt: skip
"""One of each representation that the table has."""
PARTICULAR: Mapping[str, Any] = {
    "SOPClassUID": "1.2.840.10008.5.1.4.34.6.1",
    "SOPInstanceUID": UID,
    "ScheduledProcedureStepPriority": "MEDIUM",
    "InputReadinessState": "READY",
    "ProcedureStepState": "SCHEDULED",
    "TypeOfInstances": "DICOM",
    "ValueType": "TEXT",
    "ReferencedSOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
}
NEEDED_WITH: Mapping[str, frozenset[str]] = {
    "CodeValue": frozenset({"CodingSchemeDesignator"}),
    "ValueType": frozenset({"TextValue"}),
    "TypeOfInstances": frozenset({"StudyInstanceUID", "SeriesInstanceUID"}),
    "ReferencedSOPSequence": frozenset({"WADORSRetrievalSequence"}),
    "LocalNamespaceEntityID": frozenset(),
}
"""What conditions make of the least: these go together in an item."""


def usage_of(attribute: Attribute, service: str) -> Usage:
    return attribute.update if service == "update" else attribute.create


def sample(attribute: Attribute, service: str, *, full: bool) -> dict[str, Any]:
    """Return an attribute with a value, or with an item."""
    if attribute.vr == "SQ":
        item = data_set(attribute.children, service, full=full)
        return {"vr": "SQ", "Value": [item]}
    value = PARTICULAR.get(attribute.keyword, VALUES.get(attribute.vr))
    assert value is not None, attribute.path
    return {"vr": attribute.vr, "Value": [value]}


def _least(attributes: Mapping[str, Attribute], service: str) -> set[str]:
    """Return the keywords that an item cannot be without."""
    present = {each.keyword for each in attributes.values()}
    least = {
        each.keyword
        for each in attributes.values()
        if usage_of(each, service).scu in {"1", "2"} and not each.condition
    }
    least |= {"CodeValue"} & present
    if "ReferencedSOPSequence" not in present:
        least |= {"LocalNamespaceEntityID"} & present
    if "IdentifierTypeCode" in present or service == "update":
        least -= {"LocalNamespaceEntityID"}
    if "STOWRSStorageSequence" in present:
        least |= {"DICOMStorageSequence"}
    for keyword in tuple(least):
        least |= NEEDED_WITH.get(keyword, frozenset())
    return least


def data_set(
    attributes: Mapping[str, Attribute] = ATTRIBUTES,
    service: str = "create",
    *,
    full: bool = False,
) -> JsonModel:
    """Return a valid data set, or item: the least of it, or with all attributes.

    Of type 2 attributes the least is an empty one.
    """
    least = _least(attributes, service)
    made: JsonModel = {}
    for tag, attribute in sorted(attributes.items()):
        usage = usage_of(attribute, service)
        if usage.scu == "no" or (not full and attribute.keyword not in least):
            continue
        is_bare = usage.value == "empty" or (usage.scu == "2" and not full)
        made[tag] = (
            {"vr": attribute.vr} if is_bare else sample(attribute, service, full=full)
        )
    return made


LEAST = data_set()
FULL = data_set(full=True)
FULL_UPDATE = {
    tag: attribute
    for tag, attribute in data_set(service="update", full=True).items()
    if ATTRIBUTES[tag].update.scu != "lock"
}
COMPLETED = {
    **{tag: FULL[tag] for tag in FULL if tag not in {"00741002", "00741216"}},
    "00741002": FULL_UPDATE["00741002"],
    "00741216": FULL_UPDATE["00741216"],
}
"""A workitem that has all that any final state asks for."""


def fresh(model: JsonModel) -> JsonModel:
    return copy.deepcopy(model)


def items_at(model: JsonModel, path: str) -> Iterator[tuple[JsonModel, str]]:
    """Yield each item that an attribute of the table stands in, and where."""
    *above, _ = path.split(".")
    item, where = model, ""
    for tag in above:
        attribute = item.get(tag)
        if not attribute or not attribute.get("Value"):
            return
        item, where = attribute["Value"][0], f"{where}{tag}/1/"
    yield item, where
