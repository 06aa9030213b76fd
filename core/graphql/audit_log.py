"""The audit log in the graph, for those who may read it: who did what, newest first."""

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Annotated, Any

import strawberry
from strawberry.dataloader import DataLoader

from core import audit_search, partitions
from core.access import Actor
from core.audit_events import Action, Outcome
from core.errors import Invalid
from core.graphql.connections import (
    DEFAULT_PAGE,
    After,
    First,
    Uncounted,
    checked_page,
    connect_uncounted,
    no_such_cursor,
)
from core.graphql.context import Context, Info
from core.graphql.scalars import BigInt, aware


def _value(value: Action | Outcome, description: str) -> Any:
    return strawberry.enum_value(value.value, description=description)


@strawberry.enum(description="What was done.")
class AuditAction(Enum):
    """Actions of `core.audit_events`."""

    STORE = _value(Action.STORE, "Data were stored.")
    SEARCH = _value(Action.SEARCH, "Data were searched.")
    RETRIEVE = _value(Action.RETRIEVE, "Objects, metadata or pixels were given out.")
    UPDATE = _value(Action.UPDATE, "What is held was to be changed.")
    DELETE = _value(Action.DELETE, "Data were deleted.")
    READ_FEED = _value(Action.READ_FEED, "The change feed was read.")
    VIEW = _value(Action.VIEW, "Something without patient data was looked at.")
    IMPORT = _value(Action.IMPORT, "Data came from files.")
    EXPORT = _value(Action.EXPORT, "Data left.")
    SIGN_IN = _value(Action.SIGN_IN, "Somebody signed in, or tried to.")
    SIGN_OUT = _value(Action.SIGN_OUT, "Somebody signed out.")
    GRANT = _value(Action.GRANT, "Something was opened to somebody.")
    REVOKE = _value(Action.REVOKE, "A grant was taken back.")
    CONFIGURE = _value(
        Action.CONFIGURE, "Accounts, roles, tokens, partitions or projects changed."
    )
    OPERATE = _value(Action.OPERATE, "Somebody intervened in what runs.")
    READ_AUDIT = _value(Action.READ_AUDIT, "The audit log was read.")
    SEAL = _value(Action.SEAL, "The audit log was sealed.")
    CUT = _value(Action.CUT, "Old rows of the audit log were removed.")


@strawberry.enum(description="How it ended (EventOutcomeIndicator of DICOM PS3.15).")
class AuditOutcome(Enum):
    """Outcomes of `core.audit_events`."""

    SUCCESS = _value(Outcome.SUCCESS, "It was done.")
    MINOR_FAILURE = _value(Outcome.MINOR_FAILURE, "It was refused, or was not there.")
    SERIOUS_FAILURE = _value(Outcome.SERIOUS_FAILURE, "It failed, or was locked out.")
    MAJOR_FAILURE = _value(Outcome.MAJOR_FAILURE, "It failed, and more does.")


@strawberry.type(description="A row of the audit log, as its reader may see it.")
class AuditEntry:
    """What somebody did."""

    found: strawberry.Private[audit_search.AuditEntry]

    @strawberry.field(description="When it was done.")
    def at(self) -> datetime:
        """Return the moment."""
        return self.found.at

    @strawberry.field(description="Who did it.")
    def actor(self) -> str:
        """Return the name."""
        return self.found.actor

    @strawberry.field(
        description="Through what: a token's number, a session, an operation; may be"
        " empty."
    )
    def via(self) -> str:
        """Return what it was."""
        return self.found.via

    @strawberry.field(description="What was done.")
    def action(self) -> AuditAction:
        """Return the action."""
        return AuditAction(self.found.action.value)

    @strawberry.field(description="How it ended.")
    def outcome(self) -> AuditOutcome:
        """Return the outcome."""
        return AuditOutcome(self.found.outcome.value)

    @strawberry.field(
        description="The data partition that it was done in, by the name that it has"
        " now, or had last; null: in none, or in several."
    )
    async def partition_name(self, info: Info) -> str | None:
        """Return the name, looked up for all rows together."""
        if self.found.partition_id is None:
            return None
        context = info.context
        names: DataLoader[int, str | None] = context.once(
            AuditEntry, lambda: DataLoader(partial(_names, context))
        )
        return await names.load(self.found.partition_id)

    @strawberry.field(
        description="The PatientID of the one patient whose data they were; masked for"
        " those who may not see who patients are; empty: of none, or of several."
    )
    def patient_id(self) -> str:
        """Return the PatientID."""
        return self.found.patient_id

    @strawberry.field(
        description="The numbers of the patients whose data were given, where several"
        " may be; they tell nothing of who they are."
    )
    def patient_keys(self) -> list[BigInt]:
        """Return the keys."""
        return [BigInt(key) for key in self.found.patients]

    @strawberry.field(description="The UID of the one study that it was; may be empty.")
    def study_instance_uid(self) -> str:
        """Return the UID."""
        return self.found.study_instance_uid

    @strawberry.field(
        description="The UIDs of studies without a patient among what was given."
    )
    def study_instance_uids(self) -> list[str]:
        """Return the UIDs."""
        return list(self.found.studies)

    @strawberry.field(description="What was done, and how much of it.")
    def detail(self) -> str:
        """Return the detail."""
        return self.found.detail

    @strawberry.field(
        description="What was asked for, in the words of who asked; masked for those"
        " who may not see who patients are; may be empty."
    )
    def query(self) -> str:
        """Return the words."""
        return self.found.query

    @strawberry.field(
        description="From where: the address of a client, or who ran a command on which"
        " machine."
    )
    def source(self) -> str:
        """Return the address."""
        return self.found.source

    @strawberry.field(description="By which request; may be empty.")
    def request_id(self) -> str:
        """Return what the request is called."""
        return self.found.request_id

    @strawberry.field(description="The chain of hashes that it is in.")
    def writer(self) -> str:
        """Return the chain."""
        return self.found.writer

    @strawberry.field(description="Its number in the chain, from 1 without gaps.")
    def sequence(self) -> BigInt:
        """Return the number."""
        return BigInt(self.found.sequence)


async def _names(context: Context, keys: list[int]) -> list[str | None]:
    look_up: Callable[..., Any] = partitions.names_told_of
    found = await context.ask(look_up, actor=context.actor, keys=keys)
    return [found.get(key) for key in keys]


@strawberry.input(
    description="What a row has to be like; all that is given counts. Texts are matched"
    " as a whole."
)
class AuditFilter:
    """As the filters of the admin's page."""

    from_: datetime | None = strawberry.field(
        name="from", description="Done not before this moment.", default=None
    )
    until: datetime | None = strawberry.field(
        description="Done before this moment.", default=None
    )
    actor: str | None = strawberry.field(
        description="Done by this account.", default=None
    )
    action: AuditAction | None = strawberry.field(
        description="This was done.", default=None
    )
    outcome: AuditOutcome | None = strawberry.field(
        description="It ended so.", default=None
    )
    partition: str | None = strawberry.field(
        description="In the data partition of this name, or the one that had it last"
        " before it was deleted.",
        default=None,
    )
    patient_id: str | None = strawberry.field(
        description="Data of this patient were given or changed; in the partition, if"
        " one is named.",
        default=None,
    )
    study_instance_uid: str | None = strawberry.field(
        description="Data of this study were given or changed; searches that name its"
        " patient are left out.",
        default=None,
    )
    source: str | None = strawberry.field(
        description="From this address.", default=None
    )
    request_id: str | None = strawberry.field(
        description="By this request.", default=None
    )


def _chosen(actor: Actor, given: AuditFilter | None) -> audit_search.AuditFilter:
    """Return a filter with its partition found.

    Raises
    ------
    Invalid, Forbidden, NotFound
        A moment has no time zone; the actor may not read the log; there never was such
        a partition.
    """
    if given is None:
        return audit_search.AuditFilter()
    name = given.partition
    return audit_search.AuditFilter(
        since=aware(given.from_, "filter.from"),
        until=aware(given.until, "filter.until"),
        actor=given.actor or "",
        action=None if given.action is None else Action(given.action.value),
        outcome=None if given.outcome is None else Outcome(given.outcome.value),
        partition_id=None
        if name is None
        else partitions.partition_told_of(actor=actor, name=name),
        patient_id=given.patient_id or "",
        study_instance_uid=given.study_instance_uid or "",
        source=given.source or "",
        request_id=given.request_id or "",
    )


@strawberry.type
class AuditQueries:
    """The part of the audit log in the root of queries."""

    @strawberry.field(
        description="The audit log, the newest row first; for those who may read it."
        " Each page that is read is a row of it."
    )
    async def audit_log(
        self,
        info: Info,
        where: Annotated[
            AuditFilter | None,
            strawberry.argument(name="filter", description="Which rows."),
        ] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Uncounted[AuditEntry]:
        """Read rows."""
        context, number = info.context, checked_page(first)
        chosen = await context.ask(_chosen, context.actor, where)
        try:
            page = await context.ask(
                audit_search.search_audit,
                actor=context.actor,
                where=chosen,
                cursor=after,
                limit=max(number, 1),  # whether there is any, where none is wanted
            )
        except Invalid as error:
            raise no_such_cursor() from error
        shown = page.entries[:number]
        return connect_uncounted(
            [(each.cursor, AuditEntry(found=each)) for each in shown],
            has_more=page.cursor is not None or len(page.entries) > number,
            after=after,
        )
