"""Which members a client has asked for, so that what is dear is made only then."""

from collections.abc import Iterable, Iterator

from strawberry.types.nodes import SelectedField, Selection

from core.graphql.context import Info


def is_selected(info: Info, *path: str) -> bool:
    """Return whether members of members are asked for below the field at hand.

    Names are the schema's. What ``@skip`` leaves out counts as asked for, too.
    """
    below = [of for each in info.selected_fields for of in each.selections]
    for name in path:
        named = [each for each in _fields(below) if each.name == name]
        if not named:
            return False
        below = [of for each in named for of in each.selections]
    return True


def _fields(selections: Iterable[Selection]) -> Iterator[SelectedField]:
    for each in selections:
        if isinstance(each, SelectedField):
            yield each
        else:  # a fragment
            yield from _fields(each.selections)
