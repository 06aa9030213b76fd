"""Kill -9 in the midst of stores, replacements and deletes: nothing is lost.

A few kills; ``python -m tests.crash --rounds 50`` does as many as wanted.
"""

import logging
import secrets
from collections.abc import Iterator
from typing import NamedTuple

import psycopg
import pytest

from tests.crash.campaign import Campaign
from tests.crash.victims import Victim
from tests.stack import Stack

pytestmark = pytest.mark.timeout(300)
SEEDS = 10**6
IMPORT_FILES = 512  # four steps
BLOB_KEYS = (
    "SELECT i.sop_instance_uid, v.blob_key FROM imaging_instance i"
    " JOIN imaging_instanceversion v ON v.id = i.version_id"
)


class Judged(NamedTuple):
    """A campaign, and what was wrong after it."""

    campaign: Campaign
    problems: list[str]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    logging.getLogger("httpx").setLevel(logging.WARNING)  # thousands of requests
    stack = Stack(tmp_path_factory.mktemp("crash"))
    campaign = Campaign(stack, secrets.randbelow(SEEDS))
    try:
        stack.start()
        # First, because its lease has to run out before the import goes on.
        campaign.run([Victim.WORKER], import_files=IMPORT_FILES)
        campaign.run([Victim.WEB_PROCESS, Victim.BACKEND, Victim.REDIS])
        campaign.run([Victim.DATABASE, Victim.SUPERVISOR])
        yield Judged(campaign, campaign.judge())
        assert stack.stop() == 0
    finally:
        stack.kill()


def test_what_was_acknowledged_is_there_and_nothing_is_half_there(
    judged: Judged,
) -> None:
    campaign = judged.campaign
    assert judged.problems == [], f"seed {campaign.seed}"
    assert campaign.kills.total() == 6
    assert min(campaign.counts[verb] for verb in ("POST", "PUT", "DELETE")) > 0
    assert campaign.counts["imports taken up again"] == 1
    assert campaign.counts["workitems COMPLETED"] > 0
    assert campaign.feed_length > len(campaign.held) > 0


def test_the_judge_sees_what_was_lost_or_damaged(judged: Judged) -> None:
    campaign = judged.campaign
    lost, gone, damaged = sorted(campaign.held)[:3]
    with psycopg.connect(campaign.stack.places.database_url) as connection:
        keys: dict[str, str] = dict(connection.execute(BLOB_KEYS).fetchall())
        connection.execute(
            "DELETE FROM imaging_instance WHERE sop_instance_uid = %s", [lost.instance]
        )
        (workitem,) = connection.execute(
            "DELETE FROM worklist_workitem WHERE id = (SELECT min(id)"
            " FROM worklist_workitem) RETURNING sop_instance_uid"
        ).fetchone() or ("",)
        connection.execute("ALTER TABLE core_auditrecord DISABLE TRIGGER USER")
        connection.execute(
            "UPDATE core_auditrecord SET detail = '999 instances' WHERE id ="
            " (SELECT min(id) FROM core_auditrecord WHERE action = 'store')"
        )
        connection.execute("ALTER TABLE core_auditrecord ENABLE TRIGGER USER")
    blobs = campaign.stack.places.blobs
    (blobs / keys[gone.instance]).unlink()
    with (blobs / keys[damaged.instance]).open("r+b") as file:
        file.write(b"damage")

    found = "\n".join(campaign.judge())

    for problem in (
        f"lost: {lost.path}",
        f"cannot be read, 502: {gone.path}",
        f"other bytes: {damaged.path}",
        f"search finds 0 times: {lost.path}",
        f"lost: {workitem} was acknowledged as",
        f"metadata of {lost.study}",
        "the feed leads to other versions",
        "instances to store, the feed of",
        "number_of_instances is",
        "usage is",
        "spellings of patients",
        f"a blob is missing: {keys[gone.instance]}",
        f"a blob is not what its row says: {keys[damaged.instance]}",
        "The audit log is broken in 1 places.",
    ):
        assert problem in found, problem
