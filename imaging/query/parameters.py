"""The parameters of a query string: read, and refused where they cannot be: pure.

What they mean: `imaging.query.parse`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import parse_qsl, quote

from core.errors import Invalid

_MAXIMUM_PARAMETERS: Final = 200
_SHOWN_CHARACTERS: Final = 64
_NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_MARKUP: Final = re.compile(r"<[A-Za-z/!?]")


def pairs_of(query_string: bytes) -> list[tuple[str, str]]:
    """Return names and values in their order.

    Raises
    ------
    Invalid
        It is no query string, has too many of them, or holds markup.
    """
    try:
        pairs = parse_qsl(
            query_string.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAXIMUM_PARAMETERS,
        )
    except ValueError as error:  # a UnicodeError is one
        message = (
            f"The query must be UTF-8, of at most {_MAXIMUM_PARAMETERS} parameters."
        )
        raise Invalid(message) from error
    # Never a value that is searched for, often an attack on a careless portal.
    if any(_MARKUP.search(text) for pair in pairs for text in pair):
        message = "The query holds markup."
        raise Invalid(message)
    return pairs


def put(values: dict[str, str], key: str, value: str, *, name: str) -> None:
    """Keep the value of a parameter that may be given once.

    Raises
    ------
    Invalid
        It is there already.
    """
    if key in values:
        message = f"{name} is given twice. Separate several values by a backslash."
        raise Invalid(message, path=name)
    values[key] = value


def about_unknown(names: Iterable[str]) -> list[str]:
    """Return the warning of parameters that were passed over; none without any."""
    unknown = ", ".join(shown(name) for name in dict.fromkeys(names))
    return [f"Parameters that are not known were ignored: {unknown}."] * bool(unknown)


def shown(name: str) -> str:
    """Return the beginning of what a client has sent, harmless wherever it is shown."""
    return quote(name[:_SHOWN_CHARACTERS])


def number(options: Mapping[str, str], name: str, default: int, *, minimum: int) -> int:
    """Return the option `name` as a number.

    Raises
    ------
    Invalid
        It is none, or less than `minimum`.
    """
    text = options.get(name)
    if text is None:
        return default
    if not _NUMBER.fullmatch(text) or int(text) < minimum:
        message = f"{name} must be a whole number of at least {minimum}."
        raise Invalid(message, path=name)
    return int(text)


def truth(options: Mapping[str, str], name: str) -> bool:
    """Return the option `name`, ``true`` or ``false``, which it is by default.

    Raises
    ------
    Invalid
        It is anything else.
    """
    text = options.get(name, "false").lower()
    if text not in {"true", "false"}:
        message = f"{name} must be true or false."
        raise Invalid(message, path=name)
    return text == "true"
