"""What counts as a result: objects that reading and analysis make of images: pure."""

from typing import Any, Final

_FAMILIES: Final = (
    "1.2.840.10008.5.1.4.1.1.88.",  # SR documents and key objects
    "1.2.840.10008.5.1.4.1.1.11.",  # presentation states
)
_OTHERS: Final = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.30",  # Parametric Map
        "1.2.840.10008.5.1.4.1.1.66.4",  # Segmentation
        "1.2.840.10008.5.1.4.1.1.66.5",  # Surface Segmentation
        "1.2.840.10008.5.1.4.1.1.66.7",  # Label Map Segmentation
        "1.2.840.10008.5.1.4.1.1.67",  # Real World Value Mapping
        "1.2.840.10008.5.1.4.1.1.104.1",  # Encapsulated PDF
        "1.2.840.10008.5.1.4.1.1.104.2",  # Encapsulated CDA
        "1.2.840.10008.5.1.4.1.1.481.3",  # RT Structure Set
    }
)


def is_result(sop_class_uid: str) -> bool:
    """Return whether objects of a class are results (DICOM PS3.4 table B.5-1)."""
    return sop_class_uid in _OTHERS or sop_class_uid.startswith(_FAMILIES)


def is_result_sql(sop_class_uid: str) -> tuple[str, list[Any]]:
    """Return SQL, and its parameters, that says of an expression what `is_result` does.

    Parameters
    ----------
    sop_class_uid
        The expression.
    """
    text = f"({sop_class_uid} = ANY(%s::text[]) OR {sop_class_uid} ^@ ANY(%s::text[]))"
    return text, [sorted(_OTHERS), list(_FAMILIES)]
