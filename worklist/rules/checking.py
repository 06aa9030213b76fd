"""Whether a data set may create a workitem, update it, or change its state: pure.

Table CC.2.5-3 applied. What is sent in DICOM JSON is read first
(`worklist.rules.reading`), so anything may come in; each function returns what the
request says, and what is wrong with it. What may happen in which state, and whether the
Transaction UID is the right one, is decided in `worklist.rules.states`.
"""

from collections.abc import Iterable, Mapping
from itertools import chain, islice
from typing import Final, NamedTuple

from imaging.part10.model import JsonModel
from imaging.part10.validate import check_identifier
from worklist.rules.attributes import (
    ATTRIBUTES,
    CANCEL_REQUEST_ATTRIBUTES,
    Attribute,
)
from worklist.rules.conditions import values_of
from worklist.rules.findings import MOST_FINDINGS, Finding, Place, Rule
from worklist.rules.reading import Reading, read
from worklist.rules.requirements import SET_BY_SERVER, STATE, Service, broken_rows
from worklist.rules.states import State

UPS_PUSH: Final = "1.2.840.10008.5.1.4.34.6.1"
"""SOP Class UID of every workitem (PS3.4 CC.2.5.1.3.1)."""

SOP_CLASS_UID: Final = "00080016"
SOP_INSTANCE_UID: Final = "00080018"
TRANSACTION_UID: Final = "00081195"

_DICOMS_OWN: Final = "1.2.840.10008."


class Creation(NamedTuple):
    """A request to create a workitem.

    Attributes
    ----------
    dataset
        Without Transaction UID; `worklist.rules.with_defaults` completes it.
    uid
        The SOP Instance UID that address and data set agree on, empty where neither
        has one: the server makes one then.
    """

    dataset: JsonModel
    uid: str
    findings: tuple[Finding, ...]


class Update(NamedTuple):
    """A request to update a workitem.

    Attributes
    ----------
    dataset
        The attributes to set, without Transaction UID; sequences whole.
    transaction_uid
        That of the data set, as DIMSE sends it; empty where it has none.
    """

    dataset: JsonModel
    transaction_uid: str
    findings: tuple[Finding, ...]


class StateChange(NamedTuple):
    """A request to change the state (PS3.4 table CC.2.1-1).

    Attributes
    ----------
    state
        That asked for; None where the request names none.
    transaction_uid
        Empty without one, which `worklist.rules.states` refuses in its own words.
    """

    state: State | None
    transaction_uid: str
    findings: tuple[Finding, ...]


class CancelRequest(NamedTuple):
    """A wish to cancel (PS3.4 table CC.2.2-1): reason, codes and whom to ask."""

    dataset: JsonModel
    findings: tuple[Finding, ...]


def check_create(model: object, *, uid: str = "", is_azure: bool = False) -> Creation:
    """Check the data set of a workitem that is to be created.

    Parameters
    ----------
    model
        DICOM JSON as it was read; anything.
    uid
        The UID of the address, if it has one (PS3.18 11.4.1.1).
    is_azure
        By the rules of Azure's DICOM service: attributes of types 1C and 2C are
        optional, WorklistLabel and ProcedureStepState need not be sent, and a state
        that is sent does not matter.

    References
    ----------
    DICOM PS3.4 CC.2.5; PS3.18 11.4.
    """
    dataset, findings = read(model)
    service = Service(is_update=False, is_azure=is_azure)
    agreed, contradictions = _agreed_uid(dataset, uid)
    broken = broken_rows(ATTRIBUTES, dataset, dataset, Place(), service)
    all_findings = _some(findings, contradictions, broken)
    dataset.pop(TRANSACTION_UID, None)
    return Creation(dataset, agreed, all_findings)


def check_some(model: object, rows: Mapping[str, Attribute]) -> Reading:
    """Check some attributes of a workitem that is to be created, without the others.

    What a row of the table asks of the data set itself does not depend on its other
    attributes: of many workitems that have most in common, that can be checked once.

    Parameters
    ----------
    model
        These attributes.
    rows
        What the table says of them, by tag; what is not in the table has none.
    """
    dataset, findings = read(model)
    service = Service(is_update=False)
    broken = broken_rows(rows, dataset, dataset, Place(), service)
    return Reading(dataset, _some(findings, broken))


def check_update(model: object, *, is_azure: bool = False) -> Update:
    """Check the data set of an update.

    Only what it holds is looked at. A sequence replaces that of the workitem whole, so
    what its items need has to be in them (PS3.4 CC.2.6.2).

    References
    ----------
    DICOM PS3.4 CC.2.6; PS3.18 11.6.
    """
    dataset, findings = read(model)
    service = Service(is_update=True, is_azure=is_azure)
    held = {tag: row for tag, row in ATTRIBUTES.items() if tag in dataset}
    broken = broken_rows(held, dataset, dataset, Place(), service)
    all_findings = _some(findings, broken)
    transaction_uid = _text(dataset, TRANSACTION_UID)
    for tag in (TRANSACTION_UID, *SET_BY_SERVER):
        dataset.pop(tag, None)
    return Update(dataset, transaction_uid, all_findings)


def check_state_change(model: object) -> StateChange:
    """Check the data set of a change of state (PS3.4 CC.2.1, PS3.18 11.7)."""
    dataset, findings = read(model)
    text = _text(dataset, STATE)
    state = next((state for state in State if state == text), None)
    told: list[Finding] = []
    if state is None:
        message = "has to be IN PROGRESS, COMPLETED or CANCELED."
        rule = Rule.ENUMERATED if text else Rule.MISSING
        told.append(Place().finding(STATE, "ProcedureStepState", rule, message))
    return StateChange(state, _text(dataset, TRANSACTION_UID), _some(findings, told))


def check_cancel_request(model: object = None) -> CancelRequest:
    """Check what a request to cancel says; it need not say anything.

    Other attributes than those of the table are left out (PS3.4 CC.2.2, PS3.18 11.8).
    """
    if model is None:
        return CancelRequest({}, ())
    dataset, findings = read(model)
    said = {tag: dataset[tag] for tag in dataset if tag in CANCEL_REQUEST_ATTRIBUTES}
    service = Service(is_update=False)
    broken = broken_rows(CANCEL_REQUEST_ATTRIBUTES, said, said, Place(), service)
    return CancelRequest(said, _some(findings, broken))


def check_uid(uid: str) -> str:
    """Return why a UID cannot be that of a workitem, empty where it can."""
    fault = check_identifier(uid) if uid else "is empty"
    if not fault and uid.startswith(_DICOMS_OWN):
        fault = "is of those that DICOM has registered for itself"
    return fault


def _some(
    read_as: tuple[Finding, ...], *broken: Iterable[Finding]
) -> tuple[Finding, ...]:
    """Join findings; what was not readable is not missed as well."""
    told = {finding.path for finding in read_as}
    more = (each for group in broken for each in group if each.path not in told)
    return tuple(islice(chain(read_as, more), MOST_FINDINGS))


def _text(dataset: JsonModel, tag: str) -> str:
    values = values_of(dataset, tag)
    return values[0] if values and isinstance(values[0], str) else ""


def _agreed_uid(dataset: JsonModel, uid: str) -> tuple[str, list[Finding]]:
    """Return the UID of a new workitem, and what contradicts it."""
    told: list[Finding] = []
    place = Place()
    sop_class = _text(dataset, SOP_CLASS_UID)
    if sop_class and sop_class != UPS_PUSH:
        message = f"has to be that of UPS Push, {UPS_PUSH}. Leave it out, or send that."
        told.append(place.finding(SOP_CLASS_UID, "SOPClassUID", Rule.IDENTITY, message))
    own = _text(dataset, SOP_INSTANCE_UID)
    fault = check_uid(uid or own) if uid or own else ""
    if fault:
        message = f"{fault}. Send another, or none to get one."
    elif uid and own and uid != own:
        message = "is not the UID of the address. Send one of them only."
    else:
        return uid or own, told
    told.append(
        place.finding(SOP_INSTANCE_UID, "SOPInstanceUID", Rule.IDENTITY, message)
    )
    return uid or own, told
