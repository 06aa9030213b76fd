"""Loads the demo hospital into a running server, as any other client would.

Objects are made while earlier ones travel; no more than a few requests' worth of them
is ever held. A load that was broken off is simply started again.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Final

from portal.demo.objects import DemoObject
from portal.demo.posting import Outcome
from portal.demo.record.bundles import transactions
from portal.demo.record.chart import Resource
from portal.demo.stow import StowClient
from portal.demo.transact import FhirClient

CONNECTIONS: Final = 2
REQUEST_BYTES: Final = 16 * 2**20

Report = Callable[[Outcome], None]


def load(
    objects: Iterable[DemoObject], *, url: str, token: str, report: Report
) -> Outcome:
    """Store the objects over HTTP and return the counts.

    `report` is called with the counts so far after each request.

    Raises
    ------
    LoadError
        The server is down, refuses the token, or answers what no store answers.
    """
    total = Outcome()
    client = StowClient(f"{url.rstrip('/')}/dicomweb", token)
    pending: set[Future[Outcome]] = set()
    try:
        with ThreadPoolExecutor(CONNECTIONS, "demo-load") as pool:
            for batch in batches(objects):
                if len(pending) == CONNECTIONS:
                    pending = _settle(pending, total, report)
                pending.add(pool.submit(client.store, batch))
            while pending:
                pending = _settle(pending, total, report)
    finally:
        client.close()
    return total


def load_record(
    resources: Iterable[Resource], *, url: str, token: str, report: Report
) -> Outcome:
    """Put the resources of a record over HTTP, one transaction after the other.

    `report` is called with the counts so far after each. What is there already is left
    as it is, or made the same again.

    Raises
    ------
    LoadError
        The server is down, refuses the token, or refuses a transaction.
    """
    total = Outcome()
    client = FhirClient(f"{url.rstrip('/')}/fhir", token)
    try:
        for bundle in transactions(resources):
            total.add(client.commit(bundle))
            report(total)
    finally:
        client.close()
    return total


def batches(objects: Iterable[DemoObject]) -> Iterator[list[bytes]]:
    """Group objects into requests of at most `REQUEST_BYTES`, or of a single object."""
    batch: list[bytes] = []
    size = 0
    for item in objects:
        if batch and size + len(item.data) > REQUEST_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(item.data)
        size += len(item.data)
    if batch:
        yield batch


def written(objects: Iterable[DemoObject], folder: Path) -> Iterator[DemoObject]:
    """Pass objects on, writing each as a file below `folder` on the way."""
    for item in objects:
        path = folder / item.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(item.data)
        yield item


def _settle(
    pending: set[Future[Outcome]], total: Outcome, report: Report
) -> set[Future[Outcome]]:
    """Wait for a request, add what it did, and return those still under way."""
    done, others = wait(pending, return_when=FIRST_COMPLETED)
    for future in done:
        total.add(future.result())
    report(total)
    return others
