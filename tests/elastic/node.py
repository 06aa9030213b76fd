"""Real nodes of Elasticsearch on loopback, installed once and shared by a run.

Whoever needs the shared node first starts it, and all processes of pytest-xdist use it
with prefixes of their own; it ends with the run (`tests.java`). What a node of this
kind has not: scripts, joins, wildcard fields, ingest, security.
"""

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from elasticsearch import ApiError, Elasticsearch, TransportError

from tests import java

HERE: Final = Path(__file__).parent
NETTY: Final = ("netty-", "transport-netty4-", "elasticsearch-ssl-config-")
DESCRIPTOR: Final = "META-INF/es-plugins/transport-netty4/plugin-descriptor.properties"
HEAP: Final = "384m"


class Node(java.Program):
    """A node with a data folder of its own; it may be killed and started again."""

    def __init__(self, installed: Path, data: Path) -> None:
        options = [
            f"-Xms{HEAP}",
            f"-Xmx{HEAP}",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:MaxDirectMemorySize=128m",
            f"-Djava.io.tmpdir={data}",
            "-Dlog4j2.disable.jmx=true",
            "-cp",
            f"{installed / 'classes'}:{installed / 'lib'}/*",
            "SearchNode",
            str(installed),
        ]
        super().__init__(data, options, _answers)


@contextmanager
def own_node(data: Path) -> Iterator[Node]:
    """Run a node for one test alone; skips (or fails) where there can be none."""
    node = Node(install(), data)
    node.start()
    try:
        yield node
    finally:
        node.kill()


@cache
def shared_url() -> str:
    """Return the address of the node that all processes of this run share."""
    installed = install()
    return java.shared_url("search", lambda folder: Node(installed, folder))


def install() -> Path:
    """Return the folder of the installed node; skips (or fails) where it cannot be."""
    return KIT.install()


def _arrange(home: Path) -> None:
    for name in ("config", "plugins", "modules/transport-netty4"):
        (home / name).mkdir(parents=True)
    shutil.copy(HERE / "log4j2.properties", home / "config")
    module = home / "modules" / "transport-netty4"
    for jar in list((home / "lib").glob("*.jar")):
        if jar.name.startswith(NETTY):
            jar.rename(module / jar.name)
    (plugin,) = module.glob("transport-netty4-*.jar")
    with zipfile.ZipFile(plugin) as jar_file:
        lines = jar_file.read(DESCRIPTOR).decode().splitlines(keepends=True)
    # All lies on the class path here, so it must not be looked for as a Java module.
    kept = [line for line in lines if not line.startswith("modulename=")]
    (module / "plugin-descriptor.properties").write_text("".join(kept))


def _answers(url: str) -> bool:
    with Elasticsearch(url, request_timeout=5, max_retries=0) as client:
        try:
            health = client.cluster.health(wait_for_status="yellow", timeout="2s")
            return not health["timed_out"]
        except (TransportError, ApiError):
            return False


KIT: Final = java.Kit(
    "elasticsearch", HERE, ("SearchNode.java", "log4j2.properties"), _arrange
)

if __name__ == "__main__":
    install()
