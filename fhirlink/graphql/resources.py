"""What the record holds of patients: conditions, drugs, values, reports and so on."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import orjson
import strawberry

from core.graphql.scalars import Json
from fhirlink.events.read import at, first, text
from fhirlink.events.texts import text_of
from fhirlink.graphql import facts
from fhirlink.graphql.facts import CodeableConcept, Identifier, Quantity
from fhirlink.search.rows import Found


@strawberry.interface(description="A FHIR resource (R4) of the clinical record.")
class ClinicalResource:
    """What can be said of all of them."""

    partition_name: strawberry.Private[str]
    held: strawberry.Private[Found]

    @cached_property
    def content(self) -> dict[str, Any]:
        """Return its JSON, read; its decimals are plain numbers of JSON."""
        return self.held.parsed()

    @strawberry.field(description="Its type, as FHIR calls it.")
    def resource_type(self) -> str:
        """Return the type."""
        return self.held.type

    @strawberry.field(description="Its id: the end of its address in /fhir.")
    def fhir_id(self) -> str:
        """Return the id."""
        return self.held.fhir_id

    @strawberry.field(description="When it was written last.")
    def last_updated(self) -> datetime:
        """Return the moment."""
        return self.held.at

    @strawberry.field(description="The whole of it, as FHIR's JSON.")
    def resource(self) -> Json:
        """Return the JSON."""
        return Json(orjson.Fragment(self.held.json()))


@strawberry.interface(description="Something that is, or was, so of a patient.")
class ClinicalEvent(ClinicalResource):
    """What stands in the compartment of a patient."""

    @strawberry.field(description="What it is: a diagnosis, a drug, a measurement.")
    def code(self) -> CodeableConcept | None:
        """Return the code."""
        return facts.code_of(self.content)

    @strawberry.field(
        description="Its status; of conditions and allergies the clinical one."
    )
    def status(self) -> str | None:
        """Return the status."""
        return facts.status_of(self.content)

    @strawberry.field(
        description="When it began, or was: a date of FHIR, as it is written; a year"
        " alone is all of the year."
    )
    def start(self) -> str | None:
        """Return the date."""
        return facts.start_of(self.content)

    @strawberry.field(description="When it ended, if that is known.")
    def end(self) -> str | None:
        """Return the date."""
        return facts.end_of(self.content)


@strawberry.type(description="A disease, a diagnosis, a problem.")
class Condition(ClinicalEvent):
    """FHIR's Condition."""

    @strawberry.field(description="How sure it is: confirmed, refuted, ...")
    def verification_status(self) -> str | None:
        """Return the status."""
        return facts.said(
            first(self.content, "verificationStatus.coding") or {}, "code"
        )


@strawberry.type(
    description="A drug: asked for, given, or taken (MedicationRequest,"
    " MedicationAdministration, MedicationStatement)."
)
class MedicationUse(ClinicalEvent):
    """FHIR's resources of drugs."""

    @strawberry.field(description="How much of it and how often, in words.")
    def dosage(self) -> str | None:
        """Return the words of the first dosage."""
        for path in ("dosageInstruction", "dosage"):
            if words := text(first(self.content, path), "text"):
                return words
        return None


@strawberry.type(description="Something that was done.")
class Procedure(ClinicalEvent):
    """FHIR's Procedure."""


@strawberry.type(description="Something that was measured or seen.")
class Observation(ClinicalEvent):
    """FHIR's Observation."""

    @strawberry.field(description="What was found, as people read it, without unit.")
    def value(self) -> str | None:
        """Return the value."""
        return facts.value_in_words(self.content)

    @strawberry.field(description="What was found, where it is a number.")
    def quantity(self) -> Quantity | None:
        """Return the number."""
        return facts.quantity(self.content.get("valueQuantity"))

    @strawberry.field(description="The least that is usual.")
    def reference_low(self) -> Quantity | None:
        """Return the lower end of the first reference range."""
        return facts.quantity(first(self.content, "referenceRange.low"))

    @strawberry.field(description="The most that is usual.")
    def reference_high(self) -> Quantity | None:
        """Return the upper end of the first reference range."""
        return facts.quantity(first(self.content, "referenceRange.high"))

    @strawberry.field(description="Whether it is high, low, abnormal, by code.")
    def interpretation(self) -> CodeableConcept | None:
        """Return the first interpretation."""
        return facts.concept(first(self.content, "interpretation"))


@strawberry.type(description="What somebody says of findings, such as of images.")
class Report(ClinicalEvent):
    """FHIR's DiagnosticReport."""

    @strawberry.field(description="What it comes to.")
    def conclusion(self) -> str | None:
        """Return the conclusion."""
        return facts.said(self.content, "conclusion")

    @strawberry.field(
        description="All of its words: conclusion, narrative, plain text attached."
    )
    def text(self) -> str:
        """Return the words."""
        return text_of(self.content)


@strawberry.type(description="Where a document can be had, or the document itself.")
class Attachment:
    """FHIR's Attachment, without its data."""

    content_type: str | None = strawberry.field(description="Its media type.")
    url: str | None = strawberry.field(
        description="Where it is; null: the resource has it in itself."
    )
    title: str | None = strawberry.field(description="What it is called.")


@strawberry.type(description="A document: of a stay, of images, of whatever else.")
class Document(ClinicalEvent):
    """FHIR's DocumentReference."""

    @strawberry.field(description="What it is, in words.")
    def description(self) -> str | None:
        """Return the description."""
        return facts.said(self.content, "description")

    @strawberry.field(
        description="All of its words: description, narrative, plain text attached."
    )
    def text(self) -> str:
        """Return the words."""
        return text_of(self.content)

    @strawberry.field(description="The forms in which it can be had.")
    def attachments(self) -> list[Attachment]:
        """Return the attachments."""
        return [
            Attachment(
                content_type=facts.said(each, "contentType"),
                url=facts.said(each, "url"),
                title=facts.said(each, "title"),
            )
            for each in at(self.content, "content.attachment")
            if isinstance(each, dict)
        ]


@strawberry.type(description="A visit, or a stay.")
class Encounter(ClinicalEvent):
    """FHIR's Encounter."""


@strawberry.type(description="What somebody does not bear.")
class Allergy(ClinicalEvent):
    """FHIR's AllergyIntolerance."""

    @strawberry.field(description="How bad it may become: low, high.")
    def criticality(self) -> str | None:
        """Return the code."""
        return facts.said(self.content, "criticality")


@strawberry.type(description="A vaccination.")
class Immunization(ClinicalEvent):
    """FHIR's Immunization."""


@strawberry.type(description="What somebody has asked for, such as images.")
class Order(ClinicalEvent):
    """FHIR's ServiceRequest."""

    @strawberry.field(description="What it is called by others.")
    def identifiers(self) -> list[Identifier]:
        """Return the identifiers."""
        return facts.identifiers_of(self.content)

    @strawberry.field(description="Why, in words or by codes.")
    def reasons(self) -> list[CodeableConcept]:
        """Return the reasons."""
        found = (facts.concept(each) for each in at(self.content, "reasonCode"))
        return [each for each in found if each is not None]


@strawberry.type(description="A resource about a patient that has no type of its own.")
class OtherEvent(ClinicalEvent):
    """Any other of FHIR's resources."""


EVENTS: Final[Mapping[str, type[ClinicalEvent]]] = {
    "Condition": Condition,
    "MedicationRequest": MedicationUse,
    "MedicationAdministration": MedicationUse,
    "MedicationStatement": MedicationUse,
    "Procedure": Procedure,
    "Observation": Observation,
    "DiagnosticReport": Report,
    "DocumentReference": Document,
    "Encounter": Encounter,
    "AllergyIntolerance": Allergy,
    "Immunization": Immunization,
    "ServiceRequest": Order,
}
"""The types of the graph by those of FHIR."""


def event_of(partition_name: str, held: Found) -> ClinicalEvent:
    """Return a resource as the graph has it."""
    kind = EVENTS.get(held.type, OtherEvent)
    return kind(partition_name=partition_name, held=held)
