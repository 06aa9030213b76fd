"""Templates cut at the values that vary, so that filling one in costs microseconds."""

from collections.abc import Iterator, Mapping

from bench.template import PLACEHOLDERS


class Cut:
    """Bytes that hold placeholders, cut at each of them."""

    def __init__(self, template: bytes) -> None:
        self._fixed: list[bytes] = []
        self._fields: list[str] = []
        places = sorted(
            (at, field, len(text))
            for field, text in PLACEHOLDERS.items()
            for at in _occurrences(template, text.encode())
        )
        end = 0
        for at, field, length in places:
            self._fixed.append(template[end:at])
            self._fields.append(field)
            end = at + length
        self._fixed.append(template[end:])

    def filled(self, values: Mapping[str, bytes], end: bytes = b"") -> bytes:
        """Return the template with `values` in place of the placeholders, and `end`."""
        pieces: list[bytes] = []
        for fixed, field in zip(self._fixed, self._fields, strict=False):
            pieces += (fixed, values[field])
        pieces += (self._fixed[-1], end)
        return b"".join(pieces)


def _occurrences(data: bytes, needle: bytes) -> Iterator[int]:
    at = data.find(needle)
    while at >= 0:
        yield at
        at = data.find(needle, at + len(needle))
