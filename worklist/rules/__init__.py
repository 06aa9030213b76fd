"""What a workitem is and what may happen to it, by the standard: pure.

DICOM PS3.4 annex CC (tables CC.1.1-2, CC.2.5-2a to CC.2.5-3), PS3.18 11. No Django, no
database; data sets are DICOM JSON models as `orjson` reads them.

- `check_create`, `check_update`, `check_state_change`, `check_cancel_request`: what a
  request says, well-formed, and the `Finding` of each thing that is wrong with it.
- `check_some`: the same of some attributes of a creation, for who makes many alike.
- `decide`: what follows of an `Event` in a `State` with a `Lock` (`lock_of`); an
  `Outcome` with a `Status` and its words. `unmet`, `unreachable` and `declined` are the
  refusals that depend on more than that.
- `missing_for`: what a final state still needs.
- `with_defaults`, `merged`, `with_state`, `with_cancellation`: the data set afterwards.
- `ATTRIBUTES`, `BY_PATH`, `MATCHING_KEYS`, `RETURN_KEYS`: the table itself.

A request in short::

    creation = check_create(body, uid=uid)
    creation.findings          # refuse, or complete those that are mendable
    content = with_defaults(creation.dataset, uid=…, now=…, worklist_label=…)

    change = check_state_change(body)
    lock = lock_of(change.transaction_uid, held)
    outcome = decide(CHANGES[change.state], state, lock)
    content = with_state(content, outcome.state, now=…)
    if outcome.final_state and missing_for(outcome.final_state, content):
        outcome = unmet(state)
"""

from worklist.rules.attributes import (
    ATTRIBUTES,
    BY_PATH,
    MATCHING_KEYS,
    RETURN_KEYS,
    Attribute,
    Usage,
)
from worklist.rules.checking import (
    UPS_PUSH,
    CancelRequest,
    Creation,
    StateChange,
    Update,
    check_cancel_request,
    check_create,
    check_some,
    check_state_change,
    check_uid,
    check_update,
)
from worklist.rules.completing import (
    date_time,
    merged,
    with_cancellation,
    with_defaults,
    with_state,
)
from worklist.rules.final_state import missing_for
from worklist.rules.findings import Finding, Rule
from worklist.rules.states import (
    CHANGES,
    TRANSITIONS,
    Event,
    Lock,
    Outcome,
    State,
    decide,
    declined,
    lock_of,
    unmet,
    unreachable,
)
from worklist.rules.status_table import Status

__all__ = [
    "ATTRIBUTES",
    "BY_PATH",
    "CHANGES",
    "MATCHING_KEYS",
    "RETURN_KEYS",
    "TRANSITIONS",
    "UPS_PUSH",
    "Attribute",
    "CancelRequest",
    "Creation",
    "Event",
    "Finding",
    "Lock",
    "Outcome",
    "Rule",
    "State",
    "StateChange",
    "Status",
    "Update",
    "Usage",
    "check_cancel_request",
    "check_create",
    "check_some",
    "check_state_change",
    "check_uid",
    "check_update",
    "date_time",
    "decide",
    "declined",
    "lock_of",
    "merged",
    "missing_for",
    "unmet",
    "unreachable",
    "with_cancellation",
    "with_defaults",
    "with_state",
]
