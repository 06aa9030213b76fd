"""Who may store results only adds them to studies that they reach."""

import pytest
from django.contrib.auth.models import Group

from core.access import Actor, system
from core.accounts.actors import actor_of_account
from core.accounts.grants import Level, grant
from core.errors import Forbidden, NotFound
from core.models import Account
from imaging.models import Study
from imaging.receive import Received
from imaging.scopes import scope_of_partition, scope_of_study
from imaging.store import store_instances
from imaging.store_status import FailureReason, Refused, Stored, StoreOutcome
from tests.imaging.stores import ADMIN, received, store

pytestmark = pytest.mark.usefixtures("committing")
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
REPORT = "1.2.840.10008.5.1.4.1.1.88.33"
CT = "1.2.840.10008.5.1.4.1.1.2"


@pytest.fixture
def reader() -> Account:
    store(received("1.1", "1.1.1", "1.1.1.1"))
    store(received("1.2", "1.2.1", "1.2.1.1"))
    account = Account.objects.create(username="ada")
    account.groups.add(Group.objects.get(name="Radiologist"))
    on = scope_of_study(actor=ADMIN, partition="default", study_instance_uid="1.1")
    grant(actor=system("test"), scope=on, to=account, level=Level.SEE)
    return account


def put(
    actor: Actor, *instances: Received, replace: bool = False
) -> list[StoreOutcome]:
    partition_id = Study.objects.values_list("partition", flat=True)[0]
    return store_instances(
        actor, partition_id=partition_id, received=instances, replace=replace
    ).result(20)


def test_results_go_into_what_is_granted_and_nowhere_else(reader: Account) -> None:
    outcomes = put(
        actor_of_account(reader),
        received("1.1", "1.1.2", "1.1.2.1", sop_class=SEGMENTATION),
        received("1.2", "1.2.2", "1.2.2.1", sop_class=SEGMENTATION),
        received("1.1", "1.1.3", "1.1.3.1", sop_class=CT),
        received("1.3", "1.3.1", "1.3.1.1", sop_class=REPORT),
        received("1.1", "1.1.4", "1.1.4.1", sop_class=REPORT),
    )
    assert [isinstance(each, Stored) for each in outcomes] == [
        True, False, False, False, True,
    ]  # fmt: skip
    reasons = {each.reason for each in outcomes if isinstance(each, Refused)}
    assert reasons == {FailureReason.NOT_AUTHORIZED}
    assert not Study.objects.filter(study_instance_uid="1.3").exists()
    held = dict(Study.objects.values_list("study_instance_uid", "number_of_instances"))
    assert held == {"1.1": 3, "1.2": 1}


def test_a_whole_partition_takes_results_for_any_of_its_studies(
    reader: Account,
) -> None:
    whole = scope_of_partition(actor=ADMIN, partition="default")
    grant(actor=system("test"), scope=whole, to=reader, level=Level.SEE)
    outcomes = put(
        actor_of_account(reader),
        received("1.2", "1.2.2", "1.2.2.1", sop_class=SEGMENTATION),
        received("1.2", "1.2.3", "1.2.3.1", sop_class=CT),
        received("1.9", "1.9.1", "1.9.1.1", sop_class=REPORT),
    )
    assert [isinstance(each, Stored) for each in outcomes] == [True, False, False]


def test_nothing_is_replaced_and_nothing_reached_without_a_grant(
    reader: Account,
) -> None:
    one = received("1.1", "1.1.2", "1.1.2.1", sop_class=SEGMENTATION)
    with pytest.raises(Forbidden):
        put(actor_of_account(reader), one, replace=True)
    other = Account.objects.create(username="eve")
    other.groups.add(Group.objects.get(name="Radiologist"))
    with pytest.raises(NotFound):
        put(actor_of_account(other), one)
