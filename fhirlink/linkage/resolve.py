"""What persons say of who is who: merges, splits, and conflicts that they have seen.

Each of it needs `Verb.MANAGE` and `Verb.VIEW_PHI` in the whole partition, is audited,
and can be undone: a decision is a row that joins keys, or takes one out of whatever
joins it, until it is undone. The studies concerned are linked anew soon after.
"""

from collections.abc import Collection, Sequence
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import audit
from core.access import Actor
from core.errors import Conflict, Invalid, NotFound
from fhirlink.linkage import dirty, key_rows, keys
from fhirlink.linkage.identifiers import Identifier
from fhirlink.linkage.keys import DECISION, Key, Kind, Owner
from fhirlink.linkage.managed import require_managed
from fhirlink.linkage.reading import clean
from fhirlink.models import LinkConflict, LinkDecision, MadePatient

MOST: Final = 200  # conflicts of a page


def list_conflicts(
    *,
    actor: Actor,
    partition: str,
    is_open: bool = True,
    after: int = 0,
    limit: int = MOST,
) -> Sequence[LinkConflict]:
    """Return what a person should look at, in the order that it was found.

    The audit log names the studies.

    Raises
    ------
    Forbidden, NotFound
        The actor may not manage the patients of all of the partition.
    """
    partition_id = require_managed(actor, partition)
    rows = LinkConflict.objects.filter(
        partition=partition_id, resolved_at__isnull=is_open, pk__gt=after
    )
    found = list(rows.order_by("pk")[: min(limit, MOST)])
    event = audit.Event(
        actor,
        audit.Action.SEARCH,
        partition_id=partition_id,
        detail=f"link conflicts ({len(found)})",
    )
    studies = [each.study_instance_uid for each in found]
    audit.record_answer(event, patients=(), studies=studies)
    return found


def list_decisions(*, actor: Actor, partition: str) -> Sequence[LinkDecision]:
    """Return what persons have said of who is who, the newest first, undone or not.

    Raises
    ------
    Forbidden, NotFound
        The actor may not manage the patients of all of the partition.
    """
    partition_id = require_managed(actor, partition)
    found = list(
        LinkDecision.objects.filter(partition=partition_id).order_by("-pk")[:MOST]
    )
    detail = f"link decisions ({len(found)})"
    audit.record_soon(
        audit.Event(
            actor, audit.Action.SEARCH, partition_id=partition_id, detail=detail
        )
    )
    return found


def resolve_conflict(
    *, actor: Actor, partition: str, key: int, resolution: str
) -> LinkConflict:
    """Say that a conflict is none, and why; it comes back when its cause is another.

    Raises
    ------
    NotFound
        There is none of this key in the partition.
    Invalid
        There is no resolution.
    """
    partition_id = require_managed(actor, partition)
    _require_reason(resolution, "resolution")
    with transaction.atomic(durable=True):
        rows = LinkConflict.objects.select_for_update()
        found = rows.filter(partition=partition_id, pk=key).first()
        if found is None:
            message = "There is no such conflict, or no more."
            raise NotFound(message, path="key")
        found.resolved_at, found.resolved_by = timezone.now(), actor.name
        found.resolution = clean(resolution)
        found.save()
        _record(actor, partition_id, f"conflict {found.kind} resolved", resolution)
    return found


def merge_patients(
    *,
    actor: Actor,
    partition: str,
    first: Identifier | str,
    second: Identifier | str,
    reason: str,
) -> LinkDecision:
    """Say that an identifier, or a Patient by its id, is another one.

    Where the record knows both, what is filed under the first is filed under the
    second: under this one identifier, or under all of a Patient.

    Raises
    ------
    Invalid
        Both are the same, one is empty, or there is no reason.
    NotFound
        There is no such Patient in the partition.
    Conflict
        It has been said already.
    """
    partition_id = require_managed(actor, partition)  # who may not is told that first
    one = _somebody(partition_id, first, "first")
    other = _somebody(partition_id, second, "second")
    if one == other:
        message = "Name two different ones."
        raise Invalid(message, path="second")
    action = LinkDecision.Action.MERGE
    return _decide(actor, partition, action, (one, other), reason)


def split_patient(
    *, actor: Actor, partition: str, identifier: Identifier, reason: str
) -> LinkDecision:
    """Say that an identifier of images is none of those that it is joined with.

    Its studies are of a Patient of their own, whatever other identifiers, and Patients
    of the record, say; but for merges that persons decide afterwards.

    Raises
    ------
    Invalid
        The identifier is empty, or there is no reason.
    Conflict
        It has been said already; or a merge says who it is, which would go on to.
    """
    partition_id = require_managed(actor, partition)
    action, term = LinkDecision.Action.SPLIT, _term(identifier, "identifier")
    merges = LinkDecision.objects.filter(
        Q(first=term) | Q(second=term),
        partition=partition_id,
        action=LinkDecision.Action.MERGE,
        undone_at=None,
    )
    if merges.exists():
        message = "A person has merged it with another one: undo that first."
        raise Conflict(message)
    return _decide(actor, partition, action, (term, ""), reason)


def undo_decision(
    *, actor: Actor, partition: str, key: int, reason: str
) -> LinkDecision:
    """Take back what was said; it stays in the list.

    Raises
    ------
    NotFound
        There is no such decision in the partition.
    Conflict
        It was undone already.
    """
    partition_id = require_managed(actor, partition)
    _require_reason(reason, "reason")
    with transaction.atomic(durable=True):
        rows = LinkDecision.objects.select_for_update()
        found = rows.filter(partition=partition_id, pk=key).first()
        if found is None:
            message = "There is no such decision."
            raise NotFound(message, path="key")
        if found.undone_at is not None:
            message = "It was undone already."
            raise Conflict(message)
        before = _reached(found)
        found.undone_at, found.undone_by = timezone.now(), actor.name
        found.save()
        _keep_keys(found)
        _mark(found, before)
        _record(actor, partition_id, f"{found.action} of patients undone", reason)
    return found


def _decide(
    actor: Actor,
    partition: str,
    action: LinkDecision.Action,
    terms: tuple[str, str],
    reason: str,
) -> LinkDecision:
    partition_id = require_managed(actor, partition)
    _require_reason(reason, "reason")
    said = {"action": action, "first": terms[0], "second": terms[1]}
    with transaction.atomic(durable=True):
        rows = LinkDecision.objects.filter(partition=partition_id, undone_at=None)
        if rows.filter(**said).exists():
            message = "This has been said already."
            raise Conflict(message)
        made = LinkDecision(
            partition_id=partition_id, actor=actor.name, reason=clean(reason), **said
        )
        before = _reached(made)
        made.save()
        _keep_keys(made)
        _mark(made, before)
        _record(actor, partition_id, f"{action} of patients", reason, terms)
    return made


def _keep_keys(decision: LinkDecision) -> None:
    """Have a merge join its keys as long as it is not undone."""
    owner, found = Owner(DECISION, str(decision.pk)), set()
    is_merge = decision.action == LinkDecision.Action.MERGE
    if is_merge and decision.undone_at is None:
        found = {Key(Kind.OTHER, decision.first), Key(Kind.OTHER, decision.second)}
    key_rows.replace_keys(decision.partition_id, {owner: found})


def _reached(decision: LinkDecision) -> list[str]:
    terms = filter(None, (decision.first, decision.second))
    return key_rows.reached(decision.partition_id, terms)


def _mark(decision: LinkDecision, before: Collection[str]) -> None:
    """Have the studies of all that is joined, or was, linked anew."""
    terms = {*before, *_reached(decision)}
    studies = key_rows.studies_of(decision.partition_id, terms)
    dirty.mark((decision.partition_id, uid) for uid in studies)


def _somebody(partition_id: int, named: Identifier | str, path: str) -> str:
    """Return the key of somebody: by an identifier, or by the id of a Patient."""
    if isinstance(named, Identifier):
        return _term(named, path)
    if not clean(named):
        message = "Name somebody: by an identifier, or by the id of a Patient."
        raise Invalid(message, path=path)
    return _patient_term(partition_id, named, path)


def _term(identifier: Identifier, path: str) -> str:
    system, value = map(clean, identifier)
    if not system or not value:
        message = "An identifier has a system and a value."
        raise Invalid(message, path=path)
    return keys.term(system, value)


def _patient_term(partition_id: int, fhir_id: str, path: str) -> str:
    """Return the key of a Patient: one that images have made is what it was made of."""
    owner, own = Owner("Patient", fhir_id), keys.address("Patient", fhir_id)
    if Key(Kind.SELF, own) in key_rows.keys_of(partition_id, [owner])[owner]:
        return own
    made = MadePatient.objects.filter(partition=partition_id, fhir_id=fhir_id).first()
    if made is None:
        message = f"There is no Patient {fhir_id}, or it has not been linked yet."
        raise NotFound(message, path=path)
    return made.term


def _require_reason(reason: str, path: str) -> None:
    if not clean(reason):
        message = "Say why: that stands in the audit log."
        raise Invalid(message, path=path)


def _record(
    actor: Actor,
    partition_id: int,
    detail: str,
    reason: str,
    terms: Collection[str] = (),
) -> None:
    audit.record(
        audit.Event(
            actor,
            audit.Action.UPDATE,
            partition_id=partition_id,
            detail=f"{detail}: {clean(reason)}",
            query=" ".join(each.replace("\x1f", "|") for each in terms),
        )
    )
