"""Exports and imports, started in the graph."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from core.models import Operation
from tests.graphql.graph import ask
from tests.imaging.dicomweb.service import Service
from tests.imaging.export.exporting import ended
from tests.synthetic import instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")

EXPORT = """
mutation ($p: String!, $source: ExportSource!, $to: ExportDestination!) {
  startExport(partition: $p, source: $source, destination: $to) {
    ... on StartedOperation { operation { operationId kind state files { name } } }
    ... on Fault { code message path }
  }
}
"""
IMPORT = """
mutation ($p: String!, $folder: String, $bucket: ImportBucket) {
  startImport(partition: $p, folder: $folder, bucket: $bucket) {
    ... on StartedOperation { operation { operationId kind } }
    ... on Fault { code message path }
  }
}
"""
FILES = "{ operations { edges { node { files { name href sizeBytes } } } } }"


def started(document: str, field: str, **variables: Any) -> Operation:
    told = ask(document, **variables)[field]
    return Operation.objects.get(pk=told["operation"]["operationId"])


def test_what_is_exported_here_is_imported_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("EXPORT_FOLDERS", "IMPORT_FOLDERS"):
        monkeypatch.setattr(settings, name, [tmp_path])
    service, other = Service(), f"g-{new_uid()[-9:]}"
    service.store(instance(), instance(PatientID="B"))
    operation = started(
        EXPORT,
        "startExport",
        p=service.name,
        source={"query": {"query": "PatientID=B"}},
        to={"folder": str(tmp_path)},
    )
    result = ended(operation).result
    assert result is not None
    assert result["exported"] == 1
    folder = str(tmp_path / str(operation.pk))
    back = started(IMPORT, "startImport", p=other, folder=folder)
    assert ended(back).result == {"stored": 1}


def test_an_archive_is_among_the_files_of_the_operation() -> None:
    service, one = Service(), instance()
    service.store(one)
    operation = started(
        EXPORT,
        "startExport",
        p=service.name,
        source={"identifiers": [one.StudyInstanceUID]},
        to={"download": True},
    )
    ended(operation)
    (edge,) = ask(FILES)["operations"]["edges"]
    archive = edge["node"]["files"][-1]
    assert archive["name"] == "export.zip"
    assert archive["sizeBytes"] > 1000
    path = f"/dicomweb/operations/{operation.pk}/files/export.zip"
    assert archive["href"].endswith(path)


@pytest.mark.parametrize(
    ("source", "to", "path"),
    [
        ({}, {"download": True}, "source"),
        ({"identifiers": ["1"], "query": {"query": ""}}, {"download": True}, "source"),
        ({"identifiers": ["1"]}, {}, "destination"),
        ({"identifiers": ["1"]}, {"download": False}, "destination"),
        ({"identifiers": ["1"]}, {"download": True, "folder": "/x"}, "destination"),
        ({"identifiers": ["1"]}, {"folder": "/x"}, "path"),
        ({"identifiers": ["../x"]}, {"download": True}, "values"),
        ({"query": {"query": "Nothing=1"}}, {"download": True}, "query"),
    ],
)
def test_what_is_not_one_source_and_one_destination_is_a_fault(
    source: dict[str, Any], to: dict[str, Any], path: str
) -> None:
    service = Service()
    service.store(instance())
    told = ask(EXPORT, p=service.name, source=source, to=to)["startExport"]
    assert (told["code"], told["path"]) == ("INVALID", path)
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({}, "folder"),
        ({"folder": "/x", "bucket": {"name": "a", "path": "b"}}, "folder"),
        ({"folder": "/x"}, "path"),
        ({"bucket": {"name": "a", "path": "b"}}, "bucket"),
    ],
)
def test_what_is_not_one_place_that_is_listed_is_not_imported(
    given: dict[str, Any], path: str
) -> None:
    told = ask(IMPORT, p="default", **given)["startImport"]
    assert (told["code"], told["path"]) == ("INVALID", path)
    assert not Operation.objects.exists()
