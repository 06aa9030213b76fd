"""What holds for the whole tree of the code, whoever adds to it."""

import ast
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from portal.embedded.options import ROOT

OWN = ("cohorts", "core", "fhirlink", "imaging", "portal", "worklist")
# Upper apps may depend on the migrations of lower ones, never the other way round.
ORDER = {name: height for height, name in enumerate(("core", "imaging", "portal"))}
# An edge parses, finds the actor, calls one function, renders.
EDGES = ("core/graphql", "imaging/dicomweb", "imaging/graphql", "worklist/upsrs")
GRAPHQL = (*(f"{app}/graphql" for app in OWN), "portal/schema.py")


def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_depend_downward_only() -> None:
    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    for (app, _), node in graph.node_map.items():
        for parent in node.parents:
            if app in ORDER and parent.key[0] in ORDER:
                assert ORDER[parent.key[0]] <= ORDER[app], (node.key, parent.key)


@pytest.mark.parametrize("path", sources(*EDGES), ids=str)
def test_an_edge_neither_queries_nor_saves(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"objects", "save", "raw_connection"}, node.lineno


def test_only_the_graph_knows_strawberry() -> None:
    for path in sources(*OWN):
        if str(path.relative_to(ROOT)).startswith(GRAPHQL):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = []
            if isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            elif isinstance(node, ast.Import):
                modules = [each.name for each in node.names]
            roots = {module.partition(".")[0] for module in modules}
            assert roots.isdisjoint({"strawberry", "graphql"}), path


def test_no_signal_hides_what_follows_what() -> None:
    for path in sources(*OWN):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names = {name.name for name in node.names}
                assert node.module != "django.dispatch", path
                if node.module == "django.db.models.signals":
                    assert names == {"post_migrate"}, path


def test_lock_files_name_no_address_and_hash_everything() -> None:
    for kind in ("", "-dev", "-suggestions"):
        text = (ROOT / f"requirements{kind}.lock").read_text(encoding="utf-8")
        assert "://" not in text
        pins = [line for line in text.splitlines() if "==" in line and line[0] != " "]
        assert pins
        assert text.count("--hash=sha256:") >= len(pins)
