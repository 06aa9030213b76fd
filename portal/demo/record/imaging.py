"""Each study as the record knows it: ordered, appointed, read, reported.

The study is referred to by its UID (system ``urn:dicom:uid``) and by its accession
number with the issuer that the DICOM objects name.

References
----------
FHIR R4 ServiceRequest, Appointment, Task, DiagnosticReport; IHE RAD IMR (identifiers).
"""

from datetime import timedelta
from typing import Final

from portal.demo.record.chart import Chart, Visit, business_identifier, stamp
from portal.demo.record.codes import (
    Element,
    concept,
    hl7,
    loinc,
    of,
    of_dicom,
    quantity,
    sct,
)
from portal.demo.record.diseases_table import OSTEOSARCOMA
from portal.demo.record.documents import IMAGING, imaging_document
from portal.demo.record.house import staff_key
from portal.demo.record.laboratory import observed
from portal.demo.record.pathology import attachment, narrative
from portal.demo.record.studies import accession, imaging_study, study_elsewhere
from portal.demo.record.wording import Words, report_words
from portal.demo.stories import Study
from portal.demo.tales import Course, Site

_RADIOLOGY: Final = {"reference": "Organization/demo-organization-radiology"}
_CATEGORY: Final = hl7("observation-category", "imaging", "Imaging")
_ORDERED: Final = of(sct("363679005", "Imaging"))
_SIZE: Final = of(loinc("33728-7", "Size.maximum dimension in Tumor"))
_ACCEPTED: Final = "accepted"


def imaged(
    chart: Chart, study: Study, prior: Study | None, *, outside: bool = False
) -> None:
    """Tell of a study from its order to its report.

    What was imaged `outside` has an ImagingStudy in the record: nobody can make it
    from images.
    """
    order = _order(chart, study)
    if outside:
        study_elsewhere(chart, study, order)
    begin = study.at - timedelta(minutes=20)
    short = staff_key(study.reading_physician).removeprefix("demo-practitioner-")
    reason = concept(study.protocol.description)
    visit = chart.visit(begin, reason, place="radiology", doctor=short)
    words = report_words(chart.life, study, prior)
    report = _report(chart, visit, study, order, words)
    imaging_document(chart, visit, study, imaging_study(study), order)
    _read(chart, study, report, visit.doctor)
    if study.lesion and study.lesion.site is not Site.LIVER_CYST:
        _tell(chart, study, report, visit.doctor)


def _order(chart: Chart, study: Study) -> Element:
    """Write the order down, and the appointment for it."""
    ordered = study.at - timedelta(hours=chart.luck.randint(3, 60))
    referrer = {"reference": f"Practitioner/{staff_key(study.referring_physician)}"}
    key = f"{chart.life.key}-order-{study.accession_number.lower()}"
    order = chart.put(
        "ServiceRequest",
        key,
        {
            "identifier": [
                business_identifier("ServiceRequest", key),
                accession(study),
            ],
            "status": "completed",
            "intent": "order",
            "category": [_ORDERED],
            "priority": "routine",
            "code": of_dicom(study.protocol.procedure),
            "subject": chart.patient,
            "occurrenceDateTime": stamp(study.at),
            "authoredOn": stamp(ordered),
            "requester": referrer,
            "performer": [_RADIOLOGY],
            "reasonCode": [concept(chart.life.indication(study).disease.words)],
            "bodySite": [of_dicom(study.protocol.region)],
        },
    )
    chart.add(
        "Appointment",
        status="fulfilled",
        description=study.protocol.description,
        start=stamp(study.at),
        end=stamp(study.at + timedelta(minutes=30)),
        created=stamp(ordered),
        basedOn=[order],
        participant=[{"actor": chart.patient, "status": _ACCEPTED}],
    )
    return order


def _report(
    chart: Chart, visit: Visit, study: Study, order: Element, words: Words
) -> Element:
    """Write the report down, and one of the same study that is an error."""
    issued = study.at + timedelta(hours=chart.luck.randint(2, 20))
    shared = {
        "basedOn": [order],
        "category": [hl7("v2-0074", "RAD", "Radiology")],
        "code": concept(study.protocol.description, IMAGING),
        "subject": chart.patient,
        "encounter": visit.encounter,
        "effectiveDateTime": stamp(study.at),
        "issued": stamp(issued),
        "performer": [_RADIOLOGY],
        "resultsInterpreter": [visit.doctor],
        "imagingStudy": [imaging_study(study)],
    }
    problem = chart.life.indication(study)
    second = study in chart.life.studies[1:2]
    if second and problem.disease is OSTEOSARCOMA and problem.course is Course.RESPONSE:
        wrong = "Entered for the wrong patient. Osteosarcoma with lung metastases."
        chart.add(
            "DiagnosticReport", status="entered-in-error", conclusion=wrong, **shared
        )
    lesion = study.lesion
    size = lesion and _measured(chart, visit, lesion.diameter_mm)
    return chart.add(
        "DiagnosticReport",
        status="final",
        text=narrative(words.text),
        result=[size] if size else None,
        conclusion=words.conclusion,
        conclusionCode=[problem.disease.concept(problem.icd10)] if lesion else None,
        presentedForm=[attachment(study.protocol.description, words.text)],
        **shared,
    )


def _measured(chart: Chart, visit: Visit, diameter_mm: float) -> Element:
    value = quantity(diameter_mm, "mm")
    return observed(chart, visit, _SIZE, _CATEGORY, valueQuantity=value)


def _read(chart: Chart, study: Study, report: Element, reader: Element) -> None:
    """Write the task of reading down, which the report answers."""
    chart.add(
        "Task",
        status="completed",
        intent="order",
        code=concept("Read the study"),
        focus=imaging_study(study),
        for_=chart.patient,
        authoredOn=stamp(study.at + timedelta(minutes=25)),
        lastModified=stamp(study.at + timedelta(hours=1)),
        owner=reader,
        output=[{"type": concept("Report"), "valueReference": report}],
    )


def _tell(chart: Chart, study: Study, report: Element, reader: Element) -> None:
    """Write down that the reader told the referrer of a finding."""
    referrer = {"reference": f"Practitioner/{staff_key(study.referring_physician)}"}
    chart.add(
        "Communication",
        status="completed",
        category=[hl7("communication-category", "notification", "Notification")],
        subject=chart.patient,
        about=[report],
        sent=stamp(study.at + timedelta(hours=1)),
        sender=reader,
        recipient=[referrer],
        payload=[{"contentString": "Finding told by telephone and acknowledged."}],
    )
