"""From what a client asks to pages of the graph: one statement a level, at most."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Final, TypeVar
from urllib.parse import quote

import strawberry
from strawberry.dataloader import DataLoader

from core.errors import Invalid, NotFound
from core.graphql.connections import Connection, checked_page, connect
from core.graphql.context import Context
from core.graphql.nodes import NO_NODE
from imaging.graphql.filters import (
    Filter,
    asked_of,
    choices_of,
    tags_of_filter,
    words_of_filter,
    zone_of,
)
from imaging.graphql.matches import QueryTagMatch
from imaging.query import (
    ATTRIBUTES,
    Asked,
    Attribute,
    FreeText,
    KnownTags,
    Level,
    Page,
    Query,
    Row,
    Target,
    compose,
    count,
    count_below,
    find_page,
    find_pages,
    find_rows,
    free_text,
    parse_sort,
    resolve,
)
from imaging.query_tags.known import known_tags

MAXIMUM_KEYWORDS: Final = 100
MAXIMUM_SHOWN: Final = 64  # characters of what a client has sent
MAXIMUM_BATCH: Final = 10_000
UIDS: Final = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")

PartitionName = Annotated[
    str | None,
    strawberry.argument(
        description="Name of the data partition that is searched; all that you may"
        " see where it is left out."
    ),
]
Sort = Annotated[
    list[str] | None,
    strawberry.argument(
        description="Keywords of attributes that can be searched, a minus before those"
        ' in descending order: ["-StudyDate", "PatientName"]. What has no value'
        " counts as least."
    ),
]
BY_NUMBER: Final = {
    Level.SERIES: ("SeriesNumber",),
    Level.INSTANCE: ("InstanceNumber",),
}
"""What is sorted by below a study or a series, where nothing is asked for."""

T = TypeVar("T")


def base_url(context: Context) -> str:
    """Return what addresses of what is found begin with."""
    return f"{context.origin}/dicomweb/partitions"


async def search(
    context: Context,
    kind: Callable[..., T],
    query: Query,
    *,
    partition: str | None,
    after: str | None,
) -> Connection[T]:
    """Return the connection of what matches, as nodes of a kind."""
    page = await context.ask(
        find_page,
        actor=context.actor,
        partition=partition,
        query=query,
        base_url=base_url(context),
    )
    context.warn(page.warnings)

    async def total() -> int:
        counted = await context.ask(
            count, actor=context.actor, partition=partition, query=query
        )
        context.warn(counted.warnings)
        return counted.value

    return _connected(page, kind, after, total)


async def search_below(
    context: Context,
    kind: Callable[..., T],
    query: Query,
    *,
    parent: int,
    after: str | None,
) -> Connection[T]:
    """Return the connection of what matches below a study or a series.

    For all parents that ask for the same there is one statement.
    """
    key = (query.target.level, query.text, query.sort, query.limit, query.cursor)
    pages: DataLoader[int, Page] = context.once(
        key,
        lambda: DataLoader(partial(_pages, context, query), MAXIMUM_BATCH),
    )
    totals: DataLoader[int, int] = context.once(
        ("total", *key),
        lambda: DataLoader(partial(_totals, context, query), MAXIMUM_BATCH),
    )

    async def total() -> int:
        return await totals.load(parent)

    return _connected(await pages.load(parent), kind, after, total)


async def find(context: Context, level: Level, key: int) -> Row:
    """Return the row of a key: one statement for all that are asked for together.

    Raises
    ------
    NotFound
        It has gone meanwhile, or the actor may not see it.
    """
    found = await _described(context, level).load(key)
    if found is None:
        raise NotFound(NO_NODE)
    return found


async def describe(
    context: Context, level: Level, key: int, keywords: Sequence[str] | None
) -> Row:
    """Return a row with other attributes than those that are usual.

    Parameters
    ----------
    keywords
        Keywords or tags; None for all that there are.

    Raises
    ------
    Invalid
        One names no attribute, or they are too many.
    NotFound
        The row has gone meanwhile.
    """
    included = None if keywords is None else tags_of(keywords)
    found = await _described(context, level, included).load(key)
    if found is None:
        raise NotFound(NO_NODE)
    return found


async def find_by_uids(
    context: Context, level: Level, partition: str, uids: Sequence[str]
) -> Row:
    """Return the study, series or instance of its UIDs, outermost first.

    Raises
    ------
    NotFound
        There is none that the actor may see.
    """
    asked = {word: Asked(uid) for word, uid in zip(UIDS, uids, strict=False)}
    page = await context.ask(
        find_page,
        actor=context.actor,
        partition=partition,
        query=with_classes(compose(Target(level), asked, limit=1)),
        base_url=base_url(context),
    )
    if not page.rows:
        raise NotFound(NO_NODE)
    return page.rows[0]


async def query_of(
    context: Context,
    level: Level,
    given: Filter | None,
    *,
    sort: Sequence[str],
    first: int,
    after: str | None,
) -> Query:
    """Return the search that the arguments of a field ask for.

    Raises
    ------
    Invalid
        `path` names what breaks a rule.
    """
    query = compose(
        Target(level),
        asked_of(given),
        by_tags=await _tags_asked(context, tags_of_filter(given)),
        choices=choices_of(given),
        free_text=await _free_text(context, given),
        offset_from_utc=zone_of(given),
        sort=parse_sort(",".join(sort), partial(_sortable, level)),
        limit=checked_page(first),
        after=after,
    )
    return with_classes(query)


async def _tags_asked(
    context: Context, matches: Sequence[QueryTagMatch]
) -> list[tuple[Attribute, Asked]]:
    """Return the attributes of query tags, each with what is asked of it."""
    if not matches:
        return []
    if len(matches) > MAXIMUM_KEYWORDS:
        message = f"At most {MAXIMUM_KEYWORDS} query tags can be asked for at once."
        raise Invalid(message, path="queryTags")
    tags = [match.tag for match in matches]
    attributes = await attributes_of_tags(context, tags, path="queryTags")
    asked = [match.asked() for match in matches]
    return list(zip(attributes, asked, strict=True))


async def attributes_of_tags(
    context: Context, tags: Sequence[str], *, path: str
) -> list[Attribute]:
    """Return the attributes of query tags, by keywords or paths.

    Parameters
    ----------
    path
        What the error is to name.

    Raises
    ------
    Invalid
        One is no query tag, or none that searches may use now.
    """
    known = await _known_tags(context)
    found = []
    for tag in tags:
        held = known.get(resolve(tag) or "")
        if held is None or held.refusal:
            why = held.refusal if held else "is no query tag."
            message = f"{quote(tag[:MAXIMUM_SHOWN])} {why}"
            raise Invalid(message, path=path)
        found.append(held.attribute)
    return found


async def _free_text(context: Context, given: Filter | None) -> list[FreeText]:
    """Return the words asked for, to be found in values of query tags as well."""
    asked = list(words_of_filter(given))
    if not asked:
        return []
    known = (await _known_tags(context)).values()
    tags = [held.attribute for held in known if not held.refusal]
    return [free_text(level, text, tags) for level, text in asked]


async def _known_tags(context: Context) -> KnownTags:
    known: KnownTags = await context.once_awaited(
        known_tags, lambda: context.ask(known_tags)
    )
    return known


def tags_of(keywords: Sequence[str]) -> frozenset[str]:
    """Return the tags that keywords or tags name; of a sequence's parts the whole.

    Raises
    ------
    Invalid
        One names no attribute, or they are too many.
    """
    if len(keywords) > MAXIMUM_KEYWORDS:
        message = f"At most {MAXIMUM_KEYWORDS} attributes can be asked for at once."
        raise Invalid(message, path="keywords")
    tags = [resolve(keyword) for keyword in keywords]
    if None in tags:
        message = "keywords must be keywords or tags of attributes."
        raise Invalid(message, path="keywords")
    return frozenset(tag.partition(".")[0] for tag in tags if tag)


def _sortable(level: Level, name: str) -> Attribute:
    for attribute in ATTRIBUTES:
        if name in {attribute.keyword, attribute.tag} and attribute.level <= level:
            return attribute
    message = "sort names something that cannot be sorted by here."
    raise Invalid(message, path="sort")


def with_classes(query: Query) -> Query:
    """Return a search that also tells which SOP classes a study has."""
    return replace(query, included=tags_of(["SOPClassesInStudy"]))


def _described(
    context: Context, level: Level, included: frozenset[str] | None = frozenset()
) -> "DataLoader[int, Row | None]":
    query = Query(
        Target(level),
        included=included or frozenset(),
        include_all=included is None,
        text="" if included == frozenset() else "includefield=…",
    )
    if included == frozenset():
        query = with_classes(query)
    return context.once(
        ("row", level, included),
        lambda: DataLoader(partial(_rows, context, query), MAXIMUM_BATCH),
    )


async def _rows(context: Context, query: Query, keys: list[int]) -> list[Row | None]:
    found = await context.ask(
        find_rows,
        actor=context.actor,
        query=replace(query, keys=tuple(keys), limit=len(keys)),
        base_url=base_url(context),
    )
    return [found.get(key) for key in keys]


async def _pages(context: Context, query: Query, keys: list[int]) -> list[Page]:
    found = await context.ask(
        find_pages,
        actor=context.actor,
        query=replace(query, below=tuple(keys)),
        base_url=base_url(context),
    )
    return [found[key] for key in keys]


async def _totals(context: Context, query: Query, keys: list[int]) -> list[int]:
    found = await context.ask(
        count_below, actor=context.actor, query=replace(query, below=tuple(keys))
    )
    return [found[key] for key in keys]


def _connected(
    page: Page,
    kind: Callable[..., T],
    after: str | None,
    total: Callable[[], Awaitable[int]],
) -> Connection[T]:
    return connect(
        [(row.cursor, kind(row=row)) for row in page.rows],
        has_more=page.has_more,
        after=after,
        count=total,
    )
