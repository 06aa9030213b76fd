"""DICOM JSON models and held studies for the mapping, from data sets made in code."""

from typing import Any
from uuid import UUID

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from fhirlink.linkage.held import HeldInstance, HeldSeries, HeldStudy
from fhirlink.linkage.source import Source
from tests.synthetic import instance

SOURCE = Source(
    "default",
    UUID(int=1),
    assigning_authority="urn:oid:1.2.3.4",
    zone="Europe/Berlin",
    accession_system="urn:oid:1.2.3.5",
    address="https://portal.example/dicomweb",
)


def model_of(dataset: Dataset) -> dict[str, Any]:
    """Return a data set as the index keeps it: without bulk values."""
    model: dict[str, Any] = dataset.to_json_dict(
        bulk_data_threshold=0, bulk_data_element_handler=lambda _: "bulk"
    )
    return model


def sequence(*found: dict[str, Any]) -> Sequence:
    """Return a sequence of items with these attributes."""
    made = []
    for attributes in found:
        item = Dataset()
        for keyword, value in attributes.items():
            setattr(item, keyword, value)
        made.append(item)
    return Sequence(made)


def coded(value: str, scheme: str, meaning: str) -> Sequence:
    """Return a code sequence of one item."""
    return sequence(
        {"CodeValue": value, "CodingSchemeDesignator": scheme, "CodeMeaning": meaning}
    )


def held_study(*datasets: Dataset) -> HeldStudy:
    """Return data sets as a held study, the last one as its newest."""
    by_series: dict[str, list[Dataset]] = {}
    for each in datasets:
        by_series.setdefault(each.SeriesInstanceUID, []).append(each)
    series = [
        HeldSeries(
            uid,
            model_of(found[-1]),
            len(found),
            [
                HeldInstance(e.SOPInstanceUID, e.SOPClassUID, e.get("InstanceNumber"))
                for e in found
            ],
        )
        for uid, found in by_series.items()
    ]
    newest = datasets[-1]
    return HeldStudy(newest.StudyInstanceUID, model_of(newest), series)


def study_of(**attributes: Any) -> HeldStudy:
    """Return a study of one instance with these attributes."""
    return held_study(instance(**attributes))
