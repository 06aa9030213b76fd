import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bench import processes

SPIN = "import time\nwhile time.process_time() < 0.2: pass\n"
NEST = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {SPIN!r}], check=True)
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=sys.stdin)
print(child.pid, flush=True)
child.wait()
"""


@pytest.fixture
def tree() -> Iterator[tuple[int, int]]:
    """Yield a process with one ended and one living child: its id and the child's."""
    with subprocess.Popen(
        [sys.executable, "-c", NEST], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline())


def test_a_server_is_its_whole_tree(tree: tuple[int, int]) -> None:
    assert processes.members(tree[0], "no such mark") == set(tree)


def test_cpu_time_of_ended_children_counts(tree: tuple[int, int]) -> None:
    assert processes.cpu_seconds(tree[0], "no such mark") >= 0.19


def test_memory_counts_every_process(tree: tuple[int, int]) -> None:
    memory = processes.memory(tree[0], "no such mark")

    assert memory.number_of_processes == 2
    assert 0 < memory.pss <= memory.rss


def test_a_marked_process_belongs_to_the_server_wherever_it_hangs() -> None:
    environment = {**os.environ, processes.MARK: "mark-of-this-test"}
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()

        found = processes.members(tree_of_nobody(), "mark-of-this-test")

    assert process.pid in found


def tree_of_nobody() -> int:
    """Return an id that no process has: Linux ends at 2**22."""
    return 1 << 23
