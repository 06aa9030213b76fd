"""What a store answers for each instance (DICOM PS3.18 10.5, PS3.4 B.2.3)."""

from dataclasses import dataclass
from enum import IntEnum


class FailureReason(IntEnum):
    """Values of (0008,1197) *Failure Reason* (DICOM PS3.18 table I.2-2).

    The table leaves the last digits of A7xx, A9xx and Cxxx to us, and any other value.
    That of a study mismatch and of an instance that exists are Azure's.
    """

    PROCESSING_FAILURE = 0x0110
    NOT_AUTHORIZED = 0x0124
    OUT_OF_RESOURCES = 0xA700
    DATA_SET_INVALID = 0xA900
    STUDY_MISMATCH = 0xA901
    INSTANCE_EXISTS = 0xB00E
    CANNOT_UNDERSTAND = 0xC000
    TRANSFER_SYNTAX_NOT_SUPPORTED = 0xC122


class WarningReason(IntEnum):
    """Values of (0008,1196) *Warning Reason*.

    The second is not in the standard: Azure's service answers it, and its clients
    look for it, where attributes break the rules of their VR.
    """

    DATA_SET_DOES_NOT_MATCH_SOP_CLASS = 0xB007
    ATTRIBUTES_INVALID = 1


@dataclass(frozen=True, slots=True)
class Refused:
    """An instance that was not stored, and why.

    Attributes
    ----------
    comments
        Values of (0000,0902) *Error Comment*, one for each thing that is wrong.
    """

    sop_class_uid: str
    sop_instance_uid: str
    reason: FailureReason
    comments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """An instance that is held now.

    Attributes
    ----------
    replaced
        Whether it took the place of an older version.
    comments
        What is wrong with it although it was stored; each attribute named is in the
        file but neither in metadata nor found by a search.
    hints
        What the whole answer's ``Warning`` header says.
    """

    study_instance_uid: str
    series_instance_uid: str
    sop_class_uid: str
    sop_instance_uid: str
    replaced: bool
    warning: WarningReason | None
    comments: tuple[str, ...]
    hints: tuple[str, ...]


StoreOutcome = Stored | Refused
