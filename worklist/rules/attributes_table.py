"""DICOM PS3.4 table CC.2.5-3 and its macros, tables CC.2.5-2a to CC.2.5-2g, as data.

A line is one attribute: keyword, tag, then the usage in N-CREATE, in N-SET, the final
state code, the usage in N-GET, the types of matching key and of return key, and, after
``?``, the condition under which it is required (`worklist.rules.conditions`). ``>`` is
one level of nesting, ``+`` includes a macro, ``=`` begins a module.

- *Usage* is SCU/SCP of PS3.4 5.4.2.1. ``no`` is "not allowed", in N-SET also the
  ``-/-`` of newer editions. ``:empty`` and ``:SCHEDULED`` is what the value has to be;
  ``server`` is what the server sets, whatever is sent (SOP Class UID, CC.2.5.1.3.1) or
  what the request conveys elsewhere (SOP Instance UID, PS3.18 11.4.1.1).
- *Final state code* (table CC.2.5-1): ``R`` required, ``RC`` if its condition holds,
  ``P`` for COMPLETED, ``X`` for CANCELED, ``O`` optional. Blank in the macros: ``O``.
- *Matching key*: ``R`` required, ``U`` unique, ``O`` optional, ``-`` none; ``*`` is that
  of the sequence which includes the macro. Blank cells are ``-``.

Attributes that no line names are of type 3 in every service and final state (the rows
"All other Attributes of the … Module").
"""

from typing import Final

TABLE: Final = """
TransactionUID 00081195 2/2:empty lock O no - -
= SOP Common
SpecificCharacterSet 00080005 1C/1C 1C/1C RC 3/1 - 1C ?character_set
SOPClassUID 00080016 server no R no O 1
SOPInstanceUID 00080018 server no R no U 1
= UPS Scheduled Procedure Information
ScheduledProcedureStepPriority 00741200 1/1 3/1 R 3/1 R 1
ScheduledProcedureStepModificationDateTime 00404010 -/1 -/1 R 3/1 O 3
ProcedureStepLabel 00741204 1/1 3/1 O 3/1 R 1
WorklistLabel 00741202 2/1 3/1 O 3/1 R 1
ScheduledProcessingParametersSequence 00741210 2/2 3/2 O 3/2 - 2
>+ CONTENT_ITEM
ScheduledStationNameCodeSequence 00404025 2/2 3/2 O 3/2 R 2
>+ CODE
ScheduledStationClassCodeSequence 00404026 2/2 3/2 O 3/2 R 2
>+ CODE
ScheduledStationGeographicLocationCodeSequence 00404027 2/2 3/2 O 3/2 R 2
>+ CODE
ScheduledHumanPerformersSequence 00404034 2C/2C 3/2 O 3/2 R 2 ?human_performer
>HumanPerformerCodeSequence 00404009 1/1 1/1 O -/1 R 1
>>+ CODE
>HumanPerformerName 00404037 1/1 1/1 O -/1 O 3
>HumanPerformerOrganization 00404036 1/1 1/1 O -/1 O 3
ScheduledProcedureStepStartDateTime 00404005 1/1 3/1 R 3/1 R 1
ExpectedCompletionDateTime 00404011 3/1 3/1 O 3/1 R 3
ScheduledProcedureStepExpirationDateTime 00404008 3/3 3/3 O 3/3 O 3
ScheduledWorkitemCodeSequence 00404018 2/2 3/1 O 3/1 R 2
>+ CODE
CommentsOnTheScheduledProcedureStep 00400400 2/2 3/1 O 3/1 O 3
InputReadinessState 00404041 1/1 3/1 R 3/1 R 1
InputInformationSequence 00404021 2/2 3/2 O 3/2 O 2
>+ INSTANCES
StudyInstanceUID 0020000D 1C/2 3/2 O 3/2 O 2 ?makes_instances
OutputDestinationSequence 00404070 3/3 3/3 O 3/3 O 3
>+ STORAGE
= UPS Relationship
PatientName 00100010 2/2 no O 3/2 R 2
PatientID 00100020 1C/2 no O 3/2 R 2 ?identifies_subject
IssuerOfPatientID 00100021 2/2 no O 3/2 R 2
IssuerOfPatientIDQualifiersSequence 00100024 2/2 no O 3/2 O 2
>+ ISSUER
OtherPatientIDsSequence 00101002 2/2 3/3 O 3/2 O 2
>PatientID 00100020 1/1 1/1 O -/1 O 1
>IssuerOfPatientID 00100021 2/2 no O -/2 R 2
>IssuerOfPatientIDQualifiersSequence 00100024 2/2 no O -/2 O 2
>>+ ISSUER
>TypeOfPatientID 00100022 3/3 3/3 O 3/3 O 3
PatientBirthDate 00100030 2/2 no O 3/2 R 2
PatientSex 00100040 2/2 no O 3/2 R 2
GenderIdentitySequence 00100041 3/3 no O 3/3 O 3
>GenderIdentityCodeSequence 00100044 1/1 no O -/1 O 1
>>+ CODE
>EffectiveStartDateTime 0040A034 3/3 no O -/3 O 3
>EffectiveStopDateTime 0040A035 3/3 no O -/3 O 3
>GenderIdentityComment 00100045 3/3 no O -/3 O 3
SexParametersForClinicalUseCategorySequence 00100043 3/3 no O 3/3 O 3
>SexParametersForClinicalUseCategoryCodeSequence 00100046 1/1 no O -/1 O 1
>>+ CODE
>EffectiveStartDateTime 0040A034 3/3 no O -/3 O 3
>EffectiveStopDateTime 0040A035 3/3 no O -/3 O 3
>SexParametersForClinicalUseCategoryComment 00100042 2C/2C no O -/2C O 3 ?specified_category
>SexParametersForClinicalUseCategoryReference 00100047 2C/2C no O -/2C O 3 ?specified_category
PersonNamesToUseSequence 00100011 3/3 no O 3/3 O 3
>NameToUse 00100012 1/1 no O -/1 O 1
>EffectiveStartDateTime 0040A034 3/3 no O -/3 O 3
>EffectiveStopDateTime 0040A035 3/3 no O -/3 O 3
>NameToUseComment 00100013 3/3 no O -/3 O 3
ThirdPersonPronounsSequence 00100014 3/3 no O 3/3 O 3
>PronounCodeSequence 00100015 1/1 no O -/1 O 1
>>+ CODE
>EffectiveStartDateTime 0040A034 3/3 no O -/3 O 3
>EffectiveStopDateTime 0040A035 3/3 no O -/3 O 3
>PronounComment 00100016 3/3 no O -/3 O 3
ReferencedPatientPhotoSequence 00101100 3/3 3/3 O 3/3 - 3
>+ INSTANCES
AdmissionID 00380010 2/2 no O 3/2 R 2
IssuerOfAdmissionIDSequence 00380014 2/2 no O 3/2 R 2
>+ DESIGNATOR
AdmittingDiagnosesDescription 00081080 2/2 no O 3/2 O 2
AdmittingDiagnosesCodeSequence 00081084 2/2 no O 3/2 O 2
>+ CODE
ReferencedRequestSequence 0040A370 2/2 no O 3/2 R 2
>StudyInstanceUID 0020000D 1/1 no O -/1 O 1
>AccessionNumber 00080050 2/2 no O -/2 R 2
>IssuerOfAccessionNumberSequence 00080051 2/2 no O -/2 R 2
>>+ DESIGNATOR
>PlacerOrderNumberImagingServiceRequest 00402016 3/1 no O -/1 O 1C
>OrderPlacerIdentifierSequence 00400026 2/2 no O -/2 O 2
>>+ DESIGNATOR
>FillerOrderNumberImagingServiceRequest 00402017 3/1 no O -/1 O 1C
>OrderFillerIdentifierSequence 00400027 2/2 no O -/2 O 2
>>+ DESIGNATOR
>RequestedProcedureID 00401001 2/2 no O -/2 R 2
>RequestedProcedureDescription 00321060 2/2 no O -/2 O 2
>RequestedProcedureCodeSequence 00321064 2/2 no O -/2 O 2
>>+ CODE
>ReasonForTheRequestedProcedure 00401002 3/3 3/3 O -/3 O 3
>ReasonForRequestedProcedureCodeSequence 0040100A 3/3 3/3 O -/3 O 3
>>+ CODE
>RequestedProcedureComments 00401400 3/3 3/3 O -/3 O 1C
>ConfidentialityCode 00401008 3/3 3/3 O -/3 O 3
>NamesOfIntendedRecipientsOfResults 00401010 3/3 3/3 O -/3 O 3
>ImagingServiceRequestComments 00402400 3/3 3/3 O -/3 O 3
>RequestingPhysician 00321032 3/3 3/3 O -/3 O 3
>RequestingService 00321033 3/1 3/1 O -/3 R 3
>RequestingServiceCodeSequence 00321034 3/3 3/3 O -/3 O 3
>>+ CODE
>IssueDateOfImagingServiceRequest 00402004 3/3 3/3 O -/3 O 3
>IssueTimeOfImagingServiceRequest 00402005 3/3 3/3 O -/3 O 3
>ReferringPhysicianName 00080090 3/3 3/3 O -/3 O 3
ReplacedProcedureStepSequence 00741224 1C/1C no O 3/2 R 3 ?replaces_step
>+ REFERENCE
= Patient Medical
MedicalAlerts 00102000 3/2 3/2 O 3/2 O 2C
PregnancyStatus 001021C0 3/2 3/2 O 3/2 O 2C
SpecialNeeds 00380050 3/2 3/2 O 3/2 O 2C
= UPS Progress Information
ProcedureStepState 00741000 1/1:SCHEDULED no R 3/1 R 1
ProcedureStepProgressInformationSequence 00741002 2/2:empty 3/2 X 3/2 - 2
>ProcedureStepProgress 00741004 no 3/1 O -/1 - -
>ProcedureStepProgressDescription 00741006 no 3/1 O -/1 - -
>ProcedureStepProgressParametersSequence 00741007 no 3/3 O -/3 - -
>>+ CONTENT_ITEM
>>ContentItemModifierSequence 00400441 no 3/3 O -/3 - -
>>>+ CONTENT_ITEM
>ProcedureStepCommunicationsURISequence 00741008 no 3/1 O -/1 - -
>>ContactURI 0074100A no 1/1 O -/1 - -
>>ContactDisplayName 0074100C no 3/1 O -/1 - -
>ProcedureStepCancellationDateTime 00404052 no 3/1 X -/1 - -
>ReasonForCancellation 00741238 no 3/1 O -/1 - -
>ProcedureStepDiscontinuationReasonCodeSequence 0074100E no 3/1 X -/1 - -
>>+ CODE
= UPS Performed Procedure Information
UnifiedProcedureStepPerformedProcedureSequence 00741216 2/2:empty 3/2 P 3/2 - -
>ActualHumanPerformersSequence 00404035 no 3/1 RC -/1 O 1C ?performer_known
>>HumanPerformerCodeSequence 00404009 no 3/1 RC -/1 - - ?performer_known
>>>+ CODE
>>HumanPerformerName 00404037 no 3/1 RC -/1 - - ?performer_known
>>HumanPerformerOrganization 00404036 no 3/1 O -/1 - -
>PerformedStationNameCodeSequence 00404028 no 3/2 P -/2 O 3
>>+ CODE
>PerformedStationClassCodeSequence 00404029 no 3/2 O -/2 - -
>>+ CODE
>PerformedStationGeographicLocationCodeSequence 00404030 no 3/2 O -/2 - -
>>+ CODE
>PerformedProcedureStepStartDateTime 00404050 no 3/1 P -/1 - -
>PerformedProcedureStepDescription 00400254 no 3/1 O -/1 - -
>CommentsOnThePerformedProcedureStep 00400280 no 3/1 O -/1 - -
>PerformedWorkitemCodeSequence 00404019 no 3/1 P -/1 - -
>>+ CODE
>PerformedProcessingParametersSequence 00741212 no 3/1 O -/1 - -
>>+ CONTENT_ITEM
>PerformedProcedureStepEndDateTime 00404051 no 3/1 P -/1 O 1C
>OutputInformationSequence 00404033 no 2/2 P -/2 - -
>>+ INSTANCES
"""

CODE: Final = """
CodeValue 00080100 1C/1C 1C/1C O -/1C * 1C ?no_other_code
CodingSchemeDesignator 00080102 1C/1C 1C/1C O -/1C * 1C ?scheme_needed
CodingSchemeVersion 00080103 1C/1C 1C/1C O -/1C - 1C ?version_needed
CodeMeaning 00080104 1/1 1/1 O -/1 - 1
LongCodeValue 00080119 1C/1C 1C/1C O -/1C * 1C ?long_code
URNCodeValue 00080120 1C/1C 1C/1C O -/1C * 1C ?urn_code
MappingResource 00080105 3/3 3/3 O -/3 - 3
MappingResourceUID 00080118 3/3 3/3 O -/3 - 3
ContextGroupVersion 00080106 3/3 3/3 O -/3 - 3
ContextGroupExtensionFlag 0008010B 3/3 3/3 O -/3 - 3
ContextGroupLocalVersion 00080107 3/3 3/3 O -/3 - 3
ContextGroupExtensionCreatorUID 0008010D 3/3 3/3 O -/3 - 3
"""
"""UPS Code Sequence Macro, table CC.2.5-2a."""

CONTENT_ITEM: Final = """
ValueType 0040A040 1/1 1/1 O -/1 * 1
ConceptNameCodeSequence 0040A043 1/1 1/1 O -/1 * 1
>+ CODE
DateTime 0040A120 1C/1C 1/1 O -/1 * 1C ?datetime_value
Date 0040A121 1C/1C 1/1 O -/1 * 1C ?date_value
Time 0040A122 1C/1C 1/1 O -/1 * 1C ?time_value
PersonName 0040A123 1C/1C 1/1 O -/1 * 1C ?name_value
UID 0040A124 1C/1C 1/1 O -/1 * 1C ?uid_value
TextValue 0040A160 1C/1C 1/1 O -/1 * 1C ?text_value
ConceptCodeSequence 0040A168 1C/1C 1/1 O -/1 * 1C ?code_value
>+ CODE
NumericValue 0040A30A 1C/1C 1/1 O -/1 * 1C ?numeric_value
MeasurementUnitsCodeSequence 004008EA 1C/1C 1/1 O -/1 * 1C ?numeric_value
>+ CODE
"""
"""UPS Content Item Macro, table CC.2.5-2b."""

INSTANCES: Final = """
TypeOfInstances 0040E020 1/1 1/1 O -/1 O 1
StudyInstanceUID 0020000D 1C/1 1C/1 O -/1 O 1C ?of_a_study
SeriesInstanceUID 0020000E 1C/1 1C/1 O -/1 O 1C ?of_a_study
ReferencedSOPSequence 00081199 1/1 1/1 O -/1 O 1
>ReferencedSOPClassUID 00081150 1/1 1/1 O -/1 O 1
>ReferencedSOPInstanceUID 00081155 1/1 1/1 O -/1 O 1
>HL7InstanceIdentifier 0040E001 1C/1 1C/1 O -/1 O 1C ?cda_document
>ReferencedFrameNumber 00081160 1C/1 1C/1 O -/2 O 1C ?some_frames
>ReferencedSegmentNumber 0062000B 1C/1 1C/1 O -/2 O 1C ?some_segments
DICOMRetrievalSequence 0040E021 1C/1 1C/1 O -/1 O 1C ?no_other_retrieval
>RetrieveAETitle 00080054 1/1 1/1 O -/1 O 1
DICOMMediaRetrievalSequence 0040E022 1C/1 1C/1 O -/1 O 1C ?other_retrieval
>StorageMediaFileSetID 00880130 2/2 2/2 O -/2 O 2
>StorageMediaFileSetUID 00880140 1/1 1/1 O -/1 O 1
WADORetrievalSequence 0040E023 1C/1 1C/1 O -/1 O 1C ?other_retrieval
>RetrieveURI 0040E010 1/1 1/1 O -/1 O 1
XDSRetrievalSequence 0040E024 1C/1 1C/1 O -/1 O 1C ?other_retrieval
>RepositoryUniqueID 0040E030 1/1 1/1 O -/1 O 1
>HomeCommunityID 0040E031 3/2 3/2 O 3/2 O 2
WADORSRetrievalSequence 0040E025 1C/1 1C/1 O -/1 O 1C ?other_retrieval
>RetrieveURL 00081190 1/1 1/1 O -/1 O 1
"""
"""Referenced Instances and Access Macro, table CC.2.5-2c."""

DESIGNATOR: Final = """
LocalNamespaceEntityID 00400031 1C/1 no O -/1 * 1C ?no_universal_entity
UniversalEntityID 00400032 1C/1 no O -/1 * 1C ?no_local_entity
UniversalEntityIDType 00400033 1C/1 no O -/1 * 1C ?universal_entity
"""
"""HL7v2 Hierarchic Designator Macro, table CC.2.5-2d."""

ISSUER: Final = """
UniversalEntityID 00400032 2/2 no O 3/2 O 2
UniversalEntityIDType 00400033 1C/1 no O 3/2 O 1C ?universal_entity
IdentifierTypeCode 00400035 2/2 no O 3/2 O 2
AssigningFacilitySequence 00400036 2/2 no O 3/2 O 2
>+ DESIGNATOR
AssigningJurisdictionCodeSequence 00400039 2/2 no O 3/2 O 2
>+ CODE
AssigningAgencyOrDepartmentCodeSequence 0040003A 2/2 no O 3/2 O 2
>+ CODE
"""
"""Items of Issuer of Patient ID Qualifiers Sequence, of table CC.2.5-2e."""

REFERENCE: Final = """
ReferencedSOPClassUID 00081150 1/1 1/1 O -/1 * 1
ReferencedSOPInstanceUID 00081155 1/1 1/1 O -/1 * 1
"""
"""SOP Instance Reference Macro, table CC.2.5-2f."""

STORAGE: Final = """
ReferencedSOPClassUID 00081150 1C/1 1C/1 O -/1 O 1C ?one_class
DICOMStorageSequence 00404071 1C/1 1C/1 O -/1 O 1C ?no_other_storage
>DestinationAE 21000140 1/1 1/1 O -/1 * 1
STOWRSStorageSequence 00404072 1C/1 1C/1 O -/1 O 1C ?other_storage
>StorageURL 00404073 1/1 1/1 O -/1 * 1
XDSStorageSequence 00404074 1C/1 1C/1 O -/1 O 1C ?other_storage
>RepositoryUniqueID 0040E030 1/1 1/1 O -/1 * 1
>HomeCommunityID 0040E031 3/2 3/2 O 3/2 * 2
"""
"""Storage Macro, table CC.2.5-2g."""

MACROS: Final = {
    "CODE": CODE,
    "CONTENT_ITEM": CONTENT_ITEM,
    "INSTANCES": INSTANCES,
    "DESIGNATOR": DESIGNATOR,
    "ISSUER": ISSUER,
    "REFERENCE": REFERENCE,
    "STORAGE": STORAGE,
}

CANCEL_REQUEST: Final = """
ReasonForCancellation 00741238 3/1 3/1 O - - -
ProcedureStepDiscontinuationReasonCodeSequence 0074100E 3/1 3/1 O - - -
>+ CODE
ContactURI 0074100A 3/1 3/1 O - - -
ContactDisplayName 0074100C 3/1 3/1 O - - -
"""
"""What a request to cancel may say, table CC.2.2-1."""

ENUMERATED: Final = {
    "ScheduledProcedureStepPriority": ("HIGH", "MEDIUM", "LOW"),
    "InputReadinessState": ("INCOMPLETE", "UNAVAILABLE", "READY"),
    "ProcedureStepState": ("SCHEDULED", "IN PROGRESS", "COMPLETED", "CANCELED"),
    "TypeOfInstances": ("DICOM", "CDA"),
    "ValueType": (
        "DATETIME",
        "DATE",
        "TIME",
        "PNAME",
        "UIDREF",
        "TEXT",
        "CODE",
        "NUMERIC",
        "COMPOSITE",
        "IMAGE",
    ),
}
"""Enumerated values by keyword (PS3.3 C.30.1, C.30.2, C.30.3, 10.2; PS3.4 CC.2.5-2c)."""

NEWER: Final = {
    "00100011": "SQ", "00100012": "LT", "00100013": "UT", "00100014": "SQ", "00100015": "SQ", "00100016": "UT",
    "00100041": "SQ", "00100042": "UT", "00100043": "SQ", "00100044": "SQ", "00100045": "UT", "00100046": "SQ",
    "00100047": "UR", "0040A034": "DT", "0040A035": "DT",
}  # fmt: skip
"""Representations of attributes that pydicom's dictionary does not know yet (PS3.6)."""

NOT_OF_STUDIES: Final = frozenset(
    """
1.2.840.10008.5.1.4.38.1 1.2.840.10008.5.1.4.39.1 1.2.840.10008.5.1.4.43.1 1.2.840.10008.5.1.4.44.1
1.2.840.10008.5.1.4.45.1 1.2.840.10008.5.1.4.1.1.200.1 1.2.840.10008.5.1.4.1.1.200.3
1.2.840.10008.5.1.4.1.1.200.7 1.2.840.10008.5.1.4.1.1.201.1
""".split()
)
"""SOP classes whose instances belong to no study: Non-Patient Objects (PS3.4 GG.3)."""
