"""One valid data set of each kind, from which the corpus is stamped.

A data set has the bulk of what a scanner writes: 126 top-level elements (134 for the
multi-frame kind), seven sequences and a private block. What differs from object to
object stands here as a placeholder of fixed length; ``bench.corpus`` patches it.
"""

import random
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Final

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.tag import Tag
from pydicom.uid import UID, ExplicitVRLittleEndian

from bench.template_table import ATTRIBUTES, MULTI_FRAME_ATTRIBUTES, SEQUENCES

PLACEHOLDERS: Final = {
    "sop_class_uid": "1.2.840.10008.5.1.4.1.1.0",
    "sop_instance_uid": "2.25." + "1" * 39,
    "study_instance_uid": "2.25." + "2" * 39,
    "series_instance_uid": "2.25." + "3" * 39,
    "patient_id": "@PATIENT_ID@",
    "patient_name": "@PATIENT_NAME@".ljust(32, "@"),
    "study_date": "18990101",
    "accession_number": "@ACCESSION@@",
    "modality": "MODALITY",
    "instance_number": "987654",
}
PRIVATE_CREATOR: Final = "PORTAL BENCH 01"
PRIVATE_BLOCK: Final = 0x0029


class Kind(StrEnum):
    """The kinds of object in the corpus."""

    CT = "ct"
    SMALL = "small"
    MULTI_FRAME = "mf"


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the pixels of a kind are, and how long its private element is."""

    rows: int
    columns: int
    bits_allocated: int
    number_of_frames: int
    private_bytes: int

    @property
    def frame_bytes(self) -> int:
        """Return the length of one native frame in bytes."""
        return self.rows * self.columns * self.bits_allocated // 8


SHAPES: Final = {
    Kind.CT: Shape(512, 512, 16, 1, 1024),
    Kind.SMALL: Shape(64, 64, 8, 1, 4450),
    Kind.MULTI_FRAME: Shape(512, 512, 8, 200, 1024),
}


def template_bytes(kind: Kind) -> bytes:
    """Return a DICOM file of `kind`, placeholders in place of what varies.

    Deterministic: the same bytes in every run.

    References
    ----------
    DICOM PS3.10 7.1
    """
    shape = SHAPES[kind]
    random_bytes = random.Random(f"template {kind}")
    dataset = _dataset(shape)
    _add_private_block(dataset, random_bytes.randbytes(shape.private_bytes))
    dataset.PixelData = _pixels(shape, seed=len(kind))
    file = BytesIO()
    dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()


def _dataset(shape: Shape) -> Dataset:
    dataset = Dataset()
    for keyword, value in _attributes(shape).items():
        setattr(dataset, keyword, value)
    dataset.file_meta = _file_meta(dataset.SOPClassUID)
    for keyword, items in SEQUENCES.items():
        setattr(dataset, keyword, [_item(values) for values in items])
    return dataset


def _attributes(shape: Shape) -> dict[str, object]:
    values = ATTRIBUTES | {"SOPClassUID": PLACEHOLDERS["sop_class_uid"]}
    if shape.number_of_frames > 1:
        values |= MULTI_FRAME_ATTRIBUTES
        values |= {"NumberOfFrames": shape.number_of_frames}
    stored = min(shape.bits_allocated, 12)
    return values | {
        "SOPInstanceUID": PLACEHOLDERS["sop_instance_uid"],
        "StudyInstanceUID": PLACEHOLDERS["study_instance_uid"],
        "SeriesInstanceUID": PLACEHOLDERS["series_instance_uid"],
        "PatientID": PLACEHOLDERS["patient_id"],
        "PatientName": PLACEHOLDERS["patient_name"],
        "StudyDate": PLACEHOLDERS["study_date"],
        "AccessionNumber": PLACEHOLDERS["accession_number"],
        "Modality": PLACEHOLDERS["modality"],
        "InstanceNumber": PLACEHOLDERS["instance_number"],
        "Rows": shape.rows,
        "Columns": shape.columns,
        "BitsAllocated": shape.bits_allocated,
        "BitsStored": stored,
        "HighBit": stored - 1,
    }


def _file_meta(sop_class_uid: str) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(sop_class_uid)
    meta.MediaStorageSOPInstanceUID = UID(PLACEHOLDERS["sop_instance_uid"])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID("2.25." + "4" * 39)
    return meta


def _item(values: dict[str, object]) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        nested = [_item(value)] if isinstance(value, dict) else value
        setattr(item, keyword, nested)
    return item


def _add_private_block(dataset: Dataset, blob: bytes) -> None:
    """Add a private block as vendors write it (DICOM PS3.5 7.8.1)."""
    block = dataset.private_block(PRIVATE_BLOCK, PRIVATE_CREATOR, create=True)
    block.add_new(0x01, "LO", "reconstruction kernel B30f")
    block.add_new(0x02, "DS", ["0.125", "-12.5", "1024"])
    block.add_new(0x03, "FD", [0.5, 1.25, 2.75, 1e-3])
    block.add_new(0x04, "US", [1, 2, 3, 4])
    block.add_new(0x05, "OB", blob)
    item = Dataset()
    item.add(DataElement(Tag(0x00080100), "SH", "P-1"))
    block.add_new(0x06, "SQ", [item])


def _pixels(shape: Shape, *, seed: int) -> bytes:
    """Return a disc with noise, every frame different."""
    noise = np.random.default_rng(seed)
    highest = (1 << min(shape.bits_allocated, 12)) - 1
    y, x = np.ogrid[-1 : 1 : shape.rows * 1j, -1 : 1 : shape.columns * 1j]
    disc = np.clip(1.2 - x**2 - y**2, 0, 1) * highest * 0.8
    size = (shape.number_of_frames, shape.rows, shape.columns)
    stored = "<u2" if shape.bits_allocated == 16 else "u1"
    grain = noise.integers(0, highest // 8, size, dtype=np.uint16)
    return bytes((disc.astype(np.uint16) + grain).astype(stored).tobytes())
