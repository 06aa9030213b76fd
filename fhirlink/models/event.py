"""The event table: all that happened to patients, flat and narrow, and who they are.

Derived from resources and images by `fhirlink.events.follower`, the only writer
(decision 0029). Keys without a constraint: it would be looked at for each of very many
rows, which are derived.
"""

from typing import ClassVar, Final

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from fhirlink.events.words import Words
from imaging.models.fields import Text, Uid

IMAGING: Final = 11  # fhirlink.events.shapes.Kind.IMAGING


class ClinicalPatient(models.Model):
    """A person of a partition, whatever the record and the images call them.

    Its key is dense, so that sets of patients are bitmaps. What is not known of birth
    and death is empty; a partial date is an interval.
    """

    id = models.IntegerField(primary_key=True, help_text="That of its first identity.")
    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, db_index=False
    )
    birth_first = models.DateField(null=True)
    birth_last = models.DateField(null=True)
    gender = Text(help_text="A code of FHIR's AdministrativeGender.")
    is_deceased = models.BooleanField(default=False)
    deceased_first = models.DateField(null=True)
    deceased_last = models.DateField(null=True)

    class Meta:
        """Found by partition and by when they were born."""

        indexes: ClassVar = [
            models.Index(
                fields=["partition", "birth_first", "id"],
                include=["birth_last", "gender"],
                name="fhirlink_clinicalpatient_born",
            )
        ]

    def __str__(self) -> str:
        """Return the key only."""
        return f"patient {self.pk}"


class PatientIdentity(models.Model):
    """What one source calls a person: a Patient resource, or a patient of images.

    Attributes
    ----------
    name
        ``Patient/<id>``; ``imaging/<key of imaging.Patient>``; ``study/<UID>`` of a
        study that names nobody.
    is_present
        Whether the resource is held, or a study of it that no Patient claims. Of one
        that is not, there may be events already.
    is_active
        Whether its source uses it. What is not used, and of which nothing is told, is
        nobody.
    replaced_by
        The name of the identity that it was merged into.
    patient
        The person, as all its names together say.
    """

    id = models.AutoField(primary_key=True)
    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, db_index=False
    )
    name = Text()
    is_present = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    replaced_by = Text()
    patient = models.IntegerField(db_index=True)
    birth_first = models.DateField(null=True)
    birth_last = models.DateField(null=True)
    gender = Text()
    is_deceased = models.BooleanField(default=False)
    deceased_first = models.DateField(null=True)
    deceased_last = models.DateField(null=True)

    class Meta:
        """One row for each name."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partition", "name"], name="fhirlink_patientidentity_name"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["partition", "replaced_by"],
                condition=~models.Q(replaced_by=""),
                name="fhirlink_identity_merged",
            )
        ]

    def __str__(self) -> str:
        """Return the key only."""
        return f"identity {self.pk}"


class Event(models.Model):
    """Something that happened to a patient: one row, about 100 bytes.

    Attributes
    ----------
    kind
        `fhirlink.events.shapes.Kind`.
    part
        0, or which component of the observation it is.
    patient, identity
        The person, and as whom the source named it.
    code, category, value_code, site
        Keys of CodeableConcepts. Of an imaging event the category is its modalities.
    start_first, start_last, second
        The days that it can have begun on, none where it has no date; and the second
        of that day. As written.
    run_first
        From when it runs, where that is not its start.
    end_first, end_last
        The days that it can have ended on; 9999-12-31 of what still runs.
    low, high, unit
        What its number can be, in the canonical unit; and the unit as it is written.
    words
        Its value as people read it.
    encounter
        A hash of partition and id: two events with the same one share an encounter.
    """

    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, db_index=False, db_constraint=False
    )
    resource = models.ForeignKey(
        "fhirlink.Resource",
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
    )
    encounter = models.BigIntegerField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    patient = models.IntegerField()
    identity = models.IntegerField()
    code = models.IntegerField(null=True)
    category = models.IntegerField(null=True)
    value_code = models.IntegerField(null=True)
    site = models.IntegerField(null=True)
    unit = models.ForeignKey(
        "fhirlink.Unit",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    start_first = models.DateField(null=True)
    start_last = models.DateField(null=True)
    second = models.IntegerField(null=True)
    run_first = models.DateField(null=True)
    end_first = models.DateField(null=True)
    end_last = models.DateField(null=True)
    kind = models.SmallIntegerField()
    part = models.SmallIntegerField(default=0)
    is_counted = models.BooleanField(help_text="Left in where no status is asked for.")
    status = Text(help_text="As written; several have blanks between.")
    words = Text()

    class Meta:
        """From the code to patients, and from the patient to events, in the index.

        Of partial dates there are few: whose they are is known without the table.
        """

        indexes: ClassVar = [
            models.Index(
                fields=["partition", "kind", "code", "start_first", "patient"],
                include=["start_last", "is_counted"],
                name="fhirlink_event_leaf",
            ),
            models.Index(
                fields=["patient", "kind", "code", "start_first"],
                include=["start_last", "is_counted"],
                name="fhirlink_event_patient",
            ),
            models.Index(
                fields=["partition", "category", "start_first", "patient"],
                condition=models.Q(kind=IMAGING),
                name="fhirlink_event_modality",
            ),
            models.Index(
                fields=["patient"],
                condition=models.Q(start_first__lt=models.F("start_last"))
                | models.Q(end_first__lt=models.F("end_last")),
                name="fhirlink_event_partial",
            ),
        ]

    def __str__(self) -> str:
        """Return the key only."""
        return f"event {self.pk}"


class EventStudy(models.Model):
    """A study that an event is, or is about."""

    event = models.ForeignKey(
        Event, on_delete=models.CASCADE, db_index=False, db_constraint=False
    )
    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, db_index=False, db_constraint=False
    )
    study_instance_uid = Uid()

    class Meta:
        """Both ways."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["event", "study_instance_uid"], name="fhirlink_eventstudy_pair"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["partition", "study_instance_uid", "event"],
                name="fhirlink_eventstudy_study",
            )
        ]

    def __str__(self) -> str:
        """Return the UID."""
        return self.study_instance_uid


class EventSeries(models.Model):
    """A series of an imaging event: what may have to hold of one and the same."""

    event = models.ForeignKey(
        Event, on_delete=models.CASCADE, related_name="series", db_constraint=False
    )
    series_instance_uid = Uid()
    modality = Text()
    body = models.IntegerField(null=True, help_text="Key of a CodeableConcept.")
    number_of_instances = models.IntegerField()

    class Meta:
        """Found by the part of the body."""

        verbose_name_plural = "event series"
        indexes: ClassVar = [
            models.Index(
                fields=["body", "modality", "event"],
                condition=models.Q(body__isnull=False),
                name="fhirlink_eventseries_body",
            )
        ]

    def __str__(self) -> str:
        """Return the UID."""
        return self.series_instance_uid


class EventText(models.Model):
    """The words of a report or a document, found by words and by phrases."""

    event = models.OneToOneField(
        Event,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="text",
        db_constraint=False,
    )
    text = models.TextField()

    class Meta:
        """The index knows no language: what is looked for is literal."""

        indexes: ClassVar = [GinIndex(Words("text"), name="fhirlink_eventtext_words")]

    def __str__(self) -> str:
        """Return the key only."""
        return f"text {self.pk}"


class EventNeed(models.Model):
    """Something else that the events of a resource are made with.

    Attributes
    ----------
    name
        ``Medication/<id>``, ``ImagingStudy/<id>``, or ``study/<UID>`` for the images
        of an ImagingStudy.
    """

    resource = models.ForeignKey(
        "fhirlink.Resource",
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
    )
    partition = models.ForeignKey(
        "core.Partition", on_delete=models.CASCADE, db_index=False, db_constraint=False
    )
    name = Text()

    class Meta:
        """From what is needed to whom it is told."""

        indexes: ClassVar = [
            models.Index(
                fields=["partition", "name", "resource"], name="fhirlink_eventneed_name"
            )
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name
