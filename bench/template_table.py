"""The attributes of the template data sets: a table, no code.

Values are plausible and constant; those that vary are set by ``bench.template``.
"""

from typing import Final

ATTRIBUTES: Final[dict[str, object]] = {
    "SpecificCharacterSet": "ISO_IR 192",
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
    "InstanceCreationDate": "20240305",
    "InstanceCreationTime": "101530.250000",
    "InstanceCreatorUID": "2.25.100000000000000000000000000000000000001",
    "SeriesDate": "20240305",
    "AcquisitionDate": "20240305",
    "ContentDate": "20240305",
    "StudyTime": "100000",
    "SeriesTime": "100500.125000",
    "AcquisitionTime": "101000.500000",
    "ContentTime": "101001.750000",
    "AcquisitionDateTime": "20240305101000.500000",
    "Manufacturer": "Portal Bench",
    "InstitutionName": "Universitätsklinik Beispielstadt",
    "InstitutionAddress": "Beispielweg 1, 12345 Beispielstadt",
    "ReferringPhysicianName": "Sørensen^Karen^^Dr.",
    "StationName": "CT-STATION-07",
    "StudyDescription": "CT Thorax/Abdomen mit KM",
    "SeriesDescription": "Thorax 1.0 B30f",
    "InstitutionalDepartmentName": "Radiologie",
    "PerformingPhysicianName": "García^Lucía",
    "NameOfPhysiciansReadingStudy": "Nowak^Jan",
    "OperatorsName": "Weber^Uta",
    "ManufacturerModelName": "Bench Scanner 64",
    "PatientBirthDate": "19600229",
    "PatientBirthTime": "060000",
    "PatientSex": "O",
    "PatientAge": "064Y",
    "PatientSize": "1.74",
    "PatientWeight": "71.5",
    "OtherPatientNames": "Beispiel^Alias",
    "Occupation": "Tester",
    "SmokingStatus": "UNKNOWN",
    "AdditionalPatientHistory": "No history: made for measurements. " * 4,
    "PregnancyStatus": 4,
    "PatientComments": "Synthetic.",
    "PatientIdentityRemoved": "YES",
    "DeidentificationMethod": "Synthetic from the start",
    "ContrastBolusAgent": "Iomeprol 350",
    "BodyPartExamined": "CHEST",
    "ScanOptions": "HELICAL MODE",
    "SliceThickness": "1.0",
    "KVP": "120",
    "DataCollectionDiameter": "500",
    "DeviceSerialNumber": "0001234567",
    "SoftwareVersions": ["VB10A", "VB10A.1"],
    "ProtocolName": "Thorax Routine",
    "ContrastBolusVolume": "80",
    "ContrastBolusStartTime": "101000",
    "ContrastFlowRate": "3.5",
    "ReconstructionDiameter": "350",
    "DistanceSourceToDetector": "1085.6",
    "DistanceSourceToPatient": "595",
    "GantryDetectorTilt": "0",
    "TableHeight": "150.5",
    "RotationDirection": "CW",
    "ExposureTime": "500",
    "XRayTubeCurrent": "220",
    "Exposure": "110",
    "FilterType": "FLAT",
    "GeneratorPower": "26",
    "FocalSpots": "1.2",
    "DateOfLastCalibration": "20240301",
    "TimeOfLastCalibration": "080000",
    "ConvolutionKernel": "B30f",
    "PatientPosition": "HFS",
    "SingleCollimationWidth": 0.6,
    "TotalCollimationWidth": 38.4,
    "TableSpeed": 46.0,
    "TableFeedPerRotation": 23.0,
    "SpiralPitchFactor": 0.6,
    "ExposureModulationType": "XYZ_EC",
    "CTDIvol": 7.42,
    "StudyID": "4711",
    "SeriesNumber": 3,
    "AcquisitionNumber": 2,
    "ImagePositionPatient": [-175.0, -175.0, 20.5],
    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
    "FrameOfReferenceUID": "2.25.100000000000000000000000000000000000002",
    "PositionReferenceIndicator": "SN",
    "SliceLocation": "20.5",
    "ImageComments": "No finding, no patient, no scanner.",
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
    "PixelSpacing": [0.68359375, 0.68359375],
    "PixelRepresentation": 0,
    "BurnedInAnnotation": "NO",
    "WindowCenter": [40, -600],
    "WindowWidth": [400, 1600],
    "RescaleIntercept": "-1024",
    "RescaleSlope": "1",
    "RescaleType": "HU",
    "WindowCenterWidthExplanation": ["SOFT", "LUNG"],
    "RequestingPhysician": "Haddad^Layla",
    "RequestingService": "Pneumologie",
    "RequestedProcedureDescription": "CT Thorax",
}

SEQUENCES: Final[dict[str, list[dict[str, object]]]] = {
    "ReferencedStudySequence": [
        {
            "ReferencedSOPClassUID": "1.2.840.10008.3.1.2.3.1",
            "ReferencedSOPInstanceUID": "2.25.100000000000000000000000000000000000003",
        }
    ],
    "ReferencedImageSequence": [
        {
            "ReferencedSOPClassUID": "1.2.840.10008.5.1.4.1.1.4",
            "ReferencedSOPInstanceUID": f"2.25.1{number:038}",
        }
        for number in (11, 12, 13)
    ],
    "ProcedureCodeSequence": [
        {
            "CodeValue": "169069000",
            "CodingSchemeDesignator": "SCT",
            "CodeMeaning": "CT of chest",
        }
    ],
    "AnatomicRegionSequence": [
        {
            "CodeValue": "51185008",
            "CodingSchemeDesignator": "SCT",
            "CodeMeaning": "Chest",
            "AnatomicRegionModifierSequence": {
                "CodeValue": "24028007",
                "CodingSchemeDesignator": "SCT",
                "CodeMeaning": "Right",
            },
        }
    ],
    "RequestAttributesSequence": [
        {
            "RequestedProcedureID": "RP-1",
            "ScheduledProcedureStepID": "SPS-1",
            "ScheduledProcedureStepDescription": "Thorax Routine",
        }
    ],
    "OtherPatientIDsSequence": [
        {"PatientID": "ALT-1", "TypeOfPatientID": "TEXT"},
        {"PatientID": "ALT-2", "TypeOfPatientID": "TEXT"},
    ],
}

MULTI_FRAME_ATTRIBUTES: Final[dict[str, object]] = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.12.1",
    "FrameIncrementPointer": 0x00181063,
    "FrameTime": "66.7",
    "CineRate": 15,
    "RecommendedDisplayFrameRate": 15,
    "PositionerMotion": "STATIC",
    "PositionerPrimaryAngle": "30",
    "PositionerSecondaryAngle": "-10",
}
