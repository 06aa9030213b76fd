"""Asking criteria in tests: of the partition ``default``, on 1 January 2026."""

from collections import Counter
from datetime import date
from typing import Any

from cohorts.criteria import parse_criteria
from cohorts.execution.asking import Asked, Counted, count, found, prepare
from core.access import Actor
from imaging.query.backends import ANSWERS
from tests.fhirlink.events.record import ACTOR, resource, rows

NOW = date(2026, 1, 1)
Json = dict[str, Any]


def asked(where: Json, actor: Actor = ACTOR, now: date = NOW, **members: Any) -> Asked:
    query = parse_criteria({"v": 1, "where": where, **members})
    return prepare(actor=actor, partition="default", criteria=query, now=now)


def counted(where: Json, actor: Actor = ACTOR) -> Counted:
    return count(asked(where, actor))


def who(where: Json, actor: Actor = ACTOR, now: date = NOW) -> str:
    """Return the ids of the Patients that match, one after the other."""
    with found(asked(where, actor, now)) as relation:
        names = rows(
            "SELECT split_part(i.name, '/', 2) FROM fhirlink_patientidentity i"
            f" JOIN {relation.patients} f ON f.patient = i.patient"
        )
    return " ".join(sorted(row[0] for row in names))


def matches(where: Json) -> set[tuple[int, str]]:
    """Return the leaves and the ids of the resources that satisfied them."""
    with found(asked(where)) as relation:
        return set(
            rows(
                f"SELECT m.leaf, r.fhir_id FROM {relation.matches} m"
                " JOIN fhirlink_event e ON e.id = m.event"
                " JOIN fhirlink_resource r ON r.id = e.resource_id"
            )
        )


def answers() -> Counter[str]:
    """Return how often the index has answered, and why it has not."""
    return Counter(
        {
            sample.labels["outcome"]: int(sample.value)
            for sample in next(iter(ANSWERS.collect())).samples
            if sample.name.endswith("_total")
        }
    )


def event(type_: str, words: str = "", /, **members: Any) -> Json:
    """Return a criterion on an event; ``as_`` and ``in_`` without the line."""
    code = {"code": {"text": words}} if words else {}
    named = {key.rstrip("_"): value for key, value in members.items()}
    return {"event": {"type": type_, **code, **named}}


def condition(
    id_: str, text: str, day: str = "", patient: str = "p", **more: Any
) -> Json:
    """Return a Condition."""
    onset = {"onsetDateTime": day} if day else {}
    return resource("Condition", id_, patient, code={"text": text}, **onset, **more)


def coded(
    id_: str, system: str, code: str, display: str = "", patient: str = "p"
) -> Json:
    """Return a Condition that has a coding."""
    coding = {"system": system, "code": code}
    named = {**coding, "display": display} if display else coding
    return resource("Condition", id_, patient, code={"coding": [named]})


def measured(
    id_: str, text: str, value: float, unit: str, patient: str = "p", **more: Any
) -> Json:
    """Return an Observation of a number."""
    quantity = {"value": value, "unit": unit}
    return resource(
        "Observation", id_, patient, code={"text": text}, valueQuantity=quantity, **more
    )


def study(
    id_: str, day: str, *series: tuple[str, str, int], patient: str = "p", **more: Any
) -> Json:
    """Return an ImagingStudy with its series: modality, body and number of images."""
    identifier = {"system": "urn:dicom:uid", "value": f"urn:oid:1.2.{id_}"}
    return resource(
        "ImagingStudy",
        id_,
        patient,
        identifier=[identifier],
        started=day,
        series=[
            {
                "uid": f"1.2.{id_}.{at}",
                "modality": {"code": modality},
                "bodySite": {"display": body},
                "numberOfInstances": number,
            }
            for at, (modality, body, number) in enumerate(series)
        ],
        **more,
    )


def report(
    id_: str, text: str, study: str = "", patient: str = "p", **more: Any
) -> Json:
    """Return a DiagnosticReport with a conclusion, of a study."""
    link = {"system": "urn:dicom:uid", "value": f"urn:oid:1.2.{study}"}
    of_study = {"imagingStudy": [{"identifier": link}]} if study else {}
    return resource(
        "DiagnosticReport", id_, patient, conclusion=text, **of_study, **more
    )
