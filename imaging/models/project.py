"""Projects: named sets of studies and patients that grants hang on."""

from typing import ClassVar

from django.db import models


class Project(models.Model):
    """A named set of studies and patients of a partition, seen by its members.

    Its members are the grants on its scope (`core.accounts.grants`). Written by
    `imaging.projects`.
    """

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=100, help_text="One of its kind in a partition.")
    description = models.TextField(blank=True, help_text="What it is for.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """By name."""

        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "name"], name="imaging_project_name"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["name", "id"], name="imaging_project_list")
        ]

    def __str__(self) -> str:
        """Return its name."""
        return self.name


class ProjectStudy(models.Model):
    """A study of a project; it goes with either."""

    pk = models.CompositePrimaryKey("project_id", "study_id")
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="studies"
    )
    study = models.ForeignKey(
        "imaging.Study",
        on_delete=models.DO_NOTHING,  # the database does: migration 0010
        db_constraint=False,
        related_name="+",
    )
    added_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """Return the keys only."""
        return f"study {self.study_id} of project {self.project_id}"


class ProjectPatient(models.Model):
    """A patient of a project: all studies of theirs, those to come included."""

    pk = models.CompositePrimaryKey("project_id", "patient_id")
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="patients"
    )
    patient = models.ForeignKey(
        "imaging.Patient", on_delete=models.CASCADE, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """Return the keys only."""
        return f"patient {self.patient_id} of project {self.project_id}"
