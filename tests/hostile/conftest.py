"""What the tests of hostile clients and outages share."""

from collections.abc import Iterator

import httpx
import pytest

from tests.object_storage import ObjectStorage
from tests.stack import Stack


@pytest.fixture(scope="module")
def object_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStorage]:
    """Yield an S3 server for the module to hurt; each test leaves it running."""
    server = ObjectStorage(tmp_path_factory.mktemp("object-storage"))
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx.Client]:
    """Yield a client of the module's stack that may do everything."""
    headers = {"Authorization": f"Bearer {stack.token}"}
    base = f"{stack.base_url}/dicomweb"
    with httpx.Client(base_url=base, headers=headers, timeout=60) as connection:
        yield connection
