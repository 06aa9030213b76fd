"""Granting and explaining by what a person calls things: a study by its UID, say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from core.access import Actor, Verb
from core.accounts import granted, grants
from core.accounts.explain import Explanation, explain_access, subject_of
from core.accounts.grants import UNTIL_REVOKED, AnyGrant, Level, Terms
from core.errors import Forbidden, Invalid, NotFound
from core.models import Account, Scope
from imaging.project_contents import PatientIdentity
from imaging.projects import scope_named
from imaging.scopes import scope_of_partition, scope_of_patient, scope_of_study


@dataclass(frozen=True, slots=True)
class Place:
    """What something is granted on: one of the things in a partition, or all of it."""

    partition: str
    project: str | None = None
    study_instance_uid: str | None = None
    patient: PatientIdentity | None = None
    worklist: str | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """An account or a group, by its name."""

    account: str | None = None
    group: str | None = None


_scopes_of_worklists: Final[list[Callable[..., Scope]]] = []


def register_worklists(scope_of: Callable[..., Scope]) -> None:
    """Have `scope_of` return what grants on a worklist hang on.

    Parameters
    ----------
    scope_of
        Given actor, partition and label; raises as `scope_at`.
    """
    _scopes_of_worklists.append(scope_of)


@transaction.atomic
def grant_on(
    *,
    actor: Actor,
    place: Place,
    to: Receiver,
    level: Level,
    terms: Terms = UNTIL_REVOKED,
) -> AnyGrant:
    """Open something to an account or a group, as `core.accounts.grants.grant` does.

    Raises
    ------
    NotFound, Forbidden
        The actor may not see it, or not grant this on it; or there is nobody of this
        name.
    Invalid
        It is not one thing, not one receiver, or would have ended already.
    """
    scope = scope_at(actor=actor, place=place)
    receiver = grants.find_receiver(
        actor=actor, scope=scope, level=level, account=to.account, group=to.group
    )
    given = grants.grant(
        actor=actor, scope=scope, to=receiver, level=level, terms=terms
    )
    return granted.find_grant(actor=actor, to=type(receiver), key=given.pk)


def list_grants_on(*, actor: Actor, place: Place) -> Sequence[AnyGrant]:
    """Return the grants on something, as `core.accounts.granted.list_grants` does.

    Raises
    ------
    NotFound, Forbidden, Invalid
        The actor may not see it, or not who else does; or it is not one thing.
    """
    with transaction.atomic():
        scope = scope_at(actor=actor, place=place)
        found = granted.list_grants(actor=actor, scope=scope)
        transaction.set_rollback(True)  # who only looks leaves no scope behind
    return found


def explain_at(*, actor: Actor, account: str, place: Place) -> Explanation:
    """Return what an account may do with something, and why.

    Raises
    ------
    Forbidden
        It is another's account, and the actor may not see accounts.
    NotFound, Invalid
        There is no such account, or the actor may not see the thing; or it is not one
        thing.
    """
    held = Account.objects.filter(username=account).first()
    is_own = held is not None and held.pk == actor.account_id
    if not is_own and not actor.may(Verb.READ_ACCOUNTS):
        message = "Your roles do not allow you to ask for others."
        raise Forbidden(message)
    if held is None:
        message = f"There is no account {account!r}."
        raise NotFound(message, path="account")
    with transaction.atomic():
        subject = subject_of(scope_at(actor=actor, place=place))
        found = explain_access(actor=actor, account=held, subject=subject)
        transaction.set_rollback(True)  # who only looks leaves no scope behind
    return found


def scope_at(*, actor: Actor, place: Place) -> Scope:
    """Return what grants on something hang on, made where there were none before.

    Raises
    ------
    NotFound
        There is none, or the actor may not see it.
    Invalid
        More than one thing is named.
    """
    named = (place.project, place.study_instance_uid, place.patient, place.worklist)
    if sum(each is not None for each in named) > 1:
        message = "Name a project, a study, a patient or a worklist: one of them."
        raise Invalid(message, path="on")
    partition = place.partition
    if place.project is not None:
        return scope_named(actor=actor, partition=partition, name=place.project)
    if place.patient is not None:
        patient_id, issuer = place.patient
        return scope_of_patient(
            actor=actor,
            partition=partition,
            patient_id=patient_id,
            issuer_of_patient_id=issuer,
        )
    if place.study_instance_uid is not None:
        uid = place.study_instance_uid
        return scope_of_study(actor=actor, partition=partition, study_instance_uid=uid)
    if place.worklist is not None:
        (scope_of,) = _scopes_of_worklists
        return scope_of(actor=actor, partition=partition, label=place.worklist)
    return scope_of_partition(actor=actor, partition=partition)
