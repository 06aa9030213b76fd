"""Accounts that save cohorts and sets, in tests, and what they save."""

from dataclasses import replace
from typing import Any

from cohorts.definitions.saving import save_definition
from cohorts.models import Definition, DefinitionKind
from core.access import Actor, Verb
from core.models import Account, Scope
from core.reach import Reach, ScopeKey
from tests.actors import ALL_VERBS, READING, acting

Json = Any


def person(name: str, *scopes: Scope, verbs: frozenset[Verb] = READING) -> Actor:
    """Return an account's actor: everywhere, or in some scopes alone."""
    account, _ = Account.objects.get_or_create(username=name)
    if not scopes:
        return acting(account.pk, name, verbs)
    keys = frozenset(ScopeKey(each.pk, each.partition_id) for each in scopes)
    reach = Reach(frozenset(), keys)
    actor = acting(account.pk, name, verbs)
    return replace(actor, reaches=dict.fromkeys(verbs, reach))


def owner() -> Actor:
    """Return who may do everything."""
    return person("owner", verbs=ALL_VERBS)


def cohort(name: str, where: Json, actor: Actor | None = None) -> Definition:
    """Save a question of patients."""
    return save_definition(
        actor=actor or owner(),
        partition="default",
        kind=DefinitionKind.COHORT,
        name=name,
        content={"v": 1, "where": where},
    )


def concepts(name: str, concept: Json, actor: Actor | None = None) -> Definition:
    """Save a set of concepts."""
    return save_definition(
        actor=actor or owner(),
        partition="default",
        kind=DefinitionKind.SET,
        name=name,
        content=concept,
    )
