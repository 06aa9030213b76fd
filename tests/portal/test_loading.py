"""What processes load at their start: as much as they need, without the collector."""

import gc
import os
import subprocess
import sys

import pytest

from portal.embedded.options import ROOT
from portal.loading import loading


def loaded_by(statement: str) -> set[str]:
    """Return the names of all modules that are there after a statement."""
    told = subprocess.run(
        [sys.executable, "-c", f"import sys; {statement}; print(*sys.modules)"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    return set(told.split())


def test_the_beat_loads_no_apps() -> None:
    loaded = loaded_by("import portal.embedded.beat")
    assert "portal.celery" in loaded
    assert not loaded & {"core.models", "imaging.models", "pydicom", "numpy"}


def test_a_worker_has_all_tasks_and_neither_pages_nor_graph() -> None:
    load = "from portal.celery import app; app.loader.init_worker()"
    loaded = loaded_by(f"import os; os.environ['CELERY_SKIP_CHECKS'] = '1'; {load}")
    apps = ("core", "imaging", "fhirlink", "cohorts", "worklist")
    assert loaded >= {f"{app}.tasks" for app in apps}
    assert not loaded & {"portal.urls", "portal.schema", "core.admin", "strawberry"}


def test_what_is_loaded_is_never_looked_at_for_garbage() -> None:
    before = gc.get_freeze_count()
    with loading():
        assert not gc.isenabled()
        kept: list[list[int]] = [[] for _ in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(kept)


def test_the_collector_is_back_where_loading_fails() -> None:
    with pytest.raises(ImportError), loading():
        raise ImportError
    assert gc.isenabled()
