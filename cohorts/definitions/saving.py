"""Keeping definitions: each change is a version, written by their owner, audited."""

from collections.abc import Mapping
from typing import Any, Final, cast
from uuid import UUID

from django.db import transaction
from pydantic import TypeAdapter, ValidationError

from cohorts.criteria import canonical, dumped, parse_criteria
from cohorts.criteria.values import Concept, Part
from cohorts.definitions.found import definition_named, find_definition
from cohorts.definitions.inlining import inlined
from cohorts.definitions.named import Named, replaced
from cohorts.definitions.value_sets import concept_of, is_value_set
from cohorts.models import Definition, DefinitionKind, DefinitionVersion
from cohorts.models.definition import LONGEST_DESCRIPTION, LONGEST_NAME
from core import audit
from core.access import Actor, Verb, require
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.models import Account
from core.partitions import get_partition

MAXIMUM: Final = 500
"""Definitions of an account in a partition."""

Json = Any
_CONCEPT: Final = TypeAdapter[Part](Concept)


@transaction.atomic
def save_definition(
    *,
    actor: Actor,
    partition: str,
    kind: DefinitionKind,
    name: str,
    content: object,
    description: str | None = None,
) -> Definition:
    """Keep a question or a set of concepts, as a new version where one is there.

    What says the same as the newest version makes none.

    Parameters
    ----------
    content
        Criteria of a cohort, a concept of a set, as JSON has them.
    description
        None leaves that which is there.

    Raises
    ------
    Forbidden, NotFound
        The actor is no account, or may see nothing of the partition.
    Invalid
        The content breaks a rule, or names what is not there, or itself; or the name
        or the description cannot be.
    Conflict
        The account has too many already.
    """
    require(actor, Verb.READ)
    name, description = _checked(name, description)
    partition_id = get_partition(actor=actor, name=partition)
    plain = _by_key(actor, partition_id, _content(kind, content))
    account = _locked(actor)
    held, is_new = Definition.objects.get_or_create(
        owner=account, partition_id=partition_id, kind=kind, name=name
    )
    if is_new:
        _require_few(account, partition_id)
    if description is not None:
        held.description = description
        held.save(update_fields=["description", "changed_at"])
    _add_version(actor, held, plain)
    _require_runs(actor, held)
    return find_definition(actor=actor, key=held.pk)


@transaction.atomic
def rename_definition(*, actor: Actor, key: UUID, name: str) -> Definition:
    """Give a definition of one's own another name; what names it still does.

    Raises
    ------
    Forbidden, NotFound
        It is not the actor's own, or not seen at all.
    Invalid, Conflict
        No definition can have the name, or one of the actor's has it.
    """
    name, _ = _checked(name, None)
    held = own_definition(actor, key)
    others = Definition.objects.filter(
        owner=held.owner_id, partition=held.partition_id, kind=held.kind, name=name
    )
    if others.exclude(pk=held.pk).exists():
        message = f"You have one named {name} already."
        raise Conflict(message)
    before, held.name = held.name, name
    held.save(update_fields=["name", "changed_at"])
    record(actor, held, f"renamed from {before}")
    return held


@transaction.atomic
def remove_definition(*, actor: Actor, key: UUID) -> None:
    """Forget a definition of one's own with its versions; raises as renaming does."""
    held = own_definition(actor, key)
    record(actor, held, "removed")
    held.delete()


def own_definition(actor: Actor, key: UUID) -> Definition:
    """Return a definition that the actor owns, and that nobody else changes meanwhile.

    Raises
    ------
    NotFound
        There is none that the actor sees.
    Forbidden
        It is somebody else's.
    """
    account = _locked(actor)
    held = find_definition(actor=actor, key=key)
    if held.owner_id != account.pk:
        whose = f"is {held.owner}'s" if held.owner else "was of a removed account"
        message = f"{held.name} {whose}: only its owner changes it."
        raise Forbidden(message)
    return held


def record(actor: Actor, definition: Definition, done: str) -> None:
    """Tell the audit log what was done with a definition."""
    event = audit.Event(
        actor,
        audit.Action.CONFIGURE,
        partition_id=definition.partition_id,
        detail=f"{definition.get_kind_display()} {definition.name}: {done}",
    )
    audit.record(event)


def _content(kind: DefinitionKind, content: object) -> Json:
    if kind == DefinitionKind.COHORT:
        return dumped(parse_criteria(content))
    # The checks of a question go for what is in it as well: depth, characters.
    if is_value_set(content):
        content = concept_of(cast("Mapping[str, Json]", content))
    leaf = {"event": {"type": "observation", "code": content}}
    try:
        parse_criteria({"v": 1, "where": leaf})
        return dumped(_CONCEPT.validate_python(content))
    except (Invalid, ValidationError) as error:
        said = error.message if isinstance(error, Invalid) else "it is no concept."
        message = f"A set is a concept: {said.removeprefix('where.event.')}"
        raise Invalid(message, path="content") from error


def _by_key(actor: Actor, partition_id: int, content: Json) -> Json:
    """Return content that names by key, which stays when something is renamed."""

    def by_key(name: Named) -> Mapping[str, str]:
        found = definition_named(actor=actor, partition_id=partition_id, name=name)
        return {name.kind: str(found.pk)}

    found: Json = replaced(content, by_key)
    return found


def _add_version(actor: Actor, held: Definition, content: Json) -> None:
    last = held.versions.first()
    if last is not None and canonical(last.content) == canonical(content):
        return
    number = last.number + 1 if last else 1
    DefinitionVersion.objects.create(
        definition=held, number=number, content=content, actor=actor.name
    )
    held.save(update_fields=["changed_at"])
    record(actor, held, f"saved version {number}")


def _require_runs(actor: Actor, held: Definition) -> None:
    """Refuse what names itself, or is too much once all is written in its place."""
    where: Json = {str(held.kind): str(held.pk)}
    if held.kind == DefinitionKind.SET:
        where = {"event": {"type": "observation", "code": where}}
    query = parse_criteria({"v": 1, "where": where})
    inlined(actor=actor, partition_id=held.partition_id, query=query)


def _require_few(account: Account, partition_id: int) -> None:
    held = Definition.objects.filter(owner=account, partition=partition_id)
    if held.count() > MAXIMUM:
        message = f"You have {MAXIMUM} definitions here already. Remove one first."
        raise Conflict(message)


def _checked(name: str, description: str | None) -> tuple[str, str | None]:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or '"' in name:
        message = (
            f"A name has 1 to {LONGEST_NAME} characters, and no quotation marks among"
            " them."
        )
        raise Invalid(message, path="name")
    try:
        UUID(name)
    except ValueError:
        pass
    else:
        message = "A name is no UUID: those are keys."
        raise Invalid(message, path="name")
    if description is not None:
        description = description.strip()
        if len(description) > LONGEST_DESCRIPTION or "\0" in description:
            message = f"A description has at most {LONGEST_DESCRIPTION} characters."
            raise Invalid(message, path="description")
    return name, description


def _locked(actor: Actor) -> Account:
    """Return the account that acts, whose definitions nobody else changes meanwhile."""
    if actor.account_id is None or actor.is_limited:
        message = (
            "Cohorts and sets are saved for accounts, after signing in or with a token"
            " that has no limits."
        )
        raise Forbidden(message)
    account = Account.objects.select_for_update().filter(pk=actor.account_id).first()
    if account is None:
        message = "There is no such account any more."
        raise NotFound(message)
    return account
