"""What the documentation claims is there, and what is there is documented."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands

from core import changefeed, errors
from core.boundary import FAULTS, fault_of
from core.errors import PortalError
from portal.embedded.options import ROOT

DOCS = ROOT / "docs"
OPERATIONS = (DOCS / "operations.md").read_text(encoding="utf-8")
CONFORMANCE = (DOCS / "conformance.md").read_text(encoding="utf-8")
OWN = ("cohorts", "core", "fhirlink", "imaging", "portal", "worklist")
SOURCES = [path for folder in OWN for path in sorted((ROOT / folder).rglob("*.py"))]


def families(error: type[PortalError] = PortalError) -> list[type[PortalError]]:
    """Return an error and all that descend from it."""
    below = [family for child in error.__subclasses__() for family in families(child)]
    return [error, *below]


def settings_read() -> set[str]:
    """Return the names of all variables of the environment that the code reads."""
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    names = re.findall(r"\benv\.(?:\w+)\(\s*\"([A-Z_]+)\"", text)
    internal = {"PORTAL_REQUIRE_PEERS", "PROMETHEUS_MULTIPROC_DIR"}
    return set(names) - internal


@pytest.mark.parametrize("name", sorted(settings_read()))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in OPERATIONS


def test_every_documented_setting_is_read() -> None:
    documented = set(re.findall(r"`((?:PORTAL_|DATABASE_|REDIS_)[A-Z_]+)`", OPERATIONS))
    assert documented <= settings_read()


@pytest.mark.parametrize(
    "command",
    sorted(
        name for name, app in get_commands().items() if app in {*OWN, "portal.demo"}
    ),
)
def test_every_command_is_documented(command: str) -> None:
    assert re.search(rf"(`|\| `|, `|`manage\.py ){command}\b", OPERATIONS)


@pytest.mark.parametrize("error", families())
def test_every_error_has_a_row_and_a_place_in_the_tree(
    error: type[PortalError],
) -> None:
    nearest = next(family for family in error.__mro__ if family in FAULTS)
    assert fault_of(error.__new__(error)) == FAULTS[nearest]
    assert issubclass(nearest, PortalError)
    if error.__module__ == "core.errors":
        assert re.search(rf"\b{error.__name__}\b", str(errors.__doc__))
    assert f"`{error.code}`" in OPERATIONS


def test_codes_of_errors_are_told_apart() -> None:
    codes = [error.code for error in families()]
    assert len(codes) == len(set(codes))


def named_tests() -> set[str]:
    """Return the paths below ``tests/`` that the conformance table names."""
    cells = [
        line.rstrip("|").rpartition("|")[2]
        for line in CONFORMANCE.splitlines()
        if line.startswith("|")
    ]
    found = {path for cell in cells for path in re.findall(r"`([\w./-]+)`", cell)}
    return {path for path in found if "/" in path}


@pytest.mark.parametrize("path", sorted(named_tests()))
def test_every_test_that_conformance_names_is_there(path: str) -> None:
    parents = [ROOT / "tests", *(ROOT / "tests").glob("*/"), ROOT / "tests/imaging"]
    assert any((parent / path).exists() for parent in parents)


@pytest.mark.parametrize(
    "page", sorted(path.name for path in (DOCS / "decisions").glob("*.md"))
)
def test_a_decision_is_a_page_with_tags_and_an_alternative(page: str) -> None:
    text = (DOCS / "decisions" / page).read_text(encoding="utf-8")
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", page)
    assert text.startswith("# ")
    assert "\nTags: " in text
    assert "Rejected" in text
    assert len(text.splitlines()) < 60


def test_links_between_pages_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_glossary_has_the_kinds_and_operations_of_the_feed() -> None:
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")
    for word in changefeed.Op.__args__:  # type: ignore[attr-defined] # of a Literal
        assert f"`{word}`" in glossary


def test_every_model_says_what_it_is_and_who_writes_it() -> None:
    for config in ("cohorts", "core", "fhirlink", "imaging", "worklist"):
        for model in apps.get_app_config(config).get_models():
            assert model.__doc__
            assert not model.__doc__.startswith(f"{model.__name__}(")


def test_nothing_names_a_folder_of_somebodys_machine() -> None:
    pattern = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/\w")
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md"), *SOURCES]
    named = [path for path in pages if pattern.search(Path(path).read_text("utf-8"))]
    assert named == []
