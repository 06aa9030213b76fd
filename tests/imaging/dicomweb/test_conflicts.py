"""``/patientconflicts`` over HTTP."""

from dataclasses import replace

import pytest

from core.access import Verb
from tests.actors import acting
from tests.imaging.dicomweb.service import HOST, ROOT, Service
from tests.synthetic import instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
EVERYWHERE = f"{HOST}{ROOT}/patientconflicts"


def conflict(service: Service) -> str:
    study = new_uid()
    known = {"StudyInstanceUID": study, "IssuerOfPatientID": "HOSP"}
    service.store(
        instance(**known),
        instance(**known),
        instance(StudyInstanceUID=study, PatientID="P2", PatientName="Doe^J"),
    )
    return study


def test_a_conflict_is_camel_case_json() -> None:
    service = Service()
    study = conflict(service)
    answer = service.get(f"{service.base_url}/patientconflicts")
    assert answer.headers["content-type"] == "application/json"
    person = {"patientBirthDate": "19700102", "patientSex": "F"}
    assert answer.json() == [
        {
            "partitionName": service.name,
            "studyInstanceUid": study,
            "numberOfVariants": 2,
            "variants": [
                {
                    "issuerOfPatientId": "HOSP",
                    "patientId": "P1",
                    "patientName": "Doe^Jane",
                    **person,
                    "numberOfInstances": 2,
                },
                {
                    "issuerOfPatientId": "",
                    "patientId": "P2",
                    "patientName": "Doe^J",
                    **person,
                    "numberOfInstances": 1,
                },
            ],
        }
    ]


def test_the_link_leads_through_all_partitions() -> None:
    first, second = Service(), Service()
    studies = [conflict(first), conflict(second)]
    answer = first.get(f"{EVERYWHERE}?limit=1")
    assert [row["studyInstanceUid"] for row in answer.json()] == studies[:1]
    answer = first.get(answer.links["next"]["url"])
    assert [row["studyInstanceUid"] for row in answer.json()] == studies[1:]
    answer = first.get(answer.links["next"]["url"])
    assert (answer.json(), answer.links) == ([], {})
    answer = second.get(f"{second.base_url}/patientconflicts?limit=1")
    assert answer.links["next"]["url"].startswith(second.base_url)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "after=-1"])
def test_bad_parameters_are_refused(query: str) -> None:
    service = Service()
    assert service.get(f"{EVERYWHERE}?{query}").status_code == 400


def test_who_may_not_read_is_refused_and_hidden_partitions_are_not_there() -> None:
    service = Service()
    conflict(service)
    writer = acting(1, "writer", {Verb.STORE})
    addresses = (
        f"{HOST}{ROOT}/patientconflicts",
        f"{service.base_url}/patientconflicts",
    )
    for address in addresses:
        assert replace(service, actor=writer).get(address).status_code == 403
    nowhere = replace(service, actor=acting(1, "nowhere", partitions=frozenset()))
    assert nowhere.get(addresses[0]).json() == []
    assert nowhere.get(addresses[1]).status_code == 404
