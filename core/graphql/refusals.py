"""What the audit log is told of an operation: that parts of it were refused, or failed.

The answer to an operation is 200 whatever became of its fields, so the outer boundary
does not see it. Each operation leaves one row at most, which names the fields.
"""

from typing import Final

from graphql import OperationType

from core import audit
from core.audit_events import Action
from core.audit_requests import SHOWN_CHARACTERS, outcome_of, record_event
from core.boundary import fault_of
from core.errors import PortalError
from core.graphql.context import Context

_ACTIONS: Final = {OperationType.MUTATION: Action.UPDATE}


async def record_refusals(context: Context, kind: OperationType | None) -> None:
    """Record what of an operation was refused, or failed, if anything was.

    Parameters
    ----------
    kind
        Of the operation; None where it is none.
    """
    if not context.refused:
        return
    parts = (
        f"{getattr(error, 'code', PortalError.code)} {field}"
        for field, error in context.refused.items()
    )
    status = max(fault_of(error).http for error in context.refused.values())
    name = context.operation_name
    event = audit.Event(
        context.actor,
        Action.VIEW if kind is None else _ACTIONS.get(kind, Action.VIEW),
        outcome_of(status),
        detail=", ".join(parts)[:SHOWN_CHARACTERS],
        query=(f"graphql {name}" if name else "graphql")[:SHOWN_CHARACTERS],
    )
    context.refused.clear()
    await record_event(event)
