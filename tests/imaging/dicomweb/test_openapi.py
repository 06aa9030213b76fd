"""The OpenAPI documents: valid, of all that is routed, and true of real answers."""

from collections.abc import Iterator
from typing import Any, Final

import orjson
import pytest
import yaml
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate

from core.routing import Resource
from imaging.dicomweb import app as service_app
from imaging.dicomweb.dialect import Dialect
from imaging.dicomweb.openapi_table import PATH_PARAMETERS
from tests.actors import acting
from tests.imaging.dicomweb.service import HOST, ROOT, Service
from tests.synthetic import instance, new_uid

DIALECTS: Final = pytest.mark.parametrize("dialect", list(Dialect))
JSON: Final = "application/dicom+json"
XML: Final = 'multipart/related; type="application/dicom+xml"'
NAMES: Final = {shown: name for name, (shown, *_) in PATH_PARAMETERS.items()}


def base(dialect: Dialect) -> str:
    return f"{HOST}{ROOT}/{dialect}".rstrip("/")


def served(dialect: Dialect, form: str = "json") -> Any:
    nobody = Service(actor=acting(1, "nobody", frozenset()))
    answer = nobody.get(f"{base(dialect)}/api.{form}", "*/*")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"application/{form}"
    return (yaml.safe_load if form == "yaml" else orjson.loads)(answer.content)


def routed(node: Any, path: str = "") -> Iterator[Any]:
    """Yield each path with each method that the router has for it."""
    if isinstance(node.resource, Resource):
        for method in node.resource.actions:
            yield path.removeprefix("/"), method
    for segment, following in node._following.items():
        yield from routed(following, f"{path}/{segment}")
    if node._variable is not None:
        yield from routed(node._variable, f"{path}/{{{node._name}}}")


@DIALECTS
def test_a_document_is_valid_and_the_same_as_yaml(dialect: Dialect) -> None:
    document = served(dialect)
    validate(document)
    assert served(dialect, "yaml") == document
    assert document["servers"] == [{"url": base(dialect).removeprefix(HOST)}]


def test_the_version_is_that_of_the_address() -> None:
    versions = [served(dialect)["info"]["version"] for dialect in Dialect]
    assert versions == ["standard", "1", "2"]


@DIALECTS
def test_what_is_routed_is_in_the_document_and_the_reverse(dialect: Dialect) -> None:
    paths = served(dialect)["paths"]
    described = {
        ("/".join(_routed_segment(each) for each in path.split("/")), method.upper())
        for path, methods in paths.items()
        for method in methods
    }
    described.remove(("/", "OPTIONS"))
    is_azure = dialect is not Dialect.STANDARD
    router = service_app.app.azure_router if is_azure else service_app.app.router
    answered = {
        (f"/{path.lstrip('/')}", method)
        for path, method in routed(router._root)
        if method not in {"OPTIONS", "HEAD"}
    }
    assert described == answered
    assert len(answered) > 50


def _routed_segment(segment: str) -> str:
    if not segment.startswith("{"):
        return segment
    return f"{{{NAMES[segment[1:-1]]}}}"


@DIALECTS
def test_variables_of_a_path_are_parameters(dialect: Dialect) -> None:
    for path, methods in served(dialect)["paths"].items():
        variables = [each[1:-1] for each in path.split("/") if each.startswith("{")]
        for operation in methods.values():
            given = operation["parameters"]
            in_path = [each["name"] for each in given if each["in"] == "path"]
            assert in_path == variables
            assert {"400", "401", "403"} < set(operation["responses"])


@pytest.mark.parametrize(
    ("dialect", "types", "status"),
    [
        (Dialect.STANDARD, [JSON, "application/json", XML], "404"),
        (Dialect.V1, [JSON], "400"),
        (Dialect.V2, [JSON], "400"),
    ],
)
def test_dialects_differ_as_they_answer(
    dialect: Dialect, types: list[str], status: str
) -> None:
    paths = served(dialect)["paths"]
    search = paths["/partitions/{partitionName}/studies"]["get"]
    assert list(search["responses"]["200"]["content"]) == types
    assert "partition" in search["responses"][status]["description"]
    assert search["operationId"] == "PartitionSearchForStudies"
    names = {each["name"] for each in search["parameters"]}
    assert ("accept" in names) is (dialect is Dialect.STANDARD)
    frames = paths[
        "/studies/{studyInstanceUid}/series/{seriesInstanceUid}"
        "/instances/{sopInstanceUid}/frames/{frames}"
    ]["get"]["responses"]["200"]["content"]
    assert ('multipart/related; type="image/jp2"' in frames) is dialect.is_azure


@pytest.mark.usefixtures("committing")
@DIALECTS
def test_real_answers_fit_their_schemas(dialect: Dialect) -> None:
    document = served(dialect)
    service = Service()
    first = instance()
    service.store(first, instance(StudyInstanceUID=first.StudyInstanceUID))
    study = f"/studies/{first.StudyInstanceUID}"
    inside = f"/partitions/{service.name}"
    shown_study = "/studies/{studyInstanceUid}"
    for shown, path in (
        ("/studies", "/studies"),
        ("/instances", "/instances?includefield=all"),
        (f"{shown_study}/metadata", f"{study}/metadata"),
        ("/patientconflicts", "/patientconflicts"),
    ):
        url = f"{base(dialect)}{inside}{path}"
        assert fits(document, f"/partitions/{{partitionName}}{shown}", url, service)
    for shown in ("/changefeed", "/changefeed/latest", "/partitions", "/operations"):
        assert fits(document, shown, f"{base(dialect)}{shown}", service)


def fits(document: Any, shown: str, url: str, service: Service) -> bool:
    """Return whether the answer has a status, type and form of the document."""
    answer = service.get(url, "*/*")
    assert answer.status_code == 200, answer.text
    (media_type, *_) = answer.headers["content-type"].split(";")
    described = document["paths"][shown]["get"]["responses"]["200"]["content"]
    schema = {**described[media_type]["schema"], "components": document["components"]}
    OAS30Validator(schema).validate(answer.json())
    return True


def test_a_schema_refuses_what_does_not_fit() -> None:
    document = served(Dialect.V2)
    schema = document["components"]["schemas"]["ChangeFeedEntry"]
    entry = {
        "sequence": 1,
        "studyInstanceUid": new_uid(),
        "action": "create",
        "timestamp": "2026-01-01T00:00:00Z",
        "state": "current",
    }
    checker = OAS30Validator({**schema, "components": document["components"]})
    assert checker.is_valid(entry)
    assert not checker.is_valid({**entry, "action": "Create"})
    assert not checker.is_valid({**entry, "studyInstanceUid": "abc"})
