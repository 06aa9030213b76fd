"""The resource types that the store knows."""

from typing import Final

TYPES: Final = (
    *("Patient", "Practitioner", "PractitionerRole", "Organization", "Location"),
    *("Encounter", "Condition", "Procedure", "MedicationRequest"),
    *("MedicationAdministration", "MedicationStatement", "Medication"),
    *("AllergyIntolerance", "Immunization", "Observation", "DiagnosticReport"),
    *("DocumentReference", "Binary", "ServiceRequest", "ImagingStudy", "Endpoint"),
    *("Device", "Specimen", "Task", "Communication", "CarePlan", "Consent"),
    *("Provenance", "AuditEvent", "Group", "List", "ResearchStudy"),
    *("ResearchSubject", "Appointment", "Coverage", "Subscription"),
)

_OTHERS: Final = """
Account ActivityDefinition AdverseEvent AppointmentResponse Basic
BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CareTeam
CatalogEntry ChargeItem ChargeItemDefinition Claim ClaimResponse ClinicalImpression
CodeSystem CommunicationRequest CompartmentDefinition Composition ConceptMap
Contract CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue
DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement DocumentManifest
EffectEvidenceSynthesis EnrollmentRequest EnrollmentResponse EpisodeOfCare
EventDefinition Evidence EvidenceVariable ExampleScenario ExplanationOfBenefit
FamilyMemberHistory Flag Goal GraphDefinition GuidanceResponse HealthcareService
ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide InsurancePlan
Invoice Library Linkage Measure MeasureReport Media MedicationDispense
MedicationKnowledge MedicinalProduct MedicinalProductAuthorization
MedicinalProductContraindication MedicinalProductIndication
MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured
MedicinalProductPackaged MedicinalProductPharmaceutical
MedicinalProductUndesirableEffect MessageDefinition MessageHeader MolecularSequence
NamingSystem NutritionOrder ObservationDefinition OperationDefinition
OrganizationAffiliation PaymentNotice PaymentReconciliation Person PlanDefinition
Questionnaire QuestionnaireResponse RelatedPerson RequestGroup ResearchDefinition
ResearchElementDefinition RiskAssessment RiskEvidenceSynthesis Schedule
SearchParameter Slot SpecimenDefinition StructureDefinition StructureMap Substance
SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest
TerminologyCapabilities TestReport TestScript ValueSet VerificationResult
VisionPrescription
"""
OTHER_TYPES: Final = tuple(_OTHERS.split())
"""All others of FHIR R4 that may be stored."""
