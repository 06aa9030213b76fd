"""The rules of the demo hospital put what arrives on worklists."""

import pytest

from portal.demo.reading import RULES, make_rules
from tests.imaging.stores import ADMIN
from tests.worklist.making.making import problems, study, value, work, workitems
from worklist.change_state import change_state
from worklist.complete import complete_workitem
from worklist.models import WorkitemRule
from worklist.rules import State
from worklist.uids import new_uid

pytestmark = pytest.mark.usefixtures("committing")


def test_each_study_of_a_modality_is_to_be_read_and_is_completed_at_once() -> None:
    make_rules()
    make_rules()  # a second start
    assert WorkitemRule.objects.filter(is_enabled=True).count() == len(RULES)
    for modality in ("CT", "MR", "US"):
        study(modality=modality)
    work()
    made = workitems()
    assert problems() == []
    told = [(value(each, "00741202"), value(each, "00741204")) for each in made]
    assert sorted(told) == [("CT", "Read CT"), ("MR", "Read MR")]
    (uid, *_), lock = [value(each, "00080018") for each in made], new_uid()
    asked = {"actor": ADMIN, "partition": "default", "uid": uid}
    change_state(**asked, state=State.IN_PROGRESS, transaction_uid=lock)
    complete_workitem(**asked, transaction_uid=lock)  # nothing has to be added
    assert value(workitems()[0], "00741000") == State.COMPLETED
