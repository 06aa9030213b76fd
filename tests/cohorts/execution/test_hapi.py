"""Criteria that FHIR can ask for find the patients that HAPI's server finds.

Of the demo hospital: all patients, with the traps that are planted among them, and all
of their record but for types, and measurements, that no criterion here asks for.
"""

import random
from collections.abc import Sequence
from typing import Any, Final

import httpx
import pytest

from portal.demo.record.house import shared_resources
from tests.cohorts.execution.asked import NOW, who
from tests.cohorts.execution.fhir_searches import TYPES, Server, having, of_patient
from tests.cohorts.hospital import PLANTED
from tests.fhirlink.events.record import follow, put
from tests.fhirlink.hapi.server import shared_space
from tests.fhirlink.search.test_hapi import load
from tests.portal.demo.record.reading import charts, reference_to, references_of

pytestmark = [
    pytest.mark.peer("hapi"),
    pytest.mark.django_db,
    pytest.mark.timeout(900),
]

Json = dict[str, Any]
COMBINED: Final = 120
MEASURED: Final = {"718-7", "4548-4", "33728-7"}
ASKED: Final = {"Patient", *(name for names in TYPES.values() for name in names)}
SNOMED: Final = "http://snomed.info/sct"
ICD: Final = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC: Final = "http://loinc.org"
RXNORM: Final = "http://www.nlm.nih.gov/research/umls/rxnorm"


def coded(type_: str, system: str, *codes: str, **members: Any) -> Json:
    """Return a criterion on an event that has one of some codes."""
    given = [{"system": system, "code": code} for code in codes]
    return {"event": {"type": type_, "code": {"codes": given}, **members}}


def between(first: str | None, last: str | None) -> Json:
    return {"from": first, "to": last}


TUMOUR: Final = ("condition", SNOMED, "307576001")
LEAVES: Final[list[Json]] = [
    {"patient": {"gender": "female"}},
    {"patient": {"birth": {"gte": "1960-01-01", "lt": "1985-06-15"}}},
    {"patient": {"age": {"gt": 45}}},
    {"patient": {"age": {"gte": 30, "lte": 66}}},
    coded(*TUMOUR),
    coded(*TUMOUR, when={"last": "P2Y"}),
    coded(*TUMOUR, when=between("2024-01-01", "2024-06-30")),
    coded(*TUMOUR, when=between(None, "2023-12-31")),
    coded("condition", ICD, "I10", "E78.5", when=between("2005-01-01", "2018-06-30")),
    coded("condition", ICD, "C40.2", when=between("2024-02-15", None)),
    coded("condition", SNOMED, "44054006"),
    coded("condition", SNOMED, "22298006"),
    {"event": {"type": "condition", "when": between("2025-01-01", "2025-12-31")}},
    coded("medication", RXNORM, "56946"),
    coded("medication", RXNORM, "3639", when={"last": "P18M"}),
    coded("medication", RXNORM, "6851", "2555"),
    coded("medication", RXNORM, "26225", when=between("2024-10-01", "2025-03-31")),
    coded("medication", RXNORM, "5640", "29046", when=between("2020-01-01", None)),
    coded("procedure", SNOMED, "86273004", when=between("2024-01-01", "2024-12-31")),
    coded("immunization", "http://hl7.org/fhir/sid/cvx", "140"),
    coded("observation", LOINC, "718-7", value={"lt": 10.5, "unit": "g/dL"}),
    coded(
        *("observation", LOINC, "718-7"),
        value={"gt": 9, "lte": 12.5, "unit": "g/dL"},
        when={"last": "P3Y"},
    ),
    coded("observation", LOINC, "4548-4", value={"gt": 7}),
    coded("observation", LOINC, "33728-7", value={"gte": 40, "unit": "mm"}),
]
TOGETHER: Final[list[Json]] = [
    {"all": [{"patient": {"gender": "male"}}, coded("condition", SNOMED, "59621000")]},
    {
        "all": [
            {"patient": {"gender": "female", "birth": {"lt": "1970-01-01"}}},
            coded("immunization", "http://hl7.org/fhir/sid/cvx", "140"),
            coded("observation", LOINC, "4548-4"),
        ]
    },
]
# All who are said to have it have the code of ICD, and all but one that of SNOMED CT.
SENTENCE: Final = {
    "all": [
        {"patient": {"age": {"gt": 45}}},
        coded("condition", ICD, "C40.2", when={"last": "P2Y"}),
    ]
}


def drawn(number: int) -> list[Json]:
    """Return criteria made of some others, by chance and each time the same."""
    choose = random.Random(9)

    def some(depth: int) -> Json:
        if depth == 0:
            return choose.choice(LEAVES)
        parts = [some(choose.randrange(depth)) for _ in range(choose.randint(2, 3))]
        match choose.randrange(5):
            case 0 | 1:
                return {"all": parts}
            case 2 | 3:
                return {"any": parts}
            case _:
                return {"not": parts[0]}

    return [some(choose.randint(1, 2)) for _ in range(number)]


def asked_of(chart: Sequence[Json]) -> list[Json]:
    """Return what of a chart the criteria are about, with what that refers to."""
    named = {reference_to(each): each for each in chart}
    waiting = [each for each in chart if _is_asked_of(each)]
    found: dict[str, Json] = {}
    while waiting:
        each = waiting.pop()
        if found.setdefault(reference_to(each), each) is each:
            names = (name for name in references_of(each) if name in named)
            waiting += [named[name] for name in names if name not in found]
    return [each for name, each in named.items() if name in found]


def _is_asked_of(resource: Json) -> bool:
    if resource["resourceType"] != "Observation":
        return resource["resourceType"] in ASKED
    return any(each.get("code") in MEASURED for each in resource["code"]["coding"])


def found_here(where: Json) -> set[str]:
    return set(who(where, now=NOW).split())


def test_patients_of_the_demo_hospital_are_those_that_hapi_finds() -> None:
    held = [list(shared_resources()), *map(asked_of, charts())]
    with httpx.Client(timeout=300, headers={"cache-control": "no-cache"}) as client:
        server = Server(client, shared_space(), NOW)
        for some in held:
            load(client, server.base, some)
        theirs = [server.who(each) for each in LEAVES]
        at_once = [server.patients(_at_once(each)) for each in TOGETHER]
        combined = [(each, server.who(each)) for each in drawn(COMBINED)]
        answer = server.who(SENTENCE)

    put(*(each for some in held for each in some))
    follow()
    for leaf, right in zip(LEAVES, theirs, strict=True):
        assert found_here(leaf) == right, leaf
    for where, right in zip(TOGETHER, at_once, strict=True):
        assert found_here(where) == right, where
    for where, right in combined:
        assert found_here(where) == right, where
    planted = {row["patient"].removeprefix("Patient/") for row in PLANTED}
    assert found_here(SENTENCE) == answer == planted
    # They are not all about nobody, or about everybody.
    found = [right for right in theirs if 0 < len(right) < len(charts())]
    assert len(found) > len(LEAVES) * 3 / 4
    assert all(at_once)


def _at_once(where: Json) -> list[tuple[str, str]]:
    """Return criteria as one search, by ``_has``."""
    found = []
    for each in where["all"]:
        is_patient = "patient" in each
        found += (
            of_patient(each["patient"], NOW) if is_patient else having(each["event"])
        )
    return found
