"""The rows of the audit log that a search finds, as a file of FHIR AuditEvents."""

from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Final

from django.http import StreamingHttpResponse

from core import audit_search
from core.access import Actor
from core.audit_fhir import audit_event
from core.audit_search import AuditEntry, AuditFilter
from core.database import run

TYPE: Final = "application/fhir+ndjson"
NAME: Final = "audit.ndjson"
_AT_ONCE: Final = 200  # rows: a fraction of a second of a thread


def answer_of(actor: Actor, where: AuditFilter) -> StreamingHttpResponse:
    """Return the file, made as it is sent: a row a line, the oldest first.

    That it was begun is a row of the log.

    Raises
    ------
    Forbidden
        The actor may not read the audit log.
    """
    entries = audit_search.export_audit(actor=actor, where=where, what="admin: export")
    answer = StreamingHttpResponse(_lines(entries), content_type=TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{NAME}"'
    return answer


async def _lines(entries: Iterator[AuditEntry]) -> AsyncIterator[bytes]:
    while lines := await run(_some, entries):
        yield lines


def _some(entries: Iterator[AuditEntry]) -> bytes:
    """Return the next lines; nothing at the end."""
    some = islice(entries, _AT_ONCE)
    return "".join(f"{audit_event(one).model_dump_json()}\n" for one in some).encode()
