"""A bucket of a real server, shared by the tests here that leave it running."""

from collections.abc import Iterator

import pytest

from tests.object_storage import CREDENTIALS, ObjectStorage


@pytest.fixture(scope="session")
def object_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStorage]:
    """Yield a server that runs; skipped where there is none on this machine."""
    server = ObjectStorage(tmp_path_factory.mktemp("object-storage"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        try:
            server.start()
            yield server
        finally:
            server.kill()
