"""Documents of the chart: discharge summaries, and what stands for a study."""

from datetime import timedelta
from typing import Final

from portal.demo.record.chart import Chart, Visit, stamp
from portal.demo.record.codes import Element, concept, loinc, of
from portal.demo.record.lives import Problem
from portal.demo.record.pathology import attachment
from portal.demo.stories import Study

IMAGING: Final = loinc("18748-4", "Diagnostic imaging study")
_SUMMARY: Final = loinc("18842-5", "Discharge summary")
_NOTE: Final = concept("Clinical note")
_IMAGES: Final = concept("Imaging")


def discharge_summary(chart: Chart, stay: Visit, problem: Problem) -> None:
    """Write the summary of a stay down on its last day."""
    words = problem.disease.words
    text = (
        f"Admitted with {words.lower()}. No evidence of malignancy.\n"
        "Discharged home in stable condition. No fever at discharge."
    )
    _document(
        chart,
        of(_SUMMARY),
        _NOTE,
        date=stamp(stay.end - timedelta(hours=2)),
        author=[stay.doctor],
        description=f"Discharge summary, {words.lower()}",
        content=[{"attachment": attachment("Discharge summary", text)}],
        context={"encounter": [stay.encounter]},
    )


def imaging_document(
    chart: Chart, visit: Visit, study: Study, image: Element, order: Element
) -> None:
    """Write the document down that stands for a study in lists of documents."""
    title = study.protocol.description
    text = f"{title}, {study.at:%d %B %Y}, accession {study.accession_number}."
    _document(
        chart,
        of(IMAGING),
        _IMAGES,
        date=visit.moment(50),
        author=[visit.doctor],
        description=title,
        content=[{"attachment": attachment(title, text)}],
        context={"encounter": [visit.encounter], "related": [image, order]},
    )


def _document(
    chart: Chart, kind: Element, category: Element, **elements: object
) -> None:
    chart.add(
        "DocumentReference",
        status="current",
        docStatus="final",
        type=kind,
        category=[category],
        subject=chart.patient,
        **elements,
    )
