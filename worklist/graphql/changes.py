"""Changes of workitems, as entries of the change feed tell them."""

import strawberry

from core.changefeed_access import WORKITEM
from core.errors import NotFound
from core.graphql.context import Info
from imaging.graphql.changes import told_by
from imaging.graphql.feed import Change
from imaging.graphql.scalars import UI
from worklist.graphql.looking_up import version_of
from worklist.graphql.workitems import Workitem, WorkitemEvent, find_workitem


@strawberry.type(description="One change of a workitem.")
class WorkitemChange(Change):
    """An entry about a workitem."""

    @strawberry.field(description="The UID of the workitem.")
    def workitem_uid(self) -> UI:
        """Return the UID."""
        return UI(self.found.entry.key[0])

    @strawberry.field(
        description="What happened to it; null: the workitem is no more, or you may"
        " not see it."
    )
    async def event(self, info: Info) -> WorkitemEvent | None:
        """Find it, with all that are asked for together."""
        entry = self.found.entry
        if entry.version is None or entry.partition_id is None:
            return None
        past = await version_of(info.context, entry.partition_id, entry.version)
        return None if past is None else WorkitemEvent(past=past)

    @strawberry.field(
        description="The workitem as it is now; null: it is no more, or you may not see"
        " it."
    )
    async def workitem(self, info: Info) -> Workitem | None:
        """Find it, with all that are asked for together."""
        partition, uid = self.found.partition_name, self.found.entry.key[0]
        try:
            return await find_workitem(info.context, partition, uid)
        except NotFound:
            return None


told_by(WORKITEM, WorkitemChange)
