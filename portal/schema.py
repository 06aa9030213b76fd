"""The graph: the parts of all apps, put together.

An app adds a part of its own to each root here: `core.graphql` and `imaging.graphql`
show how. What it answers is described in ``schema.graphql`` beside this file, which
`manage.py schema` writes and `make check` compares.
"""

from typing import Annotated, Any

import strawberry
from strawberry.schema.config import StrawberryConfig

from cohorts.graphql import scalars as cohorts_scalars
from cohorts.graphql.definition_changes import DefinitionMutations
from cohorts.graphql.definitions import DefinitionQueries
from cohorts.graphql.exports import CohortMutations
from cohorts.graphql.queries import CohortQueries
from cohorts.graphql.questions import QuestionQueries
from core.errors import Invalid, NotFound
from core.graphql import scalars as core_scalars
from core.graphql.account_changes import AccountMutations
from core.graphql.accounts import DirectoryQueries
from core.graphql.audit_log import AuditQueries
from core.graphql.context import Info
from core.graphql.faults import TellErrors
from core.graphql.followers import FollowerMutations, FollowerQueries
from core.graphql.grants import GrantMutations
from core.graphql.limits import LimitOperations
from core.graphql.me import AccountQueries
from core.graphql.nodes import Node, extend, find_node
from core.graphql.operations import (
    OperationMutations,
    OperationQueries,
    OperationSubscriptions,
)
from core.graphql.partitions import PartitionMutations, PartitionQueries
from core.graphql.role_changes import RoleMutations
from core.graphql.saved_views import SavedViewMutations
from core.graphql.tokens import TokenMutations
from core.graphql.validity import validate_once
from fhirlink.graphql.changes import ResourceChange
from fhirlink.graphql.matching import MatchingMutations, MatchingQueries
from fhirlink.graphql.queries import PatientQueries
from fhirlink.graphql.resources import EVENTS
from fhirlink.graphql.servers import FhirServerMutations, FhirServerQueries
from fhirlink.graphql.studies import StudyOfRecord
from imaging.graphql import scalars as imaging_scalars
from imaging.graphql.changes import KINDS, ChangeQueries, ChangeSubscriptions
from imaging.graphql.deletes import DeleteMutations
from imaging.graphql.exports import ExportMutations
from imaging.graphql.facets import FacetQueries
from imaging.graphql.feed import FeedQueries, FeedSubscriptions
from imaging.graphql.grants import GrantingMutations, GrantQueries
from imaging.graphql.moves import MoveMutations
from imaging.graphql.nodes import Study
from imaging.graphql.project_changes import ProjectMutations
from imaging.graphql.projects import ProjectQueries
from imaging.graphql.queries import ImagingQueries
from imaging.graphql.query_tags import QueryTagMutations, QueryTagQueries
from worklist.graphql.changes import WorkitemChange
from worklist.graphql.mutations import WorkitemMutations
from worklist.graphql.queries import WorklistQueries
from worklist.graphql.subscriptions import WorklistSubscriptions

extend(Study, StudyOfRecord)


@strawberry.type(description="What can be asked.")
class Query(
    AccountQueries,
    ImagingQueries,
    FacetQueries,
    PartitionQueries,
    OperationQueries,
    FeedQueries,
    ChangeQueries,
    DirectoryQueries,
    ProjectQueries,
    GrantQueries,
    AuditQueries,
    FollowerQueries,
    QueryTagQueries,
    PatientQueries,
    MatchingQueries,
    FhirServerQueries,
    CohortQueries,
    QuestionQueries,
    DefinitionQueries,
    WorklistQueries,
):
    """The root of queries."""

    @strawberry.field(
        description="The object of a global id; null where there is none that you may"
        " see."
    )
    async def node(
        self,
        info: Info,
        global_id: Annotated[
            strawberry.ID,
            strawberry.argument(name="id", description="The id that an object told."),
        ],
    ) -> Node | None:
        """Find an object."""
        try:
            return await find_node(info.context, global_id)
        except (NotFound, Invalid) as error:  # or what cannot be a name of anything
            info.context.refused["node"] = error
            return None


@strawberry.type(
    description="What can be changed. Each answers what came of it, or a Fault."
)
class Mutation(
    DeleteMutations,
    MoveMutations,
    ExportMutations,
    PartitionMutations,
    OperationMutations,
    FollowerMutations,
    GrantMutations,
    AccountMutations,
    RoleMutations,
    TokenMutations,
    SavedViewMutations,
    ProjectMutations,
    GrantingMutations,
    QueryTagMutations,
    MatchingMutations,
    FhirServerMutations,
    CohortMutations,
    DefinitionMutations,
    WorkitemMutations,
):
    """The root of mutations."""


@strawberry.type(
    description="What can be followed, over a WebSocket (graphql-transport-ws)."
)
class Subscription(
    FeedSubscriptions,
    ChangeSubscriptions,
    OperationSubscriptions,
    WorklistSubscriptions,
):
    """The root of subscriptions."""


class Schema(strawberry.Schema):
    """A schema that leaves logging to `core.boundary`: errors may quote values."""

    def process_errors(self, *_given: Any, **_more: Any) -> None:
        """Log nothing."""


schema = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=(*KINDS, *EVENTS.values(), ResourceChange, WorkitemChange),
    extensions=[LimitOperations, validate_once(), TellErrors],
    config=StrawberryConfig(
        scalar_map={
            **core_scalars.SCALARS,
            **imaging_scalars.SCALARS,
            **cohorts_scalars.SCALARS,
        },
        disable_field_suggestions=True,
    ),
)
