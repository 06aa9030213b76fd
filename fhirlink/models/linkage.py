"""How studies and the clinical record are linked.

All but `LinkSource`, `LinkDecision` and what persons say of conflicts is derived by
`fhirlink.linkage`. A key is a hash-free text by which things are joined: what two
owners have in common by it belongs together (`fhirlink.linkage.keys`).
"""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from imaging.models.fields import Text, Uid


class LinkSource(models.Model):
    """What is configured of the studies of a partition; empty: as settings say.

    Written by `fhirlink.linkage.sources`.
    """

    partition = models.OneToOneField("core.Partition", on_delete=models.CASCADE)
    assigning_authority = Text(help_text="Identifier system of a bare PatientID.")
    issuers = models.JSONField(
        default=dict, blank=True, help_text="Identifier systems by names of issuers."
    )
    zone = Text(help_text="Of times without offset: Europe/Berlin, or +0100.")
    accession_system = Text(help_text="Of accession numbers without issuer.")
    study_id_system = Text(help_text="Of study ids.")
    address = Text(help_text="Root of the DICOMweb service, as others reach it.")
    names_staff = models.BooleanField(
        default=False, help_text="Whether performers and operators are named."
    )
    is_suspended = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whether Endpoints say that the service is out of use for now.",
    )

    def __str__(self) -> str:
        """Return which partition it is of."""
        return f"source {self.partition_id}"


class DirtyStudy(models.Model):
    """A study that has changed, or whose links may have, since it was folded."""

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, db_index=False
    )
    study_instance_uid = Uid()
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveIntegerField(db_default=0)
    error = Text(help_text="Why the last attempt has failed.")

    class Meta:
        """Each once; those that have waited longest first."""

        verbose_name_plural = "dirty studies"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "study_instance_uid"], name="fhirlink_dirty_study"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["last_at"], name="fhirlink_dirty_last"),
            models.Index(fields=["first_at"], name="fhirlink_dirty_first"),
        ]

    def __str__(self) -> str:
        """Return the UID."""
        return self.study_instance_uid


class LinkedStudy(models.Model):
    """A study as it was folded last, and what it is linked to.

    Attributes
    ----------
    term
        The key of its patient: issuer and PatientID; empty where that cannot be told.
    subject
        Id of its FHIR Patient; empty where it is linked to none.
    told
        Name, gender and birth date of the patient as members of a Patient.
    """

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, db_index=False
    )
    study_instance_uid = Uid()
    fhir_id = Text(help_text="Id of its ImagingStudy.")
    held_since = models.BigIntegerField(
        null=True, help_text="Key of its row in the index; none: it is gone."
    )
    patient = models.ForeignKey(
        "imaging.Patient",
        null=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="+",
    )
    term = Text()
    told = models.JSONField(default=dict)
    subject = Text()
    how = Text(help_text="How it came to its subject.")
    matched = Text(help_text="Hash of what its fold has taken from the match.")
    notes = models.JSONField(
        default=list, help_text="Bad values: kind, attribute, how many."
    )
    of_record = models.JSONField(
        default=list,
        db_default=models.Value([], models.JSONField()),
        help_text="Elements of its ImagingStudy that the record tells.",
    )
    folded_at = models.DateTimeField(db_default=Now())

    class Meta:
        """By study, by patient, and by bad values."""

        verbose_name_plural = "linked studies"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "study_instance_uid"], name="fhirlink_linked_study"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["partition", "term", "held_since"],
                name="fhirlink_linked_term",
            ),
            models.Index(
                fields=["partition", "subject"], name="fhirlink_linked_subject"
            ),
            models.Index(fields=["partition", "fhir_id"], name="fhirlink_linked_id"),
        ]

    def __str__(self) -> str:
        """Return the UID."""
        return self.study_instance_uid


class LinkKey(models.Model):
    """Something by which a study or a resource of the record can be joined.

    The owner is a study, by its UID, or a resource that others than the linker have
    written, by its type and id.
    """

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, db_index=False
    )
    owner_type = Text()
    owner_id = Text()
    kind = Text(help_text="What it says of its owner (fhirlink.linkage.keys.Kind).")
    term = Text(help_text="System and value; a long one is shortened.")
    version = models.BigIntegerField(
        null=True, help_text="Key of the resource's version."
    )

    class Meta:
        """By owner and by term."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "owner_type", "owner_id", "kind", "term"],
                name="fhirlink_link_key",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["partition", "term", "kind"], name="fhirlink_link_key_term"
            )
        ]

    def __str__(self) -> str:
        """Return the key only: identifiers are not for logs."""
        return f"link key {self.pk}"


class PatientLink(models.Model):
    """That a patient of the images is a FHIR Patient; what grants follow.

    Derived from the studies of the patient. It has several where an issuer is told in
    some of its studies only, or where a person has split it.
    """

    patient = models.ForeignKey(
        "imaging.Patient",
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="fhir_links",
    )
    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, db_index=False
    )
    fhir_id = Text(help_text="Id of the FHIR Patient.")
    how = Text(help_text="By key, by other identifiers, by a person, or made.")
    linked_at = models.DateTimeField(db_default=Now())

    class Meta:
        """From both sides."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "fhir_id"], name="fhirlink_patient_link"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["partition", "fhir_id"], name="fhirlink_patient_link_fhir"
            )
        ]

    def __str__(self) -> str:
        """Return the key only."""
        return f"patient link {self.pk}"


class MadePatient(models.Model):
    """A FHIR Patient that images alone tell of, by the key that it was made for."""

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, db_index=False
    )
    term = Text()
    fhir_id = Text()
    system = Text()
    value = Text()
    told = models.JSONField(default=dict)
    is_placeholder = models.BooleanField(default=False)
    fate = Text(help_text="What became of it: kept, replaced by which, unused.")

    class Meta:
        """One for each key."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "term"], name="fhirlink_made_patient"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["partition", "fhir_id"], name="fhirlink_made_patient_fhir"
            )
        ]

    def __str__(self) -> str:
        """Return the id."""
        return self.fhir_id


class MadeResource(models.Model):
    """A resource that the linker has made of a study, so that it can take it back."""

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, db_index=False
    )
    study_instance_uid = Uid()
    type = Text()
    fhir_id = Text()

    class Meta:
        """Each once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "study_instance_uid", "type", "fhir_id"],
                name="fhirlink_made_resource",
            )
        ]

    def __str__(self) -> str:
        """Return its address."""
        return f"{self.type}/{self.fhir_id}"


class ReportLink(models.Model):
    """That a DiagnosticReport or DocumentReference is of a study, or may be.

    `how` says by what: a reference or an identifier, a document in the study, the
    order, the accession number; a suggestion (same patient, day and modality) is marked
    and links nothing.
    """

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, db_index=False
    )
    type = Text(
        default="DiagnosticReport",
        db_default="DiagnosticReport",
        help_text="What it is.",
    )
    report = Text(help_text="Id of the report or document.")
    study_instance_uid = Uid()
    how = Text()
    is_suggestion = models.BooleanField(default=False)

    class Meta:
        """From both sides."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "type", "report", "study_instance_uid"],
                name="fhirlink_report_link",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["partition", "study_instance_uid"],
                name="fhirlink_report_link_study",
            )
        ]

    def __str__(self) -> str:
        """Return the key only."""
        return f"report link {self.pk}"


class LinkDecision(models.Model):
    """What a person has said of who is who: two keys are one patient, or one is not.

    A merge joins `first` and `second`; a split takes `first` out of whatever joins it
    with others. Undone, it stays in the list. Written by `fhirlink.linkage.resolve`.
    """

    class Action(models.TextChoices):
        """What was decided."""

        MERGE = "merge"
        SPLIT = "split"

    partition = models.ForeignKey("core.Partition", on_delete=models.CASCADE)
    action = models.TextField(choices=Action.choices)
    first = Text()
    second = Text()
    actor = Text()
    reason = Text()
    decided_at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = Text()

    def __str__(self) -> str:
        """Return the key only."""
        return f"decision {self.pk}"


class LinkConflict(models.Model):
    """Something that a person should look at before it is relied on.

    It goes with its cause. What was resolved stays so until the cause is another one.
    """

    class Kind(models.TextChoices):
        """What is wrong."""

        CONTRADICTION = "contradiction", "images and record contradict each other"
        SEVERAL = "several", "several patients of the record have this identifier"
        AMBIGUOUS = "ambiguous", "other identifiers lead to another patient"
        TWO_PATIENTS = "two-patients", "instances of the study name several patients"
        UNLINKED = "unlinked", "nobody has said who issues these identifiers"

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, db_index=False
    )
    study_instance_uid = Uid()
    kind = models.TextField(choices=Kind.choices)
    detail = models.JSONField(
        default=dict, help_text="What contradicts what, and who the candidates are."
    )
    found_at = models.DateTimeField(db_default=Now())
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = Text()
    resolution = Text()

    class Meta:
        """One of a kind for each study; the open ones in their order."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "study_instance_uid", "kind"],
                name="fhirlink_link_conflict",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["partition", "id"],
                condition=models.Q(resolved_at__isnull=True),
                name="fhirlink_link_conflict_open",
            )
        ]

    def __str__(self) -> str:
        """Return the key only."""
        return f"conflict {self.pk}"
