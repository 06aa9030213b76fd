"""A partition in step with a FHIR server of somebody else, for tests."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from core.access import system
from core.followers import run_until_caught_up
from core.models import Partition
from core.partitions import get_or_create_partition
from fhirlink.models import OutboxItem, RemoteServer
from fhirlink.remote.managing import configure_server
from fhirlink.remote.outbox import OutboxFollower
from fhirlink.remote.turns import take_turn
from tests.fhirlink.service import Fhir

ACTOR = system("test")


@dataclass
class Pair:
    """A partition here, a space there, and the server that joins them."""

    space: str
    out: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    here: Fhir = field(default_factory=Fhir)

    def __post_init__(self) -> None:
        key = get_or_create_partition(actor=ACTOR, name=self.here.name)
        values = {
            "base_url": self.space,
            "types_out": list(self.out),
            "types_in": list(self.taken),
            **self.values,
        }
        secret = values.pop("secret", "")
        self.server = configure_server(
            actor=ACTOR,
            server=RemoteServer(
                name=self.here.name, partition=Partition.objects.get(pk=key)
            ),
            values=values,
            secret=secret,
        )

    def sync(self) -> None:
        """Send and take all that there is."""
        run_until_caught_up(OutboxFollower())
        RemoteServer.objects.filter(pk=self.server.pk).update(retry_at=None)
        while take_turn(self.server.pk, time_limit_s=60, now_due=True):
            pass
        self.server.refresh_from_db()

    def states(self) -> dict[str, str]:
        """Return how far each resource of the outbox is."""
        items = OutboxItem.objects.filter(server=self.server)
        return {str(each): each.state for each in items}

    def error_of(self, place: str) -> str:
        """Return why a resource was not sent."""
        type_, fhir_id = place.split("/")
        found = OutboxItem.objects.get(server=self.server, type=type_, fhir_id=fhir_id)
        return found.error

    def there(self, path: str) -> Any:
        """Return what the other server answers."""
        answer = httpx.get(f"{self.space}/{path}", timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def found(self, path: str) -> list[dict[str, Any]]:
        """Return the resources that a search there finds."""
        return [each["resource"] for each in self.there(path).get("entry", [])]

    def put(self, resource: dict[str, Any]) -> dict[str, Any]:
        """Have the other server have a resource under its id."""
        address = f"{self.space}/{resource['resourceType']}/{resource['id']}"
        answer = httpx.put(address, json=resource, timeout=60)
        assert answer.status_code in {200, 201}, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def remove(self, path: str) -> None:
        """Delete what the other server has."""
        answer = httpx.delete(f"{self.space}/{path}", timeout=60)
        assert answer.status_code in {200, 204}, answer.text

    def own(self, resource: dict[str, Any]) -> None:
        """Have the partition here have a resource under its id."""
        path = f"{resource['resourceType']}/{resource['id']}"
        assert self.here.put(path, resource).status_code in {200, 201}

    def patient(self, fhir_id: str, **more: Any) -> dict[str, Any]:
        """Return a Patient whose number is its id.

        The system is one of the space: HAPI takes no search for a conditional create
        twice, also not in two of its spaces.
        """
        identifier = {"system": f"urn:test:{self.number}", "value": f"p|{fhir_id}"}
        return {
            "resourceType": "Patient",
            "id": fhir_id,
            "identifier": [identifier],
            "name": [{"family": f"Family {fhir_id}"}],
            **more,
        }

    def study(self, fhir_id: str, of: str, **more: Any) -> dict[str, Any]:
        """Return an ImagingStudy of a patient."""
        uid = f"1.2.{self.number}.{sum(fhir_id.encode())}"
        return {
            "resourceType": "ImagingStudy",
            "id": fhir_id,
            "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}],
            "status": "available",
            "subject": {"reference": f"Patient/{of}"},
            "numberOfSeries": 1,
            **more,
        }

    @property
    def number(self) -> str:
        """Return the number of the space."""
        return self.space.rpartition("/")[2]
