"""Searching over HTTP."""

import json
import random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from core.access import Verb
from core.models import AuditRecord, Partition
from fhirlink.models import PatientLink
from imaging.models import Patient
from tests.actors import acting
from tests.fhirlink.service import Fhir

pytestmark = pytest.mark.usefixtures("committing")

FORM = "application/x-www-form-urlencoded"
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'
LOINC = "http://loinc.org"


@pytest.fixture
def fhir() -> Fhir:
    return Fhir()


def fill(fhir: Fhir, *resources: dict[str, Any]) -> None:
    for each in resources:
        made = fhir.put(f"{each['resourceType']}/{each['id']}", each)
        assert made.status_code in {200, 201}, made.text


def patient(id_: str, family: str = "Doe", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": id_,
        "name": [{"family": family, "given": ["Zoë"]}],
        **more,
    }


def pulse(id_: str, patient_id: str, day: str, value: float = 72) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {
            "coding": [{"system": LOINC, "code": "8867-4", "display": "Heart rate"}]
        },
        "subject": {"reference": f"Patient/{patient_id}"},
        "effectiveDateTime": day,
        "valueQuantity": {
            "value": value,
            "unit": "beats/min",
            "system": "http://unitsofmeasure.org",
            "code": "/min",
        },
    }


def ids(answer: Any, mode: str = "match") -> list[str]:
    assert answer.status_code == 200, answer.text
    bundle = answer.json()
    assert bundle["type"] == "searchset"
    return [
        each["resource"]["id"]
        for each in bundle.get("entry", [])
        if each["search"]["mode"] == mode
    ]


def link(answer: Any, relation: str) -> str | None:
    found = {each["relation"]: each["url"] for each in answer.json()["link"]}
    return found.get(relation)


def test_a_search_answers_a_bundle(fhir: Fhir) -> None:
    fill(fhir, patient("ada", "Lovelace"), patient("bob"))

    answer = fhir.get("Patient?family=love&_format=json")

    assert ids(answer) == ["ada"]
    bundle = answer.json()
    assert bundle["total"] == 1
    assert bundle["entry"][0]["fullUrl"] == f"{fhir.base_url}/Patient/ada"
    assert bundle["entry"][0]["resource"] == fhir.get("Patient/ada").json()
    assert link(answer, "self") == f"{fhir.base_url}/Patient?family=love&_format=json"


def test_nothing_found_is_an_empty_bundle(fhir: Fhir) -> None:
    fill(fhir, patient("ada"))

    answer = fhir.get("Patient?family=nobody")

    assert ids(answer) == []
    assert answer.json()["total"] == 0
    assert "entry" not in answer.json()


def test_a_form_is_a_search_as_well(fhir: Fhir) -> None:
    fill(fhir, patient("ada", gender="female"), patient("bob", gender="male"))
    headers = {"content-type": FORM}

    answer = fhir.ask(
        "POST",
        "Patient/_search?gender=male",
        "given=ZOË&_count=1".encode(),
        **headers,
    )

    assert ids(answer) == ["bob"]
    refused = fhir.ask("POST", "Patient/_search", b"{}")
    assert refused.status_code == 415


def test_the_root_searches_the_types_that_are_named(fhir: Fhir) -> None:
    fill(fhir, patient("ada"), pulse("p", "ada", "2026-01-01"))

    found = fhir.get("?_type=Patient,Observation&_id=ada,p")

    assert ids(found) == ["ada", "p"]
    assert fhir.get("?_id=ada").status_code == 400
    assert fhir.get("?_type=Patient,Nothing").status_code == 400


def test_a_compartment_is_searched(fhir: Fhir) -> None:
    fill(
        fhir,
        patient("ada"),
        pulse("a", "ada", "2026-01-01"),
        pulse("b", "bob", "2026-01-01"),
    )

    assert ids(fhir.get("Patient/ada/Observation?status=final")) == ["a"]
    assert ids(fhir.get("Patient/ada/Patient")) == ["ada"]
    assert fhir.get("Practitioner/ada/Observation").status_code == 404


def test_what_is_deleted_or_changed_is_not_found_as_it_was(fhir: Fhir) -> None:
    fill(fhir, patient("ada", "Old"), patient("bob", "Old"), patient("eve", "Old"))
    fill(fhir, patient("ada", "New"))
    fhir.ask("DELETE", "Patient/bob")

    assert ids(fhir.get("Patient?family=old")) == ["eve"]


def test_pages_follow_each_other_while_others_write(fhir: Fhir) -> None:
    days = [f"2026-01-{day:02}" for day in range(1, 10)]
    fill(fhir, *(pulse(f"o{at}", "ada", day) for at, day in enumerate(days)))

    first = fhir.get("Observation?_sort=-date&_count=4")
    assert ids(first) == ["o8", "o7", "o6", "o5"]
    assert first.json()["total"] == 9
    fill(fhir, pulse("newest", "ada", "2026-02-01"))  # before where the page ended
    fhir.ask("DELETE", "Observation/o5")
    second = fhir.get(str(link(first, "next")))
    fill(fhir, pulse("oldest", "ada", "2025-01-01"))
    third = fhir.get(str(link(second, "next")))

    assert ids(second) == ["o4", "o3", "o2", "o1"]
    assert ids(third) == ["o0", "oldest"]
    assert link(third, "next") is None
    assert ids(fhir.get(str(link(third, "first")))) == ["newest", "o8", "o7", "o6"]


@pytest.mark.parametrize("sort", ["-date", "code", "_id", "-_lastUpdated"])
def test_pages_lead_back_as_they_came(fhir: Fhir, sort: str) -> None:
    fill(fhir, *(pulse(f"o{at}", "ada", f"2026-01-{at + 1:02}") for at in range(7)))
    answer = fhir.get(f"Observation?_sort={sort}&_count=2")
    assert link(answer, "previous") is None
    pages = [answer]
    while url := link(pages[-1], "next"):
        pages.append(fhir.get(url))
    assert len(pages) == 4
    back = [pages[-1]]
    while url := link(back[-1], "previous"):
        back.append(fhir.get(url))
    assert [ids(each) for each in reversed(back)] == [ids(each) for each in pages]
    assert [each.json()["total"] for each in back] == [7] * 4
    again = fhir.get(str(link(back[-2], "next")))
    assert ids(again) == ids(pages[2])


def test_the_way_back_is_remembered_as_far_as_an_address_has_room(
    fhir: Fhir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fhirlink.search.order._LARGEST_BYTES", 2_000)
    names = [f"{at}{'x' * 590}" for at in range(8)]
    fill(fhir, *(patient(f"p{at}", name) for at, name in enumerate(names)))
    url: str | None = "Patient?_sort=family&_count=1"
    while url:
        answer = fhir.get(url)
        assert len(url) < 6_000
        url = link(answer, "next")
    before = fhir.get(str(link(answer, "previous")))
    assert ids(before) == ["p6"]
    steps = 0
    while url := link(before, "previous"):
        before, steps = fhir.get(url), steps + 1
    assert 0 < steps < 6


def test_a_cursor_says_nothing_and_serves_its_own_search_only(fhir: Fhir) -> None:
    fill(fhir, *(patient(f"p{at}", "Secret") for at in range(3)))
    first = fhir.get("Patient?_sort=family&_count=1")
    query = dict(parse_qsl(urlsplit(str(link(first, "next"))).query))

    cursor = query["_cursor"]
    assert "ecret" not in cursor
    for path in (
        f"Patient?_sort=-family&_count=1&_cursor={cursor}",
        f"Patient?_sort=family&_count=1&_cursor={cursor[:-3]}aaa",
        f"Patient?_sort=family&family=x&_cursor={cursor}",
        "Patient?_cursor=x",
    ):
        refused = fhir.get(path)
        assert refused.status_code == 400, path
        assert refused.json()["issue"][0]["expression"] == ["_cursor"]
    assert ids(fhir.get(f"Patient?_sort=family&_count=9&_cursor={cursor}")) == [
        "p1",
        "p2",
    ]


def test_results_are_sorted_and_what_has_no_value_comes_last(fhir: Fhir) -> None:
    fill(
        fhir,
        patient("a", "Ball", gender="male", birthDate="1990-01-01"),
        patient("b", "Adams", gender="female", birthDate="1980"),
        patient("c", "Ball", gender="female"),
        {"resourceType": "Patient", "id": "d"},
    )

    assert ids(fhir.get("Patient?_sort=family,-_id")) == ["b", "c", "a", "d"]
    assert ids(fhir.get("Patient?_sort=-birthdate")) == ["a", "b", "c", "d"]
    assert ids(fhir.get("Patient?_sort=gender,birthdate")) == ["b", "c", "a", "d"]
    assert ids(fhir.get("Patient?_sort=-_lastUpdated,-_id")) == ["d", "c", "b", "a"]
    assert fhir.get("Patient?_sort=identifier").status_code == 400
    assert fhir.get("Patient?_sort=nothing").status_code == 400


def test_pages_of_what_has_no_value_follow_as_well(fhir: Fhir) -> None:
    fill(fhir, patient("a"), *({"resourceType": "Patient", "id": x} for x in "bcd"))
    found, url = [], "Patient?_sort=-family&_count=1"
    while url:
        answer = fhir.get(url)
        found += ids(answer)
        url = str(link(answer, "next") or "")

    assert found == ["a", "b", "c", "d"]


def test_pages_by_date_pass_from_moments_and_periods_to_what_has_none(
    fhir: Fhir,
) -> None:
    dates = {"a": "2026-01-02", "b": "2026-02", "c": "2026-01-02T10:00:00Z"}
    fill(fhir, *(pulse(id_, "ada", day) for id_, day in dates.items()))
    without = [pulse(id_, "ada", "") for id_ in "de"]
    for each in without:
        del each["effectiveDateTime"]
    fill(fhir, *without)

    for sort, order in (("-date", "bcade"), ("date", "acbde")):
        for count in (1, 2, 3, 4):
            url, found = f"Observation?status=final&_sort={sort}&_count={count}", ""
            while url:
                answer = fhir.get(url)
                found += "".join(ids(answer))
                url = str(link(answer, "next") or "")
            assert found == order, (sort, count)


def test_quantities_are_sorted_across_units(fhir: Fhir) -> None:
    weights = [(500, "g"), (2, "kg"), (1, "[lb_av]")]
    for at, (value, code) in enumerate(weights):
        each = pulse(f"w{at}", "ada", "2026-01-01", value)
        each["valueQuantity"]["code"] = code
        fill(fhir, each)

    less, bare = (pulse(id_, "ada", "2026-01-01", 1) for id_ in ("less", "bare"))
    less["valueQuantity"] |= {"code": "kg", "comparator": "<"}
    bare["valueQuantity"] = {"value": 0.1}
    fill(fhir, less, bare)

    for sort, order in (
        ("value-quantity", ["bare", "w2", "w0", "less", "w1"]),
        ("-value-quantity", ["w1", "less", "w0", "w2", "bare"]),
    ):
        found, url = [], f"Observation?_sort={sort}&_count=1"
        while url:
            answer = fhir.get(url)
            found += ids(answer)
            url = str(link(answer, "next") or "")
        assert found == order


def test_totals_are_told_as_asked(fhir: Fhir) -> None:
    fill(fhir, *(patient(f"p{at}") for at in range(3)))

    def total(query: str) -> Any:
        return fhir.get(f"Patient?{query}").json().get("total")

    assert total("_count=1") == 3
    assert total("_count=1&_total=none") is None
    assert total("_count=1&_total=accurate") == 3
    assert total("_count=1&_total=estimate") == 3
    for query in ("_count=0", "_summary=count", "_count=0&_total=none"):
        answer = fhir.get(f"Patient?{query}")
        assert answer.json()["total"] == 3
        assert "entry" not in answer.json()
    assert len(ids(fhir.get("Patient?_count=999999"))) == 3


def test_what_refers_and_is_referred_to_is_included(fhir: Fhir) -> None:
    organization = {"resourceType": "Organization", "id": "org", "name": "O"}
    above = {"resourceType": "Organization", "id": "above", "name": "A"}
    fill(
        fhir,
        {**organization, "partOf": {"reference": "Organization/above"}},
        above,
        patient("ada", managingOrganization={"reference": "Organization/org"}),
        pulse("p", "ada", "2026-01-01"),
    )

    def included(query: str) -> list[str]:
        return sorted(ids(fhir.get(query), "include"))

    assert included("Observation?_include=Observation:subject") == ["ada"]
    assert included("Observation?_include=Observation:subject:Group") == []
    assert included("Observation?_include=*") == ["ada"]
    chain = "Observation?_include=Observation:patient"
    assert included(f"{chain}&_include=Patient:organization") == ["ada"]
    assert included(f"{chain}&_include:iterate=Patient:organization") == ["ada", "org"]
    assert included(
        f"{chain}&_include:iterate=Patient:organization"
        "&_include:iterate=Organization:partof"
    ) == ["above", "ada", "org"]
    assert included("Patient?_revinclude=Observation:patient") == ["p"]
    assert included("Patient?_revinclude=Observation:*") == ["p"]
    assert included(
        "Organization?_id=org&_revinclude=Patient:organization"
        "&_revinclude:iterate=Observation:subject"
    ) == ["ada", "p"]
    assert fhir.get("Patient?_include=Patient:family").status_code == 400


def test_summaries_leave_out_and_say_so(fhir: Fhir) -> None:
    text = {"status": "generated", "div": DIV}
    each = {
        **pulse("p", "ada", "2026-01-01"),
        "text": text,
        "note": [{"text": "n"}],
        "component": [
            {"code": {"text": "c"}, "referenceRange": [{"text": "r"}]},
        ],
    }
    fill(fhir, each)

    def kept(query: str) -> dict[str, Any]:
        resource = fhir.get(f"Observation?{query}").json()["entry"][0]["resource"]
        tags = resource.pop("meta").get("tag", [])
        assert [tag["code"] for tag in tags] == ["SUBSETTED"]
        assert isinstance(resource, dict)
        return resource

    of_all = {"resourceType", "id", "status", "code"}
    assert {*kept("_summary=text")} == {*of_all, "text"}
    assert {*kept("_summary=data")} == {*each} - {"text"}
    summary = kept("_summary=true")
    assert {*summary} == {*each} - {"text", "note"}
    assert summary["component"] == [{"code": {"text": "c"}}]
    assert {*kept("_elements=value,Observation.note")} == {
        *of_all,
        "valueQuantity",
        "note",
    }
    assert "meta" in fhir.get("Observation/p").json()


def test_decimals_keep_their_digits_in_results(fhir: Fhir) -> None:
    body = json.dumps(pulse("p", "ada", "2026-01-01")).replace("72", "72.50")
    fhir.put("Observation/p", body.encode())

    assert b'"value":72.50' in fhir.get("Observation").content
    assert b'"value":72.50' in fhir.get("Observation?_summary=true").content


@pytest.mark.parametrize(
    "query",
    [
        "nothing=1",
        "_text=x",
        "family:above=x",
        "identifier:below=x",
        "identifier:above=urn:x|",
        "identifier:in=urn:x",
        "birthdate=yesterday",
        "birthdate=2026-13-01",
        "birthdate=eq",
        "organization:Practitioner=1",
        "family.name=x",
        "organization.nothing=x",
        "_has:Observation:nothing:code=1",
        "_has:Observation:device:code=1",
        "_has:Observation=1",
        "_sort=",
        "_count=-1",
        "_total=some",
        "_summary=much",
        "_contained=true",
        "_include=Patient",
        "_revinclude=*",
        "identifier:of-type=a|b",
        "_lastUpdated=2026-99",
        "family=" + "," * 9,
        "family=" + "x" * 9_000,
        "&".join(["family=x"] * 101),
        "gender=" + ",".join(["x"] * 1_001),
        "_has:Observation:subject:" * 6 + "code=1",
        "family=%00",
    ],
)
def test_what_has_no_meaning_is_refused(fhir: Fhir, query: str) -> None:
    answer = fhir.get(f"Patient?{query}")

    assert answer.status_code == 400, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_any_bytes_are_answered_or_refused(fhir: Fhir) -> None:
    fill(fhir, patient("ada"))
    draw = random.Random(7)
    names = ["family", "_id", "birthdate", "_sort", "_cursor", "identifier:text", "_x"]
    told = set()
    for _ in range(150):
        text = "".join(f"%{each:02x}" for each in draw.randbytes(draw.randint(1, 9)))
        form = f"{draw.choice(names)}={text}".encode() + draw.randbytes(3)
        answer = fhir.ask("POST", "Patient/_search", form, **{"content-type": FORM})
        assert answer.headers["content-type"].startswith("application/fhir+json")
        told.add(answer.status_code)

    assert told == {200, 400}


def test_lenient_clients_are_told_what_was_passed_over(fhir: Fhir) -> None:
    fill(fhir, patient("ada"))

    answer = fhir.get("Patient?nothing=1&family=doe", prefer="handling=lenient")

    assert ids(answer) == ["ada"]
    outcome = answer.json()["entry"][-1]
    assert outcome["search"]["mode"] == "outcome"
    assert outcome["resource"]["issue"][0]["severity"] == "warning"
    assert "nothing" in outcome["resource"]["issue"][0]["diagnostics"]
    assert link(answer, "self") == f"{fhir.base_url}/Patient?family=doe"
    refused = fhir.get("Patient?birthdate=x", prefer="handling=lenient")
    assert refused.status_code == 400


def test_other_forms_than_json_are_not_made(fhir: Fhir) -> None:
    fill(fhir, patient("ada"))

    assert fhir.get("Patient?_format=xml").status_code == 406
    assert fhir.get("Patient", accept="application/fhir+xml").status_code == 406
    assert b'\n  "type": "searchset"' in fhir.get("Patient?_pretty=true").content


def test_a_search_is_audited_with_its_words(fhir: Fhir) -> None:
    fill(fhir, patient("ada"))
    before = AuditRecord.objects.count()

    fhir.get("Patient?family=doe")

    record = AuditRecord.objects.order_by("id").last()
    assert AuditRecord.objects.count() == before + 1
    assert record is not None
    assert record.action == "search"
    assert record.query == f"/partitions/{fhir.name}/Patient?family=doe"


def test_the_audit_log_names_the_patients_of_images_whose_data_were_given(
    fhir: Fhir,
) -> None:
    fill(fhir, patient("ada"), patient("bob"))
    fill(fhir, pulse("a", "ada", "2026-01-01"), pulse("b", "bob", "2026-01-01"))
    partition = Partition.objects.get(name=fhir.name)
    linked = Patient.objects.create(partition=partition, patient_id="A")
    PatientLink.objects.create(partition=partition, patient=linked, fhir_id="ada")

    def named(search: str) -> list[int]:
        fhir.get(search)
        record = AuditRecord.objects.order_by("id").last()
        assert record is not None
        return list(record.patients or ())

    assert named("Observation?_id=a,b") == [linked.pk]
    assert named("Observation?_id=b") == []
    assert named("Observation?_id=b&_include=Observation:subject") == []
    assert named("Patient?_id=ada") == [linked.pk]


def test_who_may_not_see_patients_searches_nothing(fhir: Fhir) -> None:
    fill(fhir, patient("ada"))
    fhir.actor = acting(None, "limited", {Verb.READ})

    assert fhir.get("Patient").status_code == 403
