"""From tests to SQL conditions on values that lie in rows of their own.

Such a row ``v`` has ``part``, ``text`` and ``long``, which `imaging.query_tags.values`
makes of a value.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from imaging.fold import HEAD_CHARACTERS, text_key
from imaging.levels import Kind
from imaging.numbers import FIRST_OF_ALL, LAST_OF_ALL, sortable
from imaging.query.conditions import Condition, all_of, any_of, like_of, test_of
from imaging.query.terms import (
    ANY,
    Between,
    Criterion,
    Empty,
    Exactly,
    InGroups,
    Like,
    Test,
    Within,
    Words,
    Zoned,
)

# Of `imaging.query_tags.values.Part`, which is a matter of who writes values.
WHOLE: Final = 0
GROUPS: Final = (0, 1, 2)
UTC: Final = 3
UNZONED: Final = 4


def passing(criterion: Criterion, tests: Sequence[Test]) -> Condition:
    """Return what is true of a value that passes one of the tests."""
    is_name = criterion.attribute.kind is Kind.NAME
    part = f"v.part = ANY('{{{','.join(map(str, GROUPS))}}}')" if is_name else part_is()
    exact = [test for test in tests if isinstance(test, Exactly)]
    conditions = [
        test_in(part, test) for test in tests if not isinstance(test, Exactly)
    ]
    keys = [_key_of(test) for test in exact]
    if len(keys) > 1:
        conditions.append((f"{part} AND v.text = ANY(%s::text[])", [keys]))
    elif keys:
        conditions.append((f"{part} AND v.text = %s", keys))
    return any_of(conditions)


def test_in(part: str, test: Test) -> Condition:
    """Return what is true of a value of which a part passes a test.

    Parameters
    ----------
    part
        SQL that says which part, see `part_is`.

    Raises
    ------
    TypeError
        The test is not one of a single value.
    """
    match test:
        case Like():
            text, values = _like(test)
        case Zoned(utc, local):
            return any_of(
                [test_in(part_is(UTC), utc), test_in(part_is(UNZONED), local)]
            )
        case Between(lower, upper):
            ends = Within(
                FIRST_OF_ALL if lower is None else sortable(lower),
                LAST_OF_ALL if upper is None else sortable(upper),
            )
            text, values = test_of("v.text", ends)
        case Within() | Words():
            text, values = test_of("v.text", test)
        case Exactly():
            text, values = "v.text = %s", [_key_of(test)]
        case Empty() | InGroups():
            message = "Not a test of one value."
            raise TypeError(message)
    return f"{part} AND {text}", values


def part_is(part: int = WHOLE) -> str:
    """Return SQL that says which part of a value is looked at."""
    return f"v.part = {part}"


def _key_of(test: Exactly) -> str:
    """Return what the index holds of a value."""
    if isinstance(test.value, str):
        return text_key(test.value)
    return sortable(Decimal(test.value))


def _like(like: Like) -> Condition:
    """Look at long text in full, but at its beginning first: that is in the index."""
    prefix = like.prefix[:HEAD_CHARACTERS]
    whole = like_of("coalesce(nullif(v.long, ''), v.text)", like)
    if not prefix:
        return whole
    if like.pattern == prefix + ANY:
        return like_of("v.text", like)
    return all_of([like_of("v.text", Like(prefix + ANY)), whole])
