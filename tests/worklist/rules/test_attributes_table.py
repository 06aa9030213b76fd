"""The table as data: against the dictionary, and against what others say of it."""

import re

import pytest
from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag

from worklist.rules import ATTRIBUTES, BY_PATH, MATCHING_KEYS, RETURN_KEYS
from worklist.rules.attributes import CANCEL_REQUEST_ATTRIBUTES
from worklist.rules.attributes_table import ENUMERATED, MACROS, NEWER, NOT_OF_STUDIES
from worklist.rules.conditions import CONDITIONS, UNTESTED

ROWS = list(BY_PATH.values())
CREATE = {"1/1", "1C/1", "1C/1C", "1C/2", "2/1", "2/2", "2C/2C", "3/1", "3/2", "3/3"}
UPDATE = {"1/1", "1C/1", "1C/1C", "2/2", "3/1", "3/2", "3/3"}
GET = {"3/1", "3/2", "3/3", "-/1", "-/1C", "-/2", "-/2C", "-/3"}


def keywords(text: str) -> set[str]:
    return set(text.split())


def test_rows_are_those_of_the_dictionary() -> None:
    for row in ROWS:
        tag = int(row.tag, 16)
        assert row.path.split(".")[-1] == row.tag
        if row.tag in NEWER:
            assert not dictionary_has_tag(tag), "pydicom knows it now: drop it"
        else:
            assert keyword_for_tag(tag) == row.keyword, row.path
            assert dictionary_VR(tag) == row.vr, row.path
        assert bool(row.children) is (row.vr == "SQ"), row.path


def test_cells_hold_what_the_standard_has_codes_for() -> None:
    for row in ROWS:
        create, update = row.create, row.update
        assert f"{create.scu}/{create.scp}" in CREATE | {"no/", "server/", "-/1"}
        assert f"{update.scu}/{update.scp}" in UPDATE | {"no/", "lock/", "-/1"}
        assert f"{row.get.scu}/{row.get.scp}" in GET | {"no/"}
        assert row.final in {"R", "RC", "P", "X", "O"}
        assert row.matching in {"R", "U", "O", "-"}
        assert row.returned in {"1", "1C", "2", "2C", "3", "-"}
        assert create.value in {"", "empty", "SCHEDULED"}


def test_what_is_conditional_has_a_condition_that_is_known() -> None:
    named = {row.condition for row in ROWS if row.condition}
    assert named == CONDITIONS.keys() | UNTESTED
    assert not CONDITIONS.keys() & UNTESTED
    for row in ROWS:
        if row.create.is_conditional or row.update.is_conditional or row.final == "RC":
            assert row.condition, row.path


def test_all_macros_are_included_and_all_enumerations_used() -> None:
    held = {row.keyword for row in ROWS}
    assert set(ENUMERATED) <= held
    assert len(MACROS) == 7
    for text in MACROS.values():
        tags = set(re.findall(r"\b[0-9A-F]{8}\b", text))
        assert tags <= {row.tag for row in ROWS}


def test_sizes() -> None:
    assert len(ATTRIBUTES) == 46
    assert len(ROWS) == 671
    assert {row.path.count(".") for row in ROWS} == {0, 1, 2, 3, 4}
    assert len(CANCEL_REQUEST_ATTRIBUTES) == 4


def test_return_keys_are_those_that_azures_service_answers() -> None:
    assert {ATTRIBUTES[tag].keyword for tag in RETURN_KEYS} == keywords(
        """
        SpecificCharacterSet SOPClassUID SOPInstanceUID ScheduledProcedureStepPriority
        ProcedureStepLabel WorklistLabel ScheduledProcessingParametersSequence
        ScheduledStationNameCodeSequence ScheduledStationClassCodeSequence
        ScheduledStationGeographicLocationCodeSequence ScheduledHumanPerformersSequence
        ScheduledProcedureStepStartDateTime ScheduledWorkitemCodeSequence
        InputReadinessState InputInformationSequence StudyInstanceUID PatientName
        PatientID IssuerOfPatientID IssuerOfPatientIDQualifiersSequence
        OtherPatientIDsSequence PatientBirthDate PatientSex AdmissionID
        IssuerOfAdmissionIDSequence AdmittingDiagnosesDescription
        AdmittingDiagnosesCodeSequence ReferencedRequestSequence MedicalAlerts
        PregnancyStatus SpecialNeeds ProcedureStepState
        ProcedureStepProgressInformationSequence
        """
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "R",
            """SOPClassUID SOPInstanceUID ScheduledProcedureStepPriority
            ScheduledProcedureStepModificationDateTime
            ScheduledProcedureStepStartDateTime InputReadinessState ProcedureStepState
            """,
        ),
        (
            "P",
            """UnifiedProcedureStepPerformedProcedureSequence
            PerformedStationNameCodeSequence PerformedProcedureStepStartDateTime
            PerformedWorkitemCodeSequence PerformedProcedureStepEndDateTime
            OutputInformationSequence""",
        ),
        (
            "X",
            """ProcedureStepProgressInformationSequence
            ProcedureStepCancellationDateTime
            ProcedureStepDiscontinuationReasonCodeSequence""",
        ),
        (
            "RC",
            """SpecificCharacterSet ActualHumanPerformersSequence
            HumanPerformerCodeSequence HumanPerformerName""",
        ),
    ],
)
def test_final_state_codes(code: str, expected: str) -> None:
    assert {row.keyword for row in ROWS if row.final == code} == keywords(expected)


def test_matching_keys_hold_what_azures_service_searches() -> None:
    matched = {row.path: row.matching for row in MATCHING_KEYS}
    for path in (
        "00100010", "00100020", "0040A370.00080050", "0040A370.00401001", "00404005",
        "00404025.00080100", "00404026.00080100", "00404027.00080100", "00741000",
    ):  # fmt: skip
        assert matched[path] == "R"
    assert matched["0020000D"] == "O"
    assert matched["00080018"] == "U"
    assert "00081195" not in matched  # never to be found by its lock
    assert not any(path.endswith("00080104") for path in matched)  # code meaning


def test_instances_of_no_study_are_of_storage_classes() -> None:
    for uid in NOT_OF_STUDIES:
        name, kind, *_ = UID_dictionary[uid]
        assert kind == "SOP Class"
        assert name.endswith("Storage")
