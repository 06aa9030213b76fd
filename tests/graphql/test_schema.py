"""What the graph says of itself: described in every part, and as reviewed."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
)

from core import errors
from core.errors import PortalError
from core.graphql.faults import Fault
from portal.management.commands import schema as command

SDL = command.FILE.read_text(encoding="utf-8")
TYPES = [
    each
    for name, each in sorted(build_schema(SDL).type_map.items())
    if not name.startswith("__") and name not in {"Boolean", "ID", "Int", "String"}
]


def test_the_committed_schema_is_the_one_that_is_served(tmp_path: Path) -> None:
    call_command("schema", check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "FILE", tmp_path / "schema.graphql")
        with pytest.raises(CommandError, match="manage"):
            call_command("schema", check=True)
        call_command("schema")
        assert (tmp_path / "schema.graphql").read_text(encoding="utf-8") == SDL


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_every_part_is_described(kind: GraphQLNamedType) -> None:
    assert kind.description
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            assert field.description, name
            for argument, each in field.args.items():
                assert each.description, (name, argument)
    elif isinstance(kind, GraphQLInputObjectType):
        for name, given in kind.fields.items():
            assert given.description, name
    elif isinstance(kind, GraphQLEnumType):
        for name, value in kind.values.items():
            assert value.description, name


def test_pages_are_connections_with_a_ceiling() -> None:
    for kind in TYPES:
        if not isinstance(kind, GraphQLObjectType):
            continue
        for name, field in kind.fields.items():
            if str(field.type).endswith("Connection!"):
                assert {"first", "after"} <= set(field.args), (kind.name, name)


def test_every_code_of_an_error_is_told() -> None:
    """In the description of Fault.code, but for those that are none of a mutation."""
    families = {PortalError}
    while (
        more := {sub for each in families for sub in each.__subclasses__()} - families
    ):
        families |= more
    codes = {each.code for each in families if each.__module__ == errors.__name__}
    (code,) = (f for f in Fault.__strawberry_definition__.fields if f.name == "code")  # type: ignore[attr-defined]
    told = set(re.findall("[A-Z_]{4,}", code.description or ""))
    assert codes - told == {
        "INTERNAL",
        "TOO_SLOW",
        "NOT_ALLOWED",
        "NOT_ACCEPTABLE",
        "UNSUPPORTED_MEDIA",
    }


def test_the_budgets_name_fields_that_there_are() -> None:
    budgets = Path(__file__).with_name("query_counts.json")
    names = json.loads(budgets.read_text(encoding="utf-8"))
    assert set(names) >= {"studies", "changeFeed", "projects", "accounts", "me.tokens"}
