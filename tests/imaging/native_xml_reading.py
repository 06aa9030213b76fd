"""Native DICOM Models as others read them, and comparing their JSON; for tests."""

import subprocess
from pathlib import Path
from typing import Any, Final

from lxml import etree

from imaging.native_xml import NAMESPACE

SCHEMA: Final = etree.RelaxNG(
    etree.parse(Path(__file__).parent / "native_dicom_model.rng")
)
"""DICOM PS3.19 A.1.6."""
_NS: Final = f"{{{NAMESPACE}}}"
_NUMBERS: Final = frozenset(
    {"DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"}
)

Rows = list[tuple[Any, ...]]


def valid(document: bytes) -> Any:
    """Return the root of a document that the schema of the standard allows."""
    root = etree.fromstring(document)
    SCHEMA.assertValid(root)
    return root


def rows_of(data_set: Any) -> Rows:
    """Return tag, VR, creator and values of each attribute of an element tree."""
    return sorted(
        (
            attribute.get("tag"),
            attribute.get("vr"),
            attribute.get("privateCreator", ""),
            _values(attribute),
        )
        for attribute in data_set.iterfind(f"{_NS}DicomAttribute")
    )


def _values(attribute: Any) -> list[Any]:
    found: list[Any] = []
    for number, child in enumerate(attribute, start=1):
        name = child.tag.removeprefix(_NS)
        if name in {"BulkData", "InlineBinary"}:
            return ["bytes"]
        assert child.get("number") == str(number)
        if name == "Item":
            found.append(rows_of(child))
        elif name == "PersonName":
            found.append(
                {
                    (group.tag, component.tag): component.text
                    for group in child
                    for component in group
                    if component.text
                }
            )
        else:
            found.append(_comparable(attribute.get("vr"), child.text or ""))
    return found


def _comparable(vr: str, text: str) -> Any:
    """Return a number where there is one: 1.50 is 1.5."""
    if vr in _NUMBERS:
        try:
            return float(f"{float(text):.{6 if vr == 'FL' else 15}g}")
        except ValueError:
            pass
    return text.rstrip(" ")


def as_numbers(model: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON model that was read from XML with numbers where JSON has them."""
    return {key: _with_numbers(attribute) for key, attribute in model.items()}


def _with_numbers(attribute: dict[str, Any]) -> dict[str, Any]:
    vr, values = attribute["vr"], attribute.get("Value")
    if values is None:
        return attribute
    if vr == "SQ":
        values = [as_numbers(item) for item in values]
    elif vr in _NUMBERS:
        values = [_number(value) for value in values]
    return {**attribute, "Value": values}


def _number(value: object) -> object:
    try:
        return float(value) if isinstance(value, str | int | float) else value
    except ValueError:
        return value


def written_by_dcmtk(dcm2xml: Path, path: Path) -> Any:
    """Return what DCMTK makes of a file, as an element tree; None if it cannot."""
    command = [str(dcm2xml), "-q", "-nat", "+Xn", "+U8", "+Ca", "latin-1", str(path)]
    done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode:
        return None
    return etree.fromstring(done.stdout, etree.XMLParser(huge_tree=True))
