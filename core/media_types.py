"""Which form of an answer the client takes (DICOM PS3.18 8.7, RFC 9110 12.5.1).

Parsing is tolerant, because real clients are not exact: parameters come quoted and
bare (``type=application/dicom``), elements that cannot be read are passed over, no
``Accept`` at all means anything. Azure's DICOM service reads by the letter, and so does
`parse_accept_strictly`. Choosing is exact. Pure: no request, no response.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from core.errors import NotAcceptable

DICOM: Final = "application/dicom"
DICOM_JSON: Final = "application/dicom+json"
DICOM_XML: Final = "application/dicom+xml"
JSON: Final = "application/json"
MULTIPART: Final = "multipart/related"
OCTET_STREAM: Final = "application/octet-stream"
YAML: Final = "application/yaml"
NDJSON: Final = "application/x-ndjson"

_WORD: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_TYPE: Final = re.compile(rf"\s*({_WORD})/({_WORD}(?: {_WORD})?)\s*")
# A bare value may hold what RFC 9110 wants quoted: ``type=application/dicom``.
_PARAMETER: Final = re.compile(
    rf';\s*(?:({_WORD})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?\s*'
)
_ELEMENT: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^",])+')
_QUOTED_PAIR: Final = re.compile(r"\\(.)")
# By the letter (RFC 9110 5.6, 12.5.1): a value is a token or quoted, without spaces.
_VALUE: Final = rf'{_WORD}|"(?:[^"\\]|\\.)*"'
_EXACT: Final = (
    rf"\s*(?:{_WORD}/{_WORD}\s*(?:;\s*(?:{_WORD}(?:\s*=\s*(?:{_VALUE}))?\s*)?)*)?"
)
_EXACT_LIST: Final = re.compile(rf"{_EXACT}(?:,{_EXACT})*")

# Each client sends the same few values again and again: those parsed are kept.
KEPT: Final = 256
KEPT_LENGTH: Final = 512
_MOST_WEIGHT: Final = 1.0


class MediaType(NamedTuple):
    """A form of answer that can be made: its type and what distinguishes it."""

    type: str
    params: Mapping[str, str] = {}

    def __str__(self) -> str:
        """Return the value of a ``Content-Type`` header."""
        params = "".join(f'; {key}="{self.params[key]}"' for key in self.params)
        return self.type + params


class MediaRange(NamedTuple):
    """One element of ``Accept``: a type, maybe with wildcards, and its weight.

    `type` and the names in `params` are in lower case, values as given without quotes.
    """

    type: str
    params: Mapping[str, str]
    q: float

    def matches(self, form: MediaType) -> bool:
        """Return whether `form` lies in the range.

        A parameter counts where both sides name it; ``*`` takes any value
        (``transfer-syntax=*``, DICOM PS3.18 8.7.3.5.2).
        """
        return _matches_type(self.type, form.type) and all(
            _matches_value(value, form.params[key])
            for key, value in self.params.items()
            if key in form.params
        )

    def specificity(self, form: MediaType) -> tuple[bool, bool, int]:
        """Return how closely the range names `form`, to compare (RFC 9110 12.5.1)."""
        return (
            self.type != "*/*",
            not self.type.endswith("/*"),
            sum(key in form.params for key in self.params),
        )


ANYTHING: Final = MediaRange("*/*", {}, 1.0)


def parse_accept(value: str | None) -> tuple[MediaRange, ...]:
    """Return the media ranges of an ``Accept`` value, best weight first.

    Ranges of equal weight keep their order. No value, or an empty one, takes
    anything; elements that cannot be read are passed over.
    """
    value = value or ""
    return _kept_ranges(value) if len(value) < KEPT_LENGTH else _ranges(value)


def parse_accept_strictly(value: str) -> tuple[MediaRange, ...]:
    """Return the media ranges of an ``Accept`` value that keeps to the letter.

    Raises
    ------
    NotAcceptable
        There is none, or any element of it cannot be read: a value with a slash must
        be quoted, ``type="application/dicom"``.
    """
    if not value.strip(" ,"):
        message = "Say by Accept which media type you take."
        raise NotAcceptable(message, path="Accept")
    if not _EXACT_LIST.fullmatch(value):
        message = "An element of Accept cannot be read. Values with a slash are quoted."
        raise NotAcceptable(message, path="Accept")
    return parse_accept(value)


def parse_media_type(value: str) -> MediaType | None:
    """Return the parsed value of a ``Content-Type`` header, or None if unreadable."""
    parsed = _parse_element(value)
    return MediaType(parsed.type, parsed.params) if parsed else None


def choose(ranges: Iterable[MediaRange], forms: Sequence[MediaType]) -> MediaType:
    """Return the form that the client likes best; of equals, the first of `forms`.

    A form's weight is that of the most specific range that names it, so that
    ``*/*, image/png;q=0`` takes anything but PNG (RFC 9110 12.5.1).

    Raises
    ------
    NotAcceptable
        No form is accepted; the message says which can be made.
    """
    ranges = list(ranges)
    best, best_weight = None, 0.0
    for form in forms:
        weight = _weight(ranges, form)
        if weight > best_weight:
            best, best_weight = form, weight
        if best_weight == _MOST_WEIGHT:
            break  # no other can be liked better
    if best is None:
        made = ", ".join(str(form) for form in forms)
        message = f"None of the accepted media types can be made here. Made: {made}."
        raise NotAcceptable(message, path="Accept")
    return best


def require_utf8(charset: str | None) -> None:
    """Refuse a client that does not take UTF-8, the only character set we write.

    Raises
    ------
    NotAcceptable
        `charset` names others only (DICOM PS3.18 8.3.3.2).
    """
    if charset is None or not charset.strip():
        return
    names = {element.split(";")[0].strip().lower() for element in charset.split(",")}
    if not names & {"utf-8", "utf8", "us-ascii", "*"}:
        message = "Text is written in UTF-8 only."
        raise NotAcceptable(message, path="charset")


def _ranges(value: str) -> tuple[MediaRange, ...]:
    if not value.strip():
        return (ANYTHING,)
    found = (_parse_element(element) for element in _ELEMENT.findall(value))
    return tuple(sorted((each for each in found if each), key=lambda each: -each.q))


_kept_ranges: Final = lru_cache(KEPT)(_ranges)


def _parse_element(element: str) -> MediaRange | None:
    found = _TYPE.match(element)
    if not found:
        return None
    params: dict[str, str] = {}
    position = found.end()
    while position < len(element):
        parameter = _PARAMETER.match(element, position)
        if not parameter:
            return None
        name, quoted, bare = parameter.groups()
        if name:
            params[name.lower()] = _unquoted(quoted, bare)
        position = parameter.end()
    # In a query string ``+`` stands for a space: ``accept=application/dicom+json``.
    subtype = found[2].replace(" ", "+")
    q = _weight_of(params.pop("q", "1"))
    return MediaRange(f"{found[1]}/{subtype}".lower(), params, q)


def _unquoted(quoted: str | None, bare: str | None) -> str:
    if quoted is None:
        return bare or ""
    # ``type="application/dicom json"``: the same ``+`` inside of a query string.
    return _QUOTED_PAIR.sub(r"\1", quoted)


def _weight_of(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 1.0
    return weight if 0 <= weight <= 1 else 1.0


def _weight(ranges: Sequence[MediaRange], form: MediaType) -> float:
    named = [each for each in ranges if each.matches(form)]
    if not named:
        return 0.0
    closest = max(each.specificity(form) for each in named)
    return max(each.q for each in named if each.specificity(form) == closest)


def _matches_type(wanted: str, made: str) -> bool:
    return wanted in {"*/*", made} or (
        wanted.endswith("/*") and made.startswith(wanted[:-1])
    )


def _matches_value(wanted: str, made: str) -> bool:
    wanted, made = wanted.lower().replace(" ", "+"), made.lower()
    return wanted == "*" or _matches_type(wanted, made)
