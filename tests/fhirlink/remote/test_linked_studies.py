"""What the linker makes of studies, on a real server of somebody else (HAPI)."""

from typing import Any

import pytest

from core import followers
from fhirlink.linkage.folding import fold_dirty
from fhirlink.linkage.follower import LinkFollower
from fhirlink.remote.managing import resync
from tests.fhirlink.hapi.server import shared_space
from tests.fhirlink.linkage.models import model_of
from tests.fhirlink.linkage.test_documents import written
from tests.fhirlink.linkage.world import AUTHORITY
from tests.fhirlink.remote.peer import ACTOR, Pair
from tests.imaging.stores import received_model, store
from tests.synthetic import instance, new_uid

pytestmark = [pytest.mark.peer("hapi"), pytest.mark.usefixtures("committing")]

OUT = ("Patient", "ServiceRequest", "ImagingStudy", "Endpoint", "DocumentReference")


@pytest.fixture(autouse=True)
def configured(settings: Any) -> None:
    settings.EXPORT_HOSTS = ["127.0.0.1"]
    settings.LINK_QUIET_S = 0
    settings.ASSIGNING_AUTHORITY = AUTHORITY
    settings.LINK_ADDRESS = "https://portal.example/dicomweb"


def link_and_send(pair: Pair) -> None:
    while followers.run_until_caught_up(LinkFollower()) or fold_dirty():
        pass
    pair.sync()
    assert set(pair.states().values()) <= {"sent"}, pair.states()


def test_an_announced_study_comes_with_its_document_and_where_it_is_shown() -> None:
    pair, study = Pair(shared_space(), out=OUT), new_uid()
    pair.own(pair.patient("ada"))
    pair.own(
        {
            "resourceType": "ServiceRequest",
            "id": "order",
            "status": "active",
            "intent": "order",
            "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{study}"}],
            "subject": {"reference": "Patient/ada"},
        }
    )
    link_and_send(pair)
    (announced,) = pair.found("ImagingStudy")
    assert announced["status"] == "registered"

    report = written(StudyInstanceUID=study, PatientID=study[-20:])
    image = instance(StudyInstanceUID=study, PatientID=study[-20:])
    received = [received_model(model_of(each)) for each in (image, report)]
    store(*received, partition=pair.here.name)
    link_and_send(pair)
    (held,) = pair.found("ImagingStudy")
    assert (held["id"], held["status"]) == (announced["id"], "available")
    (document,) = pair.found(
        f"DocumentReference?related=ImagingStudy/{held['id']}"
        f"&identifier=urn:dicom:uid%7Curn:oid:{report.SOPInstanceUID}"
    )
    assert document["subject"] == held["subject"] | {
        "display": document["subject"]["display"]
    }
    endpoints = {f"Endpoint/{each['id']}": each for each in pair.found("Endpoint")}
    assert {each["reference"] for each in held["endpoint"]} == endpoints.keys()
    kinds = sorted(each["connectionType"]["code"] for each in endpoints.values())
    assert kinds == ["dicom-qido-rs", "dicom-wado-rs", "ihe-iid"]

    before = [held["meta"]["versionId"], document["meta"]["versionId"]]
    resync(actor=ACTOR, name=pair.server.name)
    link_and_send(pair)
    (held,), (document,) = pair.found("ImagingStudy"), pair.found("DocumentReference")
    assert [held["meta"]["versionId"], document["meta"]["versionId"]] == before
