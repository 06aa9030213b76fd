"""From query strings to searches (DICOM PS3.18 8.3.4 and 10.6.1)."""

import pytest

from core.errors import Invalid
from imaging.query import Level, Query, Target, parse

STUDIES = Target(Level.STUDY)
SERIES = Target(Level.SERIES)
INSTANCES = Target(Level.INSTANCE)
SERIES_OF_STUDY = Target(Level.SERIES, "1.2")
INSTANCES_OF_STUDY = Target(Level.INSTANCE, "1.2")
INSTANCES_OF_SERIES = Target(Level.INSTANCE, "1.2", "1.2.3")


def keywords(query: Query) -> list[str]:
    return [each.attribute.keyword for each in query.criteria]


def test_nothing_asked() -> None:
    query = parse(STUDIES, b"")
    assert query == Query(STUDIES)
    assert (query.limit, query.offset) == (100, 0)


@pytest.mark.parametrize(
    "name", ["PatientName", "patientname", "00100010", "PATIENTNAME"]
)
def test_attributes_by_keyword_and_tag(name: str) -> None:
    query = parse(STUDIES, f"{name}=x".encode())
    assert keywords(query) == ["PatientName"]
    assert query.included == {"00100010"}


@pytest.mark.parametrize(
    "name",
    [
        "RequestAttributesSequence.RequestedProcedureID",
        "00400275.00401001",
        "requestattributessequence.00401001",
    ],
)
def test_attributes_in_sequences(name: str) -> None:
    query = parse(SERIES, f"{name}=x".encode())
    assert keywords(query) == ["RequestAttributesSequence.RequestedProcedureID"]
    assert query.included == {"00400275"}


MANDATORY = {  # DICOM PS3.18 table 10.6.1-5
    Level.STUDY: """StudyDate=20200101 StudyTime=10 AccessionNumber=a
        ModalitiesInStudy=CT ReferringPhysicianName=a PatientName=a PatientID=a
        StudyInstanceUID=1.2 StudyID=a""",
    Level.SERIES: """Modality=CT SeriesInstanceUID=1.2 SeriesNumber=1
        PerformedProcedureStepStartDate=20200101 PerformedProcedureStepStartTime=10
        RequestAttributesSequence.ScheduledProcedureStepID=a
        RequestAttributesSequence.RequestedProcedureID=a""",
    Level.INSTANCE: "SOPClassUID=1.2 SOPInstanceUID=1.2 InstanceNumber=1",
}


@pytest.mark.parametrize(
    ("target", "levels"),
    [
        (STUDIES, {Level.STUDY}),
        (SERIES, {Level.STUDY, Level.SERIES}),
        (INSTANCES, set(Level)),
        (SERIES_OF_STUDY, {Level.SERIES}),
        (INSTANCES_OF_STUDY, {Level.SERIES, Level.INSTANCE}),
        (INSTANCES_OF_SERIES, {Level.INSTANCE}),
    ],
)
def test_keys_belong_to_levels(target: Target, levels: set[Level]) -> None:
    for level, texts in MANDATORY.items():
        for text in texts.split():
            if level in levels:
                assert keywords(parse(target, text.encode())) == [text.split("=")[0]]
            else:
                with pytest.raises(Invalid) as refused:
                    parse(target, text.encode())
                assert refused.value.path == text.split("=")[0]


@pytest.mark.parametrize(
    ("query_string", "path"),
    [
        ("limit=0", "limit"),
        ("limit=abc", "limit"),
        ("limit=", "limit"),
        ("limit=1&limit=2", "limit"),
        ("offset=-1", "offset"),
        ("fuzzymatching=1", "fuzzymatching"),
        ("PatientName=a&00100010=b", "PatientName"),
        ("includefield=12345678", "includefield"),
        ("includefield=NoSuchThing", "includefield"),
        ("includefield=all,NoSuchThing", "includefield"),
        ("PatientAge=1", "PatientAge"),
        ("12051001=x", "12051001"),
        ("PatientName.StudyDate=x", "PatientName.StudyDate"),
        ("NumberOfStudyRelatedInstances=3", "NumberOfStudyRelatedInstances"),
    ],
)
def test_bad_parameters_are_refused_by_name(query_string: str, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(STUDIES, query_string.encode())
    assert refused.value.path == path
    assert path in refused.value.message


@pytest.mark.parametrize(
    "query_string",
    [b"PatientName=%ff", b"PatientName=\xff", b"a=1&" * 300],
)
def test_unreadable_queries_are_refused(query_string: bytes) -> None:
    with pytest.raises(Invalid):
        parse(STUDIES, query_string)


@pytest.mark.parametrize("text", ["PatientName=%3Cscript%3E", "<b>=1", "x=</p"])
def test_markup_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(STUDIES, text.encode())
    assert "<" not in refused.value.message
    assert "script" not in refused.value.message


def test_less_than_is_no_markup() -> None:
    assert keywords(parse(STUDIES, b"StudyDescription=*<5mm*")) == ["StudyDescription"]


def test_unknown_parameters_are_ignored_with_a_warning() -> None:
    query = parse(STUDIES, b"foo=1&b%C3%A4r%22=2&12345678=3&StudyID=x")
    assert keywords(query) == ["StudyID"]
    assert query.warnings == (
        "Parameters that are not known were ignored: foo, b%C3%A4r%22, 12345678.",
    )


def test_parameters_of_the_answer_are_no_unknown_ones() -> None:
    assert parse(STUDIES, b"accept=application/json&charset=utf-8").warnings == ()


def test_a_large_limit_is_cut_with_a_warning() -> None:
    assert parse(STUDIES, b"limit=1000").warnings == ()
    query = parse(STUDIES, b"limit=1001&offset=3")
    assert (query.limit, query.offset) == (1000, 3)
    assert query.warnings == (
        "At most 1000 results are returned at once:"
        " the Link header leads to the next page.",
    )


def test_empty_values_match_everything_and_are_answered() -> None:
    query = parse(STUDIES, b"PatientName=&StudyDescription=*")
    assert query.criteria == ()
    assert query.included == {"00100010", "00081030"}


def test_included_fields() -> None:
    text = b"includefield=00100020,patientsex&includefield=12051001, &includefield="
    query = parse(STUDIES, text)
    assert query.included == {"00100020", "00100040", "12051001"}
    assert not query.include_all


def test_all_fields_with_others() -> None:
    query = parse(STUDIES, b"includefield=ALL,00091002,ProcedureCodeSequence.00080100")
    assert query.included == {"00091002", "00081032"}
    assert query.include_all


def test_fuzzy_matching_warns_where_it_is_not_done() -> None:
    assert parse(STUDIES, b"fuzzymatching=true&PatientName=jo").warnings == ()
    assert parse(STUDIES, b"fuzzymatching=true&PatientName=*jo*").warnings == (
        "fuzzymatching was not applied to values with * or ?.",
    )


def test_raw_utf8_is_understood() -> None:
    assert parse(STUDIES, "PatientName=Müll*".encode()).criteria == (
        parse(STUDIES, b"PatientName=M%C3%BCll*").criteria
    )
