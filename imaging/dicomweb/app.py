"""The DICOMweb service: which endpoint answers which address (DICOM PS3.18 10)."""

from typing import Final

from imaging.dicomweb.routing import Action, router

EVERYWHERE: Final[dict[str, dict[str, Action]]] = {}
GLOBALLY: Final[dict[str, dict[str, Action]]] = {}

app = router(EVERYWHERE, GLOBALLY)
