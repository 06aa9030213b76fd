"""The names of tags that the pages know are those of pydicom."""

from pydicom._dicom_dict import DicomDictionary

from portal import env
from tests.frontend.built import FRONTEND


def test_tags_are_called_as_pydicom_calls_them() -> None:
    """``PORTAL_DICTIONARY=build`` writes them anew."""
    held = FRONTEND / "src/domain/dictionary.txt"
    lines = [f"{tag:08X}{each[4]}" for tag, each in sorted(DicomDictionary.items())]
    text = "".join(f"{line}\n" for line in lines if len(line) > 8)
    if env.text("PORTAL_DICTIONARY") == "build":
        held.write_text(text, encoding="utf-8")
    assert held.read_text(encoding="utf-8") == text
