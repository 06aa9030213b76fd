"""What the server itself puts into a workitem, and what it leaves as it is."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson

from imaging.part10.model import JsonModel
from tests.worklist.rules.samples import FULL, FULL_UPDATE, LEAST, fresh
from worklist.rules import (
    ATTRIBUTES,
    State,
    check_create,
    check_update,
    date_time,
    merged,
    missing_for,
    with_cancellation,
    with_defaults,
    with_state,
)
from worklist.rules.reading import read

NOW = datetime(2027, 1, 31, 10, 15, 0, 250_000, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def value(model: JsonModel, tag: str) -> Any:
    return model[tag]["Value"][0]


def made(model: JsonModel = LEAST) -> JsonModel:
    return with_defaults(
        check_create(model).dataset, uid="1.2.3", now=NOW, worklist_label="reading"
    )


def test_a_moment_is_written_in_universal_time() -> None:
    zoned = datetime(2027, 1, 31, 12, 15, tzinfo=timezone(timedelta(hours=2)))
    assert date_time(zoned) == "20270131101500.000000+0000"
    assert len(date_time(NOW)) == 26


def test_a_new_workitem_is_well_formed_and_in_order() -> None:
    for model in (LEAST, FULL):
        workitem = made(model)
        assert read(orjson.loads(orjson.dumps(workitem))) == (workitem, ())
        assert list(workitem) == sorted(workitem)
        assert "00081195" not in workitem
        assert value(workitem, "00080016") == "1.2.840.10008.5.1.4.34.6.1"
        assert value(workitem, "00080018") == "1.2.3"
        assert value(workitem, "00741000") == "SCHEDULED"
        assert value(workitem, "00404010") == date_time(NOW)


def test_what_was_sent_is_kept() -> None:
    workitem = made(FULL)
    for tag in FULL.keys() - {"00080018", "00404010", "00081195", "00080005"}:
        assert workitem[tag] == FULL[tag], tag


def test_a_label_that_was_not_sent_is_given() -> None:
    assert value(made(), "00741202") == "reading"
    named = {**LEAST, "00741202": {"vr": "LO", "Value": ["mine"]}}
    assert value(made(named), "00741202") == "mine"


def test_what_is_of_type_2_is_there_without_having_been_sent() -> None:
    workitem = with_defaults({}, uid="1.2.3", now=NOW, worklist_label="x")
    for tag, row in ATTRIBUTES.items():
        if row.create.scu == "2" and tag not in {"00081195", "00741202"}:
            assert workitem[tag] == {"vr": row.vr}
    assert workitem["00100020"] == {"vr": "LO"}
    assert "00741224" not in workitem


def test_findings_that_are_mendable_are_mended() -> None:
    bare = {tag: LEAST[tag] for tag in LEAST if LEAST[tag].get("Value")}
    creation = check_create(bare)
    assert creation.findings
    assert all(each.is_mendable for each in creation.findings)
    workitem = with_defaults(creation.dataset, uid="1.2", now=NOW, worklist_label="x")
    assert check_create(workitem | {"00081195": {"vr": "UI"}}).findings == ()


def test_the_character_set_is_that_of_json() -> None:
    latin = {**LEAST, "00080005": {"vr": "CS", "Value": ["ISO_IR 100"]}}
    assert "00080005" not in made(latin)
    accented = {**latin, "00741204": {"vr": "LO", "Value": ["Schädel"]}}
    assert value(made(accented), "00080005") == "ISO_IR 192"
    plain = {"00741204": {"vr": "LO", "Value": ["Skull"]}}
    assert "00080005" not in merged(made(accented), plain, now=LATER)
    changed = merged(made(), {"00741204": accented["00741204"]}, now=LATER)
    assert value(changed, "00080005") == "ISO_IR 192"
    assert next(iter(changed)) == "00080005"


def test_an_update_replaces_sequences_whole() -> None:
    before = made(FULL)
    kept = fresh(before)
    one: JsonModel = {
        "00404025": {"vr": "SQ"},
        "00741204": {"vr": "LO", "Value": ["new"]},
    }
    after = merged(before, one, now=LATER)
    assert before == kept
    assert after["00404025"] == {"vr": "SQ"}
    assert value(after, "00741204") == "new"
    assert value(after, "00404010") == date_time(LATER)
    unchanged = after.keys() - one.keys() - {"00404010"}
    assert all(after[tag] == before[tag] for tag in unchanged)


def test_an_update_twice_is_the_same() -> None:
    changes = check_update(FULL_UPDATE).dataset
    once = merged(made(), changes, now=LATER)
    assert merged(once, changes, now=LATER) == once


def test_a_state_is_set() -> None:
    claimed = with_state(made(), State.IN_PROGRESS, now=LATER)
    assert value(claimed, "00741000") == "IN PROGRESS"
    assert value(claimed, "00404010") == date_time(LATER)
    assert claimed["00741002"] == {"vr": "SQ"}
    orjson.dumps(claimed)


def test_a_canceled_one_says_when() -> None:
    canceled = with_state(made(), State.CANCELED, now=LATER)
    assert value(value(canceled, "00741002"), "00404052") == date_time(LATER)
    told = merged(made(), check_update(FULL_UPDATE).dataset, now=NOW)
    kept = value(value(told, "00741002"), "00404052")
    assert kept != date_time(LATER)
    canceled = with_state(told, State.CANCELED, now=LATER)
    assert value(value(canceled, "00741002"), "00404052") == kept


class TestCancellation:
    def test_without_a_reason_it_meets_what_the_state_asks_for(self) -> None:
        before = made()
        kept = fresh(before)
        canceled = with_cancellation(before, {}, now=LATER)
        assert before == kept
        progress = value(canceled, "00741002")
        assert value(value(progress, "0074100E"), "00080100") == "110513"
        assert missing_for(State.CANCELED, canceled) == ()
        assert read(canceled) == (canceled, ())

    def test_what_was_said_is_kept(self) -> None:
        wish: JsonModel = {
            "0074100A": {"vr": "UR", "Value": ["tel:+41"]},
            "0074100C": {"vr": "LO", "Value": ["Desk"]},
            "0074100E": value(FULL_UPDATE, "00741002")["0074100E"],
            "00741238": {"vr": "LT", "Value": ["wrong side"]},
        }
        canceled = with_cancellation(made(), wish, now=LATER)
        progress = value(canceled, "00741002")
        assert progress["0074100E"] == wish["0074100E"]
        assert progress["00741238"] == wish["00741238"]
        contact = value(progress, "00741008")
        assert contact == {tag: wish[tag] for tag in ("0074100A", "0074100C")}
        assert list(progress) == sorted(progress)
        assert check_update({"00741002": canceled["00741002"]}).findings == ()
        assert read(canceled) == (canceled, ())

    def test_the_constant_is_not_shared(self) -> None:
        first = with_cancellation(made(), {}, now=LATER)
        value(value(first, "00741002"), "0074100E")["00080100"]["Value"] = ["x"]
        second = with_cancellation(made(), {}, now=LATER)
        assert missing_for(State.CANCELED, second) == ()
        code = value(value(value(second, "00741002"), "0074100E"), "00080100")
        assert code == "110513"
