"""Whether nothing is half there: rows, feed and audit log against each other."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg

from tests.crash.ledger import Content, Key

INSTANCES = (
    "SELECT s.study_instance_uid, e.series_instance_uid, i.sop_instance_uid, v.sha256"
    " FROM imaging_instance i LEFT JOIN imaging_series e ON e.id = i.series_id"
    " LEFT JOIN imaging_study s ON s.id = i.study_id AND s.id = e.study_id"
    " LEFT JOIN imaging_instanceversion v ON v.id = i.version_id"
)
FEED = "SELECT seq, at, op, key, version, kind FROM core_feedentry ORDER BY seq"
HELD_VERSIONS = (
    "SELECT s.study_instance_uid, e.series_instance_uid, i.sop_instance_uid,"
    " i.version_id FROM imaging_instance i"
    " JOIN imaging_series e ON e.id = i.series_id"
    " JOIN imaging_study s ON s.id = e.study_id"
)
AUDITED = (
    "SELECT action, sum(split_part(detail, ' ', 1)::int)::int FROM core_auditrecord"
    " WHERE action IN ('store', 'delete') AND outcome = 0"
    " AND actor <> 'system:linker' AND detail NOT LIKE 'workitem %' GROUP BY action"
)


def check_rows(
    connection: psycopg.Connection, held: Mapping[Key, Content]
) -> Iterator[str]:
    """Yield what is wrong between the tables, and between them and the clients."""
    yield from _check_instances(connection, held)
    entries = connection.execute(FEED).fetchall()
    if [entry[0] for entry in entries] != list(range(1, len(entries) + 1)):
        yield "the feed has gaps"
    if sorted(entry[1] for entry in entries) != [entry[1] for entry in entries]:
        yield "the feed's times go back"
    of_instances = [entry[:5] for entry in entries if entry[5] == "instance"]
    yield from _check_feed(connection, of_instances)
    yield from _check_audit(connection, of_instances)


def _check_instances(
    connection: psycopg.Connection, held: Mapping[Key, Content]
) -> Iterator[str]:
    rows = connection.execute(INSTANCES).fetchall()
    found = Counter((Key(*row[:3]), row[3]) for row in rows)
    expected = Counter((key, content.sha256) for key, content in held.items())
    for key, _ in (found - expected) + (expected - found):
        yield f"the row of an instance differs: {key}"


def _check_feed(
    connection: psycopg.Connection, entries: list[tuple[Any, ...]]
) -> Iterator[str]:
    """Folded from entry 1, the feed must give each instance and its version."""
    folded: dict[tuple[str, ...], int] = {}
    for seq, _, op, key, version in entries:
        if (tuple(key) in folded) != (op != "create"):
            yield f"entry {seq} is a {op} of what is not so"
        if op == "delete":
            folded.pop(tuple(key), None)
        else:
            folded[tuple(key)] = version
    rows = connection.execute(HELD_VERSIONS).fetchall()
    if folded != {row[:3]: row[3] for row in rows}:
        yield "the feed leads to other versions than those held"
    kept = connection.execute("SELECT id FROM imaging_instanceversion").fetchall()
    told = sorted(entry[4] for entry in entries if entry[4] is not None)
    if told != sorted(row[0] for row in kept):
        yield f"{len(kept)} versions are kept, {len(told)} told by the feed"


def _check_audit(
    connection: psycopg.Connection, entries: list[tuple[Any, ...]]
) -> Iterator[str]:
    """Each change of the feed must be in the audit log, which commits with it."""
    told = Counter("delete" if entry[2] == "delete" else "store" for entry in entries)
    audited: dict[str, int] = dict(connection.execute(AUDITED).fetchall())
    for action in told.keys() | audited:
        if told[action] != audited.get(action):
            yield (
                f"the audit log tells of {audited.get(action)} instances to {action},"
                f" the feed of {told[action]}"
            )
