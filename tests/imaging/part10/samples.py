"""The sample files: pydicom's own, and those of the shared data where present."""

from pathlib import Path
from typing import Final

import pydicom

CUT_OFF: Final = {
    "MR_truncated.dcm",
    "rtplan_truncated.dcm",
    "DICOMDIR-nooffset",
    "emri_small_jpeg_2k_lossless_too_short.dcm",
}
WITHOUT_FIRST_BYTE: Final = "no_meta.dcm"

_PYDICOM = Path(pydicom.__file__).parent / "data"
_SHARED = Path(__file__).parents[4] / "shared" / "data" / "dicom"


def sample_files() -> list[Path]:
    """Return all files that may be DICOM, without downloading any."""
    folders = [_PYDICOM / "test_files", _PYDICOM / "charset_files", _SHARED]
    return [
        path
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and _is_candidate(path)
    ]


def _is_candidate(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(132)
    return head[128:] == b"DICM" or path.suffix == ".dcm"


def sample_id(path: Path) -> str:
    """Return a short name of a sample file, the same on every machine."""
    return "/".join(path.parts[-2:])
