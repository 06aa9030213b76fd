"""Dead letters that operators give up: what a follower derives does without them."""

from typing import Final

from django.db import transaction

from core import audit
from core.access import Actor, Verb, require_everywhere
from core.errors import NotFound
from core.models import DeadLetter, FollowerCursor

OF_ALL: Final = "Followers work for all partitions: you manage the data of some."


@transaction.atomic
def skip_dead_letter(*, actor: Actor, letter_id: int) -> None:
    """Give up an entry that a follower could not apply; audited.

    Later entries of the same key go on where no other letter of that key is left. Only
    a rebuild takes the entry again.

    Raises
    ------
    Forbidden
        The actor may not manage the data of all partitions.
    NotFound
        There is no such letter: a replay has applied it, perhaps.
    """
    require_everywhere(actor, Verb.MANAGE, OF_ALL)
    letter = DeadLetter.objects.filter(pk=letter_id).first()
    if letter is not None:
        # Whoever replays it meanwhile ends first.
        FollowerCursor.objects.select_for_update().filter(name=letter.follower).first()
    if letter is None or not DeadLetter.objects.filter(pk=letter_id).delete()[0]:
        message = "There is no such dead letter any more."
        raise NotFound(message)
    detail = f"skipped entry {letter.seq} of follower {letter.follower}"
    audit.record(audit.Event(actor, audit.Action.OPERATE, detail=detail))
