"""Criteria that FHIR can ask for, put as searches of FHIR R4 (3.1.1), for a server.

What FHIR cannot put is left out here: names of events, how many there are, ages at an
event, words. A criterion is a set of patients, so `all`, `any` and `not` are asked part
by part; what has no more than one member may be asked at once by ``_has``. Where both
read something otherwise, the search says what criteria mean:

- What is left out by default (`docs/criteria.md`, statuses) FHIR gives: it is asked
  for with ``:not``. For ``doNotPerform`` R4 has no parameter: what is found is looked
  at.
- The date of a Condition is its onset, else when it was recorded: two searches, and of
  the second those without onset (``:missing`` is seldom indexed).
- A drug is a MedicationRequest, -Administration or -Statement, and its code stands in
  it or in a Medication that it refers to: searches of each.
- ``ge`` and ``le`` find what overlaps with the days that the search means, and so do
  criteria with partial dates. But of a period criteria take the start, and FHIR all of
  it: of what is found it is looked at when it began.
- A value has the unit in which it is written: FHIR converts none.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import httpx

from tests.cohorts.execution.oracle import moved, span

Json = Any
Parameters = list[tuple[str, str]]

LEFT_OUT: Final = ("entered-in-error", "cancelled", "not-done", "draft")
UNSURE: Final = ("refuted", "entered-in-error", "unconfirmed", "provisional")
TYPES: Final = {
    "condition": ("Condition",),
    "procedure": ("Procedure",),
    "observation": ("Observation",),
    "immunization": ("Immunization",),
    "medication": (
        "MedicationRequest",
        "MedicationAdministration",
        "MedicationStatement",
    ),
}
CODES: Final = {
    **dict.fromkeys(("Condition", "Procedure", "Observation"), ("code",)),
    **dict.fromkeys(TYPES["medication"], ("code", "medication.code")),
    "Immunization": ("vaccine-code",),
}
DATES: Final = {
    "MedicationRequest": "authoredon",
    "MedicationAdministration": "effective-time",
    "MedicationStatement": "effective",
    **dict.fromkeys(("Procedure", "Observation", "Immunization"), "date"),
}
PREFIXES: Final = {"gt": "gt", "gte": "ge", "lt": "lt", "lte": "le"}
UCUM: Final = "http://unitsofmeasure.org"


@dataclass
class Server:
    """A FHIR server that criteria are asked of."""

    client: httpx.Client
    base: str
    now: date
    known: dict[str, set[str]] = field(default_factory=dict)

    def who(self, node: Json) -> set[str]:
        """Return the ids of the patients that match."""
        match node:
            case {"all": parts}:
                return set.intersection(*(self.who(each) for each in parts))
            case {"any": parts}:
                return set.union(*(self.who(each) for each in parts))
            case {"not": part}:
                return self.who({"patient": {}}) - self.who(part)
        key = json.dumps(node)
        if key not in self.known:
            self.known[key] = self._leaf(node)
        return self.known[key]

    def _leaf(self, leaf: Json) -> set[str]:
        if "patient" in leaf:
            return self.patients(of_patient(leaf["patient"], self.now))
        return self._with(leaf["event"])

    def patients(self, parameters: Parameters) -> set[str]:
        """Return the ids of the patients that a search finds."""
        return {each["id"] for each in self._found("Patient", parameters)}

    def _with(self, event: Json) -> set[str]:
        people: set[str] = set()
        for type_ in TYPES[event["type"]]:
            for code in _codes(type_, event):
                for dates in _windows(type_, event, self.now):
                    found = self._found(type_, [*code, *_values(event), *dates])
                    people.update(_person(e) for e in found if _is_meant(e, dates))
        return people

    def _found(self, type_: str, parameters: Parameters) -> Iterator[Json]:
        given = [*parameters, *_statuses(type_), ("_count", "500")]
        url = str(httpx.URL(f"{self.base}/{type_}", params=given))
        while url:
            answer = self.client.get(url)
            assert answer.status_code == 200, f"{url}: {answer.text[:500]}"
            bundle = answer.json()
            yield from (each["resource"] for each in bundle.get("entry", ()))
            links = {each["relation"]: each["url"] for each in bundle["link"]}
            url = links.get("next", "")


def having(event: Json) -> Parameters:
    """Return an event of which only a code is asked, none left out, as ``_has``."""
    (type_,), (code,) = TYPES[event["type"]], event["code"]["codes"]
    token = f"{code['system']}|{code['code']}"
    return [(f"_has:{type_}:patient:{CODES[type_][0]}", token)]


def of_patient(patient: Json, now: date) -> Parameters:
    """Return what is asked of a patient."""
    return list(_of_patient(patient, now))


def _of_patient(patient: Json, now: date) -> Iterator[tuple[str, str]]:
    if "gender" in patient:
        yield "gender", patient["gender"]
    for name, day in patient.get("birth", {}).items():
        yield "birthdate", PREFIXES[name] + day
    for name, years in patient.get("age", {}).items():
        # More than 45 is 46 at least: born on this day of 46 years ago, or before.
        if name in {"gt", "gte"}:
            born = moved(now, f"-P{years + (name == 'gt')}Y")
            yield "birthdate", f"le{born}"
        elif name in {"lt", "lte"}:
            born = moved(now, f"-P{years + (name == 'lte')}Y")
            yield "birthdate", f"gt{born}"


def _codes(type_: str, event: Json) -> Iterator[Parameters]:
    if "code" not in event:
        yield []
        return
    token = ",".join(f"{e['system']}|{e['code']}" for e in event["code"]["codes"])
    for name in CODES[type_]:
        yield [(name, token)]


def _values(event: Json) -> Parameters:
    value = dict(event.get("value", {}))
    unit = value.pop("unit", "")
    of_unit = f"|{UCUM}|{unit}" if unit else ""
    return [
        ("value-quantity", f"{PREFIXES[name]}{number}{of_unit}")
        for name, number in value.items()
    ]


def _windows(type_: str, event: Json, now: date) -> Iterator[Parameters]:
    when = event.get("when")
    if when is None:
        yield []
        return
    first, last = when.get("from"), when.get("to")
    if "last" in when:
        first, last = str(moved(now, f"-{when['last']}")), str(now)
    ends = [f"ge{first}"] if first else []
    ends += [f"le{last}"] if last else []
    of_condition = ("onset-date", "recorded-date")
    for name in of_condition if type_ == "Condition" else (DATES[type_],):
        yield [(name, each) for each in ends]


def _statuses(type_: str) -> Parameters:
    if type_ == "Condition":
        return [("verification-status:not", each) for each in UNSURE]
    if type_ == "Patient":
        return []
    return [("status:not", each) for each in LEFT_OUT]


def _is_meant(resource: Json, dates: Parameters) -> bool:
    """Return whether criteria mean what a search has found."""
    if resource.get("doNotPerform"):
        return False
    if dates and dates[0][0] == "recorded-date":
        return not any(name.startswith("onset") for name in resource)
    period = resource.get("effectivePeriod") or resource.get("performedPeriod") or {}
    begun = span(period["start"][:10])[1] if "start" in period else date.max
    firsts = [value.removeprefix("ge") for _, value in dates if value.startswith("ge")]
    return all(begun >= date.fromisoformat(first) for first in firsts)


def _person(resource: Json) -> str:
    who = resource.get("subject") or resource["patient"]
    return str(who["reference"].removeprefix("Patient/"))
