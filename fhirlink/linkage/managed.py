"""Who may say who is who: whoever manages, and sees, all patients of a partition."""

from core.access import Actor, Verb, require, require_whole_partition
from core.partitions import get_partition


def require_managed(actor: Actor, partition: str) -> int:
    """Return the key of a partition all of whose patients an actor may manage.

    Raises
    ------
    Forbidden, NotFound
        It may not.
    """
    for verb in (Verb.MANAGE, Verb.VIEW_PHI):
        require(actor, verb)
        key = get_partition(actor=actor, name=partition, verb=verb)
        require_whole_partition(actor, verb, key)
    return key
