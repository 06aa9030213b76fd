"""The change feed followed through the real server, and partitions in its processes."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.stack import Stack
from tests.synthetic import encode, instance, multipart, new_uid

LONG_S = 60
EVENTS = {"Accept": "text/event-stream"}


def connect(stack: Stack) -> httpx.Client:
    headers = {"Authorization": f"Bearer {stack.token}"}
    base = f"{stack.base_url}/dicomweb"
    return httpx.Client(base_url=base, headers=headers, timeout=LONG_S)


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx.Client]:
    with connect(stack) as connection:
        yield connection


@pytest.fixture
def study() -> str:
    return new_uid()


def store(client: httpx.Client, study: str, number: int, path: str = "") -> None:
    datasets = [instance(StudyInstanceUID=study) for _ in range(number)]
    body, headers = multipart(*map(encode, datasets))
    answer = client.post(f"{path}/studies", content=body, headers=headers)
    assert answer.status_code == 200, answer.text


def of_study(client: httpx.Client, study: str) -> list[int]:
    """Return the numbers of all entries of a study."""
    query = f"studyInstanceUid={study}&limit=1000&includeMetadata=false"
    return [row["sequence"] for row in client.get(f"/changefeed?{query}").json()]


@contextmanager
def entries(
    client: httpx.Client, study: str, **headers: str
) -> Iterator[Iterator[dict[str, Any]]]:
    """Follow a study by events."""
    params = {"studyInstanceUid": study, "includeMetadata": "false"}
    asked = {**EVENTS, **{k.replace("_", "-"): v for k, v in headers.items()}}
    with client.stream("GET", "/changefeed", params=params, headers=asked) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield (
            json.loads(line.removeprefix("data: "))
            for line in answer.iter_lines()
            if line.startswith("data: ")
        )


def test_events_come_as_they_happen_and_are_resumed(
    client: httpx.Client, study: str
) -> None:
    store(client, study, 3)
    expected = of_study(client, study)
    with entries(client, study) as found:
        assert [next(found)["sequence"] for _ in range(2)] == expected[:2]
    with entries(client, study, last_event_id=str(expected[1])) as found:
        assert next(found)["sequence"] == expected[2]
        client.delete(f"/studies/{study}")
        assert [next(found)["action"] for _ in range(3)] == ["delete"] * 3


def test_a_poll_is_answered_by_a_store_in_another_process(
    stack: Stack, client: httpx.Client, study: str
) -> None:
    latest = client.get("/changefeed/latest", params={"includeMetadata": "false"})
    after = latest.json()["sequence"] if latest.status_code == 200 else 0
    params = {"after": after, "wait": 50, "studyInstanceUid": study}

    def poll(_number: int) -> int:
        with connect(stack) as connection:  # to whichever process takes it
            rows = connection.get("/changefeed", params=params).json()
        return len(rows)

    with ThreadPoolExecutor(6) as threads:
        waiting = threads.map(poll, range(6))
        time.sleep(0.5)
        store(client, study, 1)
        assert list(waiting) == [1] * 6


def test_followers_lose_nothing_while_many_store(
    stack: Stack, client: httpx.Client, study: str
) -> None:
    writers, stores, each = 4, 5, 3
    total = writers * stores * each

    def write(_number: int) -> None:
        with connect(stack) as connection:
            for _ in range(stores):
                store(connection, study, each)

    def follow(number: int) -> list[int]:
        """Begin anew after some events each time."""
        seen: list[int] = []
        while len(seen) < total:
            last = str(seen[-1]) if seen else "0"
            with (
                connect(stack) as connection,
                entries(connection, study, last_event_id=last) as found,
            ):
                wanted = min(7 + number, total - len(seen))
                seen += [next(found)["sequence"] for _ in range(wanted)]
        return seen

    with ThreadPoolExecutor(writers + 3) as threads:
        followers = [threads.submit(follow, number) for number in range(3)]
        list(threads.map(write, range(writers)))
        expected = of_study(client, study)
        assert len(expected) == total
        for follower in followers:
            assert follower.result(LONG_S) == expected


def test_a_revoked_token_ends_its_stream(stack: Stack, study: str) -> None:
    token = stack.manage("token", "create", "follower", "--role", "Service Reader")
    with connect(stack) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        params = {"studyInstanceUid": study}
        with client.stream(
            "GET", "/changefeed", params=params, headers=EVENTS
        ) as answer:
            lines = answer.iter_lines()
            assert next(lines) == "retry: 3000"
            number = stack.manage("token", "list", "follower").split("\t")[0]
            stack.manage("token", "revoke", number)
            # Others' changes move the place where it would go on (``id``), no more.
            assert [line for line in lines if line.startswith(("data", "event"))] == []
        assert client.get("/changefeed").status_code == 401


def test_all_processes_come_to_know_of_a_changed_partition(
    stack: Stack, client: httpx.Client, study: str
) -> None:
    old, new = f"p-{study[-20:]}", f"q-{study[-20:]}"
    store(client, study, 1, f"/partitions/{old}")

    def statuses(name: str, number: int = 12) -> set[int]:
        """Ask over new connections: each goes to whichever process takes it."""
        found = set()
        for _ in range(number):
            with connect(stack) as connection:
                path = f"/partitions/{name}/studies?StudyInstanceUID={study}"
                found.add(connection.get(path).status_code)
        return found

    def eventually(name: str, status: int) -> None:
        deadline = time.monotonic() + LONG_S
        while statuses(name) != {status}:
            assert time.monotonic() < deadline
        assert statuses(name) == {status}

    assert statuses(old) == {200}
    answer = client.patch(f"/partitions/{old}", json={"partitionName": new})
    assert answer.status_code == 200
    eventually(new, 200)
    eventually(old, 404)
    stack.manage("partition", "disable", new)
    eventually(new, 409)
    stack.manage("partition", "enable", new)
    eventually(new, 200)


def test_a_server_with_followers_stops_cleanly(tmp_path: Path, study: str) -> None:
    running = Stack(tmp_path)
    running.start()
    ended: list[str] = []
    following = threading.Barrier(6)  # of these, and of who stops the server

    def follow() -> None:
        with connect(running) as client, entries(client, study) as found:
            following.wait(LONG_S)
            ended.extend(entry["action"] for entry in found)
            ended.append("ended")

    def poll() -> None:
        with connect(running) as client:
            client.get("/changefeed")  # the connection, and what a first request loads
            following.wait(LONG_S)
            answer = client.get("/changefeed", params={"wait": 60, "after": 0})
            ended.append(f"{answer.status_code} {answer.text}")

    threads = [threading.Thread(target=follow) for _ in range(4)]
    threads.append(threading.Thread(target=poll))
    for thread in threads:
        thread.start()
    following.wait(LONG_S)
    time.sleep(1)  # who polls is told nothing before the end
    assert running.stop() == 0
    for thread in threads:
        thread.join(LONG_S)
    # Cut off connections would have raised, and left nothing here.
    assert sorted(ended) == ["200 []", *["ended"] * 4]
    log = (tmp_path / "logs" / "web.log").read_text(encoding="utf-8")
    assert "Killing worker" not in log
