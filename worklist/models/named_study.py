"""Studies that workitems name, and what of them opens to whoever has the worklist."""

from typing import ClassVar

from django.db import models

from imaging.models.fields import Text, Uid


class Opens(models.TextChoices):
    """Which study a name opens."""

    NOTHING = "nothing", "None: its writer did not see it"
    THIS = "this", "The one that its writer saw"
    PATIENT = "patient", "That one, or any of the patient whose workitem it is"
    ANY = "any", "Any of this UID, whenever it comes"


class NamedStudy(models.Model):
    """A study that a workitem names, and whether it opens it.

    A grant on the worklist leads to what is opened: triggers keep `core.ScopedStudy` of
    it (migration of this table, decision 0049). Written by `worklist.opening` as the
    workitem is, by what its writer saw then; it goes with its workitem.
    """

    pk = models.CompositePrimaryKey("workitem_id", "study_instance_uid")
    workitem = models.ForeignKey(
        "worklist.Workitem",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        help_text="The database itself removes the row with it.",
    )
    study_instance_uid = Uid()
    partition_id = models.BigIntegerField()
    worklist_id = models.BigIntegerField(help_text="That of its workitem.")
    opens = models.CharField(max_length=7, choices=Opens.choices)
    study_id = models.BigIntegerField(
        null=True, help_text="Key of the study that its writer saw."
    )
    patient_id = Text(help_text="Whose workitem it was when it was named.")
    issuer_of_patient_id = Text()

    class Meta:
        """By study, and by worklist."""

        default_permissions: ClassVar = []
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(opens__in=Opens.values),
                name="worklist_named_opens",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["study_instance_uid", "partition_id", "worklist_id"],
                condition=~models.Q(opens="nothing"),
                name="worklist_named_study",
            ),
            models.Index(
                fields=["worklist_id", "study_instance_uid"],
                condition=~models.Q(opens="nothing"),
                name="worklist_named_list",
            ),
        ]

    def __str__(self) -> str:
        """Return the keys only."""
        return f"study {self.study_instance_uid} in workitem {self.workitem_id}"
