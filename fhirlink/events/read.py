"""Reading JSON of which nothing is believed: what has another form is not there."""

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from typing import Any, Final

Json = Any

_LOCAL: Final = re.compile(r"[A-Z][A-Za-z]{1,40}/[A-Za-z0-9.\-]{1,64}")
_INLINE: Final = re.compile(
    r"</?(?:a|b|big|code|em|font|i|q|s|small|span|strong|sub|sup|tt|u)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"<[^<>]*>")
_BLANKS: Final = re.compile(r"[^\S\n]+")
_LINES: Final = re.compile(r"\s*\n\s*")


@cache
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def at(item: Json, path: str) -> Iterator[Json]:
    """Yield all that stands at a path of names, lists taken apart."""
    return _at(item, _steps(path))


def _at(item: Json, steps: tuple[str, ...]) -> Iterator[Json]:
    if isinstance(item, list):
        for each in item:
            yield from _at(each, steps)
    elif not steps:
        yield item
    elif isinstance(item, dict) and steps[0] in item:
        yield from _at(item[steps[0]], steps[1:])


def first(item: Json, path: str) -> Json:
    """Return the first thing that stands at a path; None where there is none."""
    return next(at(item, path), None)


def text(item: Json, name: str) -> str:
    """Return a member that is text; empty where there is none."""
    found = item.get(name) if isinstance(item, dict) else None
    return clean(found) if isinstance(found, str) else ""


def clean(found: str) -> str:
    """Return text without NUL, which PostgreSQL refuses."""
    return found.replace("\0", "") if "\0" in found else found


def reference(item: Json) -> str:
    """Return type and id of a reference to a resource of this server; else nothing."""
    found = text(item, "reference").partition("/_history/")[0]
    return found if _LOCAL.fullmatch(found) else ""


def words_of_narrative(div: str) -> str:
    """Return the text of XHTML; a line for each of its blocks."""
    blocks = _TAG.sub("\n", _INLINE.sub("", div))
    lines = _LINES.sub("\n", _BLANKS.sub(" ", unescape(blocks)))
    return clean(lines).strip()
