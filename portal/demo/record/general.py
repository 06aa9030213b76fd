"""Chronic and acute diseases, findings, and the check-ups in between."""

from datetime import date, timedelta
from typing import Final

from portal.demo.record import person, treatment
from portal.demo.record.chart import Chart, Visit
from portal.demo.record.codes import CVX, Coded, concept, of, sct
from portal.demo.record.conditions import diagnose
from portal.demo.record.diseases_table import PNEUMONIA
from portal.demo.record.documents import discharge_summary
from portal.demo.record.laboratory import results
from portal.demo.record.lives import Problem
from portal.demo.record.vitals import (
    acute_signs,
    body_height,
    electrocardiogram,
    smoking,
    vital_signs,
)

_CHECK_UP: Final = sct("185349003", "Encounter for check up")
_EMERGENCY: Final = sct("50849002", "Emergency room admission")
_SELF_CARE: Final = sct("698360004", "Diabetes self management plan")
_INFLUENZA: Final = Coded(
    CVX, "140", "Influenza, seasonal, injectable, preservative free"
)
_TETANUS: Final = Coded(CVX, "113", "Td (adult) preservative free")
_ADULT: Final = 18
_VISITS: Final = 8
# How high a result is where somebody has the disease: 1 is the upper end of normal.
_RAISED: Final = {
    "44054006": {"hemoglobin a1c": 3.2, "glucose": 1.9},
    "433144002": {"creatinine": 1.9, "hemoglobin": -0.1},
    "431857002": {"creatinine": 3.4, "hemoglobin": -0.4, "potassium": 1.0},
    "55822004": {"ldl cholesterol": 1.3},
    "230690007": {"ldl cholesterol": 1.4},
}
_HYPERTENSION: Final = {"38341003", "59621000"}


def check_ups(chart: Chart) -> None:
    """Tell of a visit a year: vital signs, a few results, the influenza vaccine."""
    day, number = chart.life.begin, 0
    while not chart.is_over(day):
        visit = chart.visit(chart.day(day), concept("Check-up"), type_=_CHECK_UP)
        if number == 0:
            person.allergies(chart, visit)
            person.family_history(chart, visit)
            person.consent(chart, visit)
            body_height(chart, visit)
            _vaccinate(chart, visit, _TETANUS)
        if chart.life.age(day) >= _ADULT:
            smoking(chart, visit)
        vital_signs(
            chart,
            visit,
            raised=is_hypertensive(chart, day),
            weight_kg=chart.life.weight_kg,
        )
        results(chart, visit, {"glucose": 0.5, "creatinine": 0.5})
        _vaccinate(chart, visit, _INFLUENZA)
        number += 1
        day += timedelta(days=365 + chart.luck.randint(-20, 20))


def is_hypertensive(chart: Chart, day: date) -> bool:
    """Whether the patient has a high blood pressure by a day."""
    return any(
        problem.disease.code.code in _HYPERTENSION and problem.on <= day
        for problem in chart.life.problems
    )


def chronic(chart: Chart, problem: Problem) -> None:
    """Tell of a disease that stays: drugs without end, a visit each few months."""
    visit = chart.visit(chart.day(problem.on), concept(problem.disease.words))
    condition = diagnose(chart, visit, problem)
    over = "completed" if chart.life.death_date else "active"
    for name in problem.disease.drugs:
        treatment.prescribe(chart, visit, name, condition, status=over)
    if problem.disease.code.code in _HYPERTENSION:
        electrocardiogram(chart, visit)
    if problem.disease.code.code == "44054006":
        treatment.plan(chart, visit, "Diabetes", _SELF_CARE, condition)
    _visits(chart, problem)


def _visits(chart: Chart, problem: Problem) -> None:
    """Follow for two years, the last ones; drugs bring what is raised down a bit."""
    start = max(problem.on, chart.life.end - timedelta(days=(_VISITS + 1) * 92))
    for number in range(1, _VISITS + 1):
        day = start + timedelta(days=number * 92 + chart.luck.randint(-9, 9))
        if chart.is_over(day):
            return
        visit = chart.visit(chart.day(day), concept(problem.disease.words))
        raised = is_hypertensive(chart, day) and number == 1
        vital_signs(chart, visit, raised=raised, weight_kg=chart.life.weight_kg)
        results(chart, visit, _levels(problem, number))
        if number == 1 and problem.disease.drugs:
            name = problem.disease.drugs[0]
            treatment.state(chart, visit, name, problem.on)


def acute(chart: Chart, problem: Problem) -> None:
    """Tell of an illness that comes and goes: a stay, drugs, the end of it."""
    stay = chart.visit(
        chart.day(problem.on),
        concept(problem.disease.words),
        place="emergency",
        kind="IMP",
        last=timedelta(days=4),
        type_=_EMERGENCY,
    )
    pneumonia = problem.disease is PNEUMONIA
    abated = problem.on + timedelta(days=21) if pneumonia else None
    status = "resolved" if pneumonia else "active"
    condition = diagnose(chart, stay, problem, status=status, abated=abated)
    acute_signs(chart, stay, 38.9 if pneumonia else 36.8, 91 if pneumonia else 97)
    vital_signs(chart, stay, raised=not pneumonia, weight_kg=chart.life.weight_kg)
    results(chart, stay, _levels(problem, 0))
    for name in problem.disease.infusions:
        order = treatment.prescribe(chart, stay, name, condition)
        treatment.give(chart, stay, name, order, 120)
    until = problem.on + timedelta(days=10) if pneumonia else None
    taken = "completed" if pneumonia or chart.life.death_date else "active"
    for name in problem.disease.drugs:
        treatment.prescribe(chart, stay, name, condition, status=taken, until=until)
    discharge_summary(chart, stay, problem)


def finding(chart: Chart, problem: Problem) -> None:
    """Tell of something that was found and does no harm."""
    visit = chart.visit(chart.day(problem.on), concept(problem.disease.words))
    condition = diagnose(chart, visit, problem)
    results(chart, visit, _levels(problem, 0))
    for name in problem.disease.drugs:
        until = problem.on + timedelta(days=14)
        treatment.prescribe(chart, visit, name, condition, until=until)


def _levels(problem: Problem, number: int) -> dict[str, float]:
    raised = _RAISED.get(problem.disease.code.code, {})
    if problem.disease is PNEUMONIA:
        raised = {"leukocytes": 1.8, "c-reactive protein": 25.0}
    damp = 1.0 if number == 0 else max(0.6, 1 - 0.06 * number)
    return {
        name: 0.5 + (raised[name] - 0.5) * damp if name in raised else 0.5
        for name in problem.disease.results
    }


def _vaccinate(chart: Chart, visit: Visit, vaccine: Coded) -> None:
    chart.add(
        "Immunization",
        status="completed",
        vaccineCode=of(vaccine),
        patient=chart.patient,
        encounter=visit.encounter,
        occurrenceDateTime=visit.moment(35),
        primarySource=True,
        lotNumber=f"L{chart.luck.randrange(10_000):04d}",
    )
