"""Structured reports made in code, and what the portal keeps of them."""

from io import BytesIO
from typing import Any, Final

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import ComprehensiveSRStorage, CTImageStorage

from imaging.part10 import JsonModel, parse
from tests.synthetic import encode, instance, new_uid

STUDY: Final = "1.2.826.0.1.3680043.8.498.7001"
SERIES: Final = "1.2.826.0.1.3680043.8.498.7002"
IMAGE: Final = "1.2.826.0.1.3680043.8.498.7003"


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """Return a coded entry."""
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator = value, scheme
    made.CodeMeaning = meaning
    return made


def item(
    value_type: str,
    name: str = "",
    *below: Dataset,
    how: str = "CONTAINS",
    **attributes: Any,
) -> Dataset:
    """Return a content item with those below it."""
    made = Dataset()
    made.RelationshipType, made.ValueType = how, value_type
    if name:
        made.ConceptNameCodeSequence = [code("111", "99TEST", name)]
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    if below:
        made.ContentSequence = list(below)
    if value_type == "CONTAINER":
        made.ContinuityOfContent = "SEPARATE"
    return made


def number(
    name: str, value: str, unit: Dataset, *below: Dataset, **more: Any
) -> Dataset:
    """Return a measured number."""
    measured = Dataset()
    measured.NumericValue = value
    measured.MeasurementUnitsCodeSequence = [unit]
    return item("NUM", name, *below, MeasuredValueSequence=[measured], **more)


def reference(uid: str, sop_class: str = CTImageStorage, **more: Any) -> Dataset:
    """Return a reference to an object."""
    made = Dataset()
    made.ReferencedSOPClassUID, made.ReferencedSOPInstanceUID = sop_class, uid
    for keyword, value in more.items():
        setattr(made, keyword, value)
    return made


def report(
    *content: Dataset, title: str = "Imaging Report", **attributes: Any
) -> Dataset:
    """Return a report of an image whose place it tells."""
    made = instance(
        SOPClassUID=ComprehensiveSRStorage, Modality="SR", PixelData=None, **attributes
    )
    root = item("CONTAINER", title, *content)
    del root.RelationshipType
    made.update(root)
    made.CompletionFlag, made.VerificationFlag = "COMPLETE", "UNVERIFIED"
    made.ContentDate, made.ContentTime = "20260102", "030405"
    series, study = Dataset(), Dataset()
    series.SeriesInstanceUID = SERIES
    series.ReferencedSOPSequence = [reference(IMAGE)]
    study.StudyInstanceUID, study.ReferencedSeriesSequence = STUDY, [series]
    made.CurrentRequestedProcedureEvidenceSequence = [study]
    for keyword in ("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit"):
        delattr(made, keyword)
    return made


def of_all_types() -> Dataset:
    """Return a report with an item of each type."""
    context = {"how": "HAS OBS CONTEXT"}
    millimetre = code("mm", "UCUM", "millimeter")
    return report(
        item("PNAME", "Observer", PersonName="Doe^Jane^^Dr.", **context),
        item("UIDREF", "Device", UID=new_uid(), **context),
        item("DATE", "Day", Date="20260131", how="HAS ACQ CONTEXT"),
        item("TIME", "Hour", Time="101112", how="HAS ACQ CONTEXT"),
        item("DATETIME", "Moment", DateTime="20260131101112", how="HAS ACQ CONTEXT"),
        item(
            "CONTAINER",
            "Findings",
            item("TEXT", "Impression", TextValue="Two lines\r\nof <b>text</b> & more"),
            item(
                "CODE",
                "Finding",
                item(
                    "CODE",
                    "Laterality",
                    how="HAS CONCEPT MOD",
                    ConceptCodeSequence=[code("24028007", "SCT", "Right")],
                ),
                ConceptCodeSequence=[code("27925004", "SCT", "Nodule")],
            ),
            number(
                "Diameter",
                "12.5",
                millimetre,
                item(
                    "SCOORD",
                    "Outline",
                    item(
                        "IMAGE",
                        "",
                        how="SELECTED FROM",
                        ReferencedSOPSequence=[
                            reference(IMAGE, ReferencedFrameNumber=[2, 5])
                        ],
                    ),
                    how="INFERRED FROM",
                    GraphicType="POLYLINE",
                    GraphicData=[1, 2, 3.5, 4],
                ),
            ),
            number("Ratio", "3", code("1", "UCUM", "no units")),
            item("IMAGE", "Key image", ReferencedSOPSequence=[reference(IMAGE)]),
            item("COMPOSITE", "Other", ReferencedSOPSequence=[reference(new_uid())]),
        ),
    )


def model_of(dataset: Dataset | bytes) -> JsonModel:
    """Return what the portal keeps of a data set."""
    content = dataset if isinstance(dataset, bytes) else encode(dataset)
    return parse(content).model


def read_again(content: bytes) -> Dataset:
    """Return a file as pydicom reads it."""
    return pydicom.dcmread(BytesIO(content))
