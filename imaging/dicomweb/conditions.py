"""Conditional and range requests (RFC 9110 13 and 14): the pure half.

Entity tags here include their quotes (``"17"``, ``W/"17"``). Headers that break the
grammar are ignored, as the RFC asks for; unquoted tags are understood, because
clients of Azure's DICOM service send them.
"""

import re
from typing import Final, NamedTuple

# More ranges than any viewer asks for are an attack on the server (RFC 9110 17.15).
MAXIMUM_RANGES: Final = 16
_TAG: Final = re.compile(r'(W/)?(?:"([^"]*)"|([^\s",]+))')
_RANGES: Final = re.compile(r"\s*bytes\s*=(.*)", re.IGNORECASE | re.DOTALL)
_RANGE: Final = re.compile(r"\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.ASCII)


class Span(NamedTuple):
    """A run of bytes of a representation."""

    start: int
    length: int

    @property
    def end(self) -> int:
        """Return the offset of the byte after the last."""
        return self.start + self.length


def etag_in(value: str, etag: str, *, strong: bool = False) -> bool:
    """Return whether the list of entity tags `value` names `etag`, or is ``*``.

    Parameters
    ----------
    strong
        Compare strongly: weak tags never match (RFC 9110 8.8.3.2).
    """
    if value.strip() == "*":
        return True
    weak, opaque = etag.startswith("W/"), etag.removeprefix("W/").strip('"')
    return any(
        (found[2] if found[2] is not None else found[3]) == opaque
        and not (strong and (weak or found[1]))
        for found in _TAG.finditer(value)
    )


def parse_ranges(value: str, size: int) -> list[Span] | None:
    """Return the runs that a ``Range`` value asks for, of `size` bytes in all.

    Returns
    -------
    list of Span, or None
        None where the header is to be ignored: another unit, bad syntax, too many
        ranges, or more bytes than the whole. Empty where no range can be satisfied.
    """
    found = _RANGES.fullmatch(value)
    if not found:
        return None
    elements = [each for each in found[1].split(",") if each.strip()]
    if not 1 <= len(elements) <= MAXIMUM_RANGES:
        return None
    spans = []
    for element in elements:
        bounds = _RANGE.fullmatch(element)
        if not bounds or not (bounds[1] or bounds[2]):
            return None
        first, last = bounds[1], bounds[2]
        if first and last and int(last) < int(first):
            return None
        spans.append(_span(first, last, size))
    satisfiable = [span for span in spans if span.length]
    return satisfiable if sum(span.length for span in satisfiable) <= size else None


def _span(first: str, last: str, size: int) -> Span:
    if not first:  # the last so many bytes
        length = min(int(last), size)
        return Span(size - length, length)
    start = int(first)
    end = min(int(last) + 1, size) if last else size
    return Span(start, max(end - start, 0))
