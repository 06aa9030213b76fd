"""Who owns a Task and who is to perform its workitem are kept in step, both ways.

What both were when they agreed is remembered: whichever is otherwise than that has
changed, and the other one follows. Where both have, the Task's owner counts. So what
was written here is not answered, and an owner that cannot be followed yet, as somebody
performs the workitem, is followed when it is given up.
"""

from hashlib import blake2b
from typing import Any, Final

import orjson

from imaging.part10 import JsonModel
from worklist import data_set
from worklist.describing import attribute
from worklist.making.follower import ACTOR
from worklist.making.people import PERFORMERS
from worklist.making.task_states import owner
from worklist.making.who import performer_of_owner
from worklist.models import MadeWorkitem, Workitem
from worklist.rules import State
from worklist.update import update_workitem

Json = dict[str, Any]

_OWNER: Final = "owner"


def follow_owner(made: MadeWorkitem, workitem: Workitem, task: Json, lock: str) -> bool:
    """Schedule a workitem for who owns its Task, if that has changed.

    Parameters
    ----------
    lock
        The Transaction UID by which the Task may have claimed it.

    Returns
    -------
    bool
        Whether the workitem was changed.

    Raises
    ------
    PortalError
        Somebody else performs it.
    """
    if State(workitem.state).is_final or not _is_task_ahead(made, task):
        return False
    model = data_set.unpacked(bytes(workitem.content))
    before = data_set.items(model, PERFORMERS)
    wanted = _wanted(workitem.partition_id, model, task)
    if wanted is None or wanted == list(before):
        agree(made, model, task)
        return False
    has_lock = workitem.transaction_uid == lock
    update_workitem(
        actor=ACTOR,
        partition=workitem.partition.name,
        uid=workitem.sop_instance_uid,
        model=attribute("ScheduledHumanPerformersSequence", "SQ", *wanted),
        transaction_uid=lock if has_lock else "",
    )
    content = bytes(workitem.content)
    workitem.refresh_from_db()
    agree(made, data_set.unpacked(bytes(workitem.content)), task)
    return bytes(workitem.content) != content


def tell_owner(made: MadeWorkitem, model: JsonModel, task: Json) -> None:
    """Have a Task that is to be written say who is to perform its workitem."""
    is_changed = _digest(_performers(model)) != made.performers_seen
    if _is_task_ahead(made, task) or not is_changed:
        return
    found = owner(model)
    if found is None:
        task.pop(_OWNER, None)
    else:
        task[_OWNER] = found


def agree(made: MadeWorkitem, model: JsonModel, task: Json) -> None:
    """Remember that a workitem and its Task agree as they are."""
    seen = {
        "owner_seen": _digest(task.get(_OWNER)),
        "performers_seen": _digest(_performers(model)),
    }
    if any(getattr(made, name) != value for name, value in seen.items()):
        MadeWorkitem.objects.filter(pk=made.pk).update(**seen)
        made.owner_seen, made.performers_seen = seen.values()


def _wanted(partition_id: int, model: JsonModel, task: Json) -> list[JsonModel] | None:
    """Return who is to perform what a Task asks for; None: as the workitem says."""
    found = task.get(_OWNER)
    if not found:
        return []
    if found == owner(model):
        return None
    performer = performer_of_owner(partition_id, found)
    return None if performer is None else [performer]


def _is_task_ahead(made: MadeWorkitem, task: Json) -> bool:
    return _digest(task.get(_OWNER)) != made.owner_seen


def _performers(model: JsonModel) -> Any:
    return model.get(PERFORMERS, {}).get("Value")


def _digest(value: Any) -> str:
    """Return by what a value is known again; empty for none."""
    if not value:
        return ""
    return blake2b(
        orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=16
    ).hexdigest()
