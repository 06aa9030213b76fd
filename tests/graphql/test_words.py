"""Free text in filters of the graph."""

from typing import Any, Final

import pytest

from tests.graphql.graph import ask, errors
from tests.imaging.dicomweb.service import Service
from tests.synthetic import instance

STUDIES: Final = """
query ($f: StudyFilter, $s: SeriesFilter) {
  studies(filter: $f) { totalCount edges { node {
    studyInstanceUid
    series(filter: $s) { totalCount edges { node { seriesInstanceUid } } }
  } } }
  studyFacets(filter: $f, facets: [MODALITY]) { values { value count } }
}
"""
INSTANCES: Final = """
query ($f: InstanceFilter) { instances(filter: $f) { totalCount edges { node {
  seriesInstanceUid
} } } }
"""


@pytest.fixture(autouse=True)
def _stored(committing: None) -> None:
    made = Service()
    for study, name in (("1.1", "Smith^John"), ("1.2", "Smith^Jane")):
        made.store(
            *(
                instance(
                    StudyInstanceUID=study,
                    SeriesInstanceUID=f"{study}.{what}",
                    PatientName=name,
                    StudyDescription="Chest",
                    SeriesDescription=f"axial t{what}",
                )
                for what in (1, 2)
            )
        )


def studies(words: str, series: Any = None) -> dict[str, list[str]]:
    """Return the UIDs of the studies found, with those of their series."""
    found = ask(STUDIES, f={"words": words}, s=series)
    rows = [edge["node"] for edge in found["studies"]["edges"]]
    assert found["studies"]["totalCount"] == len(rows)
    (facet,) = found["studyFacets"]
    assert sum(each["count"] for each in facet["values"]) == len(rows)
    for row in rows:
        assert row["series"]["totalCount"] == len(row["series"]["edges"])
    return {
        row["studyInstanceUid"]: [
            edge["node"]["seriesInstanceUid"] for edge in row["series"]["edges"]
        ]
        for row in rows
    }


def test_studies_are_found_by_words_and_series_below_them() -> None:
    assert list(studies("chest smith t1 t2")) == ["1.2", "1.1"]
    assert studies("smith john", {"words": "t2 che"}) == {"1.1": ["1.1.2"]}
    both = {"words": "t2", "study": {"words": "t1 jane"}}
    assert studies("smith", both) == {"1.2": ["1.2.2"], "1.1": []}
    of_study = studies("smith", {"study": {"words": "t2"}})["1.1"]
    assert sorted(of_study) == ["1.1.1", "1.1.2"]  # stored together: in any order
    assert studies("nobody") == {}


def test_instances_are_found_by_words_of_what_they_are_in() -> None:
    given = {"series": {"words": "jane t1"}}
    found = ask(INSTANCES, f=given)["instances"]
    assert [each["node"]["seriesInstanceUid"] for each in found["edges"]] == ["1.2.1"]
    assert found["totalCount"] == 1


def test_text_without_words_is_refused() -> None:
    (told,) = errors(STUDIES, f={"words": "  *"})[:1]
    assert (told["code"], told["path"]) == ("INVALID", "words")
