"""A cancer from its diagnosis on: biopsy, chemotherapy, operation, outcome."""

from datetime import date, datetime, time, timedelta
from typing import Final

from portal.demo.record import treatment
from portal.demo.record.chart import ZONE, Chart, Visit
from portal.demo.record.codes import Element, concept, hl7, of, sct
from portal.demo.record.conditions import diagnose
from portal.demo.record.diseases import Disease, Kind
from portal.demo.record.diseases_table import OSTEOSARCOMA
from portal.demo.record.laboratory import results
from portal.demo.record.lives import Certainty, Problem
from portal.demo.record.pathology import biopsy
from portal.demo.record.treatment import Outcome
from portal.demo.record.vitals import electrocardiogram, vital_signs
from portal.demo.tales import Course

_CHEMOTHERAPY: Final = of(sct("367336001", "Chemotherapy"))
_LIMB_SALVAGE: Final = concept("Wide resection of distal femur with endoprosthesis")
_RESECTION: Final = concept("Resection of the tumour")
_HOSPICE: Final = of(sct("385763009", "Hospice care"))
_PLAN: Final = sct("395082007", "Cancer care plan")
_PALLIATIVE: Final = concept("Palliative care")
_METASTASIS: Final = Disease(
    Kind.TUMOUR,
    "Lung metastases",
    sct("94391008", "Secondary malignant neoplasm of lung"),
    (("C78.00", "Secondary malignant neoplasm of unspecified lung"),),
)
_CYCLES: Final = 5
_CYCLE_DAYS: Final = 21
_OPERATION_DAY: Final = 84
_CHECKS: Final = (100, 190, 280, 400, 520)
# Day of each check: how the disease went until then.
_TURNS: Final = {
    Course.PROGRESSION: (Outcome.STABLE, *[Outcome.WORSENED] * 4),
    Course.RESPONSE: (*[Outcome.IMPROVED] * 2, *[Outcome.STABLE] * 3),
    Course.RELAPSE: (*[Outcome.IMPROVED] * 3, Outcome.WORSENED, Outcome.STABLE),
}
_STEADY: Final = (Outcome.STABLE,) * 5


def tumour(chart: Chart, problem: Problem) -> None:
    """Tell of a cancer until the end of the record."""
    first = _clinic(chart, problem.on, concept(problem.disease.words))
    status = "remission" if problem.course is Course.RESPONSE else "active"
    disease = diagnose(chart, first, problem, status=status)
    if problem.certainty is not Certainty.ENTERED_IN_ERROR:
        biopsy(chart, first, problem, disease)
    results(chart, first, _levels(problem, 0))
    if problem.certainty is not Certainty.CONFIRMED:
        return
    treatment.plan(chart, first, problem.disease.words, _PLAN, disease)
    if problem.treated:
        electrocardiogram(chart, first)
        _cycles(chart, problem, disease)
        _take_home(chart, problem, disease)
    _operate(chart, problem, disease)
    _follow(chart, problem, disease)
    if chart.life.death_date and _is_first(chart, problem):
        _die(chart, chart.life.death_date, disease)


def _cycles(chart: Chart, problem: Problem, disease: Element) -> None:
    """Give the infusions in turn, a blood count before each."""
    for number in range(_CYCLES if problem.disease.infusions else 0):
        day = problem.on + timedelta(days=14 + number * _CYCLE_DAYS)
        if chart.is_over(day):
            return
        visit = chart.visit(chart.day(day), reason_of(problem), last=timedelta(hours=6))
        vital_signs(chart, visit, raised=False, weight_kg=_weight(chart, number))
        results(chart, visit, _levels(problem, number + 1))
        treatment.perform(chart, visit, _CHEMOTHERAPY, disease, minutes=240)
        for minute, name in enumerate(problem.disease.infusions, start=2):
            if name == "methotrexate" and number == 0:
                continue
            order = treatment.prescribe(chart, visit, name, disease)
            treatment.give(chart, visit, name, order, minute * 45)
        if number == 0 and problem.disease is OSTEOSARCOMA:
            _not_given(chart, visit, disease)


def _not_given(chart: Chart, visit: Visit, disease: Element) -> None:
    """Write orders down that are none: cancelled, a draft, forbidden, in error."""
    for name, status in (
        ("ifosfamide", "cancelled"),
        ("carboplatin", "draft"),
        ("paclitaxel", "entered-in-error"),
    ):
        treatment.prescribe(chart, visit, name, disease, status=status)
    treatment.prescribe(
        chart, visit, "ibuprofen", disease, status="active", forbidden=True
    )


def _take_home(chart: Chart, problem: Problem, disease: Element) -> None:
    day = problem.on + timedelta(days=15)
    if chart.is_over(day):
        return
    visit = _clinic(chart, day, reason_of(problem))
    for name in problem.disease.drugs:
        until = day + timedelta(days=120)
        over = chart.is_over(until)
        treatment.prescribe(
            chart,
            visit,
            name,
            disease,
            status="active" if over and not chart.life.death_date else "completed",
            until=until,
        )


def _operate(chart: Chart, problem: Problem, disease: Element) -> None:
    day = problem.on + timedelta(days=_OPERATION_DAY)
    if chart.is_over(day) or problem.course is Course.PROGRESSION:
        return
    sarcoma = problem.disease is OSTEOSARCOMA
    stay = chart.visit(
        chart.day(day),
        reason_of(problem),
        place="ward",
        kind="IMP",
        doctor="farah",
        last=timedelta(days=6),
        disposition=hl7("discharge-disposition", "home", "Home"),
    )
    what = _LIMB_SALVAGE if sarcoma else _RESECTION
    treatment.perform(chart, stay, what, disease, minutes=190)
    if sarcoma:
        chart.add(
            "Device",
            status="active",
            type=concept("Distal femoral endoprosthesis"),
            patient=chart.patient,
        )


def _follow(chart: Chart, problem: Problem, disease: Element) -> None:
    turns = _TURNS.get(problem.course, _STEADY)
    for number, (after, outcome) in enumerate(zip(_CHECKS, turns, strict=True)):
        day = problem.on + timedelta(days=after)
        if chart.is_over(day):
            return
        visit = _clinic(chart, day, reason_of(problem))
        vital_signs(chart, visit, raised=False, weight_kg=_weight(chart, number + 2))
        results(chart, visit, _levels(problem, number + 3))
        worse = outcome is Outcome.WORSENED
        treatment.assess(chart, visit, outcome, 2 if worse else 1, disease)
        if worse and problem.disease is OSTEOSARCOMA and turns.index(outcome) == number:
            found = Problem(_METASTASIS, day)
            diagnose(chart, visit, found)


def _is_first(chart: Chart, problem: Problem) -> bool:
    """Whether this is the cancer that the life's death is told with: one is enough."""
    kinds = [each for each in chart.life.problems if each.disease.kind is Kind.TUMOUR]
    return kinds[0] is problem


def _die(chart: Chart, on: date, disease: Element) -> None:
    start = datetime.combine(on - timedelta(days=9), time(10), ZONE)
    stay = chart.visit(
        start,
        _PALLIATIVE,
        place="ward",
        kind="IMP",
        last=timedelta(days=8, hours=18),
        disposition=hl7("discharge-disposition", "exp", "Expired"),
    )
    treatment.perform(chart, stay, _HOSPICE, disease, minutes=600)
    order = treatment.prescribe(chart, stay, "morphine", disease, until=on)
    treatment.give(chart, stay, "morphine", order, 90)
    vital_signs(chart, stay, raised=False, weight_kg=_weight(chart, 8))


def _clinic(chart: Chart, day: date, reason: Element) -> Visit:
    return chart.visit(chart.day(day), reason)


def reason_of(problem: Problem) -> Element:
    """Return the reason of a visit as the words of the disease."""
    return concept(problem.disease.words)


def _weight(chart: Chart, step: int) -> float:
    return chart.life.weight_kg * (1 - 0.012 * step)


def _levels(problem: Problem, cycle: int) -> dict[str, float]:
    """Return how high each result is: counts fall with the cycles, markers tell."""
    worse = problem.course is Course.PROGRESSION
    marker = 1.1 + 0.25 * cycle if worse else max(0.5, 1.7 - 0.25 * cycle)
    fixed = {
        "hemoglobin": 0.4 - 0.12 * cycle,
        "leukocytes": 0.5 - 0.11 * cycle,
        "platelets": 0.5 - 0.08 * cycle,
        "alkaline phosphatase": marker,
        "lactate dehydrogenase": marker,
    }
    return {name: fixed.get(name, 0.5) for name in problem.disease.results}
