"""What the tests of hostile clients and outages share."""

from collections.abc import Iterator

import httpx
import pytest

from tests.stack import Stack


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx.Client]:
    """Yield a client of the module's stack that may do everything."""
    headers = {"Authorization": f"Bearer {stack.token}"}
    base = f"{stack.base_url}/dicomweb"
    with httpx.Client(base_url=base, headers=headers, timeout=60) as connection:
        yield connection
