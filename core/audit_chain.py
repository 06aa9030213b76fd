"""The proof that the audit log is whole: a chain of hashes for each writer.

Each row holds the SHA-256 of its content and of the row before it of the same writer,
so that a row that was changed, or removed from the middle, shows. `seal` writes the
heads of all chains into a row of its own, so that a removed end shows as well. Who
can rewrite the whole table can make new chains: `seal` returns the hash to keep
somewhere else, and logs it.

What `core.audit_retention` cuts off is told by a row as well. A chain may begin there,
and what seals say of the rows that went is not missed, unless a seal shows that one of
them was not yet old.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import transaction

from core.access import system
from core.audit import Action, Event, record, writer_name
from core.models import AuditRecord

logger = logging.getLogger(__name__)

ACTOR: Final = system("audit")
OVERLAP: Final = timedelta(minutes=10)  # longer than any transaction stays open


@dataclass(frozen=True, slots=True)
class Break:
    """A place at which a chain is not what was written."""

    writer: str
    sequence: int
    problem: str


class Cut(NamedTuple):
    """The last row of a chain's beginning that retention has removed.

    Attributes
    ----------
    digest
        Its hash, in hexadecimal.
    before
        All that went was older than this.
    """

    sequence: int
    digest: str
    before: datetime | None = None


def hash_of(row: AuditRecord) -> bytes:
    """Return the hash that the database gave to a row of this content."""
    content = [
        row.writer,
        row.sequence,
        int(row.at.timestamp()) * 1_000_000 + row.at.microsecond,
        row.actor,
        row.account_id,
        row.action,
        row.outcome,
        row.partition_id,
        row.patient_id,
        row.study_instance_uid,
        row.detail,
        row.source,
        row.request_id,
    ]
    if row.patients is not None:  # not so in rows from before these columns
        patients = ",".join(map(str, row.patients))
        content += [row.via, row.query, patients, ",".join(row.studies or ())]
    text = json.dumps(content, ensure_ascii=False)  # as json_build_array writes it
    return hashlib.sha256(bytes(row.previous_hash) + text.encode()).digest()


def cuts() -> dict[str, Cut]:
    """Return the last cut of each chain of which a row still tells."""
    found: dict[str, Cut] = {}
    for row in AuditRecord.objects.filter(action=Action.CUT).order_by("id"):
        told: dict[str, Any] = json.loads(row.detail)
        before = datetime.fromisoformat(told["before"])
        for writer, (sequence, digest) in told["beginnings"].items():
            if writer not in found or found[writer].sequence < sequence:
                found[writer] = Cut(sequence, digest, before)
    return found


def verify() -> Iterator[Break]:
    """Check every chain from its beginning, then every seal; yield what is broken."""
    beginnings = cuts()
    writer, sequence, previous_hash = "", 0, b""
    for row in AuditRecord.objects.order_by("writer", "sequence").iterator():
        if row.writer != writer:
            writer, sequence, previous_hash = row.writer, 0, b""
            if writer in beginnings:
                sequence = beginnings[writer].sequence
                previous_hash = bytes.fromhex(beginnings[writer].digest)
        if row.sequence != sequence + 1:
            yield Break(writer, sequence + 1, "missing")
        elif bytes(row.previous_hash) != previous_hash:
            yield Break(writer, row.sequence, "not linked to the row before it")
        if hash_of(row) != bytes(row.hash):
            yield Break(writer, row.sequence, "changed")
        sequence, previous_hash = row.sequence, bytes(row.hash)
    sealed_before: datetime | None = None
    for row in AuditRecord.objects.filter(action=Action.SEAL).order_by("id").iterator():
        yield from _breaks_of_seal(row, sealed_before, beginnings)
        sealed_before = row.at


def seal() -> bytes:
    """Write the heads of the chains that have grown since the last seal.

    Returns
    -------
    bytes
        The hash of the seal; it vouches for everything before it.
    """
    rows = AuditRecord.objects.all()
    last = rows.filter(action=Action.SEAL).order_by("-at", "-id").first()
    if last is not None:
        rows = rows.filter(at__gte=last.at - OVERLAP)
    heads = {
        row.writer: [row.sequence, bytes(row.hash).hex()]
        for row in rows.order_by("writer", "-sequence").distinct("writer")
    }
    with transaction.atomic(durable=True):
        record(Event(ACTOR, Action.SEAL, detail=json.dumps(heads)))
        own = AuditRecord.objects.filter(writer=writer_name())
        sealed = bytes(own.order_by("-sequence")[0].hash)
    logger.info("audit log sealed: %s", sealed.hex())
    return sealed


def _breaks_of_seal(
    row: AuditRecord, sealed_before: datetime | None, beginnings: Mapping[str, Cut]
) -> Iterator[Break]:
    for writer, (sequence, digest) in json.loads(row.detail).items():
        cut = beginnings.get(writer)
        if cut is not None and sequence <= cut.sequence:
            # It was younger than the seal before this one, about.
            if cut.before and sealed_before and sealed_before - OVERLAP > cut.before:
                yield Break(writer, sequence, "removed before its time")
            continue
        held = AuditRecord.objects.filter(
            writer=writer, sequence=sequence, hash=bytes.fromhex(digest)
        )
        if not held.exists():
            yield Break(writer, sequence, f"not what was sealed at {row.at:%F %T}")
