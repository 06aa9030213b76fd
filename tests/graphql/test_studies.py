"""Studies, series and instances in the graph: found, connected, described."""

from typing import Any

import pytest

from tests.graphql.graph import HOST, ask, errors
from tests.imaging.dicomweb.service import Service
from tests.synthetic import instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")

TREE = """
query ($p: String) { studies(partition: $p, sort: ["StudyDate"]) { edges { node {
  studyInstanceUid studyDate patientName { alphabetic } modalitiesInStudy
  numberOfStudyRelatedInstances
  series { edges { node { modality seriesNumber
    study { studyInstanceUid }
    instances { totalCount edges { node { instanceNumber rows
      series { seriesInstanceUid } } } } } } } } } } }
"""


@pytest.fixture
def service() -> Service:
    made = Service()
    made.store(
        instance(StudyInstanceUID="1.1", SeriesInstanceUID="1.1.2", SeriesNumber=2),
        instance(
            StudyInstanceUID="1.1",
            SeriesInstanceUID="1.1.1",
            Modality="MR",
            InstanceNumber=7,
        ),
        instance(
            StudyInstanceUID="1.1",
            SeriesInstanceUID="1.1.1",
            Modality="MR",
            InstanceNumber=5,
        ),
        instance(
            StudyInstanceUID="1.2",
            StudyDate="20210101",
            PatientID="P2",
            PatientName="Müller^Äda",
            AccessionNumber=None,
        ),
    )
    return made


def nodes(connection: dict[str, Any]) -> list[Any]:
    return [edge["node"] for edge in connection["edges"]]


def test_a_study_with_all_below_it(service: Service) -> None:
    first, second = nodes(ask(TREE, p=service.name)["studies"])
    assert first["studyInstanceUid"] == "1.1"
    assert first["studyDate"] == "20200131"
    assert first["patientName"] == {"alphabetic": "Doe^Jane"}
    assert first["modalitiesInStudy"] == ["CT", "MR"]
    assert first["numberOfStudyRelatedInstances"] == 3
    mr, ct = nodes(first["series"])
    assert (mr["modality"], mr["seriesNumber"]) == ("MR", 1)
    assert ct["seriesNumber"] == 2
    assert mr["study"] == {"studyInstanceUid": "1.1"}
    assert mr["instances"]["totalCount"] == 2
    assert [each["instanceNumber"] for each in nodes(mr["instances"])] == [5, 7]
    found = nodes(mr["instances"])[0]
    assert found["series"] == {"seriesInstanceUid": "1.1.1"}
    assert found["rows"] == 4
    assert second["studyInstanceUid"] == "1.2"
