"""The portal's pages by themselves: style, types, their own tests."""

import subprocess
from typing import Final

import pytest

from tests.frontend.built import FRONTEND
from tests.npm import node_with
from tests.peers import require_peer

pytestmark = pytest.mark.peer("node")

TIMEOUT_S: Final = 280  # beside browsers on two cores


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_script_of_the_package_succeeds(script: str) -> None:
    """``check`` also draws the types from the schema anew and compares them."""
    node_with(FRONTEND)
    done = subprocess.run(
        [str(require_peer("node")["npm"]), "run", "--silent", script],
        cwd=FRONTEND,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]


def test_the_lock_names_no_address_and_hashes_everything() -> None:
    text = (FRONTEND / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in text
    assert text.count('"version"') <= text.count('"integrity": "sha512-') + 1
    package = (FRONTEND / "package.json").read_text(encoding="utf-8")
    assert "^" not in package
    assert "~" not in package
