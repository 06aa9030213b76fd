"""Adding, listing, enabling and deleting query tags: for all partitions at once.

Tags are no patient data: whoever may see data may see which attributes are searchable.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

from django.db import IntegrityError, transaction

from core import audit
from core.access import Actor, Verb, require, require_everywhere
from core.errors import Conflict, Invalid, NotFound
from core.models import Operation
from core.operations import start_operation
from imaging.models import QueryTag, TagStatus
from imaging.query_tags.definition import Definition, canonical
from imaging.query_tags.reindex import REINDEX, REMOVE

MAXIMUM_TAGS_AT_ONCE: Final = 1000
ONLY_SOME: Final = (
    "Query tags are for all partitions, and your account is bound to some of them."
)


def add_tags(
    *, actor: Actor, definitions: Sequence[Definition], maximum: int | None = None
) -> Operation:
    """Add tags and start to index what is held by them; all of them, or none.

    What is stored from now on is indexed at once.

    Parameters
    ----------
    maximum
        How many tags there may be altogether; None for any number.

    Returns
    -------
    Operation
        Its end makes the tags ready.

    Raises
    ------
    Forbidden
        The actor may not manage data, or only in some partitions.
    Invalid
        There are none, too many, or two of the same attribute.
    Conflict
        There is a tag of one of the attributes.
    """
    require_everywhere(actor, Verb.MANAGE, ONLY_SOME)
    _check(definitions)
    try:
        with transaction.atomic():
            tags = QueryTag.objects.bulk_create(map(_row, definitions))
            if maximum is not None and QueryTag.objects.count() > maximum:
                message = f"There can be {maximum} query tags at most."
                raise Invalid(message, path="path")
            operation = _start(actor, REINDEX, tags)
            _record(actor, "added", [tag.path for tag in tags])
    except IntegrityError as error:
        message = "There is a query tag of one of these attributes already."
        raise Conflict(message, path="path") from error
    return operation


def _check(definitions: Sequence[Definition]) -> None:
    if not definitions:
        message = "Name at least one query tag."
        raise Invalid(message, path="body")
    if len(definitions) > MAXIMUM_TAGS_AT_ONCE:
        message = f"Add up to {MAXIMUM_TAGS_AT_ONCE} query tags at once."
        raise Invalid(message, path="body")
    for name in ("path", "identity"):
        counts = Counter(getattr(each, name) for each in definitions)
        twice = next((each for each, number in counts.items() if number > 1), None)
        if twice is not None:
            path = twice.partition("|")[0]
            message = f"The path {path} is named twice."
            raise Invalid(message, path="path")


def _row(definition: Definition) -> QueryTag:
    return QueryTag(
        path=definition.path,
        private_creator=definition.private_creator,
        identity=definition.identity,
        vr=definition.vr,
        level=definition.level,
    )


def _start(actor: Actor, kind: str, tags: Sequence[QueryTag]) -> Operation:
    """Start an operation with tags, and have them name it."""
    keys, paths = [tag.pk for tag in tags], [tag.path for tag in tags]
    operation = start_operation(
        actor=actor, kind=kind, parameters={"tags": keys, "paths": paths}
    )
    QueryTag.objects.filter(pk__in=keys).update(operation_id=operation.pk)
    return operation


def list_tags(
    *, actor: Actor, limit: int | None = None, offset: int = 0
) -> list[QueryTag]:
    """Return the tags in the order in which they were added.

    Raises
    ------
    Forbidden
        The actor may not see data at all.
    """
    require(actor, Verb.READ)
    end = None if limit is None else offset + limit
    return list(QueryTag.objects.all()[offset:end])


def get_tag(*, actor: Actor, path: str) -> QueryTag:
    """Return the tag of a path: keywords or hexadecimal digits.

    Raises
    ------
    Forbidden
        The actor may not see data at all.
    Invalid
        The path names no attribute.
    NotFound
        There is no such tag.
    """
    require(actor, Verb.READ)
    return _held(QueryTag.objects.filter(path=canonical(path)).first())


def _held(tag: QueryTag | None) -> QueryTag:
    if tag is None:
        message = "There is no such query tag."
        raise NotFound(message, path="path")
    return tag


def enable_tag(*, actor: Actor, path: str, is_enabled: bool) -> QueryTag:
    """Say whether searches may use a tag; nothing happens where that is so already.

    Raises
    ------
    Forbidden, Invalid, NotFound
        As for `add_tags` and `get_tag`.
    """
    with transaction.atomic():
        tag = _locked(actor, path)
        if tag.is_enabled != is_enabled:
            tag.is_enabled = is_enabled
            tag.save(update_fields=["is_enabled"])
            _record(actor, "enabled" if is_enabled else "disabled", [tag.path])
    return tag


def delete_tag(*, actor: Actor, path: str) -> Operation:
    """Delete a tag: no search uses it from now on, an operation removes its values.

    Raises
    ------
    Forbidden, Invalid, NotFound
        As for `add_tags` and `get_tag`.
    Conflict
        It is being deleted already.
    """
    with transaction.atomic():
        tag = _locked(actor, path)
        if tag.status == TagStatus.DELETING:
            message = "The query tag is being deleted."
            raise Conflict(message, path="path")
        tag.status = TagStatus.DELETING
        tag.save(update_fields=["status"])
        operation = _start(actor, REMOVE, [tag])
        _record(actor, "deleted", [tag.path])
    return operation


def _locked(actor: Actor, path: str) -> QueryTag:
    require_everywhere(actor, Verb.MANAGE, ONLY_SOME)
    held = QueryTag.objects.select_for_update(no_key=True)
    return _held(held.filter(path=canonical(path)).first())


def _record(actor: Actor, done: str, paths: Collection[str]) -> None:
    detail = f"{done} query tags: {', '.join(paths)}"
    audit.record(audit.Event(actor, audit.Action.CONFIGURE, detail=detail))
