"""Accounts and practitioners of the record as people who are to do something.

An account is called by its name, a Practitioner by its address: ``jdoe``,
``Practitioner/17``. A Practitioner is an account where an identifier of it says so, of
the system ``urn:portal:scheme:99PORTAL`` with the account's name as value: what is
scheduled for it is then for that account in the portal's pages.

References
----------
DICOM PS3.3 10.6; FHIR R4 Task.owner, Practitioner.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from core.access import Verb
from core.accounts.actors import actor_of_account
from core.errors import Invalid
from core.models import Account, Partition
from fhirlink.linkage.current import current
from imaging.part10 import JsonModel
from worklist.describing import attribute, short_text
from worklist.making.converting import UNKNOWN_SCHEME, code_item, converted, text_of
from worklist.making.people import is_name
from worklist.making.task_states import SCHEME_URN
from worklist.models import WorkitemRule
from worklist.performers import SCHEME, performer_of

Json = Mapping[str, Any]

_PRACTITIONER: Final = "Practitioner"
_ROLE: Final = "PractitionerRole"
_OF_ACCOUNTS: Final = f"{SCHEME_URN}{SCHEME}"
_LONGEST_SCHEME: Final = 16
_REFERENCE: Final = re.compile(r"(.*/)?([A-Za-z]+)/([^/]+)(?:/_history/[^/]+)?")
_NAME: Final = "00404037"


def people_of(rule: WorkitemRule) -> Mapping[str, JsonModel]:
    """Return whom a rule names by account or Practitioner, by how it names them.

    Of an account that is not, or no more, its name alone is known.
    """
    found = {}
    for _, name in _named(rule):
        person = _person(rule.partition_id, name)
        scheme = UNKNOWN_SCHEME if _is_practitioner(name) else SCHEME
        found[name] = person or _item(rule.partition_id, name, scheme)
    return found


def require_people(rule: WorkitemRule) -> None:
    """Refuse a rule that names an account or a Practitioner that there is not.

    Raises
    ------
    Invalid
        `path` is the field, and where in it.
    """
    for path, name in _named(rule):
        if _person(rule.partition_id, name) is None:
            message = (
                "There is no such account or Practitioner. A person without one is"
                " written as code, scheme, name, organization."
            )
            raise Invalid(message, path=path)


def performer_of_owner(partition_id: int, owner: Json) -> JsonModel | None:
    """Return who owns a Task as who is to perform its workitem.

    None where that is no person: an organization, a team, a device.
    """
    found = _REFERENCE.fullmatch(text_of(owner.get("reference")))
    base, type_, fhir_id = found.groups("") if found else ("", "", "")
    type_ = type_ or text_of(owner.get("type")) or _PRACTITIONER
    if type_ not in {_PRACTITIONER, _ROLE}:
        return None
    person, organization = ({}, "") if base else _read(partition_id, type_, fhir_id)
    own = owner.get("identifier")
    identifiers = [*([own] if own else []), *person.get("identifier", ())]
    named = [each for each in identifiers if each.get("system") == _OF_ACCOUNTS]
    if account := _account(partition_id, [text_of(e.get("value")) for e in named]):
        return performer_of(account, partition_id)
    shown = text_of(owner.get("display"))
    names = [*person.get("name", ()), *([{"text": shown}] if shown else [])]
    code, scheme = _code_of(identifiers)
    code = code or fhir_id or short_text(shown)
    return _item(partition_id, code, scheme, *names, of=organization) if code else None


def _named(rule: WorkitemRule) -> Iterator[tuple[str, str]]:
    """Yield where a rule names an account or a Practitioner, and how."""
    steps = rule.steps if isinstance(rule.steps, list) else []
    for path, said in (
        ("performer", rule.performer),
        *(
            (f"steps[{number}].performer", step.get("performer"))
            for number, step in enumerate(steps)
            if isinstance(step, Mapping)
        ),
    ):
        if isinstance(said, str) and is_name(said):
            yield path, said.strip()


def _person(partition_id: int, name: str) -> JsonModel | None:
    if _is_practitioner(name):
        fhir_id = name.partition("/")[2]
        if not current(partition_id, _PRACTITIONER, [fhir_id]):
            return None
        return performer_of_owner(partition_id, {"reference": name})
    account = _account(partition_id, [name])
    return None if account is None else performer_of(account, partition_id)


def _account(partition_id: int, names: Sequence[str]) -> Account | None:
    """Return an account of these names that may work at something in a partition.

    Of others nothing is told: they may be those of another tenant.
    """
    for account in Account.objects.filter(username__in=names, is_active=True):
        if actor_of_account(account).reach(Verb.PERFORM).enters(partition_id):
            return account
    return None


def _is_practitioner(name: str) -> bool:
    return name.startswith(f"{_PRACTITIONER}/")


def _read(partition_id: int, type_: str, fhir_id: str) -> tuple[Json, str]:
    """Return a Practitioner, and of what organization its role is."""
    held: Json = current(partition_id, type_, [fhir_id]).get(fhir_id, {})
    if type_ != _ROLE:
        return held, ""
    organization = text_of(held.get("organization", {}).get("display"))
    reference = text_of(held.get("practitioner", {}).get("reference"))
    of_role, _, fhir_id = reference.rpartition("/")
    if of_role != _PRACTITIONER:
        return {}, organization
    return current(partition_id, of_role, [fhir_id]).get(fhir_id, {}), organization


def _code_of(identifiers: Sequence[Json]) -> tuple[str, str]:
    """Return the first identifier as code and scheme; one that names a scheme first."""
    found = ("", UNKNOWN_SCHEME)
    for each in reversed(identifiers):
        system, value = text_of(each.get("system")), text_of(each.get("value"))
        scheme = system.removeprefix(SCHEME_URN)
        is_named = scheme != system and len(scheme) <= _LONGEST_SCHEME
        if value and (is_named or found[1] == UNKNOWN_SCHEME):
            found = (value, scheme if is_named else UNKNOWN_SCHEME)
    return found


def _item(
    partition_id: int, code: str, scheme: str, *names: Json, of: str = ""
) -> JsonModel:
    """Return a person as an item of a sequence of human performers."""
    name = next(iter(converted(_NAME, "PN", names)), {"Alphabetic": short_text(code)})
    meaning = short_text(str(name.get("Alphabetic") or code).replace("^", " "))
    where = of or Partition.objects.get(pk=partition_id).name
    return {
        **attribute(
            "HumanPerformerCodeSequence", "SQ", code_item(code, scheme, meaning)
        ),
        **attribute("HumanPerformerName", "PN", name),
        **attribute("HumanPerformerOrganization", "LO", short_text(where)),
    }
