"""What a request for the change feed asks, by the rules of its dialect."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, get_args

from starlette.requests import Request

from core.access import Actor
from core.changefeed import LAST, Filter, Op
from core.errors import Invalid
from core.feed_listener import FeedListener
from core.partitions import find_partition
from imaging.dicomweb.dialect import Dialect, dialect_of
from imaging.dicomweb.request import actor_of, checked_uid, truth, whole_number
from imaging.feed import InstanceEntry, Metadata, peek_feed
from imaging.following import Following

LONGEST_WAIT_S: Final = 60
_OPS: Final[Mapping[str, Op]] = {op: op for op in get_args(Op)}


@dataclass(frozen=True, slots=True)
class FeedRules:
    """How a dialect reads the feed.

    Attributes
    ----------
    offset_is_number
        Whether ``offset`` is the sequence number to read after, not a number of rows.
    has_window
        Whether there are ``startTime`` and ``endTime``.
    metadata
        Which metadata an entry comes with.
    can_follow
        Whether there are the cursor ``after``, filters, ``wait`` and events.
    """

    default_limit: int
    maximum_limit: int
    offset_is_number: bool
    has_window: bool
    metadata: Metadata
    can_follow: bool


RULES: Final[Mapping[Dialect, FeedRules]] = {
    Dialect.STANDARD: FeedRules(
        default_limit=100,
        maximum_limit=1000,
        offset_is_number=False,
        has_window=True,
        metadata=Metadata.OF_ITS_MOMENT,
        can_follow=True,
    ),
    Dialect.V2: FeedRules(
        default_limit=100,
        maximum_limit=200,
        offset_is_number=False,
        has_window=True,
        metadata=Metadata.CURRENT,
        can_follow=False,
    ),
    Dialect.V1: FeedRules(
        default_limit=10,
        maximum_limit=100,
        offset_is_number=True,
        has_window=False,
        metadata=Metadata.CURRENT,
        can_follow=False,
    ),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks of the feed.

    Attributes
    ----------
    after
        The number to read after.
    offset
        Entries to pass over then.
    wait_s
        How long to wait for an entry where there is none.
    partitions
        Names of the partitions to look up for `where`; None for all.
    """

    where: Filter
    after: int
    offset: int
    limit: int
    metadata: Metadata
    wait_s: int
    partitions: tuple[str, ...] | None

    def found(self, actor: Actor) -> "Asked":
        """Return the same with the partitions found.

        Raises
        ------
        Invalid, NotFound
            There is no such partition, or `actor` may not see it.
        """
        if self.partitions is None:
            return self
        keys = [find_partition(actor=actor, name=name).pk for name in self.partitions]
        return replace(self, where=replace(self.where, partition_ids=tuple(keys)))


def following(
    request: Request, asked: Asked, listener: FeedListener
) -> Following[InstanceEntry]:
    """Return the place in the feed of who sends a request."""
    return Following(
        actor=actor_of(request),
        find_actor=request.scope["authenticate"],
        where=asked.where,
        after=asked.after,
        limit=asked.limit,
        metadata=asked.metadata,
        listener=listener,
        peek=peek_feed,
    )


def rules_of(request: Request) -> FeedRules:
    """Return the rules of a request's dialect."""
    return RULES[dialect_of(request)]


def asked_of(request: Request) -> Asked:
    """Return what a request asks.

    Raises
    ------
    Invalid
        A parameter breaks a rule of the dialect.
    """
    rules = rules_of(request)
    offset = whole_number(request, "offset", 0, maximum=LAST)
    after = offset if rules.offset_is_number else 0
    wait_s = 0
    if rules.can_follow:
        after = whole_number(request, "after", 0, maximum=LAST)
        wait_s = whole_number(request, "wait", 0, minimum=1, maximum=LONGEST_WAIT_S)
        if wait_s and offset:
            message = "wait goes with after, not with offset."
            raise Invalid(message, path="offset")
    include = truth(request, "includeMetadata", default=True)
    names = request.query_params.get("partition") if rules.can_follow else None
    return Asked(
        where=_filter(request, rules),
        after=after,
        offset=0 if rules.offset_is_number else offset,
        limit=whole_number(
            request,
            "limit",
            rules.default_limit,
            minimum=1,
            maximum=rules.maximum_limit,
        ),
        metadata=rules.metadata if include else Metadata.NONE,
        wait_s=wait_s,
        partitions=None if names is None else tuple(names.split(",")),
    )


def _filter(request: Request, rules: FeedRules) -> Filter:
    where = _window(request) if rules.has_window else Filter()
    if not rules.can_follow:
        return where
    study = request.query_params.get("studyInstanceUid")
    action = request.query_params.get("action")
    if action is not None and action.lower() not in _OPS:
        message = f"action must be one of {', '.join(_OPS)}."
        raise Invalid(message, path="action")
    return replace(
        where,
        key_prefix=() if study is None else (checked_uid(study, "study"),),
        op=None if action is None else _OPS[action.lower()],
    )


def _window(request: Request) -> Filter:
    start, end = _time(request, "startTime"), _time(request, "endTime")
    if start is not None and end is not None and start >= end:
        message = "endTime must be later than startTime."
        raise Invalid(message, path="endTime")
    return Filter(from_at=start, until_at=end)


def _time(request: Request, name: str) -> datetime | None:
    """Return a moment of the query; its time zone is mandatory."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        # In a query string ``+`` stands for a space: ``2026-01-01T00:00:00+02:00``.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        message = f"{name} must be a date and time of ISO 8601 with its time zone."
        raise Invalid(message, path=name)
    return moment
