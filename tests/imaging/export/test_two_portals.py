"""An export whose worker is killed, and a second portal that is restored from it.

Some hundred instances and one kill; the whole of the proof on demand::

    PORTAL_TEST_EXPORT=5000 .venv/bin/python -m pytest \
        tests/imaging/export/test_two_portals.py

which exports so many, kills the worker twice, and waits each time until its lease has
run out (some minutes).
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID

import httpx
import psycopg
import pytest

from portal import env
from tests.imaging.export.exporting import checked_manifest
from tests.stack import Stack
from tests.synthetic import add_pixels, encode, instance, multipart, new_uid

pytestmark = pytest.mark.timeout(900)
ASKED: Final = env.integer("PORTAL_TEST_EXPORT", 0)
NUMBER: Final = ASKED or 300
KILLS: Final = 2 if ASKED else 1
AT_ONCE: Final = 100
PATIENCE_S: Final = 300.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    return tmp_path


@pytest.fixture
def portals(
    tmp_path_factory: pytest.TempPathFactory, folder: Path
) -> Iterator[tuple[Stack, Stack]]:
    """Yield two portals of their own."""
    names = ("PORTAL_EXPORT_FOLDERS", "PORTAL_IMPORT_FOLDERS")
    settings = dict.fromkeys(names, str(folder))
    settings["PORTAL_WEB_WORKERS"] = "1"
    made = [
        Stack(tmp_path_factory.mktemp(name), settings=settings)
        for name in ("first", "second")
    ]
    try:
        for stack in made:
            stack.start()
        yield made[0], made[1]
    finally:
        for stack in made:
            stack.kill()


class Client:
    """Who asks a portal."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.web = httpx.Client(
            base_url=f"{stack.base_url}/dicomweb/",
            headers={"authorization": f"Bearer {stack.token}"},
            timeout=120,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.web.close()

    def post(self, path: str, **more: Any) -> httpx.Response:
        got = self.web.post(path, **more)
        assert got.is_success, got.text
        return got

    def started(self, path: str, **body: Any) -> str:
        return str(UUID(self.post(path, json=body).json()["id"]))

    def operation(self, key: str) -> dict[str, Any]:
        return dict(self.web.get(f"operations/{key}").json())

    def ended(self, key: str) -> dict[str, Any]:
        wait(lambda: self.operation(key)["status"] not in {"notStarted", "running"})
        return self.operation(key)

    def found(self, level: str) -> list[str]:
        """Return all that a search tells, but for addresses and order."""
        rows: list[Any] = []
        url = f"{level}?includefield=all&limit=1000"
        while url:
            got = self.web.get(url)
            rows += got.json()
            url = got.links.get("next", {}).get("url", "")
        return sorted(str(row).replace(self.stack.base_url, "") for row in rows)


def wait(is_so: Callable[[], bool], every_s: float = 0.05) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(every_s)


def stored(client: Client) -> dict[str, bytes]:
    """Store instances of several studies; return their files by their paths."""
    held = {}
    for start in range(0, NUMBER, AT_ONCE):
        study, uid = new_uid(), new_uid()
        sets = [
            instance(
                StudyInstanceUID=study, SeriesInstanceUID=uid, PatientID=f"P{start}"
            )
            for _ in range(min(AT_ONCE, NUMBER - start))
        ]
        for each in sets:
            add_pixels(each, rows=64, columns=64)
            path = f"results/{study}/{uid}/{each.SOPInstanceUID}.dcm"
            held[path] = encode(each)
        body, headers = multipart(*map(encode, sets))
        client.post("studies", content=body, headers=headers)
    return held


def kill_in_the_midst(stack: Stack, place: Path) -> None:
    """Kill the worker while it writes."""
    pid = stack.part("worker").pid
    wait(lambda: len(list((place / ".partial").glob("*"))) > 3, every_s=0.001)
    stack.kill_part("worker")
    wait(lambda: stack.part("worker").pid not in {pid, None})


def end_the_lease(stack: Stack) -> None:
    """Let the lease of the killed worker run out, as it does in half a minute."""
    with psycopg.connect(stack.places.database_url) as connection:
        connection.execute("UPDATE core_operation SET lease_until = now()")


def test_an_export_whose_worker_dies_restores_another_portal(
    portals: tuple[Stack, Stack], folder: Path
) -> None:
    with Client(portals[0]) as first, Client(portals[1]) as second:
        prove(first, second, folder)


def prove(first: Client, second: Client, folder: Path) -> None:
    held = stored(first)
    key = first.started(
        "export",
        source={
            "type": "query",
            "settings": {"query": "Modality=CT", "level": "series"},
        },
        destination={"type": "folder", "settings": {"path": str(folder)}},
    )
    place = folder / key
    for _ in range(KILLS):
        kill_in_the_midst(first.stack, place)
        assert first.operation(key)["status"] == "running"
        assert not (place / "manifest.jsonl").exists()
        if not ASKED:
            end_the_lease(first.stack)
    told = first.ended(key)
    assert (told["status"], told["results"]["exported"]) == ("succeeded", NUMBER)
    assert digests(checked_manifest(place)) == digests(held)
    assert not (place / ".partial").exists()

    source = {"type": "folder", "settings": {"path": str(place)}}
    told = second.ended(second.started("import", source=source))
    assert (told["status"], told["results"]) == ("succeeded", {"stored": NUMBER})
    for level in ("studies", "series", "instances"):
        assert first.found(level) == second.found(level)
    assert len(second.found("instances")) == NUMBER


def digests(contents: dict[str, bytes]) -> dict[str, str]:
    return {
        path: hashlib.sha256(content).hexdigest() for path, content in contents.items()
    }
