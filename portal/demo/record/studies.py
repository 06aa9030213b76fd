"""How the record refers to a study, and what it says of one whose images are elsewhere.

References
----------
FHIR R4 ImagingStudy; IHE RAD IMR (identifier system ``urn:dicom:uid``).
"""

from typing import Final

from portal.demo.identity import uid
from portal.demo.protocols import SeriesPlan
from portal.demo.record.chart import Chart, stamp
from portal.demo.record.codes import SNOMED, Coded, Element, dicom, hl7, of_dicom
from portal.demo.stories import ACCESSIONS, Study

_ACCESSION_ID: Final = hl7("v2-0203", "ACSN", "Accession ID")


def imaging_study(study: Study) -> Element:
    """Return the logical reference to the ImagingStudy of a study."""
    uid = f"urn:oid:{study.study_instance_uid}"
    return {
        "type": "ImagingStudy",
        "identifier": {"system": "urn:dicom:uid", "value": uid},
    }


def modalities(study: Study) -> set[str]:
    """Return the modalities of the images of a study."""
    return {plan.modality for plan in study.protocol.series} - {"SEG"}


def accession(study: Study) -> Element:
    """Return the identifier by the accession number of a study."""
    return {
        "type": _ACCESSION_ID,
        "system": ACCESSIONS,
        "value": study.accession_number,
    }


def study_elsewhere(chart: Chart, study: Study, order: Element) -> None:
    """Write an ImagingStudy down as the place that keeps the images tells of it."""
    protocol = study.protocol
    key = f"{chart.life.key}-study-{study.accession_number.lower()}"
    elements = {
        "identifier": [imaging_study(study)["identifier"], accession(study)],
        "status": "available",
        "modality": [dicom(modality) for modality in sorted(modalities(study))],
        "subject": chart.patient,
        "started": stamp(study.at),
        "basedOn": [order],
        "numberOfSeries": len(protocol.series),
        "numberOfInstances": sum(p.number_of_instances for p in protocol.series),
        "procedureCode": [of_dicom(protocol.procedure)],
        "description": protocol.description,
        "series": [_series(study, plan) for plan in protocol.series],
    }
    chart.put("ImagingStudy", key, elements)


def _series(study: Study, plan: SeriesPlan) -> Element:
    region = study.protocol.region
    site = Coded(SNOMED, region.value, region.meaning)
    return {
        "uid": uid(0, study.study_instance_uid, plan.description),
        "modality": dicom(plan.modality),
        "description": plan.description,
        "numberOfInstances": plan.number_of_instances,
        "bodySite": site.coding(),
    }
