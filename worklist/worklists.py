"""Worklists: what grants on the workitems of one label hang on."""

from collections.abc import Collection, Mapping

from core.access import Actor, Verb
from core.accounts.grants import asking, scope_of
from core.errors import NotFound
from core.models import Scope, ScopeKind
from core.partitions import get_partition
from imaging.fold import fold
from worklist.models import Worklist


def labels_of_worklists(keys: Collection[int]) -> Mapping[int, str]:
    """Return the labels of worklists by their keys, for who sees grants on them."""
    return dict(Worklist.objects.filter(pk__in=keys).values_list("pk", "label"))


def scope_of_worklist(*, actor: Actor, partition: str, label: str) -> Scope:
    """Return the scope of a worklist, as what a grant is to hang on.

    Whoever puts work on lists may name one before there is anything on it.

    Raises
    ------
    NotFound
        There is none, or the actor may not see all of the partition.
    """
    verb = asking(actor)
    key = get_partition(actor=actor, name=partition, verb=verb)
    if not label or not actor.reach(verb).has_whole(key):
        message = "There is no such worklist."
        raise NotFound(message, path="worklist")
    if actor.reach(Verb.SCHEDULE).has_whole(key):
        held: Worklist | None = Worklist.objects.get_or_create(
            partition_id=key, label=label, defaults={"label_folded": fold(label)}
        )[0]
    else:
        held = Worklist.objects.filter(partition_id=key, label=label).first()
    if held is None:
        message = "There is no such worklist."
        raise NotFound(message, path="worklist")
    return scope_of(ScopeKind.WORKLIST, held.pk, key)
