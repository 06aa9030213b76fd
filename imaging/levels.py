"""What is searched for, and how values are compared.

Words that stores and searches share, which know nothing of each other.
"""

from enum import Enum, IntEnum, auto


class Level(IntEnum):
    """Levels of the query model, from the top (DICOM PS3.4 C.6.2.1)."""

    STUDY = 0
    SERIES = 1
    INSTANCE = 2


class Kind(Enum):
    """How values are compared; each covers some value representations."""

    TEXT = auto()
    NAME = auto()
    CODE = auto()
    UID = auto()
    DATE = auto()
    TIME = auto()
    NUMBER = auto()
    DECIMAL = auto()
    MOMENT = auto()
