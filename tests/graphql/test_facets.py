"""Counts beside the list of studies: of what matches and may be seen."""

from typing import Any, Final

import pytest

from core.access import Actor, Verb
from core.models import AuditRecord, Partition
from core.reach import Reach
from tests.actors import READING, acting
from tests.graphql.graph import ask, errors
from tests.imaging.dicomweb.service import Service
from tests.imaging.query_tags.tagging import add, ready
from tests.imaging.stores import ADMIN
from tests.synthetic import instance

pytestmark = pytest.mark.usefixtures("committing")

FACETS: Final = """
query ($p: String, $f: StudyFilter, $of: [StudyFacetName!]!, $a: Boolean! = false) {
  studyFacets(partition: $p, filter: $f, facets: $of, alternatives: $a) {
    name values { value count } } }
"""
LISTED: Final = """
query ($p: String, $f: StudyFilter) { studies(partition: $p, filter: $f) {
  totalCount edges { node { studyInstanceUid } } } }
"""


@pytest.fixture
def service() -> Service:
    made = Service()
    of_a_liver = {"BodyPartExamined": "LIVER", "PatientSex": "M"}
    made.store(
        instance(StudyInstanceUID="1.1", Modality="CT", BodyPartExamined="CHEST"),
        instance(StudyInstanceUID="1.1", Modality="MR", BodyPartExamined="CHEST"),
        instance(StudyInstanceUID="1.2", Modality="CT", StudyDate="20210101"),
        instance(StudyInstanceUID="1.3", Modality="CT", PatientSex="M"),
        instance(StudyInstanceUID="1.3", Modality="US", **of_a_liver),
    )
    return made


def counts(*of: str, actor: Actor = ADMIN, **given: Any) -> list[dict[str, int]]:
    found = ask(FACETS, actor=actor, of=of, **given)["studyFacets"]
    assert [each["name"] for each in found] == list(of)
    return [
        {value["value"]: value["count"] for value in each["values"]} for each in found
    ]


def test_studies_are_counted_by_what_they_have(service: Service) -> None:
    modality, year, part = counts("MODALITY", "STUDY_YEAR", "BODY_PART", p=service.name)
    assert list(modality.items()) == [("CT", 3), ("MR", 1), ("US", 1)]
    assert year == {"2020": 2, "2021": 1}
    assert part["LIVER"] == 1


def test_a_filter_narrows(service: Service) -> None:
    given = {"modalitiesInStudy": {"anyOf": ["U*"]}}
    (modality,) = counts("MODALITY", p=service.name, f=given)
    assert modality == {"CT": 1, "US": 1}


def test_only_what_may_be_seen(service: Service) -> None:
    other = Service()
    other.store(instance(Modality="XA"))
    key = Partition.objects.get(name=other.name).pk
    reader = acting(1, "reader", READING, frozenset({key}))
    assert counts("MODALITY", actor=reader) == [{"XA": 1}]
    assert AuditRecord.objects.filter(actor="reader").exists()


def test_years_are_told_to_who_may_search_by_dates(service: Service) -> None:
    blind = acting(1, "blind", {Verb.READ})
    assert counts("MODALITY", actor=blind, p=service.name)[0]["CT"] == 3
    (error,) = errors(FACETS, actor=blind, p=service.name, of=["STUDY_YEAR"])
    assert error["code"] == "FORBIDDEN"


def test_each_facet_is_named_once(service: Service) -> None:
    for of in ([], ["MODALITY", "MODALITY"]):
        (error,) = errors(FACETS, p=service.name, of=of)
        assert (error["code"], error["path"]) == ("INVALID", "facets")


def listed(service: Service, **of: list[str]) -> list[str]:
    """Return the studies that have what is chosen."""
    chosen = [{"name": name, "anyOf": values} for name, values in of.items()]
    found = ask(LISTED, p=service.name, f={"facets": chosen})["studies"]
    uids = [each["node"]["studyInstanceUid"] for each in found["edges"]]
    assert found["totalCount"] == len(uids)
    return sorted(uids)


def test_what_is_chosen_of_facets_narrows(service: Service) -> None:
    assert listed(service, MODALITY=["MR", "US"]) == ["1.1", "1.3"]
    assert listed(service, BODY_PART=["LIVER"]) == ["1.3"]
    assert listed(service, BODY_PART=["LIVER"], MODALITY=["MR"]) == []
    # Of any of its series: the liver is in its US.
    assert listed(service, BODY_PART=["LIVER"], MODALITY=["CT"]) == ["1.3"]
    assert listed(service, STUDY_YEAR=["2021", "1999"]) == ["1.2"]
    assert listed(service, STUDY_MONTH=["202101"]) == ["1.2"]
    assert listed(service, PATIENT_SEX=["M"]) == ["1.3"]


def test_what_is_chosen_is_no_pattern(service: Service) -> None:
    odd = "\\X*,?\\<b>%_"
    model = "x*,?<b>%_"
    service.store(
        instance(StudyInstanceUID="1.4", ManufacturerModelName="X*,?<b>%_"),
        instance(StudyInstanceUID="1.5", ManufacturerModelName="X and more <b>%_"),
    )
    (models,) = counts("MANUFACTURER_MODEL", p=service.name)
    assert models[model] == 1
    assert listed(service, MANUFACTURER_MODEL=[model]) == ["1.4"]
    for none in ("*", odd, "x" * 10_000):
        assert listed(service, MANUFACTURER_MODEL=[none]) == []


def test_a_choice_leaves_the_other_values_of_its_facet(service: Service) -> None:
    chosen = [
        {"name": "MODALITY", "anyOf": ["US"]},
        {"name": "PATIENT_SEX", "anyOf": ["M"]},
    ]
    given: dict[str, Any] = {"p": service.name, "f": {"facets": chosen}}
    names = ("MODALITY", "PATIENT_SEX", "BODY_PART", "STUDY_YEAR")
    narrow = counts(*names, **given)
    assert narrow[:2] == [{"CT": 1, "US": 1}, {"M": 1}]
    modality, sex, part, year = counts(*names, a=True, **given)
    assert modality == {"CT": 1, "US": 1}
    assert sex == {"M": 1}
    assert part["LIVER"] == 1
    assert year == {"2020": 1}
    given["f"] = {"facets": chosen[:1]}
    modality, sex, *_ = counts(*names, a=True, **given)
    assert modality == {"CT": 3, "MR": 1, "US": 1}
    assert sex == {"M": 1}


@pytest.mark.parametrize(
    "chosen",
    [
        [{"name": "MODALITY", "anyOf": []}],
        [{"name": "MODALITY", "anyOf": ["CT"]}, {"name": "MODALITY", "anyOf": ["MR"]}],
        [{"name": "STUDY_YEAR", "anyOf": ["20*"]}],
        [{"name": "BODY_PART", "anyOf": [" "]}],
        [{"name": "MODALITY", "anyOf": [str(n) for n in range(51)]}],
    ],
    ids=["nothing", "twice", "no year", "empty", "too many"],
)
def test_choices_break_no_rule(service: Service, chosen: list[Any]) -> None:
    (error,) = errors(LISTED, p=service.name, f={"facets": chosen})
    assert (error["code"], error["path"]) == ("INVALID", "facets")


def test_years_are_counted_where_dates_are_seen(service: Service) -> None:
    other = Service()
    other.store(instance(Modality="XA", StudyDate="19990101"))
    one, two = (Partition.objects.get(name=s.name).pk for s in (service, other))
    reach = {
        Verb.READ: Reach(frozenset({one, two})),
        Verb.VIEW_PHI: Reach(frozenset({two})),
    }
    some = Actor(1, "some", reach)
    modality, year = counts("MODALITY", "STUDY_YEAR", actor=some)
    assert modality == {"CT": 3, "MR": 1, "US": 1, "XA": 1}
    assert year == {"1999": 1}


TAGS: Final = """
query ($p: String, $f: StudyFilter, $of: [String!]!) {
  queryTagFacets(partition: $p, filter: $f, tags: $of) { tag values { value count } } }
"""


def tag_counts(*of: str, actor: Actor = ADMIN, **given: Any) -> list[dict[str, int]]:
    found = ask(TAGS, actor=actor, of=of, **given)["queryTagFacets"]
    assert [each["tag"] for each in found] == list(of)
    return [
        {value["value"]: value["count"] for value in each["values"]} for each in found
    ]


@pytest.fixture
def tagged() -> Service:
    made = Service()
    made.store(
        instance(StudyInstanceUID="1.1", Manufacturer="Acme", EchoTime="12.50"),
        instance(StudyInstanceUID="1.1", Manufacturer="ACME", EchoTime="-3"),
        instance(StudyInstanceUID="1.1", Manufacturer="Other", EchoTime="1e3"),
        instance(StudyInstanceUID="1.2", Manufacturer="acme", PatientComments="told"),
    )
    ready("Manufacturer", level="series")
    ready("EchoTime", level="instance")
    ready("PatientComments")
    return made


def test_studies_are_counted_by_any_query_tag(tagged: Service) -> None:
    maker, time = tag_counts("Manufacturer", "00180081", p=tagged.name)
    assert list(maker.items()) == [("acme", 2), ("other", 1)]
    assert time == {"12.5": 1, "-3": 1, "1000": 1}
    given: dict[str, Any] = {}
    given["queryTags"] = [{"tag": "PatientComments", "anyOf": ["told"]}]
    assert tag_counts("Manufacturer", p=tagged.name, f=given) == [{"acme": 1}]
    given = {"studyInstanceUid": ["1.1"]}
    assert tag_counts("Manufacturer", p=tagged.name, f=given)[0]["other"] == 1


def test_values_of_a_facet_can_be_searched_for(tagged: Service) -> None:
    (time,) = tag_counts("EchoTime", p=tagged.name)
    for value, number in time.items():
        found = tagged.get(f"{tagged.base_url}/instances?EchoTime={value}")
        assert len(found.json()) == number


def test_who_does_not_see_patients_cannot_count_by_what_would_tell(
    tagged: Service,
) -> None:
    blind = acting(1, "blind", {Verb.READ})
    assert tag_counts("Manufacturer", actor=blind, p=tagged.name)[0]["acme"] == 2
    (error,) = errors(TAGS, actor=blind, p=tagged.name, of=["PatientComments"])
    assert error["code"] == "FORBIDDEN"


def test_a_tag_that_is_not_there_or_not_ready_is_refused(tagged: Service) -> None:
    add("PatientAge")
    for of in (["PatientWeight"], ["PatientAge"], ["PatientAge", "x"], [], ["?"] * 21):
        (error,) = errors(TAGS, p=tagged.name, of=of)
        assert (error["code"], error["path"]) == ("INVALID", "tags"), of
    twice = ["Manufacturer", "00080070"]
    (error,) = errors(TAGS, p=tagged.name, of=twice)
    assert (error["code"], error["path"]) == ("INVALID", "tags")


def test_months_are_told_as_they_begin_dates(service: Service) -> None:
    (month,) = counts("STUDY_MONTH", p=service.name)
    assert month == {"202001": 2, "202101": 1}
