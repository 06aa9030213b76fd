"""Small random populations: as facts for the oracle, and as resources for the store."""

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from tests.cohorts.execution.oracle import SENTENCES, Days, Fact, Person, span
from tests.fhirlink.events.record import patient, resource

Json = Any
WORDS = {
    "condition": ("flu", "flu of lung", "fractures of arm", "lung cancer"),
    "medication": ("aspirin 100 mg", "metformin", "Aspirin"),
    "procedure": ("biopsy of lung", "chemotherapy"),
    "observation": ("glucose", "body weight", "smoking"),
    "encounter": ("visit", "emergency"),
    "report": ("CT report", "MR report"),
    "imaging": ("CT of chest", "MR of knee"),
}
TYPES = {
    "condition": "Condition",
    "medication": "MedicationStatement",
    "procedure": "Procedure",
    "observation": "Observation",
    "encounter": "Encounter",
    "report": "DiagnosticReport",
    "imaging": "ImagingStudy",
}
STARTS = {
    "condition": "onsetDateTime",
    "medication": "effectiveDateTime",
    "procedure": "performedDateTime",
    "observation": "effectiveDateTime",
    "report": "effectiveDateTime",
    "imaging": "started",
}
STATUSES = {
    "condition": ("active", "resolved", "refuted", "provisional"),
    "medication": ("completed", "entered-in-error"),
    "procedure": ("completed", "not-done"),
    "observation": ("final", "entered-in-error"),
    "encounter": ("finished", "cancelled"),
    "report": ("final", "entered-in-error"),
    "imaging": ("available", "entered-in-error"),
}
BODIES = ("Chest", "Knee joint", "Brain")


def a_date(random: Random) -> str:
    """Return a date of some years, now and then a partial one."""
    year, month = random.randint(2019, 2026), random.randint(1, 12)
    text = f"{year}-{month:02}-{random.randint(1, 28):02}"
    return text[: random.choices((10, 7, 4), (8, 1, 1))[0]]


def people(seed: int, number: int) -> list[Person]:
    """Return some persons to whom something happened."""
    random = Random(seed)
    ids = iter(range(1, 10_000))
    return [_person(random, f"p{at}", ids) for at in range(number)]


def _person(random: Random, id_: str, ids: Iterator[int]) -> Person:
    is_dead = random.random() < 0.3
    born = random.choice(
        ("1950-02-28", "1960-02-29", "1980", "2000-06", "", "1975-12-31")
    )
    facts = [_fact(random, next(ids), id_) for _ in range(random.choice((0, 2, 4, 8)))]
    return Person(
        id_,
        random.choice(("male", "female", "")),
        span(born) if born else None,
        dead=is_dead,
        died=span(a_date(random)) if is_dead and random.random() < 0.8 else None,
        facts=facts,
    )


def _fact(random: Random, id_: int, who: str) -> Fact:
    type_ = random.choice(list(WORDS))
    written = a_date(random) if random.random() < 0.9 else ""
    days = span(written) if written else None
    fact = Fact(
        id_,
        type_,
        random.choice(WORDS[type_]),
        days,
        status=random.choice(STATUSES[type_]),
        encounter=random.choice(("", f"{who}-e1", f"{who}-e2")),
    )
    if (
        type_ in {"condition", "encounter", "procedure"}
        and days
        and random.random() < 0.5
    ):
        last = span(
            f"{days[1].year + random.randint(1, 2)}-{random.randint(1, 12):02}-15"
        )
        fact.end = last
    if type_ == "observation":
        _measure(random, fact)
    if type_ == "report":
        fact.sentences = random.sample(list(SENTENCES), random.randint(0, 3))
        fact.study = random.choice(("", f"{who}-1", f"{who}-2"))
    if type_ == "imaging":
        fact.study = f"1.2.{id_}"
        fact.encounter = ""
        fact.series = [
            (random.choice(("CT", "MR")), random.choice(BODIES), random.randint(1, 30))
            for _ in range(random.randint(1, 3))
        ]
    return fact


def _measure(random: Random, fact: Fact) -> None:
    if fact.words == "smoking":
        fact.said = random.choice(("Current smoker", "Never smokers", "non smoking"))
        return
    fact.number = float(random.choice((4, 5, 90, 100, 180)))
    fact.unit = random.choice(
        ("mg/dL", "mmol/L") if fact.words == "glucose" else ("kg", "g")
    )


def studied(persons: list[Person]) -> list[Person]:
    """Have the reports be of studies that their patients have."""
    for who in persons:
        studies = [e.study for e in who.facts if e.type == "imaging"]
        for fact in who.facts:
            if fact.type == "report" and fact.study:
                fact.study = studies[fact.id % len(studies)] if studies else ""
    return persons


def resources_of(persons: list[Person]) -> Iterator[Json]:
    """Yield patients and all that happened to them, as FHIR has it."""
    for who in persons:
        yield patient(who.id, **_who(who))
        for fact in who.facts:
            yield _resource(who, fact)


def _who(who: Person) -> Json:
    found: Json = {}
    if who.gender:
        found["gender"] = who.gender
    if who.born:
        found["birthDate"] = written(who.born)
    if who.died:
        found["deceasedDateTime"] = written(who.died)
    elif who.dead:
        found["deceasedBoolean"] = True
    return found


def written(days: Days) -> str:
    """Return a date as it is written: a month or a year where it is partial."""
    length = (days[1] - days[0]).days
    return days[0].isoformat()[: 10 if not length else 7 if length < 31 else 4]


def _resource(who: Person, fact: Fact) -> Json:
    members: Json = {"status": fact.status, "code": {"text": fact.words}}
    if fact.encounter:
        members["encounter"] = {"reference": f"Encounter/{fact.encounter}"}
    if fact.type in STARTS and fact.days:
        members[STARTS[fact.type]] = written(fact.days)
    if fact.type in SPECIAL:
        SPECIAL[fact.type](fact, members)
    found = {key: value for key, value in members.items() if value}
    return resource(TYPES[fact.type], f"f{fact.id}", who.id, **found)


def _condition(fact: Fact, members: Json) -> None:
    status = members.pop("status")
    is_clinical = status in {"active", "resolved"}
    kind = "clinicalStatus" if is_clinical else "verificationStatus"
    members[kind] = {"coding": [{"code": status}]}
    if fact.end:
        members["abatementDateTime"] = written(fact.end)


def _medication(_fact: Fact, members: Json) -> None:
    members["medicationCodeableConcept"] = members.pop("code")
    members["context"] = members.pop("encounter", None)


def _procedure(fact: Fact, members: Json) -> None:
    if fact.end:
        members["performedPeriod"] = _period(fact)
        del members["performedDateTime"]


def _observation(fact: Fact, members: Json) -> None:
    if fact.said:
        members["valueString"] = fact.said
    else:
        members["valueQuantity"] = {"value": fact.number, "unit": fact.unit}


def _encounter(fact: Fact, members: Json) -> None:
    members["type"] = [members.pop("code")]
    members["class"] = {"code": "X"}
    members.pop("encounter", None)
    fact.encounter = f"f{fact.id}"
    members["period"] = _period(fact)


def _report(fact: Fact, members: Json) -> None:
    members["conclusion"] = " ".join(fact.sentences)
    if fact.study:
        members["imagingStudy"] = [{"identifier": _identifier(fact)}]


def _imaging(fact: Fact, members: Json) -> None:
    members["identifier"] = [_identifier(fact)]
    members["description"] = members.pop("code")["text"]
    members["series"] = [
        {
            "uid": f"{fact.study}.{at}",
            "modality": {"code": modality},
            "bodySite": {"display": body},
            "numberOfInstances": number,
        }
        for at, (modality, body, number) in enumerate(fact.series)
    ]


def _period(fact: Fact) -> Json:
    days = {"start": fact.days, "end": fact.end}
    return {name: written(each) for name, each in days.items() if each}


def _identifier(fact: Fact) -> Json:
    return {"system": "urn:dicom:uid", "value": f"urn:oid:{fact.study}"}


SPECIAL: Mapping[str, Callable[[Fact, Json], None]] = {
    "condition": _condition,
    "medication": _medication,
    "procedure": _procedure,
    "observation": _observation,
    "encounter": _encounter,
    "report": _report,
    "imaging": _imaging,
}
