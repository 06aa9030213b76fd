"""Biopsies and what the pathologist says of them."""

import base64
from datetime import timedelta
from html import escape
from typing import Final

from portal.demo.record.chart import Chart, Visit, stamp
from portal.demo.record.codes import Element, concept, hl7, loinc, of, sct
from portal.demo.record.lives import Certainty, Problem
from portal.demo.record.treatment import perform

_BIOPSY: Final = of(sct("86273004", "Biopsy"))
_TISSUE: Final = of(sct("119376003", "Tissue specimen"))
_STUDY: Final = concept("Pathology report", loinc("11526-1", "Pathology study"))
_PATHOLOGY: Final = {"reference": "Organization/demo-organization-pathology"}
_PATHOLOGIST: Final = {"reference": "Practitioner/demo-practitioner-novak"}
_REFUTING: Final = (
    "Insufficiency fracture with callus. No evidence of osteosarcoma, no atypia."
)


def biopsy(chart: Chart, visit: Visit, problem: Problem, reason: Element) -> None:
    """Write the biopsy of a visit down, its specimen and the report of it."""
    perform(chart, visit, _BIOPSY, reason)
    specimen = chart.add(
        "Specimen",
        status="available",
        type=_TISSUE,
        subject=chart.patient,
        collection={"collectedDateTime": visit.moment(20)},
    )
    words = problem.disease.histology
    if problem.certainty is Certainty.REFUTED:
        words = _REFUTING
    elif problem.certainty is Certainty.PROVISIONAL:
        words = "Scant material. Osteosarcoma cannot be excluded; repeat the biopsy."
    refuted = problem.certainty is not Certainty.CONFIRMED
    concluded = None if refuted else [problem.disease.concept(problem.icd10)]
    text = f"Specimen: tissue, {problem.disease.words.lower()}.\nDiagnosis: {words}"
    chart.add(
        "DiagnosticReport",
        text=narrative(text),
        status="final",
        category=[hl7("v2-0074", "PAT", "Pathology (gross & histopath, not surgical)")],
        code=_STUDY,
        subject=chart.patient,
        encounter=visit.encounter,
        effectiveDateTime=visit.moment(20),
        issued=stamp(visit.at + timedelta(days=2)),
        performer=[_PATHOLOGY],
        resultsInterpreter=[_PATHOLOGIST],
        specimen=[specimen],
        conclusion=words,
        conclusionCode=concluded,
        presentedForm=[attachment("Pathology report", text)],
    )


def narrative(text: str) -> Element:
    """Return a Narrative with a paragraph for each line."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines())
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{lines}</div>'
    return {"status": "generated", "div": div}


def attachment(title: str, text: str) -> Element:
    """Return an Attachment of plain text."""
    return {
        "contentType": "text/plain",
        "language": "en",
        "title": title,
        "data": base64.b64encode(text.encode()).decode(),
    }
