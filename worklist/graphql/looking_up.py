"""Workitems and what belongs to them, looked up for all that ask together."""

from functools import partial
from typing import Final

from strawberry.dataloader import DataLoader

from core.errors import NotFound
from core.graphql.context import Context
from core.graphql.nodes import NO_NODE
from worklist.history import Past, history_of, versions_of
from worklist.made import makers_of
from worklist.rows import Row, find_workitems, names_of_accounts

MAXIMUM_BATCH: Final = 200


async def row_of(context: Context, partition: str, uid: str) -> Row:
    """Return a workitem by its UID.

    Raises
    ------
    NotFound
        There is none that the actor may see.
    """
    loader: DataLoader[str, Row | None] = context.once(
        ("workitem", partition),
        lambda: DataLoader(partial(_rows, context, partition), MAXIMUM_BATCH),
    )
    row = await loader.load(uid)
    if row is None:
        raise NotFound(NO_NODE, path="workitem")
    return row


async def name_of_account(context: Context, key: int) -> str | None:
    """Return what an account that has claimed a workitem is called."""
    loader: DataLoader[int, str | None] = context.once(
        "who claimed", lambda: DataLoader(partial(_names, context), MAXIMUM_BATCH)
    )
    return await loader.load(key)


async def maker_of(context: Context, partition_id: int, uid: str) -> str | None:
    """Return the name of the rule that has made a workitem."""
    loader: DataLoader[str, str | None] = context.once(
        ("maker", partition_id),
        lambda: DataLoader(partial(_makers, context, partition_id), MAXIMUM_BATCH),
    )
    return await loader.load(uid)


async def past_of(context: Context, partition_id: int, uid: str) -> list[Past]:
    """Return what happened to a workitem."""
    loader: DataLoader[str, list[Past]] = context.once(
        ("history", partition_id),
        lambda: DataLoader(partial(_pasts, context, partition_id), MAXIMUM_BATCH),
    )
    return await loader.load(uid)


async def version_of(context: Context, partition_id: int, version: int) -> Past | None:
    """Return what happened at one moment; None where the actor may not see it."""
    loader: DataLoader[int, Past | None] = context.once(
        ("version", partition_id),
        lambda: DataLoader(partial(_versions, context, partition_id), MAXIMUM_BATCH),
    )
    return await loader.load(version)


async def _rows(context: Context, partition: str, uids: list[str]) -> list[Row | None]:
    found = await context.ask(
        find_workitems, actor=context.actor, partition=partition, uids=uids
    )
    return [found.get(uid) for uid in uids]


async def _names(context: Context, keys: list[int]) -> list[str | None]:
    found = await context.ask(names_of_accounts, keys)
    return [found.get(key) for key in keys]


async def _makers(
    context: Context, partition_id: int, uids: list[str]
) -> list[str | None]:
    found = await context.ask(makers_of, partition_id, uids)
    return [found[uid].name if uid in found else None for uid in uids]


async def _pasts(
    context: Context, partition_id: int, uids: list[str]
) -> list[list[Past]]:
    found = await context.ask(
        history_of, actor=context.actor, partition_id=partition_id, uids=uids
    )
    return [found[uid] for uid in uids]


async def _versions(
    context: Context, partition_id: int, versions: list[int]
) -> list[Past | None]:
    found = await context.ask(
        versions_of,
        actor=context.actor,
        partition_id=partition_id,
        versions=versions,
    )
    return [found.get(version) for version in versions]
