"""Deriving anew what resources are found by, from what is held.

For when that is derived in another way than it was: a further search parameter, another
unit. Batch by batch, each under the locks of its rows, beside a running server.
"""

from collections.abc import Callable
from typing import Any, Final

from django.db import transaction

from core import audit
from core.access import Actor
from core.database import lift_limit, raw_connection
from fhirlink import write_sql
from fhirlink.document import unpacked
from fhirlink.json_text import parse
from fhirlink.search.index import IndexRows, index_rows
from fhirlink.write import write_values

BATCH: Final = 500
_NEXT: Final = (
    "SELECT r.id, r.partition_id, r.type, r.fhir_id, v.body FROM (SELECT *"
    " FROM fhirlink_resource WHERE id > %s ORDER BY id LIMIT %s FOR UPDATE) r"
    " JOIN fhirlink_resourceversion v ON v.id = r.version_id ORDER BY r.id"
)
# Who writes texts holds the table until the commit: then its resources are seen here.
_LOCK: Final = "LOCK TABLE fhirlink_termtext IN SHARE ROW EXCLUSIVE MODE"
_UNUSED: Final = (
    "DELETE FROM fhirlink_termtext t WHERE NOT EXISTS"
    " (SELECT FROM fhirlink_resource r WHERE r.terms @> ARRAY[t.term])"
)


def reindex(*, actor: Actor, told: Callable[[int], None] = lambda _: None) -> int:
    """Index all resources anew, and forget the texts of terms that none has.

    Parameters
    ----------
    told
        Called after each batch with how many are done.

    Returns
    -------
    int
        How many there are.
    """
    last, number = 0, 0
    while True:
        rows = _batch(last)
        if not rows:
            break
        last = rows[-1][0]
        number += len(rows)
        told(number)
    _forget_texts()
    detail = f"{number} resources indexed anew"
    audit.record(audit.Event(actor, audit.Action.OPERATE, detail=detail))
    return number


def _batch(last: int) -> list[tuple[Any, ...]]:
    with transaction.atomic():
        cursor = raw_connection().cursor(binary=True)
        rows = cursor.execute(_NEXT, (last, BATCH)).fetchall()
        indexed = [(key, _indexed(*rest)) for key, *rest in rows]
        write_sql.update_terms([(key, each.terms) for key, each in indexed])
        write_sql.delete_values([key for key, _ in indexed])
        write_values(indexed)
    return rows


def _indexed(partition_id: int, type_: str, fhir_id: str, body: bytes) -> IndexRows:
    if not body:  # it is deleted
        return IndexRows([], [], [], [])
    content = parse(unpacked(body))
    return index_rows(partition_id, {**content, "resourceType": type_, "id": fhir_id})


def _forget_texts() -> None:
    with transaction.atomic():
        lift_limit()
        raw_connection().execute(_LOCK)
        raw_connection().execute(_UNUSED)
