"""Patients in the graph: who they are, what is known of them, and back."""

from typing import Any, Final

import pytest

from core.access import Verb
from core.followers import run_until_caught_up
from fhirlink.events.follower import EventFollower
from fhirlink.linkage.folding import fold_dirty
from fhirlink.linkage.follower import LinkFollower
from tests.actors import READING, acting
from tests.fhirlink.service import Fhir
from tests.graphql.graph import ask, errors
from tests.imaging.dicomweb.service import Service
from tests.synthetic import instance

pytestmark = pytest.mark.usefixtures("committing")

HL7: Final = "http://terminology.hl7.org/CodeSystem"
UID: Final = "1.2.840.99.1"
SUBJECT: Final = {"reference": "Patient/ada"}
PATIENT: Final = {
    "resourceType": "Patient",
    "id": "ada",
    "meta": {"tag": [{"system": "urn:origin", "code": "ehr"}]},
    "identifier": [{"system": "urn:mrn", "value": "17", "type": {"text": "MRN"}}],
    "name": [
        {"use": "official", "family": "Lovelace", "given": ["Ada", "K."]},
        {"text": "エイダ"},
    ],
    "gender": "female",
    "birthDate": "1815-12",
    "deceasedDateTime": "1852-11-27",
}
CONDITION: Final = {
    "resourceType": "Condition",
    "subject": SUBJECT,
    "clinicalStatus": {
        "coding": [{"system": f"{HL7}/condition-clinical", "code": "remission"}]
    },
    "verificationStatus": {
        "coding": [{"system": f"{HL7}/condition-ver-status", "code": "confirmed"}]
    },
    "code": {"coding": [{"system": "urn:icd", "code": "C40", "display": "Sarcoma"}]},
    "onsetDateTime": "1850",
    "abatementDateTime": "1851-02",
}
PROCEDURE: Final = {
    "resourceType": "Procedure",
    "status": "completed",
    "subject": SUBJECT,
}
POTASSIUM: Final = (
    b'{"resourceType":"Observation","status":"final","subject":{"reference":'
    b'"Patient/ada"},"code":{"text":"Potassium"},"effectiveDateTime":"1851-03-02",'
    b'"valueQuantity":{"value":4.10,"unit":"mmol/L"},"referenceRange":[{"low":'
    b'{"value":3.5,"unit":"mmol/L"},"high":{"value":5.1}}]}'
)
OTHERS: Final[list[dict[str, Any]]] = [
    {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": SUBJECT,
        "medicationCodeableConcept": {"text": "Doxorubicin"},
        "authoredOn": "1850-06-01",
        "dosageInstruction": [{"text": "75 mg/m2 once"}],
    },
    {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "subject": SUBJECT,
        "code": {"text": "CT"},
        "effectiveDateTime": "1850-07-01",
        "conclusion": "No metastasis.",
    },
    {
        "resourceType": "Encounter",
        "status": "finished",
        "subject": SUBJECT,
        "class": {"code": "AMB", "display": "ambulatory"},
        "period": {"start": "1850-07-01T10:00:00Z", "end": "1850-07-02"},
    },
    {
        "resourceType": "ServiceRequest",
        "id": "order",
        "status": "completed",
        "intent": "order",
        "subject": SUBJECT,
        "code": {"text": "CT of the leg"},
        "identifier": [{"value": "ACC1"}],
        "reasonCode": [{"text": "pain"}],
    },
    {
        "resourceType": "ImagingStudy",
        "id": "images",
        "status": "available",
        "subject": SUBJECT,
        "basedOn": [{"reference": "ServiceRequest/order"}],
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{UID}"}],
    },
]
WHOLE: Final = """
query ($p: String!) { patient(partition: $p, fhirId: "ada") {
  names { text use family given } identifiers { system value type } sex birthDate
  deceased deceasedAt sources partition { name }
  conditions { totalCount edges { node { code { text codings { code } } status
    verificationStatus start end } } }
  medications { edges { node { resourceType code { text } start dosage } } }
  observations { edges { node { code { text } value quantity { value unit }
    referenceLow { value } referenceHigh { value unit } resource } } }
  reports { edges { node { conclusion text start } } }
  encounters { edges { node { code { text } start end } } }
  studies { edges { node { studyInstanceUid
    orders { code { text } identifiers { value } reasons { text } }
    patient { fhirId } } } }
} }
"""


@pytest.fixture
def fhir() -> Fhir:
    made = Fhir()
    service = Service(name=made.name)
    service.store(instance(StudyInstanceUID=UID, PatientID="17"))
    made.put("Patient/ada", PATIENT)
    made.post("Condition", CONDITION)
    made.post("Observation", POTASSIUM)
    for each in OTHERS:
        if "id" in each:
            made.put(f"{each['resourceType']}/{each['id']}", each)
        else:
            made.post(each["resourceType"], each)
    return made


def nodes(connection: dict[str, Any]) -> list[Any]:
    return [edge["node"] for edge in connection["edges"]]


def test_a_patient_with_all_that_is_known_of_it(fhir: Fhir) -> None:
    found = ask(WHOLE, p=fhir.name)["patient"]

    assert [each["text"] for each in found["names"]] == ["Ada K. Lovelace", "エイダ"]
    assert found["identifiers"] == [{"system": "urn:mrn", "value": "17", "type": "MRN"}]
    assert (found["sex"], found["birthDate"]) == ("female", "1815-12")
    assert (found["deceased"], found["deceasedAt"]) == (True, "1852-11-27")
    assert (found["sources"], found["partition"]) == (["ehr"], {"name": fhir.name})
    assert found["conditions"]["totalCount"] == 1
    assert nodes(found["conditions"]) == [
        {
            "code": {"text": "Sarcoma", "codings": [{"code": "C40"}]},
            "status": "remission",
            "verificationStatus": "confirmed",
            "start": "1850",
            "end": "1851-02",
        }
    ]
    (drug,) = nodes(found["medications"])
    assert (drug["code"]["text"], drug["dosage"]) == ("Doxorubicin", "75 mg/m2 once")
    (lab,) = nodes(found["observations"])
    assert (lab["value"], lab["quantity"]) == ("4.10", {"value": 4.1, "unit": "mmol/L"})
    assert lab["referenceLow"] == {"value": 3.5}
    assert lab["referenceHigh"] == {"value": 5.1, "unit": None}
    assert lab["resource"]["valueQuantity"]["value"] == 4.1
    (report,) = nodes(found["reports"])
    assert (report["text"], report["start"]) == ("No metastasis.", "1850-07-01")
    (visit,) = nodes(found["encounters"])
    assert (visit["code"]["text"], visit["end"]) == ("ambulatory", "1850-07-02")
    (study,) = nodes(found["studies"])
    assert (study["studyInstanceUid"], study["patient"]) == (UID, {"fhirId": "ada"})
    (order,) = study["orders"]
    assert order["identifiers"] == [{"value": "ACC1"}]
    assert (order["code"]["text"], order["reasons"]) == (
        "CT of the leg",
        [{"text": "pain"}],
    )


def test_a_page_goes_on_after_its_cursor(fhir: Fhir) -> None:
    for _ in range(4):
        fhir.post("Condition", CONDITION)
    query = """query ($p: String!, $after: String) { patient(partition: $p,
      fhirId: "ada") { conditions(first: 2, after: $after) { totalCount
      pageInfo { hasNextPage endCursor } edges { node { fhirId } } } } }"""
    seen: list[str] = []
    after = None
    for more in (True, True, False):
        page = ask(query, p=fhir.name, after=after)["patient"]["conditions"]
        seen += [node["fhirId"] for node in nodes(page)]
        assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (5, more)
        after = page["pageInfo"]["endCursor"]
    assert len(set(seen)) == 5

    wrong = ask(query.replace("conditions(", "procedures("), p=fhir.name, after="5")
    assert nodes(wrong["patient"]["procedures"]) == []
    assert errors(query, p=fhir.name, after="x")[0]["path"] == "after"


def test_a_deleted_patient_and_what_is_deleted_of_one_are_not_there(
    fhir: Fhir,
) -> None:
    made = fhir.post(
        "Procedure",
        {"resourceType": "Procedure", "status": "completed", "subject": SUBJECT},
    )
    fhir.ask("DELETE", made.headers["location"].partition("/_history")[0])
    query = 'query ($p: String!) { patient(partition: $p, fhirId: "ada") '
    found = ask(query + "{ procedures { totalCount } } }", p=fhir.name)
    assert found["patient"]["procedures"]["totalCount"] == 0

    fhir.ask("DELETE", "Patient/ada")
    assert ask(query + "{ fhirId } }", p=fhir.name) == {"patient": None}


def test_who_may_not_see_patients_sees_none(fhir: Fhir) -> None:
    reader = acting(7, "reader", {*READING} - {Verb.VIEW_PHI})
    study = """query ($p: String!) { study(partition: $p, studyInstanceUid: "%s")
      { patient { fhirId } orders { fhirId } } }"""
    found = ask(study % UID, actor=reader, p=fhir.name)
    assert found == {"study": {"patient": None, "orders": []}}

    (error,) = errors(
        'query ($p: String!) { patient(partition: $p, fhirId: "ada") { fhirId } }',
        actor=reader,
        p=fhir.name,
    )
    assert error["code"] == "FORBIDDEN"


def test_patients_are_found_by_what_is_known_of_them(fhir: Fhir) -> None:
    for n in range(3):
        other = {
            "resourceType": "Patient",
            "id": f"p{n}",
            "identifier": [{"system": "urn:other", "value": f"A-{n}|x"}],
            "name": [{"family": "Müller", "given": ["Jörg", f"N{n}"]}],
            "gender": "male",
            "birthDate": f"198{n}-05-01",
        }
        fhir.put(f"Patient/p{n}", other)
    query = """query ($p: String!, $f: PatientFilter) { patients(partition: $p,
      filter: $f) { totalCount edges { node { fhirId } } } }"""
    for given, expected in (
        ({}, ["p2", "p1", "p0", "ada"]),
        ({"text": "muller jorg"}, ["p2", "p1", "p0"]),
        ({"text": "Müller, N1"}, ["p1"]),
        ({"text": "A-2|x"}, ["p2"]),
        ({"text": "17"}, ["ada"]),
        ({"text": "muller", "sex": "female"}, []),
        ({"name": "lovelace"}, ["ada"]),
        ({"name": "17"}, []),
        ({"identifier": "urn:mrn|17"}, ["ada"]),
        ({"birthDate": "1980"}, ["p0"]),
        ({"birthDate": "1815"}, ["ada"]),
    ):
        found = ask(query, p=fhir.name, f=given)["patients"]
        assert [node["fhirId"] for node in nodes(found)] == expected, given
        assert found["totalCount"] == len(expected), given
    (error,) = errors(query, p=fhir.name, f={"birthDate": "tomorrow"})
    assert error["code"] == "INVALID"


def test_pages_of_patients_leave_nobody_out(fhir: Fhir) -> None:
    for n in range(4):
        fhir.put(f"Patient/p{n}", {**PATIENT, "id": f"p{n}"})
    query = """query ($p: String!, $after: String) { patients(partition: $p, first: 2,
      after: $after, filter: {text: "ada"}) { pageInfo { hasNextPage endCursor }
      edges { cursor node { fhirId } } } }"""
    first = ask(query, p=fhir.name)["patients"]
    assert [node["fhirId"] for node in nodes(first)] == ["p3", "p2"]
    after_one = first["edges"][0]["cursor"]
    page = ask(query, p=fhir.name, after=after_one)["patients"]
    assert [node["fhirId"] for node in nodes(page)] == ["p2", "p1"]
    end = ask(query, p=fhir.name, after=page["pageInfo"]["endCursor"])["patients"]
    assert [node["fhirId"] for node in nodes(end)] == ["p0", "ada"]
    assert not end["pageInfo"]["hasNextPage"]


def test_changes_of_resources_are_told_to_who_may_see_patients(fhir: Fhir) -> None:
    query = """query ($p: [String!]) { changes(first: 50, filter: {partitions: $p}) {
      edges { node { __typename action
      ... on ResourceChange { resourceType fhirId } } } } }"""
    told = nodes(ask(query, p=[fhir.name])["changes"])
    of_ada = {"resourceType": "Patient", "fhirId": "ada"}
    assert {"__typename": "ResourceChange", "action": "CREATE", **of_ada} in told

    reader = acting(7, "reader", {Verb.READ})
    told = nodes(ask(query, actor=reader, p=[fhir.name])["changes"])
    assert {each["__typename"] for each in told} == {
        "ChangeFeedEntry",
        "PartitionChange",
    }


def rows_of(timeline: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        dict(zip(timeline["columns"], row, strict=True)) for row in timeline["rows"]
    ]


def test_the_time_line_has_all_that_happened_in_the_order_of_days(fhir: Fhir) -> None:
    run_until_caught_up(EventFollower())
    query = """query ($p: String!, $kinds: [EventKind!]) { patient(partition: $p,
      fhirId: "ada") { timeline(kinds: $kinds) { columns rows numberOfEvents hasMore } }
    }"""
    found = ask(query, p=fhir.name)["patient"]["timeline"]
    rows = rows_of(found)
    assert [row["kind"] for row in rows] == [
        *("CONDITION", "MEDICATION", "REPORT", "ENCOUNTER", "OBSERVATION"),
        *("IMAGING", "ORDER"),
    ]
    assert (found["numberOfEvents"], found["hasMore"]) == (7, False)
    sarcoma = rows[0]
    assert (sarcoma["startFirst"], sarcoma["startLast"]) == ("1850-01-01", "1850-12-31")
    assert (sarcoma["endFirst"], sarcoma["endLast"]) == ("1851-02-01", "1851-02-28")
    assert (sarcoma["label"], sarcoma["code"]) == ("Sarcoma", "C40")
    potassium = rows[4]
    assert (potassium["value"], potassium["unit"]) == ("4.10", "mmol/L")
    assert rows[5]["studies"] == [UID]

    only = ask(query, p=fhir.name, kinds=["OBSERVATION"])["patient"]["timeline"]
    assert [row["label"] for row in rows_of(only)] == ["Potassium"]


def test_events_of_the_patient_are_found_by_type_and_id(fhir: Fhir) -> None:
    fhir.put("Patient/eve", {**PATIENT, "id": "eve"})
    other = {**CONDITION, "id": "hers", "subject": {"reference": "Patient/eve"}}
    fhir.put("Condition/hers", other)
    query = """query ($p: String!, $ids: [String!]!) { patient(partition: $p,
      fhirId: "ada") { events(ids: $ids) { __typename fhirId ... on Order { reasons
      { text } } } } }"""
    ids = ["ServiceRequest/order", "Condition/hers", "Condition/none", "nonsense"]
    found = ask(query, p=fhir.name, ids=ids)["patient"]["events"]
    assert found == [
        {"__typename": "Order", "fhirId": "order", "reasons": [{"text": "pain"}]}
    ]
    assert errors(query, p=fhir.name, ids=["x"] * 101)[0]["path"] == "ids"


def test_a_study_has_its_reports(fhir: Fhir, settings: Any) -> None:
    settings.LINK_QUIET_S = 0
    fhir.put(
        "DiagnosticReport/r",
        {
            **OTHERS[1],
            "id": "r",
            "imagingStudy": [{"reference": "ImagingStudy/images"}],
        },
    )
    while run_until_caught_up(LinkFollower()) or fold_dirty():
        pass
    query = """query ($p: String!) { study(partition: $p, studyInstanceUid: "%s")
      { reports { how isSuggestion report { fhirId conclusion } } } }"""
    found = ask(query % UID, p=fhir.name)["study"]["reports"]
    assert found[0] == {
        "how": "reference",
        "isSuggestion": False,
        "report": {"fhirId": "r", "conclusion": "No metastasis."},
    }
    reader = acting(7, "reader", {Verb.READ})
    assert ask(query % UID, actor=reader, p=fhir.name) == {"study": {"reports": []}}


def test_a_study_has_its_documents_and_tells_who_tells_what(
    fhir: Fhir, settings: Any
) -> None:
    settings.LINK_QUIET_S = 0
    fhir.put(
        "DocumentReference/d",
        {
            "resourceType": "DocumentReference",
            "id": "d",
            "status": "current",
            "subject": SUBJECT,
            "description": "Letter",
            "content": [
                {"attachment": {"contentType": "application/pdf", "url": "urn:x"}},
                {"attachment": {"contentType": "text/plain", "data": "V29yZHM="}},
            ],
            "context": {"related": [{"reference": "ImagingStudy/images"}]},
        },
    )
    while run_until_caught_up(LinkFollower()) or fold_dirty():
        pass
    query = """query ($p: String!) { study(partition: $p, studyInstanceUid: "%s") {
      documents { how document { fhirId description text
        attachments { contentType url } } } elements { name source } } }"""
    found = ask(query % UID, p=fhir.name)["study"]
    assert found["documents"] == [
        {
            "how": "reference",
            "document": {
                "fhirId": "d",
                "description": "Letter",
                "text": "Letter\n\nWords",
                "attachments": [
                    {"contentType": "application/pdf", "url": "urn:x"},
                    {"contentType": "text/plain", "url": None},
                ],
            },
        }
    ]
    elements = {each["name"]: each["source"] for each in found["elements"]}
    assert (elements["series"], elements["identifier"]) == ("IMAGES", "BOTH")
    assert elements["subject"] == "RECORD"  # nobody has named it by an identifier
    below = """query ($p: String!) { patient(partition: $p, fhirId: "ada") {
      documents { edges { node { description } } } } }"""
    patient = ask(below, p=fhir.name)["patient"]
    assert [e["node"]["description"] for e in patient["documents"]["edges"]] == [
        "Letter"
    ]
    reader = acting(7, "reader", {Verb.READ})
    assert ask(query % UID, actor=reader, p=fhir.name) == {
        "study": {"documents": [], "elements": []}
    }
