"""The operation that has the index learn which query tags there are.

Documents hold the values of the tags that were ready when their rows were read. Once
others are ready, or some are gone, all documents are written anew beside what the feed
has written, as a rebuild does. Meanwhile the database answers searches by tags that
documents lack: nobody waits for this.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

from core.access import system
from core.models import Operation
from core.operations import Progress, start_operation

KIND: Final = "index-query-tags"


def start_indexing() -> None:
    """Start the operation, where there is an index, with the transaction."""
    if settings.ELASTICSEARCH_URLS:
        start_operation(actor=system("query tags"), kind=KIND, parameters={})


def step(operation: Operation) -> Progress:
    """Write the documents of the next studies."""
    progress: Mapping[str, Any] = operation.progress
    done: int = progress.get("done", 0)
    if not settings.ELASTICSEARCH_URLS:
        return Progress(progress, 100, result={"studies": done})
    # Costs 12 MB of every process, which only who has it pays.
    from imaging.query.elastic import rebuilding  # noqa: PLC0415

    total = progress.get("total") or rebuilding.number_of_studies()
    after, number = rebuilding.write_some(progress.get("after", 0))
    done += number
    cursor = {"after": after, "done": done, "total": total}
    if after is None:
        return Progress(cursor, 100, result={"studies": done})
    return Progress(cursor, percent=min(99, 100 * done // max(1, total)))
