"""Global ids (Relay): one name for each object, whatever its type.

An id holds the type and what the type calls the object in addresses; so it stays the
same when the same is stored again, and tells nothing that an address would not.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Final

import strawberry
from strawberry.types import get_object_definition

from core.errors import NotFound
from core.graphql.context import Context

MAXIMUM_ID_CHARACTERS: Final = 1_000
NO_NODE: Final = "There is nothing with this id."


@strawberry.interface(description="Anything that has an id of its own in the graph.")
class Node:
    """What `node(id:)` finds."""

    @strawberry.field(
        description="Its name in the whole graph: node(id:) finds it again."
    )
    def id(self) -> strawberry.ID:
        """Return the global id."""
        return strawberry.ID(make_id(type(self).__name__, self.name_of_node()))

    def name_of_node(self) -> str:
        """Return what tells it from others of its type."""
        raise NotImplementedError


Find = Callable[[Context, str], Awaitable[Node]]
"""Finds an object by its name.

Raises NotFound where there is none that the actor may see.
"""

_finds: dict[str, Find] = {}


def found_by(type_name: str, find: Find) -> None:
    """Have `find` find objects of a type."""
    _finds[type_name] = find


def extend(kind: type, more: type) -> None:
    """Give a type of a lower layer the fields of a class of a higher one.

    What the class says of `self`, each object of the type must have. To be done before
    the schema is made.
    """
    definition = get_object_definition(kind, strict=True)
    definition.fields.extend(get_object_definition(more, strict=True).fields)


def make_id(type_name: str, name: str) -> str:
    """Return a global id."""
    return base64.urlsafe_b64encode(f"{type_name}:{name}".encode()).decode()


async def find_node(context: Context, global_id: str) -> Node:
    """Return the object of a global id.

    Raises
    ------
    NotFound
        There is none that the actor may see, or it is no id.
    """
    type_name, name = read_id(global_id)
    find = _finds.get(type_name)
    if find is None:
        raise NotFound(NO_NODE, path="id")
    return await find(context, name)


def read_id(global_id: str) -> tuple[str, str]:
    """Return the type and the name that a global id holds.

    Raises
    ------
    NotFound
        It is none.
    """
    try:
        if len(global_id) > MAXIMUM_ID_CHARACTERS:
            raise NotFound(NO_NODE, path="id")
        text = base64.b64decode(global_id, altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error) as error:
        raise NotFound(NO_NODE, path="id") from error
    type_name, _, name = text.partition(":")
    return type_name, name


def name_in(global_id: str, type_name: str) -> str:
    """Return the name that the global id of an object of a type holds.

    Raises
    ------
    NotFound
        It is none, or of another type.
    """
    found, name = read_id(global_id)
    if found != type_name:
        raise NotFound(NO_NODE, path="id")
    return name


def number_in(global_id: str, type_name: str) -> int:
    """Return the number that the global id of an object of a type holds.

    Raises
    ------
    NotFound
        It is none, or of another type.
    """
    return number_of(name_in(global_id, type_name))


def number_of(name: str) -> int:
    """Return the number that the name of an object is.

    Raises
    ------
    NotFound
        It is none that a key could have.
    """
    if not (name.isascii() and name.isdecimal() and len(name) < 19):
        raise NotFound(NO_NODE, path="id")
    return int(name)
