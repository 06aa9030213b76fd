"""Records as transaction bundles: each resource put under its own id.

References
----------
FHIR R4 http, transaction.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from portal.demo.record.chart import Resource

MOST: Final = 200
"""Resources of one bundle: a fraction of a second's work for a server."""


def transactions(
    resources: Iterable[Resource], *, most: int = MOST
) -> Iterator[Resource]:
    """Yield transaction bundles of at most `most` resources, in the order given.

    Whatever a resource refers to came before it, in the same bundle or an earlier one.
    Sent a second time, they leave what they left the first time.
    """
    entries: list[Resource] = []
    for resource in resources:
        entries.append(_entry(resource))
        if len(entries) == most:
            yield _bundle(entries)
            entries = []
    if entries:
        yield _bundle(entries)


def _entry(resource: Resource) -> Resource:
    url = f"{resource['resourceType']}/{resource['id']}"
    return {"resource": resource, "request": {"method": "PUT", "url": url}}


def _bundle(entries: list[Resource]) -> Resource:
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}
