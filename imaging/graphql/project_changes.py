"""Making projects, changing them, putting studies and patients in and out."""

from collections.abc import Callable
from typing import Annotated, Any, Final

import strawberry

from core.errors import Invalid
from core.graphql.context import Info
from core.graphql.faults import Fault, mutation
from core.graphql.nodes import number_in
from core.partitions import DEFAULT_PARTITION
from imaging import project_contents, projects
from imaging.graphql.deletes import MAXIMUM_REASON, Reason
from imaging.graphql.projects import PartitionName, Project
from imaging.graphql.scalars import UI
from imaging.project_contents import PatientIdentity

MAXIMUM_AT_ONCE: Final = 10_000  # studies or patients

ProjectId = Annotated[
    strawberry.ID, strawberry.argument(name="id", description="The id of the project.")
]
Studies = Annotated[
    list[UI],
    strawberry.argument(
        description=f"The UIDs of at most {MAXIMUM_AT_ONCE} studies of its partition."
    ),
]


@strawberry.input(description="What names a patient in a partition.")
class PatientInput:
    """PatientID and its issuer."""

    patient_id: str = strawberry.field(description="What the issuer calls the patient.")
    issuer_of_patient_id: str = strawberry.field(
        description="Who has given the ID; empty: nobody is named.", default=""
    )

    def identity(self) -> PatientIdentity:
        """Return it as the domain has it."""
        return PatientIdentity(self.patient_id, self.issuer_of_patient_id)


Patients = Annotated[
    list[PatientInput],
    strawberry.argument(
        description=f"At most {MAXIMUM_AT_ONCE} patients of its partition."
    ),
]


@strawberry.type(description="A project as a mutation left it.")
class ChangedProject:
    """What creating or changing a project answers."""

    project: Project = strawberry.field(description="The project, as it is now.")


@strawberry.type(description="A project that is no more.")
class DeletedProject:
    """What deleting a project answers."""

    id: strawberry.ID = strawberry.field(description="The id that it had.")


@strawberry.type(description="What was put into a project, or taken out.")
class ChangedContents:
    """What changing what is in a project answers."""

    number: int = strawberry.field(
        description="How many were put in that were not in it, or taken out that were."
    )


ChangeResult = Annotated[
    ChangedProject | Fault,
    strawberry.union(
        "ChangeProjectResult", description="A project, or why it was not changed."
    ),
]
DeleteResult = Annotated[
    DeletedProject | Fault,
    strawberry.union(
        "DeleteProjectResult", description="What was deleted, or why it was not."
    ),
]
ContentsResult = Annotated[
    ChangedContents | Fault,
    strawberry.union(
        "ChangeContentsResult", description="What was changed, or why nothing was."
    ),
]


async def _put(
    info: Info, change: Callable[..., int], project_id: str, **what: list[Any]
) -> ChangedContents:
    for name, given in what.items():
        if len(given) > MAXIMUM_AT_ONCE:
            message = f"At most {MAXIMUM_AT_ONCE} at once."
            raise Invalid(message, path=name)
    number = await info.context.do(
        change,
        actor=info.context.actor,
        project_id=number_in(project_id, "Project"),
        **what,
    )
    return ChangedContents(number=number)


@strawberry.type
class ProjectMutations:
    """The part of projects in the root of mutations."""

    @mutation(description="Create an empty project, which nobody else sees yet.")
    async def create_project(
        self,
        info: Info,
        name: Annotated[
            str, strawberry.argument(description="Its name in the partition.")
        ],
        description: Annotated[
            str, strawberry.argument(description="What it is for.")
        ] = "",
        partition: PartitionName = DEFAULT_PARTITION,
    ) -> ChangeResult:
        """Create one."""
        held = await info.context.do(
            projects.create_project,
            actor=info.context.actor,
            partition=partition,
            name=name,
            description=description,
        )
        return ChangedProject(project=Project(held=held))

    @mutation(
        description="Rename a project or describe it anew; what is null stays as it is."
    )
    async def change_project(
        self,
        info: Info,
        global_id: ProjectId,
        name: Annotated[
            str | None, strawberry.argument(description="Its new name.")
        ] = None,
        description: Annotated[
            str | None, strawberry.argument(description="What it is for.")
        ] = None,
    ) -> ChangeResult:
        """Change one."""
        held = await info.context.do(
            projects.change_project,
            actor=info.context.actor,
            project_id=number_in(global_id, "Project"),
            name=name,
            description=description,
        )
        return ChangedProject(project=Project(held=held))

    @mutation(
        description="Delete a project and all grants on it; the studies stay where they"
        " are."
    )
    async def delete_project(
        self, info: Info, global_id: ProjectId, reason: Reason = ""
    ) -> DeleteResult:
        """Delete one."""
        if len(reason) > MAXIMUM_REASON:
            message = f"reason has at most {MAXIMUM_REASON} characters."
            raise Invalid(message, path="reason")
        await info.context.do(
            projects.delete_project,
            actor=info.context.actor,
            project_id=number_in(global_id, "Project"),
            reason=reason,
        )
        return DeletedProject(id=global_id)

    @mutation(description="Put studies into a project: all that are named, or none.")
    async def add_studies_to_project(
        self, info: Info, global_id: ProjectId, studies: Studies
    ) -> ContentsResult:
        """Put studies in."""
        return await _put(info, project_contents.add_studies, global_id, uids=studies)

    @mutation(
        description="Take studies out of a project. One whose patient is in it is still"
        " seen."
    )
    async def remove_studies_from_project(
        self, info: Info, global_id: ProjectId, studies: Studies
    ) -> ContentsResult:
        """Take studies out."""
        change = project_contents.remove_studies
        return await _put(info, change, global_id, uids=studies)

    @mutation(
        description="Put patients into a project with all studies of theirs, those to"
        " come included: all patients that are named, or none."
    )
    async def add_patients_to_project(
        self, info: Info, global_id: ProjectId, patients: Patients
    ) -> ContentsResult:
        """Put patients in."""
        given = [each.identity() for each in patients]
        return await _put(
            info, project_contents.add_patients, global_id, patients=given
        )

    @mutation(description="Take patients out of a project: all of them, or none.")
    async def remove_patients_from_project(
        self, info: Info, global_id: ProjectId, patients: Patients
    ) -> ContentsResult:
        """Take patients out."""
        given = [each.identity() for each in patients]
        change = project_contents.remove_patients
        return await _put(info, change, global_id, patients=given)
