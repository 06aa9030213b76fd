"""A partition whose studies are stored, whose record is written, and that is linked."""

from typing import Any
from uuid import uuid4

import orjson
from pydicom.dataset import Dataset

from core import followers
from fhirlink.document import unpacked
from fhirlink.linkage.folding import fold_dirty
from fhirlink.linkage.follower import LinkFollower
from fhirlink.models import Resource, ResourceVersion
from fhirlink.store import delete, update
from imaging.delete import delete_instances
from tests.fhirlink.linkage.models import model_of
from tests.imaging.stores import ADMIN, received_model, store
from tests.synthetic import instance, new_uid

AUTHORITY = "urn:oid:1.2.3.4"
# What FHIR wants of a type, where a test has no opinion.
NEEDED: dict[str, dict[str, Any]] = {
    "Condition": {"subject": {"reference": "Patient/nobody"}},
    "DiagnosticReport": {"status": "final", "code": {"text": "CT"}},
    "DocumentReference": {
        "status": "current",
        "content": [{"attachment": {"contentType": "text/plain"}}],
    },
    "ImagingStudy": {"status": "available", "subject": {"reference": "Patient/nobody"}},
    "ServiceRequest": {"status": "active", "intent": "order"},
}


class World:
    """Writes into a partition of its own, and what came of it."""

    def __init__(self) -> None:
        self.name = f"linked-{new_uid()[-12:]}"

    def store(self, *datasets: Dataset) -> str:
        """Store data sets; return their study."""
        store(
            *(received_model(model_of(each)) for each in datasets),
            partition=self.name,
            replace=True,
        )
        return str(datasets[-1].StudyInstanceUID)

    def study(self, **attributes: Any) -> str:
        """Store a study of one instance."""
        return self.store(instance(**attributes))

    def remove(self, study: str) -> None:
        """Delete a study."""
        delete_instances(actor=ADMIN, partition=self.name, study_instance_uid=study)

    def write(self, type_: str, fhir_id: str = "", **content: Any) -> str:
        """Have the record write a resource; return its id."""
        fhir_id = fhir_id or str(uuid4())
        update(
            actor=ADMIN,
            partition=self.name,
            type_=type_,
            fhir_id=fhir_id,
            content={
                "resourceType": type_,
                "id": fhir_id,
                **NEEDED.get(type_, {}),
                **content,
            },
        )
        return fhir_id

    def delete(self, type_: str, fhir_id: str) -> None:
        """Have the record delete a resource."""
        delete(actor=ADMIN, partition=self.name, type_=type_, fhir_id=fhir_id)

    def patient(self, value: str = "P1", fhir_id: str = "", **content: Any) -> str:
        """Have the record write the patient of the studies, by an identifier."""
        usual = {
            "identifier": [{"system": AUTHORITY, "value": value}],
            "name": [{"family": "Doe", "given": ["Jane"]}],
            "birthDate": "1970-01-02",
            "gender": "female",
        }
        return self.write("Patient", fhir_id, **{**usual, **content})

    def link(self) -> None:
        """Have the linker catch up."""
        while followers.run_until_caught_up(LinkFollower()) or fold_dirty():
            pass

    def rebuild(self) -> None:
        """Have the linker begin anew."""
        followers.rebuild(LinkFollower())
        self.link()

    def all_of(self, type_: str) -> dict[str, dict[str, Any]]:
        """Return the resources of a type, by their ids."""
        rows = Resource.objects.filter(
            partition__name=self.name, type=type_, is_deleted=False
        )
        versions = ResourceVersion.objects.in_bulk([row.version_id for row in rows])
        return {
            row.fhir_id: orjson.loads(unpacked(bytes(versions[row.version_id].body)))
            for row in rows
        }

    def imaging_study(self, study: str) -> dict[str, Any]:
        """Return the one ImagingStudy of a study, with its id."""
        (found,) = (
            {"id": id_, **each}
            for id_, each in self.all_of("ImagingStudy").items()
            if {"system": "urn:dicom:uid", "value": f"urn:oid:{study}"}
            in each["identifier"]
        )
        return found

    def subject(self, study: str) -> str:
        """Return the id of the Patient of a study; empty for none."""
        reference: str = self.imaging_study(study)["subject"].get("reference", "")
        return reference.removeprefix("Patient/")
