"""The tables of the clinical record."""

from fhirlink.models.concept import (
    CodeableConcept,
    CodeUse,
    Coding,
    Concept,
    ConceptAncestor,
    Unit,
)
from fhirlink.models.event import (
    ClinicalPatient,
    Event,
    EventNeed,
    EventSeries,
    EventStudy,
    EventText,
    PatientIdentity,
)
from fhirlink.models.linkage import (
    DirtyStudy,
    LinkConflict,
    LinkDecision,
    LinkedStudy,
    LinkKey,
    LinkSource,
    MadePatient,
    MadeResource,
    PatientLink,
    ReportLink,
)
from fhirlink.models.remote import (
    Auth,
    InboundCursor,
    OutboxItem,
    OutboxState,
    RemoteResource,
    RemoteServer,
)
from fhirlink.models.resource import Resource, ResourceVersion
from fhirlink.models.search import DateValue, QuantityValue, StringValue, TermText
from fhirlink.models.subscription import (
    ChannelState,
    Notification,
    SubscriptionChannel,
)

__all__ = [
    "Auth",
    "ChannelState",
    "ClinicalPatient",
    "CodeUse",
    "CodeableConcept",
    "Coding",
    "Concept",
    "ConceptAncestor",
    "DateValue",
    "DirtyStudy",
    "Event",
    "EventNeed",
    "EventSeries",
    "EventStudy",
    "EventText",
    "InboundCursor",
    "LinkConflict",
    "LinkDecision",
    "LinkKey",
    "LinkSource",
    "LinkedStudy",
    "MadePatient",
    "MadeResource",
    "Notification",
    "OutboxItem",
    "OutboxState",
    "PatientIdentity",
    "PatientLink",
    "QuantityValue",
    "RemoteResource",
    "RemoteServer",
    "ReportLink",
    "Resource",
    "ResourceVersion",
    "StringValue",
    "SubscriptionChannel",
    "TermText",
    "Unit",
]
