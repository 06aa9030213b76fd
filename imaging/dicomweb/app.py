"""The DICOMweb service: which endpoint answers which address (DICOM PS3.18 10)."""

from typing import Final

from core.routing import Paths, router

EVERYWHERE: Final[Paths] = {}
GLOBALLY: Final[Paths] = {}

app = router(EVERYWHERE, GLOBALLY)
