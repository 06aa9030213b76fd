"""The whole record of a life, in an order that references can trust."""

from collections.abc import Iterable, Iterator

from portal.demo.record import general, imaging, oncology, person
from portal.demo.record.chart import Chart, Resource
from portal.demo.record.diseases import Kind
from portal.demo.record.house import shared_resources
from portal.demo.record.lives import Life, Problem, life_of
from portal.demo.stories import Patient, Study


def hospital_record(patients: Iterable[Patient]) -> Iterator[Resource]:
    """Yield what is shared, then the record of each patient of the demo."""
    yield from shared_resources()
    for patient in patients:
        yield from record_of(life_of(patient))


def record_of(life: Life) -> list[Resource]:
    """Return all resources of a life; what they refer to is among them or shared."""
    chart = Chart(life)
    person.patient(chart)
    general.check_ups(chart)
    for problem in life.problems:
        _tell(chart, problem)
    for study in life.studies:
        imaging.imaged(chart, study, _prior(life, study))
    for study in life.outside:
        imaging.imaged(chart, study, None, outside=True)
    return chart.resources


def _tell(chart: Chart, problem: Problem) -> None:
    kind = problem.disease.kind
    if chart.is_over(problem.on):
        return
    if kind is Kind.TUMOUR:
        oncology.tumour(chart, problem)
    elif kind is Kind.CHRONIC:
        general.chronic(chart, problem)
    elif kind is Kind.ACUTE:
        general.acute(chart, problem)
    else:
        general.finding(chart, problem)


def _prior(life: Life, study: Study) -> Study | None:
    """Return the last study before this one of the same region."""
    part = study.protocol.body_part
    before = [
        other
        for other in life.studies
        if other.at < study.at and other.protocol.body_part == part
    ]
    return before[-1] if before else None
