"""What rules look at: studies and resources that match, and what paths lead to.

A fixed number of statements for any number of subjects.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from core.errors import Invalid
from core.models import Partition
from fhirlink.definitions.compartment import patient_compartment
from fhirlink.definitions.parameters import parameters_of
from fhirlink.linkage.current import changed_at as resources_changed_at
from fhirlink.linkage.current import current
from fhirlink.linkage.identities import identities_of
from fhirlink.linkage.source import Source
from fhirlink.linkage.sources import source_of
from fhirlink.search.matching import conditions_of, matching_resources
from fhirlink.search.values import Link, values_at
from fhirlink.served import is_served
from imaging.query.held_studies import changed_at as studies_changed_at
from imaging.query.held_studies import matching_studies, study_query
from worklist.making.keys import key_of, uid_of
from worklist.making.paths import Related
from worklist.making.plan import Subject
from worklist.making.usual import STUDY
from worklist.models import WorkitemRule

ROUNDS: Final = 4
"""Of reading what paths lead to: so many references may follow each other."""

Filled = TypeVar("Filled")


class Found(NamedTuple):
    """A subject of a rule, and its place among all."""

    key: int
    subject: Subject


class Wanted(NamedTuple):
    """Which subjects are asked for.

    Attributes
    ----------
    names
        StudyInstanceUIDs, or ids of resources; None: all.
    after
        Their keys are higher.
    newest
        Whether those that came last are, the last one first.
    """

    limit: int
    names: Collection[str] | None = None
    after: int = 0
    newest: bool = False


def check_source(source: str, conditions: str) -> None:
    """Refuse a source that there is not, and conditions that are no search of it.

    Raises
    ------
    Invalid
        `path` is the field.
    """
    if source != STUDY and not is_served(source):
        message = f"A rule looks at {STUDY}, or at a type of resource: ServiceRequest."
        raise Invalid(message, path="source")
    try:
        if source == STUDY:
            study_query(conditions)
        else:
            conditions_of(source, conditions)
    except Invalid as error:
        path = f"conditions.{error.path}" if error.path else "conditions"
        raise Invalid(error.message, path=path) from error


def find(rule: WorkitemRule, wanted: Wanted) -> list[Found]:
    """Return the subjects of a rule that meet its conditions."""
    asked: dict[str, Any] = {
        "after": wanted.after,
        "limit": wanted.limit,
        "newest": wanted.newest,
    }
    key = rule.partition_id
    if rule.source == STUDY:
        query = study_query(rule.conditions)
        studies = matching_studies(key, query, uids=wanted.names, **asked)
        return [
            Found(key, Subject(uid, attributes, at))
            for key, uid, at, attributes in studies
        ]
    conditions = conditions_of(rule.source, rule.conditions)
    resources = matching_resources(
        key, rule.source, conditions, ids=wanted.names, **asked
    )
    return [
        Found(each.key, Subject(f"{rule.source}/{each.fhir_id}", each.content, each.at))
        for each in resources
    ]


def name_of(found: Found) -> str:
    """Return the StudyInstanceUID of a subject, or the id of a resource."""
    return found.subject.address.rpartition("/")[2]


def changed_at(rule: WorkitemRule, names: Collection[str]) -> Mapping[str, dt.datetime]:
    """Return when subjects of a rule have changed last, by their names."""
    if rule.source == STUDY:
        return studies_changed_at(rule.partition_id, names)
    return resources_changed_at(rule.partition_id, rule.source, names)


def with_patients(partition: Partition, found: Sequence[Found]) -> list[Found]:
    """Return resources with what is known of whose they are, and of their order.

    ``%patient`` is the Patient, ``%identity`` how images call it, ``%study`` the UID of
    the study that an order becomes, where the record names none.
    """
    if not found:
        return []
    source = source_of(partition)
    patients = {each.key: _patient_of(each.subject.item) for each in found}
    ids = {each for each in patients.values() if each}
    held = current(partition.pk, "Patient", ids) if ids else {}
    identities = identities_of(partition.pk, source, held) if held else {}
    told = []
    for key, subject in found:
        patient = patients[key]
        more: dict[str, Any] = {"%study": _study_of_order(source, subject.item)}
        if patient in held:
            more["%patient"] = held[patient]
        if identity := identities.get(patient):
            more["%identity"] = {
                "patientId": identity.patient_id,
                "issuer": identity.issuer,
            }
        item = {**subject.item, **{name: each for name, each in more.items() if each}}
        told.append(Found(key, subject._replace(item=item)))
    return told


def followed(
    partition_id: int, fill: Callable[[Related], list[Filled]]
) -> list[Filled]:
    """Return what `fill` gives once all that its paths lead to was read.

    It is called again for each step of references that follow each other.
    """
    related = Related()
    for _ in range(ROUNDS):
        found = fill(related)
        if not related.missing:
            return found
        _read_missing(partition_id, related)
    return fill(related)


def _read_missing(partition_id: int, related: Related) -> None:
    by_type: dict[str, set[str]] = {}
    for reference in related.missing:
        type_, _, fhir_id = reference.partition("/")
        by_type.setdefault(type_, set()).add(fhir_id)
        related.held[reference] = None
    related.missing.clear()
    for type_, ids in by_type.items():
        if is_served(type_):
            for fhir_id, content in current(partition_id, type_, ids).items():
                related.held[f"{type_}/{fhir_id}"] = content


def _patient_of(resource: Mapping[str, Any]) -> str:
    """Return the id of the Patient that a resource is about; empty for none.

    A Task is in the compartment of who is to do it, but not of whom it is for.
    """
    type_ = str(resource["resourceType"])
    if type_ == "Patient":
        return str(resource["id"])
    parameters = parameters_of(type_)
    named = dict.fromkeys(("patient", "subject", *sorted(patient_compartment(type_))))
    for name in [each for each in named if each in parameters]:
        for value in values_at(parameters[name], resource):
            if isinstance(value, Link) and value.type == "Patient":
                return value.fhir_id
    return ""


def _study_of_order(source: Source, resource: Mapping[str, Any]) -> str:
    """Return the UID of the study that an order becomes; empty where there is none."""
    type_ = resource["resourceType"]
    order = f"{type_}/{resource['id']}"
    if type_ != "ServiceRequest":
        based_on = resource.get("basedOn") or [{}]
        order = str(based_on[0].get("reference", ""))
    if not order:
        return ""
    return uid_of(key_of(source.namespace, f"{source.partition}/{order}"))
