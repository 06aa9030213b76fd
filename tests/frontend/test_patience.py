"""A registry that does not answer keeps nobody from the portal: ``make pages``."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.frontend.built import FRONTEND
from tests.npm import node_with

pytestmark = pytest.mark.peer("node")

# npm's own patience is twice 20 s; what hangs longer than this hangs.
HANGS_S: Final = 100
PATIENCE: Final = {
    "npm_config_fetch_timeout": "1000",
    "npm_config_fetch_retries": "0",
}
NAMES: Final = (
    ".npmrc",
    "package.json",
    "package-lock.json",
    "patiently.py",
    "with-node",
    "viewer",
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh checkout, as far as pages and viewer are built from it."""
    folder = tmp_path / "portal"
    frontend = folder / "frontend"
    (frontend / "src").mkdir(parents=True)
    shutil.copy(FRONTEND.parent / "Makefile", folder)
    for name in NAMES:
        source = FRONTEND / name
        if source.is_dir():
            omitted = shutil.ignore_patterns("dist*")
            shutil.copytree(source, frontend / name, ignore=omitted)
        else:
            shutil.copy2(source, frontend)  # as old as it is
    (folder / ".venv").mkdir()
    (folder / ".venv/bin").symlink_to(Path(sys.executable).parent)
    (folder / ".venv/python").touch()
    return folder


@pytest.fixture(params=["refuses", "is silent"])
def registry(request: pytest.FixtureRequest) -> Iterator[str]:
    """Return the address of a registry that gives nothing."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        if request.param == "is silent":
            door.listen(1000)  # the kernel accepts, and nobody answers
        yield f"http://127.0.0.1:{door.getsockname()[1]}/"


def make(
    checkout: Path, registry: str, *words: str
) -> subprocess.CompletedProcess[str]:
    """Run make with a registry, and packages of no run before."""
    known = ("npm_config_", "MAKE", "MFLAGS")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(known)}
    return subprocess.run(
        ["make", *words],
        cwd=checkout,
        env=inherited
        | PATIENCE
        | {
            "npm_config_registry": registry,
            "npm_config_cache": str(checkout / "cache"),
            "npm_config_userconfig": str(checkout / "none"),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=HANGS_S,
        check=False,
    )


def test_without_packages_the_portal_starts_and_says_what_is_missing(
    checkout: Path, registry: str
) -> None:
    done = make(checkout, registry, "pages")
    assert done.returncode == 0, done.stdout
    said = done.stdout.splitlines()
    assert (
        said.count("No registry of npm packages answers: npm config get registry") == 1
    )
    assert [line for line in said if line.startswith("- ")] == [
        "- no pages, but the admin, GraphQL and DICOMweb",
        "- no viewer, but the images in the pages",
    ]
    assert said[-1] == "To try again: make frontend viewer"
    assert not (checkout / "frontend/node_modules").exists()
    assert make(checkout, registry, "frontend").returncode != 0


def test_without_the_viewers_package_the_pages_are_there(
    checkout: Path, registry: str
) -> None:
    node_with(FRONTEND)
    (checkout / "frontend/node_modules").symlink_to(FRONTEND / "node_modules")
    (checkout / "frontend/dist").mkdir()
    (checkout / "frontend/dist/index.html").touch()
    done = make(checkout, registry, "pages")
    assert done.returncode == 0, done.stdout
    assert "The viewer was not built. npm has no @ohif/app@3.13.2: " in done.stdout
    assert "- no pages" not in done.stdout
    assert "- no viewer, but the images in the pages\n" in done.stdout
    assert [each.name for each in (checkout / "frontend/viewer").glob("dist*")] == []


def test_what_was_built_before_stays(checkout: Path) -> None:
    for name in ("dist", "viewer/dist"):
        index = checkout / "frontend" / name / "index.html"
        index.parent.mkdir()
        index.touch()
        os.utime(index, (0, 0))
    done = make(checkout, "http://127.0.0.1:9/", "pages")
    assert done.returncode == 0, done.stdout
    said = done.stdout.splitlines()
    assert said[-1] == "To try again: make frontend viewer"
    assert [line for line in said if line.startswith("- ")] == []
    assert (checkout / "frontend/viewer/dist/index.html").exists()


def test_what_was_built_elsewhere_needs_no_registry(checkout: Path) -> None:
    for name in ("dist", "viewer/dist"):
        folder = checkout / "frontend" / name
        folder.mkdir()
        (folder / "index.html").touch()
    done = make(checkout, "http://127.0.0.1:9/", "--silent", "pages")
    assert (done.returncode, done.stdout) == (0, "")


def test_who_wants_neither_waits_for_neither(checkout: Path) -> None:
    done = make(checkout, "http://127.0.0.1:9/", "--silent", "pages", "BUILT=")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_step_that_does_not_end_is_ended_with_what_it_started(tmp_path: Path) -> None:
    child = (
        f"import time\nopen({str(tmp_path / 'child')!r}, 'w').close()\ntime.sleep(99)"
    )
    parent = f"import subprocess\nsubprocess.run([{sys.executable!r}, '-c', {child!r}])"
    # Both hold the pipe: that its end is read says that both are gone.
    done = subprocess.run(
        [sys.executable, FRONTEND / "patiently.py", "3", sys.executable, "-c", parent],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=HANGS_S,
        check=False,
    )
    assert done.returncode == 124
    assert done.stdout.startswith("Given up after 3 s (PATIENCE_S): ")
    assert (tmp_path / "child").exists()
