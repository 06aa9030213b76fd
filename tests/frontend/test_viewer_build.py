"""What the script makes of the viewer's package: all of it moved, nothing left over."""

import re
import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.frontend.built import FRONTEND
from tests.frontend.built_viewer import SCRIPT, VIEWER, build, built_viewer
from tests.npm import node_with

pytestmark = pytest.mark.peer("node")

# Each names a place at the root of a server, where the viewer is not.
AT_ROOT: Final = re.compile(rb"""__webpack_require__\.p\s*=\s*["'`]/["'`]|url\(/[^v]""")
OF_OTHERS: Final = ("ort", "sw.js", "google.js", "init-service-worker.js", "index.html")


def test_every_file_looks_for_the_others_where_they_are() -> None:
    files = built_viewer() / "files/viewer"
    scripts = [*files.glob("*.js"), *files.glob("*.css")]
    assert len(scripts) > 70
    assert [each.name for each in scripts if AT_ROOT.search(each.read_bytes())] == []
    page = (built_viewer() / "index.html").read_text(encoding="utf-8")
    addresses = re.findall(r'(?:src|href)="/viewer/([^"]*)"', page)
    assert len(addresses) == 5
    addresses.remove("app-config.js")
    assert [each for each in addresses if not (files / each).is_file()] == []
    assert "<script>" not in page  # which the policy would refuse


def test_nothing_is_there_that_asks_others_or_that_nobody_asks_for() -> None:
    files = built_viewer() / "files/viewer"
    assert [name for name in OF_OTHERS if (files / name).exists()] == []
    assert list(files.rglob("*.map")) == []
    size = sum(path.stat().st_size for path in files.rglob("*"))
    assert size < 60_000_000  # 204 MB in the package
    # Cornerstone's and VTK's copies of a library wrote code when they ran.
    shipped = b"".join(path.read_bytes() for path in files.glob("*.js"))
    assert b'new Function("CTOR_LIST"' not in shipped
    config = (built_viewer() / "app-config.js").read_text(encoding="utf-8")
    assert "://" not in config


def test_files_are_sent_small() -> None:
    (app,) = (built_viewer() / "files/viewer").glob("app.bundle.*.js")
    assert app.stat().st_size < 8_000_000  # 17 MB in the package
    assert app.with_name(f"{app.name}.gz").stat().st_size < 2_000_000
    assert app.with_name(f"{app.name}.br").stat().st_size < 1_800_000


@pytest.mark.parametrize(
    ("known", "other", "reason"),
    [
        ("'sha512-W", "'sha512-X", "is not the package that it was"),
        ("count: 8", "count: 9", "was found 8 times, not 9"),
    ],
)
def test_another_package_fails_the_build_and_leaves_nothing(
    known: str, other: str, reason: str, tmp_path: Path
) -> None:
    built_viewer()  # there is a registry
    # Beside the real ones: Node looks for packages from there upwards.
    folder = VIEWER / f"dist.{tmp_path.name}"
    shutil.copytree(VIEWER, folder, ignore=shutil.ignore_patterns("dist*"))
    script = folder / SCRIPT.name
    text = script.read_text(encoding="utf-8")
    assert text.count(known) == 1
    script.write_text(text.replace(known, other), encoding="utf-8")
    try:
        done = build(node_with(FRONTEND), script, tmp_path / "dist")
    finally:
        shutil.rmtree(folder)
    assert done.returncode == 1
    assert reason in done.stdout
    assert list(tmp_path.iterdir()) == []
