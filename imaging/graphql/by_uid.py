"""Studies by their UIDs, for those who know them from elsewhere."""

import re
from functools import partial
from typing import Final

from strawberry.dataloader import DataLoader

from core.graphql.context import Context
from imaging.graphql.nodes import Study
from imaging.graphql.searching import base_url, with_classes
from imaging.graphql.values import values
from imaging.index import tag_of
from imaging.query import Asked, Level, Row, Target, compose, find_page

MAXIMUM_BATCH: Final = 200
_UID: Final = re.compile("[0-9.]{1,64}")
_UID_TAG: Final = tag_of("StudyInstanceUID")


async def find_study(context: Context, partition: str, uid: str) -> Study | None:
    """Return a study; None where none is held that the actor may see.

    For all that are asked for together there is one statement.
    """
    if not _UID.fullmatch(uid):
        return None
    loader: DataLoader[str, Row | None] = context.once(
        ("study by uid", partition),
        lambda: DataLoader(partial(_rows, context, partition), MAXIMUM_BATCH),
    )
    row = await loader.load(uid)
    return None if row is None else Study(row=row)


async def _rows(context: Context, partition: str, uids: list[str]) -> list[Row | None]:
    asked = {"StudyInstanceUID": Asked("\\".join(uids))}
    page = await context.ask(
        find_page,
        actor=context.actor,
        partition=partition,
        query=with_classes(compose(Target(Level.STUDY), asked, limit=len(uids))),
        base_url=base_url(context),
    )
    found = {str(values(row, _UID_TAG)[0]): row for row in page.rows}
    return [found.get(each) for each in uids]
