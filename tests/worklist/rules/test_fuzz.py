"""Whatever comes in: findings, never an exception, and a data set that can be kept."""

import copy
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.worklist.rules.samples import FULL, FULL_UPDATE
from tests.worklist.rules.test_completing import LATER, NOW
from worklist.rules import (
    BY_PATH,
    CHANGES,
    Event,
    Finding,
    Lock,
    Rule,
    State,
    check_cancel_request,
    check_create,
    check_state_change,
    check_uid,
    check_update,
    decide,
    lock_of,
    merged,
    missing_for,
    with_cancellation,
    with_defaults,
    with_state,
)
from worklist.rules.findings import MOST_FINDINGS
from worklist.rules.reading import KNOWN, read

TAGS = sorted({row.tag for row in BY_PATH.values()} | {"00091001", "00080000"})
MARK = "zQmArKqZ"
TEXT = st.text(
    st.characters(exclude_categories=()) | st.sampled_from("\0\\^=\ud800é"), max_size=20
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.sampled_from([MARK, "1.2.3", "HIGH", "20270101", "NaN", "9" * 400, "TEXT"])
)
ANY = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXT | st.sampled_from(TAGS), inner, max_size=4)
    ),
    max_leaves=20,
)


def attributes(items: Any) -> Any:
    """Return attributes that look like some, with anything in them."""
    values = st.lists(SCALARS | items | st.just({"Alphabetic": MARK}), max_size=3)
    shaped = st.fixed_dictionaries(
        {"vr": st.sampled_from(sorted(KNOWN)) | TEXT},
        optional={
            "Value": values | ANY,
            "InlineBinary": TEXT | st.just("QQ=="),
            "BulkDataURI": TEXT,
        },
    )
    return shaped | ANY


DATA_SETS = st.recursive(
    st.dictionaries(st.sampled_from(TAGS) | TEXT, ANY, max_size=3),
    lambda inner: st.dictionaries(
        st.sampled_from(TAGS) | TEXT, attributes(inner), max_size=5
    ),
    max_leaves=8,
)


def holds(dataset: dict[str, Any], findings: tuple[Finding, ...]) -> None:
    """Assert what is always so of an answer."""
    assert len(findings) <= MOST_FINDINGS
    for finding in findings:
        assert isinstance(finding, Finding)
        assert isinstance(finding.rule, Rule)
        assert finding.status
        assert MARK.lower() not in finding.message.lower()
        assert 0 < len(finding.message) < 1500
        finding.message.encode()
        finding.path.encode()
    written = orjson.dumps(dataset)
    assert b"\\u0000" not in written
    assert read(orjson.loads(written)) == (dataset, ())


def spoil(data: st.DataObject, model: dict[str, Any]) -> dict[str, Any]:
    """Put something into a place of a good data set."""
    spoilt: dict[str, Any] = orjson.loads(orjson.dumps(model))  # a copy, soon made
    item: Any = spoilt
    while True:
        tag = data.draw(st.sampled_from(sorted(item)))
        items = item[tag].get("Value", [None])
        deeper = isinstance(items[0], dict) and item[tag]["vr"] == "SQ" and items[0]
        if not deeper or data.draw(st.booleans()):
            break
        item = items[0]
    what = data.draw(st.sampled_from(["drop", "attribute", "value", "vr"]))
    if what == "drop":
        del item[tag]
    elif what == "attribute":
        item[tag] = data.draw(ANY)
    elif what == "value":
        item[tag] = {
            "vr": item[tag]["vr"],
            "Value": data.draw(st.lists(ANY, max_size=3)),
        }
    else:
        item[tag] = {
            **item[tag],
            "vr": data.draw(TEXT | st.sampled_from(sorted(KNOWN))),
        }
    return spoilt


@given(ANY | DATA_SETS, TEXT, st.booleans())
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_anything_may_come(model: Any, uid: str, is_azure: bool) -> None:
    before = copy.deepcopy(model)
    creation = check_create(model, uid=uid, is_azure=is_azure)
    holds(creation.dataset, creation.findings)
    update = check_update(model, is_azure=is_azure)
    holds(update.dataset, update.findings)
    change = check_state_change(model)
    holds({}, change.findings)
    assert change.state or change.findings
    request = check_cancel_request(model)
    holds(request.dataset, request.findings)
    assert repr(model) == repr(before)
    assert isinstance(check_uid(uid), str)


@given(st.data(), st.booleans())
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_good_workitem_is_spoilt_in_one_place(
    data: st.DataObject, is_azure: bool
) -> None:
    creation = check_create(spoil(data, FULL), is_azure=is_azure)
    holds(creation.dataset, creation.findings)
    update = check_update(spoil(data, FULL_UPDATE), is_azure=is_azure)
    holds(update.dataset, update.findings)
    kept = with_defaults(creation.dataset, uid="1.2", now=NOW, worklist_label="x")
    holds(kept, ())
    for state in State:
        missing_for(state, kept)
    holds(merged(kept, update.dataset, now=LATER), ())


@given(DATA_SETS, DATA_SETS, st.sampled_from(State), st.sampled_from(State))
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_workitem_lives(first: Any, second: Any, held: State, asked: State) -> None:
    creation = check_create(first)
    workitem = with_defaults(creation.dataset, uid="1.2", now=NOW, worklist_label="x")
    workitem = merged(workitem, check_update(second).dataset, now=LATER)
    outcome = decide(CHANGES[asked], held, Lock.RIGHT)
    if outcome.passes and outcome.state:
        workitem = with_state(workitem, outcome.state, now=LATER)
        assert not any(
            finding.path.endswith("00404052")
            for finding in missing_for(outcome.state, workitem)
            if finding.path.startswith("00741002/1")
        )
    holds(workitem, ())
    canceled = with_cancellation(
        workitem, check_cancel_request(second).dataset, now=LATER
    )
    holds(canceled, ())


@given(st.none() | TEXT, st.none() | TEXT)
def test_locks_are_compared_whatever_they_are(
    given_uid: str | None, held: str | None
) -> None:
    lock = lock_of(given_uid, held)
    assert (lock is Lock.ABSENT) is (not given_uid)
    if given_uid and held:
        assert (lock is Lock.RIGHT) is (given_uid == held)
    assert decide(Event.UPDATE, None, lock).status.code == "C307"
