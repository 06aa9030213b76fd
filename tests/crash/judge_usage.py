"""Whether what follows the feed has come to what a rebuild would give."""

import time
from collections.abc import Iterator
from typing import Final

import psycopg

PATIENCE_S: Final = 60.0
BEHIND: Final = (
    "SELECT (SELECT max(seq) FROM core_feedentry)"
    " - coalesce((SELECT seq FROM core_followercursor WHERE name = 'usage'), 0)"
)
# All clients use one partition, so that its last row tells what is held.
USAGE: Final = (
    "SELECT sum(instances_stored), sum(instances_replaced), sum(instances_deleted),"
    " sum(bytes_stored), sum(bytes_freed),"
    " (array_agg(instances_held ORDER BY day DESC))[1],"
    " (array_agg(bytes_held ORDER BY day DESC))[1] FROM imaging_usage"
)
ANEW: Final = (
    "SELECT count(*) FILTER (WHERE op = 'create'),"
    " count(*) FILTER (WHERE op = 'update'), count(*) FILTER (WHERE op = 'delete'),"
    " sum(size_bytes), sum(size_bytes) - held.bytes, held.instances, held.bytes"
    " FROM core_feedentry LEFT JOIN imaging_instanceversion v ON v.id = version,"
    " (SELECT count(*) AS instances, sum(size_bytes) AS bytes FROM imaging_instance i"
    " JOIN imaging_instanceversion v ON v.id = i.version_id) AS held"
    " WHERE kind = 'instance' GROUP BY held.instances, held.bytes"
)
DEAD: Final = "SELECT count(*) FROM core_deadletter"


def check_usage(connection: psycopg.Connection) -> Iterator[str]:
    """Wait until the follower has caught up; yield what it has not added up right."""
    deadline = time.monotonic() + PATIENCE_S
    while (behind := connection.execute(BEHIND).fetchone()) != (0,):
        if time.monotonic() > deadline:
            yield f"the follower of usage stays behind: {behind}"
            return
        time.sleep(0.2)
    usage = connection.execute(USAGE).fetchone()
    anew = connection.execute(ANEW).fetchone()
    if usage != anew:
        yield f"usage is {usage}, anew {anew}"
    if connection.execute(DEAD).fetchone() != (0,):
        yield "a follower could not read an entry"
