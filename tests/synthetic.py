"""DICOM objects made in code: small, seeded by what is asked for, no files in git."""

from io import BytesIO
from itertools import count
from typing import Any, Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    generate_uid,
)

ROOT: Final = "1.2.826.0.1.3680043.8.498."
_numbers = count(1)


def new_uid() -> str:
    """Return a UID that no other test uses."""
    return str(generate_uid(prefix=ROOT))


def instance(**attributes: Any) -> Dataset:
    """Return a small CT instance; keywords set or (None) remove attributes."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = new_uid()
    dataset.StudyInstanceUID = new_uid()
    dataset.SeriesInstanceUID = new_uid()
    dataset.StudyDate = "20200131"
    dataset.StudyTime = "142530"
    dataset.AccessionNumber = "ACC1"
    dataset.Modality = "CT"
    dataset.Manufacturer = "ACME"
    dataset.ReferringPhysicianName = "House^Gregory"
    dataset.StudyDescription = "Thorax"
    dataset.PatientName = "Doe^Jane"
    dataset.PatientID = "P1"
    dataset.PatientBirthDate = "19700102"
    dataset.PatientSex = "F"
    dataset.StudyID = "S1"
    dataset.SeriesNumber = 1
    dataset.InstanceNumber = next(_numbers)
    dataset.ImagePositionPatient = [0.5, -1, 2]
    code = Dataset()
    code.CodeValue = "T-D3000"
    code.CodingSchemeDesignator = "SRT"
    code.CodeMeaning = "Chest"
    dataset.AnatomicRegionSequence = Sequence([code])
    block = dataset.private_block(0x0011, "PORTAL TEST", create=True)
    block.add_new(0x01, "LO", "private text")
    block.add_new(0x02, "OB", b"private bytes!")
    add_pixels(dataset)
    for keyword, value in attributes.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    return dataset


def add_pixels(dataset: Dataset, *, rows: int = 4, columns: int = 6) -> None:
    """Give `dataset` 16-bit pixels, each with a value of its own."""
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows = rows
    dataset.Columns = columns
    dataset.BitsAllocated = 16
    dataset.BitsStored = 12
    dataset.HighBit = 11
    dataset.PixelRepresentation = 0
    frames = int(dataset.get("NumberOfFrames", 1))
    values = (number % 4096 for number in range(frames * rows * columns))
    dataset.PixelData = b"".join(value.to_bytes(2, "little") for value in values)
    dataset["PixelData"].VR = "OW"


def encode(
    dataset: Dataset,
    transfer_syntax_uid: str = ExplicitVRLittleEndian,
    *,
    preamble: bytes = bytes(128),
) -> bytes:
    """Return `dataset` as a Part 10 file."""
    dataset = Dataset(dataset)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", "1.2")
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "1.2")
    dataset.file_meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    dataset.preamble = preamble
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


UNCOMPRESSED: Final = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
)


def multipart(
    *parts: bytes, part_type: str | None = "application/dicom"
) -> tuple[bytes, dict[str, str]]:
    """Return a multipart/related body of DICOM parts and its headers."""
    boundary = "boundary-of-the-tests"
    header = f"Content-Type: {part_type}\r\n" if part_type else ""
    body = b"".join(
        f"--{boundary}\r\n{header}\r\n".encode() + part + b"\r\n" for part in parts
    )
    body += f"--{boundary}--\r\n".encode()
    content_type = f'multipart/related; type="application/dicom"; boundary={boundary}'
    return body, {"Content-Type": content_type}
