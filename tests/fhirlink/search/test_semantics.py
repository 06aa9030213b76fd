"""What FHIR R4 3.1.1 says of each kind of parameter, example by example."""

from collections.abc import Callable
from typing import Any

import pytest

from core.partitions import get_or_create_partition
from fhirlink.access import Seen
from fhirlink.search.asked import asked
from fhirlink.search.include import included
from fhirlink.search.matching import matching_ids
from fhirlink.search.parse import pairs_of
from fhirlink.search.rows import found_by
from fhirlink.search.slots import compartment
from fhirlink.search.statements import page_of, where_of
from fhirlink.write import Change, write
from tests.fhirlink.service import ACTOR
from tests.synthetic import new_uid

pytestmark = pytest.mark.django_db

UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
Resource = dict[str, Any]


def observation(id_: str, **more: Any) -> Resource:
    code = {"coding": [{"system": LOINC, "code": "1-8", "display": "Pulse rate"}]}
    base = {"resourceType": "Observation", "id": id_, "status": "final", "code": code}
    return {**base, **more}


def number(value: float, code: str = "", system: str = UCUM, **more: Any) -> Resource:
    named = {"system": system, "code": code, "unit": code} if code else {}
    return {"valueQuantity": {"value": value, **named, **more}}


DATES = [
    observation("year", effectiveDateTime="2013"),
    observation("month", effectiveDateTime="2013-01"),
    observation("day", effectiveDateTime="2013-01-14"),
    observation("night", effectiveDateTime="2013-01-14T23:30:00-05:00"),
    observation("noon", effectiveDateTime="2013-01-14T12:00:00Z"),
    observation("week", effectivePeriod={"start": "2013-01-12", "end": "2013-01-18"}),
    observation("since", effectivePeriod={"start": "2013-01-13"}),
    observation("until", effectivePeriod={"end": "2013-01-15"}),
    observation("never"),
]
NUMBERS = [
    observation("exact", **number(100, "mg/dL")),
    observation("more", **number(100.4, "mg/dL")),
    observation("gram", **number(1, "g/L")),
    observation("other", **number(100, "mmol/L")),
    observation("bare", **number(100)),
    observation("below", **number(100, "mg/dL", comparator="<")),
    observation("tablets", **number(100, "tbl", "urn:units")),
    observation("hot", **number(98.6, "[degF]")),
]
PEOPLE: list[Resource] = [
    {
        "resourceType": "Patient",
        "id": "jorg",
        "name": [{"family": "Müller", "given": ["Jörg", "Hans"]}],
        "identifier": [
            {
                "type": {
                    "coding": [{"system": "urn:types", "code": "MR"}],
                    "text": "Medical record",
                },
                "system": "urn:mrn",
                "value": "12|34",
            }
        ],
        "active": True,
        "telecom": [{"system": "phone", "value": "555"}],
        "deceasedDateTime": "2020-01-01",
        "managingOrganization": {"reference": "Organization/home"},
        "meta": {"profile": ["http://x.test/base/one"], "tag": [{"code": "t"}]},
    },
    {
        "resourceType": "Patient",
        "id": "mull",
        "name": [{"family": "Mulligan", "given": ["Ann, the 2nd"]}],
        "identifier": [{"value": "12|34"}],
        "active": False,
        "deceasedBoolean": False,
        "managingOrganization": {"identifier": {"system": "urn:orgs", "value": "9"}},
        "meta": {"profile": ["http://x.test/baseline"]},
    },
    {"resourceType": "Organization", "id": "home", "name": "Home of %"},
]


def each(*tables: tuple[str, str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("query", "expected"), tables)


@pytest.fixture
def find() -> Callable[[list[Resource], str], str]:
    key = get_or_create_partition(actor=ACTOR, name=f"s-{new_uid()[-12:]}")

    def found(resources: list[Resource], search: str) -> str:
        changes = [Change(r["resourceType"], r["id"], "PUT", r) for r in resources]
        write(ACTOR, key, changes)
        type_, _, query = search.partition("?")
        seen = Seen(key, "true", [])
        return " ".join(sorted(matching_ids(seen, type_, query, limit=99)))

    return found


@each(
    ("2013-01-14", "day noon"),
    ("eq2013-01", "day month night noon week"),
    ("2013", "day month night noon week year"),
    ("2013-01-15T04:30:00Z", "night"),
    ("2013-01-14T12:00:00+00:00", "noon"),
    ("ne2013", "since until"),
    ("gt2013-01-14", "month night since until week year"),
    ("ge2013-01-14", "day month night noon since until week year"),
    ("lt2013-01-14", "month since until week year"),
    ("le2013-01-14", "day month noon since until week year"),
    ("sa2013-01-14", "night"),
    ("eb2013-01-13", ""),
    ("eb2013-01-15", "day noon"),
    ("ap2013-01-14", "day month night noon since until week year"),
    ("2012,2013-01-14", "day noon"),
)
def test_dates_are_intervals(
    find: Callable[[list[Resource], str], str], query: str, expected: str
) -> None:
    assert find(DATES, f"Observation?date={query}") == expected


def test_several_dates_must_all_hold(
    find: Callable[[list[Resource], str], str],
) -> None:
    query = "Observation?date=ge2013-01-14&date=lt2013-01-15"

    assert find(DATES, query) == "day month noon since until week year"
    assert find(DATES, "Observation?date:missing=true") == "never"


@each(
    ("100|http://unitsofmeasure.org|mg/dL", "exact gram more"),
    ("100.0|http://unitsofmeasure.org|mg/dL", "exact gram"),
    ("1.00||g/L", "exact gram more"),
    ("100", "bare exact more other tablets"),
    ("gt100||mg/dL", "more"),
    ("ge100||mg/dL", "below exact gram more"),
    ("lt100||mg/dL", "below"),
    ("le100||mg/dL", "below exact gram"),
    ("ne100||mg/dL", "below"),
    ("sa100||mg/dL", "more"),
    ("eb100.2||mg/dL", "below exact gram"),
    ("ap105||mg/dL", "below exact gram more"),
    ("100|urn:units|tbl", "tablets"),
    ("100||tbl", "tablets"),
    ("100|urn:other|tbl", ""),
    ("37.0||Cel", "hot"),
    ("1e2||mmol/L", "other"),
)
def test_quantities_compare_across_units(
    find: Callable[[list[Resource], str], str], query: str, expected: str
) -> None:
    assert find(NUMBERS, f"Observation?value-quantity={query}") == expected


@each(
    ("1-8$100||mg/dL", "exact gram more"),
    (f"{LOINC}|1-8$gt100||mg/dL", "more"),
    ("urn:other|1-8$100||mg/dL", ""),
    ("2-8$100||mg/dL", ""),
)
def test_composites_hold_at_one_place(
    find: Callable[[list[Resource], str], str], query: str, expected: str
) -> None:
    for name in ("code-value-quantity", "combo-code-value-quantity"):
        assert find(NUMBERS, f"Observation?{name}={query}") == expected


@each(
    ("family=mul", "jorg mull"),
    ("family=MÜLLER", "jorg"),
    ("family=muller", "jorg"),
    ("family:exact=Muller", ""),
    ("family:exact=Müller", "jorg"),
    ("family:contains=LL", "jorg mull"),
    ("given=ans", ""),
    ("given=hans", "jorg"),
    (r"given=ann\, the", "mull"),
    ("family=mulli,xyz", "mull"),
    ("name=jorg&name=muller", "jorg"),
    ("identifier=12|34", ""),
    (r"identifier=12\|34", "jorg mull"),
    (r"identifier=|12\|34", "mull"),
    (r"identifier=urn:mrn|12\|34", "jorg"),
    ("identifier=urn:mrn|", "jorg"),
    (r"identifier:of-type=urn:types|MR|12\|34", "jorg"),
    (r"identifier:of-type=urn:types|XX|12\|34", ""),
    ("identifier:text=medical", "jorg"),
    (r"identifier:not=urn:mrn|12\|34", "mull"),
    ("identifier:missing=false", "jorg mull"),
    ("active=true", "jorg"),
    ("active:not=true", "mull"),
    ("deceased=true", "jorg"),
    ("deceased=false", "mull"),
    ("phone=555", "jorg"),
    ("email=555", ""),
    ("organization=home", "jorg"),
    ("organization=Organization/home", "jorg"),
    ("organization:Organization=home", "jorg"),
    ("organization:identifier=urn:orgs|9", "mull"),
    ("organization.name=home", "jorg"),
    ("organization:missing=true", ""),
    ("_profile=http://x.test/base/one", "jorg"),
    ("_profile:below=http://x.test/base/", "jorg"),
    ("_profile:below=http://x.test/base", "jorg mull"),
    ("_profile:above=http://x.test/base/one/more", "jorg"),
    ("_tag=t", "jorg"),
    ("_id=jorg,nobody", "jorg"),
    ("_id:not=jorg", "mull"),
    ("_lastUpdated=gt2020", "jorg mull"),
    ("_lastUpdated=lt2020", ""),
)
def test_people_are_found(
    find: Callable[[list[Resource], str], str], query: str, expected: str
) -> None:
    assert find(PEOPLE, f"Patient?{query}") == expected


@each(
    ("Observation?code:text=pulse", "a b"),
    ("Observation?code:text=rate", ""),
    ("Observation?subject=ada", "a"),
    ("Observation?subject=Patient/ada/_history/3", "a"),
    ("Observation?subject=http://other.test/fhir/Patient/ada", "b"),
    ("Observation?subject:Patient._has:Encounter:patient:status=finished", "a"),
    ("Observation?encounter.subject.active=true", "a"),
    ("Patient?_has:Observation:patient:_has:Provenance:target:_id=p", "ada"),
    ("Patient?_has:Observation:patient:code=1-8&active=false", ""),
    ("Observation?_list=l", "b"),
    ("Patient?_list=l", ""),
)
def test_references_are_followed(
    find: Callable[[list[Resource], str], str], query: str, expected: str
) -> None:
    patient = {"reference": "Patient/ada"}
    elsewhere = {"reference": "http://other.test/fhir/Patient/ada"}
    target = {"reference": "Observation/a"}
    visit = {"resourceType": "Encounter", "id": "e", "status": "finished"}
    resources: list[Resource] = [
        {"resourceType": "Patient", "id": "ada", "active": True},
        observation("a", subject=patient, encounter={"reference": "Encounter/e"}),
        observation("b", subject=elsewhere),
        {**visit, "subject": patient},
        {"resourceType": "Provenance", "id": "p", "target": [target]},
        {
            "resourceType": "List",
            "id": "l",
            "entry": [{"item": {"reference": "Observation/b"}}],
        },
    ]

    assert find(resources, query) == expected


def test_what_is_not_seen_is_not_included() -> None:
    key = get_or_create_partition(actor=ACTOR, name=f"s-{new_uid()[-12:]}")
    organization = {"reference": "Organization/o"}
    resources: list[Resource] = [
        {"resourceType": "Organization", "id": "o"},
        {"resourceType": "Patient", "id": "hidden"},
        {"resourceType": "Patient", "id": "p"},
    ]
    resources += [
        observation(f"of-{id_}", subject={"reference": f"Patient/{id_}"})
        for id_ in ("hidden", "p")
    ]
    resources[1]["managingOrganization"] = organization
    resources[2]["managingOrganization"] = organization
    write(ACTOR, key, [Change(r["resourceType"], r["id"], "PUT", r) for r in resources])
    query = (
        "_id=o&_revinclude=Patient:organization"
        "&_include:iterate=Patient:organization&_revinclude:iterate=Observation:subject"
    )
    wanted = asked(["Organization"], list(pairs_of(query)))

    def told(seen: Seen) -> set[str]:
        page = page_of(seen, wanted, where_of(seen, wanted), None)
        matches = [found for found, _ in found_by(page)]
        more, warnings = included(seen, wanted.includes, matches)
        assert not warnings
        return {found.fhir_id for found in more}

    terms = [compartment(key, "hidden")]
    assert told(Seen(key, "true", [])) == {"hidden", "p", "of-hidden", "of-p"}
    assert told(Seen(key, "NOT (r.terms && %s::bigint[])", [terms])) == {"p", "of-p"}
