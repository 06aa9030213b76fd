"""Rules of a reading room, and what they look at, for tests."""

from typing import Any

from core import followers
from core.models import Partition
from core.partitions import get_or_create_partition
from fhirlink import store as record
from tests.imaging.stores import ADMIN, received, store
from tests.synthetic import new_uid
from worklist.data_set import unpacked
from worklist.making.configuring import configure_rule
from worklist.making.follower import RuleFollower
from worklist.making.waiting import make_waiting
from worklist.models import Workitem, WorkitemRule

Model = dict[str, Any]


def rule(
    name: str = "Read", *, partition: str = "default", **said: Any
) -> WorkitemRule:
    """Make an enabled rule; of studies, if nothing else is said."""
    key = get_or_create_partition(actor=ADMIN, name=partition)
    values = {"source": "Study", "is_enabled": True, **said}
    new = WorkitemRule(partition=Partition.objects.get(pk=key), name=name)
    return configure_rule(actor=ADMIN, rule=new, values=values)


def study(uid: str = "", *, partition: str = "default", **more: str) -> str:
    """Store an instance of a study; return its UID."""
    uid = uid or new_uid()
    store(received(uid, f"{uid}.1", new_uid(), **more), partition=partition)
    return uid


def resource(
    type_: str, fhir_id: str, *, partition: str = "default", **content: Any
) -> None:
    """Store a resource."""
    record.update(
        actor=ADMIN,
        partition=partition,
        type_=type_,
        fhir_id=fhir_id,
        content={"resourceType": type_, "id": fhir_id, **content},
    )


def work() -> None:
    """Have the follower note what has come, and rules look at it."""
    followers.run_until_caught_up(RuleFollower())
    while make_waiting(time_limit_s=60) or followers.advance(RuleFollower()):
        pass


def workitems(partition: str = "default") -> list[Model]:
    """Return the data sets of all workitems, in the order of their making."""
    held = Workitem.objects.filter(partition__name=partition).order_by("id")
    return [unpacked(bytes(each.content)) for each in held]


def value(model: Model, tag: str) -> Any:
    """Return the first value of an attribute."""
    return model[tag]["Value"][0]


def problems() -> list[str]:
    """Return what rules could not make."""
    return list(
        WorkitemRule.objects.exclude(problem="").values_list("problem", flat=True)
    )
