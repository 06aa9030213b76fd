"""What the audit log is told of a request itself: that it was refused, or failed.

What a request gave or changed the domain functions record. The outer boundary knows
how it ended, and the route what it was about (`Asked`).
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core import audit, database
from core.access import ANONYMOUS, Actor
from core.audit_events import Action, Outcome
from core.errors import PortalError

logger = logging.getLogger(__name__)

SHOWN_CHARACTERS: Final = 1_000  # of an address
UNAUTHENTICATED: Final = 401

_UID: Final = re.compile(r"[0-9.]{1,64}")
_BY_METHOD: Final = {
    "GET": Action.RETRIEVE,
    "HEAD": Action.RETRIEVE,
    "POST": Action.STORE,
    "PUT": Action.STORE,
    "PATCH": Action.UPDATE,
    "DELETE": Action.DELETE,
}


@dataclass(slots=True)
class Asked:
    """What a request is about, as soon as its route is found.

    Attributes
    ----------
    action
        As the audit log calls it.
    study_instance_uid
        Of the study that the address names.
    """

    action: Action | None = None
    study_instance_uid: str = ""

    def find(self, action: Action | None, parameters: Mapping[str, str]) -> None:
        """Take what a route and the variable parts of its address tell."""
        self.action = action
        study = parameters.get("study", "").rstrip(" ")
        self.study_instance_uid = study if _UID.fullmatch(study) else ""


def outcome_of(status: int) -> Outcome:
    """Return how a request ended that was answered with an HTTP status."""
    if status < 400:
        return Outcome.SUCCESS
    return Outcome.MINOR_FAILURE if status < 500 else Outcome.SERIOUS_FAILURE


def address_of(method: str, path: str, query: str) -> str:
    """Return what was asked for, in the client's words."""
    address = f"{method} {path}?{query}" if query else f"{method} {path}"
    return address[:SHOWN_CHARACTERS]


async def record_refusal(scope: Mapping[str, Any], asked: Asked, status: int) -> None:
    """Record that a request was refused, or failed; never fails itself.

    Parameters
    ----------
    scope
        Of ASGI, with the ``actor`` if it is known.
    """
    actor: Actor = scope.get("actor", ANONYMOUS)
    method = scope.get("method", "WEBSOCKET")
    action = asked.action or _BY_METHOD.get(method, Action.VIEW)
    event = audit.Event(
        actor,
        Action.SIGN_IN if status == UNAUTHENTICATED else action,
        outcome_of(status),
        study_instance_uid=asked.study_instance_uid,
        detail=f"{status}",
        query=address_of(
            method, scope["path"], scope.get("query_string", b"").decode("latin-1")
        ),
    )
    await record_event(event)


async def record_event(refusal: audit.Event) -> None:
    """Record a refusal, or a failure; never fails itself."""
    try:
        await recorded(audit.record_refusal, refusal)
    except PortalError as error:  # the answer is a refusal anyway
        logger.warning("a refusal is not in the audit log: %s", error.message)


async def record_view(scope: Mapping[str, Any], asked: Asked) -> None:
    """Record what was read that holds no patient data, by its address.

    Raises
    ------
    Busy
        What cannot be audited is not done.
    """
    action = asked.action or Action.VIEW
    detail = address_of(scope["method"], scope["path"], "")
    event = audit.Event(scope["actor"], action, detail=detail)
    await recorded(audit.record_soon, event)


async def recorded(record: Callable[..., None], *args: Any, **kwargs: Any) -> None:
    """Call what records something soon; without waiting in a server.

    There it runs in the event loop: what asks the database besides goes through
    `database.run`.
    """
    if audit.is_collecting():
        record(*args, **kwargs)  # handed to a thread of its own
    else:
        await database.run(record, *args, **kwargs)
