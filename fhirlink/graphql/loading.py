"""From what a field asks to resources: one statement for all that ask for the same."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

from strawberry.dataloader import DataLoader

from core.graphql.connections import Connection, checked_page, connect
from core.graphql.context import Context
from fhirlink.compartments import (
    Below,
    count_below,
    find_below,
    find_of_studies,
    read_many,
)
from fhirlink.search.rows import Found
from fhirlink.study_elements import Teller, elements_of_studies
from fhirlink.study_reports import StudyReport, reports_of_studies

MAXIMUM_BATCH: Final = 1_000
T = TypeVar("T")

Address = tuple[str, str]
"""The type and the id of a resource."""


async def below(
    context: Context,
    kind: Callable[..., T],
    *,
    partition: str,
    types: Sequence[str],
    patient: str,
    first: int,
    after: str | None,
) -> Connection[T]:
    """Return the connection of resources in the compartment of a patient."""
    limit = checked_page(first)
    pages: DataLoader[str, Below] = context.once(
        ("below", partition, *types, limit, after),
        lambda: DataLoader(
            partial(_below, context, partition, types, limit, after), MAXIMUM_BATCH
        ),
    )
    totals: DataLoader[str, int] = context.once(
        ("number below", partition, *types),
        lambda: DataLoader(partial(_numbers, context, partition, types), MAXIMUM_BATCH),
    )

    async def total() -> int:
        return await totals.load(patient)

    found = await pages.load(patient)
    nodes = [
        (str(held.key), kind(partition_name=partition, held=held))
        for held in found.rows
    ]
    return connect(nodes, has_more=found.has_more, after=after, count=total)


async def resource(context: Context, partition: str, address: Address) -> Found | None:
    """Return a resource; None where there is none that the actor may see."""
    loader: DataLoader[Address, Found | None] = context.once(
        ("resource", partition),
        lambda: DataLoader(partial(_resources, context, partition), MAXIMUM_BATCH),
    )
    return await loader.load(address)


async def resources(
    context: Context, partition: str, addresses: Sequence[Address]
) -> list[Found]:
    """Return those of some resources that the actor may see."""
    waiting = (resource(context, partition, each) for each in addresses)
    return [held for held in await asyncio.gather(*waiting) if held is not None]


async def imaging_study(context: Context, partition: str, uid: str) -> Found | None:
    """Return the ImagingStudy of a DICOM study; None where none is seen."""
    loader: DataLoader[str, Found | None] = context.once(
        ("imaging study", partition),
        lambda: DataLoader(partial(_of_studies, context, partition), MAXIMUM_BATCH),
    )
    return await loader.load(uid)


async def reports(
    context: Context, partition: str, type_: str, uid: str
) -> list[StudyReport]:
    """Return the reports of a study, or its documents."""
    loader: DataLoader[str, list[StudyReport]] = context.once(
        ("reports", partition, type_),
        lambda: DataLoader(partial(_reports, context, partition, type_), MAXIMUM_BATCH),
    )
    return await loader.load(uid)


async def elements(context: Context, partition: str, uid: str) -> Mapping[str, Teller]:
    """Return who tells each element of the ImagingStudy of a study."""
    loader: DataLoader[str, Mapping[str, Teller]] = context.once(
        ("elements", partition),
        lambda: DataLoader(partial(_elements, context, partition), MAXIMUM_BATCH),
    )
    return await loader.load(uid)


async def _elements(
    context: Context, partition: str, uids: list[str]
) -> list[Mapping[str, Teller]]:
    found = await context.ask(
        elements_of_studies, actor=context.actor, partition=partition, uids=uids
    )
    return [found.get(each, {}) for each in uids]


async def _reports(
    context: Context, partition: str, type_: str, uids: list[str]
) -> list[list[StudyReport]]:
    found = await context.ask(
        reports_of_studies,
        actor=context.actor,
        partition=partition,
        uids=uids,
        type_=type_,
    )
    return [found[each] for each in uids]


async def _below(
    context: Context,
    partition: str,
    types: Sequence[str],
    limit: int,
    after: str | None,
    patients: list[str],
) -> list[Below]:
    found = await context.ask(
        find_below,
        actor=context.actor,
        partition=partition,
        types=types,
        patients=patients,
        limit=limit,
        after=after,
    )
    return [found[each] for each in patients]


async def _numbers(
    context: Context, partition: str, types: Sequence[str], patients: list[str]
) -> list[int]:
    found = await context.ask(
        count_below,
        actor=context.actor,
        partition=partition,
        types=types,
        patients=patients,
    )
    return [found[each] for each in patients]


async def _resources(
    context: Context, partition: str, addresses: list[Address]
) -> list[Found | None]:
    found = await context.ask(
        read_many, actor=context.actor, partition=partition, addresses=addresses
    )
    return [found.get(each) for each in addresses]


async def _of_studies(
    context: Context, partition: str, uids: list[str]
) -> list[Found | None]:
    found = await context.ask(
        find_of_studies, actor=context.actor, partition=partition, uids=uids
    )
    return [found.get(each) for each in uids]
