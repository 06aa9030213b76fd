"""Fetching the files that operations have made.

What is in them only the app knows whose work made them: it registers for its kinds of
operations who may fetch their files.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from core import audit, result_files
from core.access import Actor, Verb, require
from core.errors import NotFound
from core.models import Operation, ResultFile
from core.operations import get_operation
from core.result_places import NO_FILE

Rule = Callable[[Actor, Operation], int | None]
"""Refuses an actor that may not have what an operation has made.

Returns the partition that it comes from; None where it is of none. Raises `Forbidden`,
or `NotFound` with `NO_FILE`.
"""

VERBS: Final = (Verb.EXPORT, Verb.READ, Verb.VIEW_PHI)
"""What is needed to fetch what tells who patients are."""

_rules: dict[str, Rule] = {}
_unnamed: set[str] = set()


def register(kind: str, rule: Rule, *, may_be_unnamed: bool = False) -> None:
    """Have files of operations of `kind` fetched; called from `AppConfig.ready`.

    Parameters
    ----------
    may_be_unnamed
        Some of them tell nobody's name: `rule` asks for `Verb.VIEW_PHI` itself.
    """
    _rules[kind] = rule
    if may_be_unnamed:
        _unnamed.add(kind)


def fetch_file(*, actor: Actor, operation_id: UUID, name: str) -> ResultFile:
    """Return a file of an operation that the actor may fetch; told to the audit log.

    Raises
    ------
    Forbidden
        The actor may not export, or not see who patients are; or what the rule of the
        operation's kind says.
    NotFound
        It does not see the operation; there is no such file, or it has expired; or
        it holds what the actor may not have, or not any more.
    """
    for verb in VERBS:
        if verb is not Verb.VIEW_PHI or not _is_unnamed(actor, operation_id):
            require(actor, verb)
    operation = get_operation(actor=actor, operation_id=operation_id)
    file = result_files.find_file(operation, name)
    rule = _rules.get(operation.kind)
    if rule is None:  # nobody knows what it holds
        raise NotFound(NO_FILE, path="file")
    event = audit.Event(
        actor,
        audit.Action.EXPORT,
        partition_id=rule(actor, operation),
        detail=f"{name} of operation {operation_id} fetched ({file.size_bytes} bytes)",
    )
    audit.record(event)
    return file


def _is_unnamed(actor: Actor, operation_id: UUID) -> bool:
    """Return whether an operation of the actor may have files without names."""
    if actor.account_id is None:
        return False
    own = Operation.objects.filter(pk=operation_id, account_id=actor.account_id)
    return own.filter(kind__in=_unnamed).exists()


def of_a_report(actor: Actor, _operation: Operation) -> int | None:
    """Let who manages data have a report: names of files, and what is wrong."""
    require(actor, Verb.MANAGE)
    return None
