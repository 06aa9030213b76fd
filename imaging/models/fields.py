"""The column types that the imaging tables share."""

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


class Text(_TextField):
    """Text compared byte by byte, so that prefixes and ranges use plain indexes.

    The ``C`` collation orders DA, TM and UI values as DICOM does and lets a B-tree
    answer ``LIKE 'prefix%'`` (DICOM PS3.4 C.2.2.2.4 wild card matching).
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("db_collation", "C")
        options.setdefault("default", "")
        options.setdefault("db_default", "")
        options.setdefault("blank", True)
        super().__init__(*args, **options)


class Uid(Text):
    """A DICOM UID, without padding (DICOM PS3.5 9)."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_length", 64)
        super().__init__(*args, **options)
