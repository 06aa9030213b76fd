"""Invoke Image Display (RAD-106): addresses of studies lead to the viewer."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from fhirlink.linkage.endpoints import endpoints_of
from fhirlink.linkage.source import Source

HERE = "/IHEInvokeImageDisplay"


@pytest.fixture(autouse=True)
def viewer(tmp_path: Path, settings: Any) -> Path:
    settings.VIEWER_FOLDER = tmp_path
    (tmp_path / "index.html").touch()
    return tmp_path


def test_what_an_endpoint_names_leads_to_the_viewer() -> None:
    source = Source("a.b", UUID(int=1), address="https://h/dicomweb/partitions/a.b")
    (address,) = (
        each["address"]
        for each in endpoints_of(source)
        if each["connectionType"]["code"] == "ihe-iid"
    )
    path = address.removeprefix("https://h")
    answer = Client().get(path, {"requestType": "STUDY", "studyUID": "1.2.3,1.2.4"})
    assert answer.status_code == 302
    assert answer["location"] == (
        "/viewer/viewer?StudyInstanceUIDs=1.2.3,1.2.4&partition=a.b"
    )


def test_without_a_viewer_the_page_of_the_study_is_shown(viewer: Path) -> None:
    (viewer / "index.html").unlink()
    asked = {"requestType": "STUDY", "studyUID": "1.2.3"}
    assert Client().get(f"{HERE}/default", asked)["location"] == "/studies/1.2.3"
    found = Client().get(f"{HERE}/east", asked)["location"]
    assert found == "/studies/1.2.3?partition=east"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"requestType": "PATIENT", "patientID": "1"},
        {"requestType": "STUDY"},
        {"requestType": "STUDY", "studyUID": ""},
        {"requestType": "STUDY", "studyUID": "//evil.example"},
        {"requestType": "STUDY", "studyUID": "1.2,"},
        {"requestType": "STUDY", "studyUID": ",".join(["1.2"] * 21)},
        {"requestType": "STUDY", "studyUID": "1" * 65},
    ],
)
def test_anything_else_is_refused(query: dict[str, str]) -> None:
    assert Client().get(f"{HERE}/default", query).status_code == 400
