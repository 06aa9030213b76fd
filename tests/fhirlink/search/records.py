"""Resources to be searched: made up, of many forms; and the samples, where they are."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

Resource = dict[str, Any]

LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"
SAMPLES: Final = Path(__file__).parents[4] / "shared" / "data" / "fhir"
_FAMILIES: Final = ("Müller", "Muller", "O'Neil", "de la Cruz", "Ōkami", "李", "Doe")
_GIVEN: Final = ("Zoë", "Ann Marie", "Ada", "Bob", "Eve")
_CODES: Final = (
    ("8867-4", "Heart rate", "/min", "beats/min"),
    ("29463-7", "Body weight", "kg", "kg"),
    ("29463-7", "Body weight", "g", "g"),
    ("2339-0", "Glucose", "mg/dL", "mg/dL"),
    ("2339-0", "Glucose", "g/L", "g/L"),
    ("8310-5", "Body temperature", "[degF]", "°F"),
    ("8310-5", "Body temperature", "Cel", "°C"),
)
_DATES: Final = (
    "2025",
    "2025-03",
    "2025-03-14",
    "2025-03-14T10:30:00Z",
    "2025-03-14T23:30:00-05:00",
    "2025-03-14T10:30:00.250+01:00",
    "2026-01-01",
    "2026-01-31T00:00:00Z",
)


def records(seed: int = 8) -> list[Resource]:
    """Return a small hospital's record."""
    return list(_Record(random.Random(seed)).all())


class _Record:
    def __init__(self, draw: random.Random) -> None:
        self.draw = draw

    def all(self) -> Iterator[Resource]:
        yield from (self.organization(at) for at in range(4))
        yield from (self.practitioner(at) for at in range(4))
        yield from (self.patient(at) for at in range(16))
        yield from (self.encounter(at) for at in range(24))
        yield from (self.observation(at) for at in range(120))
        yield from (self.panel(at) for at in range(20))
        yield from (self.condition(at) for at in range(24))
        yield from (self.document(at) for at in range(12))
        yield from (self.list(at) for at in range(4))
        yield from (self.provenance(at) for at in range(12))
        yield from (self.study(at) for at in range(12))
        yield from (self.group(at) for at in range(6))

    def some(self, number: int, make: Any) -> list[Any]:
        return [make() for _ in range(self.draw.randint(0, number))]

    def maybe(self, **members: Any) -> Resource:
        return {k: v for k, v in members.items() if v and self.draw.random() < 0.7}

    def period(self) -> Resource:
        first, end = sorted(self.draw.choices(_DATES, k=2))
        return self.maybe(start=first, end=end) or {"start": first}

    def identifier(self) -> Resource:
        number = self.draw.randint(1, 9)
        coding = {"system": "http://ids.test/types", "code": "MR"}
        kind = {"coding": [coding], "text": "Medical record"}
        return self.maybe(type=kind, system="urn:ids") | {"value": f"n|{number}"}

    def coding(self, system: str, *codes: str) -> Resource:
        code = self.draw.choice(codes)
        named = self.maybe(system=system, display=f"Said of {code}")
        return {"code": code, **named}

    def base(self, type_: str, id_: str) -> Resource:
        meta = self.maybe(
            tag=self.some(2, lambda: self.coding("urn:tags", "a", "b")),
            security=self.some(1, lambda: self.coding("urn:labels", "R", "N")),
            profile=["http://profiles.test/base/one|1.0"],
            source="urn:source:one#1",
        )
        return {"resourceType": type_, "id": id_, **({"meta": meta} if meta else {})}

    def to(self, type_: str, number: int) -> Resource:
        target = self.draw.randrange(number + 1)
        if self.draw.random() < 0.1:
            return {"identifier": self.identifier(), "type": type_}
        if self.draw.random() < 0.1:
            return {"reference": f"http://other.test/fhir/{type_}/{target}"}
        return {"reference": f"{type_}/{type_.lower()}-{target}"}

    def organization(self, at: int) -> Resource:
        more = self.maybe(
            name=f"Hospital {at} of % and _",
            partOf=self.to("Organization", 3),
            identifier=self.some(2, self.identifier),
        )
        return self.base("Organization", f"organization-{at}") | more

    def practitioner(self, at: int) -> Resource:
        name = [{"family": self.draw.choice(_FAMILIES), "prefix": ["Dr."]}]
        return self.base("Practitioner", f"practitioner-{at}") | self.maybe(name=name)

    def patient(self, at: int) -> Resource:
        address = {"city": "Zürich", "line": ["Main St. 1"], "use": "home"}
        more = self.maybe(
            active=self.draw.random() < 0.5,
            name=self.some(
                2,
                lambda: {
                    "family": self.draw.choice(_FAMILIES),
                    "given": self.draw.sample(_GIVEN, 2),
                },
            ),
            identifier=self.some(3, self.identifier),
            gender=self.draw.choice(["male", "female"]),
            birthDate=self.draw.choice(["1980", "1980-05", "1990-01-01"]),
            telecom=[{"system": "phone", "value": "+1 555"}, {"value": "x@test"}],
            address=[address],
            deceasedBoolean=self.draw.random() < 0.3,
            managingOrganization=self.to("Organization", 3),
            generalPractitioner=self.some(2, lambda: self.to("Practitioner", 3)),
        )
        return self.base("Patient", f"patient-{at}") | more

    def encounter(self, at: int) -> Resource:
        more = self.maybe(
            period=self.period(),
            serviceProvider=self.to("Organization", 3),
            participant=[{"individual": self.to("Practitioner", 3)}],
            length={"value": self.draw.randint(1, 90), "system": UCUM, "code": "min"},
            partOf=self.to("Encounter", 23),
        )
        return (
            self.base("Encounter", f"encounter-{at}")
            | {"status": "finished", "class": self.coding("urn:classes", "AMB", "IMP")}
            | {"subject": self.to("Patient", 15)}
            | more
        )

    def quantity(self, code: str, unit: str) -> Resource:
        value = self.draw.choice([70, 70.5, 72, 98.6, 0.7, 1000, 500.25])
        return {"value": value} | self.maybe(
            system=UCUM, code=code, unit=unit, comparator=self.draw.choice(["", "<"])
        )

    def observation(self, at: int) -> Resource:
        code, display, unit, written = self.draw.choice(_CODES)
        coding = [{"system": LOINC, "code": code, "display": display}]
        if self.draw.random() < 0.3:
            coding.append(self.coding("urn:local", code, "HR"))
        value: Resource = self.draw.choice(
            [
                {"valueQuantity": self.quantity(unit, written)},
                {"valueQuantity": self.quantity(unit, written)},
                {"valueCodeableConcept": {"coding": [self.coding("urn:v", "y", "n")]}},
                {"valueString": self.draw.choice(["Positive ++", "négative"])},
                {"valueQuantity": {"value": 3, "unit": "tablets"}},
                {"valueQuantity": {"value": 3, "system": "urn:u", "code": "t"}},
                {},
            ]
        )
        when: Resource = self.draw.choice(
            [
                {"effectiveDateTime": self.draw.choice(_DATES)},
                {"effectivePeriod": self.period()},
                {},
            ]
        )
        return (
            self.base("Observation", f"observation-{at}")
            | {"status": self.draw.choice(["final", "amended"])}
            | {"code": {"coding": coding}}
            | self.maybe(
                subject=self.to("Patient", 15),
                encounter=self.to("Encounter", 23),
                performer=self.some(2, lambda: self.to("Practitioner", 3)),
            )
            | when
            | value
        )

    def panel(self, at: int) -> Resource:
        components = [
            {
                "code": {"coding": [{"system": LOINC, "code": code}]},
                "valueQuantity": self.quantity(unit, unit),
            }
            for code, unit in (("8480-6", "mm[Hg]"), ("8462-4", "kPa"))
        ]
        code = {"coding": [{"system": LOINC, "code": "85354-9"}], "text": "Pressure"}
        return (
            self.base("Observation", f"panel-{at}")
            | {"status": "final", "code": code, "component": components}
            | {"subject": self.to("Patient", 15), "effectiveDateTime": "2025-03-14"}
        )

    def condition(self, at: int) -> Resource:
        more = self.maybe(
            code={"coding": [self.coding("http://snomed.info/sct", "73211009", "1")]},
            onsetDateTime=self.draw.choice(_DATES),
            recordedDate=self.draw.choice(_DATES),
            encounter=self.to("Encounter", 23),
            asserter=self.to("Practitioner", 3),
        )
        base = self.base("Condition", f"condition-{at}")
        return base | {"subject": self.to("Patient", 15)} | more

    def document(self, at: int) -> Resource:
        related = [
            {
                "code": self.draw.choice(["replaces", "appends"]),
                "target": self.to("DocumentReference", 11),
            }
        ]
        attachment = {"url": f"http://files.test/a/{at}", "contentType": "text/plain"}
        return (
            self.base("DocumentReference", f"documentreference-{at}")
            | {"status": "current", "content": [{"attachment": attachment}]}
            | self.maybe(relatesTo=related, subject=self.to("Patient", 15))
            | self.maybe(context={"period": self.period()})
        )

    def list(self, at: int) -> Resource:
        entries = self.some(6, lambda: {"item": self.to("Observation", 119)})
        named = {"status": "current", "mode": "working", "title": f"List {at}"}
        return self.base("List", f"list-{at}") | named | self.maybe(entry=entries)

    def provenance(self, at: int) -> Resource:
        targets = [self.to("Observation", 119), self.to("Patient", 15)]
        return self.base("Provenance", f"provenance-{at}") | {
            "target": targets,
            "recorded": self.draw.choice(_DATES[3:6]),
            "agent": [{"who": self.to("Practitioner", 3)}],
        }

    def study(self, at: int) -> Resource:
        series = [
            {
                "uid": f"1.2.{at}.1",
                "modality": self.coding("http://dicom.nema.org/resources/dcm", "CT"),
            }
        ]
        uid = {"system": "urn:dicom:uid", "value": f"urn:oid:1.2.{at}"}
        return (
            self.base("ImagingStudy", f"imagingstudy-{at}")
            | {"status": "available", "subject": self.to("Patient", 15)}
            | {"identifier": [uid], "series": series}
            | self.maybe(started=self.draw.choice(_DATES))
        )

    def group(self, at: int) -> Resource:
        traits = [
            {
                "code": {"coding": [self.coding("urn:traits", "x", "y")]},
                "valueBoolean": True,
                "exclude": False,
            }
        ]
        return (
            self.base("Group", f"group-{at}")
            | {"type": "person", "actual": True}
            | self.maybe(
                characteristic=traits, member=[{"entity": self.to("Patient", 9)}]
            )
        )


def samples() -> list[Resource]:
    """Return the samples: HL7's examples, and some patients of Synthea; may be none."""
    found = [
        json.loads(path.read_bytes())
        for path in sorted(SAMPLES.glob("hl7-r4-examples/*.json"))
    ]
    for path in sorted(SAMPLES.glob("synthea-r4/*.json"))[:2]:
        entries = json.loads(path.read_bytes())["entry"]
        addresses = {
            each[
                "fullUrl"
            ]: f"{each['resource']['resourceType']}/{each['resource']['id']}"
            for each in entries
        }
        text = json.dumps([each["resource"] for each in entries])
        for url, address in addresses.items():
            text = text.replace(f'"{url}"', f'"{address}"')
        found += json.loads(text)
    return [each for each in found if "id" in each]
