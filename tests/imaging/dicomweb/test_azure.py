"""What every request to Azure's dialects meets, and the standard's does not."""

import pytest

from tests.actors import ALL_VERBS, acting
from tests.imaging.dicomweb.service import HOST, ROOT, Service
from tests.synthetic import instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
AZURE = ["/v1", "/v2"]
JSON = "application/dicom+json"


@pytest.fixture
def service() -> Service:
    return Service()


def address(version: str, partition: str, path: str) -> str:
    return f"{HOST}{ROOT}{version}/partitions/{partition}{path}"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "/studies/1.2",
        "/studies/1.2/series/1.3/instances/1.4",
    ],
)
def test_an_unknown_partition_is_the_clients_mistake(
    service: Service, method: str, path: str
) -> None:
    def status(version: str) -> int:
        url = address(version, "nowhere", path)
        return service.get(url, "*/*", method).status_code

    assert [status(version) for version in ("", *AZURE)] == [404, 400, 400]


@pytest.mark.parametrize("path", ["/studies", "/instances", "/studies/1.2/metadata"])
def test_an_unknown_partition_cannot_be_searched(service: Service, path: str) -> None:
    statuses = [
        service.get(address(version, "nowhere", path), JSON).status_code
        for version in ("", *AZURE)
    ]
    assert statuses == [404, 400, 400]


@pytest.mark.parametrize("version", AZURE)
def test_a_partition_that_may_not_be_seen_is_like_one_that_is_not_there(
    service: Service, version: str
) -> None:
    dataset = instance()
    service.store(dataset)
    path = f"/studies/{dataset.StudyInstanceUID}"
    service.actor = acting(None, "elsewhere", ALL_VERBS, frozenset({-1}))
    hidden = service.get(address(version, service.name, path), "*/*")
    unknown = service.get(address(version, "nowhere", path), "*/*")
    assert (hidden.status_code, hidden.text) == (400, "No such partition.")
    assert (unknown.status_code, unknown.text) == (400, "No such partition.")


@pytest.mark.parametrize("version", ["", *AZURE])
def test_what_is_not_in_a_partition_is_not_found(
    service: Service, version: str
) -> None:
    service.store(instance())
    url = address(version, service.name, f"/studies/{new_uid()}")
    assert service.get(url, "*/*").status_code == 404
    assert service.get(f"{url}/no/such", "*/*").status_code == 404


@pytest.mark.parametrize("query", ["a=<b>", "a=%3Cscript%3E", "x=1&%3c"])
@pytest.mark.parametrize("path", ["/studies", "/studies/1.2", "/studies/1.2/metadata"])
def test_markup_in_a_query_is_refused_and_not_echoed(
    service: Service, path: str, query: str
) -> None:
    service.store(instance())
    for version in AZURE:
        answer = service.get(f"{address(version, service.name, path)}?{query}", JSON)
        assert answer.status_code == 400
        assert "script" not in answer.text
        assert answer.headers["content-type"].startswith("text/plain")


def test_the_standard_passes_over_markup_where_it_reads_no_value(
    service: Service,
) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset, path="/metadata?x=%3Cb%3E")
    assert service.get(url, JSON).status_code == 200
