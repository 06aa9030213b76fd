"""What is wrong with the values of a study: told, and nothing fails for it."""

from collections import Counter
from enum import StrEnum
from typing import Final

MOST: Final = 200
"""Different notes of one study."""


class Note(StrEnum):
    """A kind of bad value."""

    BAD_DATE = "bad-date"
    BAD_TIME = "bad-time"
    BAD_ZONE = "bad-zone"
    BAD_SEX = "bad-sex"
    BAD_UID = "bad-uid"
    BAD_NUMBER = "bad-number"
    NO_MODALITY = "no-modality"
    NO_SOP_CLASS = "no-sop-class"
    UNKNOWN_MODALITY = "unknown-modality"
    UNKNOWN_BODY_PART = "unknown-body-part"
    UNKNOWN_LATERALITY = "unknown-laterality"
    OTHER_COUNT = "other-count"  # the sender says that there are more, or fewer
    CUT = "cut"  # more than is looked at


class Notes:
    """The notes of a study: which attribute has which fault, how often."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, note: Note, keyword: str) -> None:
        """Note a fault of an attribute."""
        key = (note.value, keyword)
        if key in self._counts or len(self._counts) < MOST:
            self._counts[key] += 1

    def as_json(self) -> list[list[str | int]]:
        """Return kind, attribute and number of each, in one order."""
        return [[*key, number] for key, number in sorted(self._counts.items())]
