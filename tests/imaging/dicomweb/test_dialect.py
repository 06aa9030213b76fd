"""By which rules an address is answered."""

import orjson
import pytest

from imaging.dicomweb.dialect import Dialect, with_dialect
from tests.imaging.dicomweb.service import HOST, ROOT, Service
from tests.synthetic import instance


@pytest.mark.parametrize(
    ("path", "dialect", "root", "inner"),
    [
        ("/dicomweb/studies", Dialect.STANDARD, "/dicomweb", "/dicomweb/studies"),
        ("/dicomweb/v1/studies", Dialect.V1, "/dicomweb/v1", "/dicomweb/v1/studies"),
        ("/dicomweb/v2", Dialect.V2, "/dicomweb/v2", "/dicomweb/v2/"),
        ("/dicomweb/v3/studies", Dialect.STANDARD, "/dicomweb", "/dicomweb/v3/studies"),
        ("/dicomweb/", Dialect.STANDARD, "/dicomweb", "/dicomweb/"),
    ],
)
def test_version_of_the_address_decides(
    path: str, dialect: Dialect, root: str, inner: str
) -> None:
    scope = with_dialect({"type": "http", "path": path, "root_path": "/dicomweb"})
    assert (scope["dialect"], scope["root_path"], scope["path"]) == (
        dialect,
        root,
        inner,
    )


@pytest.mark.usefixtures("committing")
@pytest.mark.parametrize("version", ["/v1", "/v2"])
def test_addresses_in_answers_keep_the_version(version: str) -> None:
    service = Service()
    service.store(instance())
    base = f"{HOST}{ROOT}{version}/partitions/{service.name}"
    answer = service.get(
        f"{base}/studies?includefield=RetrieveURL", "application/dicom+json"
    )
    (study,) = orjson.loads(answer.content)
    assert study["00081190"]["Value"][0].startswith(f"{base}/studies/")
    assert answer.headers["api-supported-versions"] == "1, 2"
