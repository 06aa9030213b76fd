"""A follower that is killed at any point leaves no row twice, and none out."""

import os
import random
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from core import changefeed, followers
from imaging.lake import LakeFollower
from imaging.models import Instance
from portal.embedded.options import ROOT
from tests.imaging.lake.lakes import counts, everything, held, rows
from tests.imaging.lake.writes import random_writes


def database_url() -> str:
    settings = connection.settings_dict
    host, user = quote(settings["HOST"], safe=""), quote(settings["USER"])
    login = f"{user}:{quote(settings['PASSWORD'])}@" if user else ""
    port = f":{settings['PORT']}" if settings["PORT"] else ""
    return f"postgresql://{login}{host}{port}/{settings['NAME']}"


@pytest.mark.usefixtures("committing")
def test_a_follower_killed_at_every_point_leaves_no_row_twice(lake: Path) -> None:
    for write in random_writes(random.Random(5), 14):
        write()
    victim = subprocess.run(
        [sys.executable, "-m", "tests.imaging.lake.victim", "5"],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DATABASE_URL": database_url(),
            "PORTAL_LAKE": str(lake),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert victim.returncode == 0, victim.stderr
    assert int(victim.stdout) >= 8 * changefeed.head() // 5
    assert rows("changes", "seq") == sorted(
        ((number,) for number in range(1, changefeed.head() + 1)), key=repr
    )
    versions = Instance.objects.values_list("version_id")
    assert rows("instances", "version_id") == sorted(versions, key=repr)
    assert counts() == held()
    survived = everything()
    followers.rebuild(LakeFollower())
    assert everything() == survived
