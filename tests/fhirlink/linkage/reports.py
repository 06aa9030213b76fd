"""Structured reports made in code: measurements and radiation dose."""

from typing import Any

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.fhirlink.linkage.models import coded
from tests.synthetic import instance

ENHANCED = "1.2.840.10008.5.1.4.1.1.88.22"
DOSE = "1.2.840.10008.5.1.4.1.1.88.67"
Name = tuple[str, str, str]


def item(kind: str, name: Name, *below: Dataset, **attributes: Any) -> Dataset:
    """Return a content item."""
    made = Dataset()
    made.RelationshipType = "CONTAINS"
    made.ValueType = kind
    made.ConceptNameCodeSequence = coded(*name)
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    if below:
        made.ContentSequence = Sequence(below)
    return made


def container(name: Name, *below: Dataset) -> Dataset:
    """Return a container of content items."""
    return item("CONTAINER", name, *below)


def number(name: Name, value: str, unit: str, *below: Dataset) -> Dataset:
    """Return a number in a unit of UCUM."""
    measured = Dataset()
    measured.NumericValue = value
    measured.MeasurementUnitsCodeSequence = coded(unit, "UCUM", unit)
    return item("NUM", name, *below, MeasuredValueSequence=Sequence([measured]))


def code(name: Name, value: Name) -> Dataset:
    """Return a coded item."""
    return item("CODE", name, ConceptCodeSequence=coded(*value))


def report(sop_class: str, root: Dataset, **attributes: Any) -> Dataset:
    """Return a report as an instance."""
    pixels = dict.fromkeys(
        (
            *("SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns"),
            *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
            *("PixelData", "ImagePositionPatient", "AnatomicRegionSequence"),
        )
    )
    usual = {
        "SOPClassUID": sop_class,
        "Modality": "SR",
        "CompletionFlag": "COMPLETE",
        "ContentDate": "20200201",
        "ContentTime": "101500",
    }
    made = instance(**pixels, **{**usual, **attributes})
    made.update(root)
    del made.RelationshipType
    return made


TRACKING = ("112039", "DCM", "Tracking Identifier")
TRACKING_UID = ("112040", "DCM", "Tracking Unique Identifier")
SITE = ("363698007", "SCT", "Finding Site")
NODULE = ("27925004", "SCT", "Nodule")
DIAMETER = ("81827009", "SCT", "Diameter")


def measurements(tracking_uid: str, *numbers: Dataset, **attributes: Any) -> Dataset:
    """Return a TID 1500 report of one group."""
    group = container(
        ("125007", "DCM", "Measurement Group"),
        item("TEXT", TRACKING, TextValue="Lesion 1"),
        item("UIDREF", TRACKING_UID, UID=tracking_uid),
        code(("121071", "DCM", "Finding"), NODULE),
        code(SITE, ("39607008", "SCT", "Lung")),
        code(("121402", "DCM", "Normality"), ("17621005", "SCT", "Normal")),
        *numbers,
    )
    root = container(
        ("126000", "DCM", "Imaging Measurement Report"),
        container(("126010", "DCM", "Imaging Measurements"), group),
    )
    return report(ENHANCED, root, **attributes)


def ct_dose(event_uid: str, **attributes: Any) -> Dataset:
    """Return a TID 10011 report of one acquisition."""
    root = container(
        ("113701", "DCM", "X-Ray Radiation Dose Report"),
        container(
            ("113811", "DCM", "CT Accumulated Dose Data"),
            number(("113812", "DCM", "Total Number of Irradiation Events"), "1", "1"),
            number(
                ("113813", "DCM", "CT Dose Length Product Total"), "321.5", "mGy.cm"
            ),
        ),
        container(
            ("113819", "DCM", "CT Acquisition"),
            code(("123014", "DCM", "Target Region"), ("816094009", "SCT", "Chest")),
            item("UIDREF", ("113769", "DCM", "Irradiation Event UID"), UID=event_uid),
            container(
                ("113829", "DCM", "CT Dose"),
                number(("113830", "DCM", "Mean CTDIvol"), "12.3", "mGy"),
                number(("113838", "DCM", "DLP"), "321.5", "mGy.cm"),
                code(
                    ("113835", "DCM", "CTDIw Phantom Type"),
                    ("113691", "DCM", "IEC Body Dosimetry Phantom"),
                ),
            ),
        ),
    )
    return report(DOSE, root, **attributes)


def projection_dose(event_uid: str) -> Dataset:
    """Return a TID 10001 report of one irradiation event."""
    root = container(
        ("113701", "DCM", "X-Ray Radiation Dose Report"),
        container(
            ("113702", "DCM", "Accumulated X-Ray Dose Data"),
            number(("113722", "DCM", "Dose Area Product Total"), "0.0004", "Gy.m2"),
            number(("113725", "DCM", "Dose (RP) Total"), "0.02", "Gy"),
            number(("113730", "DCM", "Total Fluoro Time"), "61", "s"),
        ),
        container(
            ("113706", "DCM", "Irradiation Event X-Ray Data"),
            item("UIDREF", ("113769", "DCM", "Irradiation Event UID"), UID=event_uid),
            number(("122130", "DCM", "Dose Area Product"), "0.0004", "Gy.m2"),
        ),
    )
    return report(DOSE, root)
