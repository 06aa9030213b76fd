"""What an export is asked for: of what, where to, in which form.

The JSON of Azure's DICOM service, and more kinds of sources and destinations in the
same form: ``{"source": {"type": …, "settings": {…}}, "destination": {…}}``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.errors import Invalid, TooLarge
from imaging.pixels import CODECS, ENCODED
from imaging.query import Level, Query, Target, parse

AS_STORED: Final = "*"
MAXIMUM_IDENTIFIERS: Final = 100_000
_UID: Final = re.compile(r"[0-9.]{0,63}[0-9]")
# Of a search these say which page is shown; an export takes all that match.
_OF_A_PAGE: Final = frozenset({"limit", "offset", "cursor", "sort", "total"})
_LEVELS: Final = {
    "study": Level.STUDY,
    "series": Level.SERIES,
    "instance": Level.INSTANCE,
}

Identifier = tuple[str, str, str]
"""The UIDs of a study, a series, an instance; empty below what is named."""


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Studies, series and instances by their UIDs, each once."""

    values: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """All that matches a search."""

    query: Query


Source = Identifiers | Matching


@dataclass(frozen=True, slots=True)
class Typed:
    """Something of a kind that its `type` names, with what that kind needs."""

    type: str
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, given: object, what: str) -> "Typed":
        """Return it of its JSON; names of members are taken in any case."""
        if not isinstance(given, dict):
            message = f"{what} is an object with type and settings."
            raise Invalid(message, path=what)
        held = in_any_case(given)
        kind, settings = held.get("type"), held.get("settings", {})
        if not isinstance(kind, str) or not isinstance(settings, dict):
            message = f"{what} has a type, which is text, and settings, an object."
            raise Invalid(message, path=f"{what}.type")
        return cls(kind, in_any_case(settings))

    def text(self, name: str, *, default: str | None = None) -> str:
        """Return a setting that is text."""
        value = self.settings.get(name.lower(), default)
        if not isinstance(value, str):
            message = f"The setting {name} must be given, as text."
            raise Invalid(message, path=name)
        return value

    def flag(self, name: str) -> bool:
        """Return a setting that is true or false; false where it is not given."""
        value = self.settings.get(name.lower()) or False
        if not isinstance(value, bool):
            message = f"The setting {name} is true or false."
            raise Invalid(message, path=name)
        return value

    def only(self, *names: str) -> None:
        """Refuse settings of other names: a misspelt one would be passed over."""
        known = {name.lower() for name in names}
        for name in self.settings:
            if name not in known:
                message = f"{self.type} has these settings: {', '.join(names)}."
                raise Invalid(message, path=name[:64])


def in_any_case(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with the names of its members in lower case, as Azure reads."""
    return {name.lower(): value for name, value in given.items()}


def source_of(given: Typed) -> Source:
    """Return what is to be exported.

    Raises
    ------
    Invalid
        The kind is not known, or lacks something.
    TooLarge
        Too many identifiers in one request.
    """
    read: Callable[[Typed], Source] = kind_of(given, _SOURCES, "source")
    return read(given)


def kind_of(given: Typed, kinds: Mapping[str, Any], what: str) -> Any:
    """Return what stands for the type of a source or destination."""
    by_name = in_any_case(kinds)
    if given.type.lower() not in by_name:
        message = f"The type of the {what} is one of: {', '.join(kinds)}."
        raise Invalid(message, path=f"{what}.type")
    return by_name[given.type.lower()]


def checked_transfer_syntax(given: str) -> str:
    """Return the transfer syntax that is asked for, or `AS_STORED`.

    Raises
    ------
    Invalid
        It is none that is encoded here.
    """
    if given != AS_STORED and given not in ENCODED:
        known = ", ".join(uid for uid in CODECS if uid in ENCODED)
        message = f"transferSyntax is * (as stored) or one that is encoded: {known}."
        raise Invalid(message, path="transferSyntax")
    return given


def _identifiers(given: Typed) -> Identifiers:
    given.only("values")
    values = given.settings.get("values")
    if not isinstance(values, list) or not values:
        message = (
            "values is a list of UIDs: study, study/series, study/series/instance."
        )
        raise Invalid(message, path="values")
    if len(values) > MAXIMUM_IDENTIFIERS:
        message = f"An export names {MAXIMUM_IDENTIFIERS:,} identifiers at most."
        raise TooLarge(message, path="values")
    return Identifiers(tuple(dict.fromkeys(map(_identifier, values))))


def _identifier(value: object) -> Identifier:
    uids = value.split("/") if isinstance(value, str) else []
    uids = [uid.rstrip(" ") for uid in uids]
    if not 1 <= len(uids) <= 3 or not all(map(_UID.fullmatch, uids)):
        message = (
            "An identifier is one to three UIDs with slashes between them:"
            " study, study/series, study/series/instance."
        )
        raise Invalid(message, path="values")
    study, series, instance = [*uids, "", ""][:3]
    return study, series, instance


def _matching(given: Typed) -> Matching:
    given.only("level", "query")
    level = _LEVELS.get(given.text("level", default="study").lower())
    if level is None:
        message = f"level is one of: {', '.join(_LEVELS)}."
        raise Invalid(message, path="level")
    query = parse(Target(level), given.text("query", default="").encode())
    named = {name.partition("=")[0].lower() for name in query.text.split("&")}
    if query.warnings or named & _OF_A_PAGE:
        # Passed over, a misspelt key would take all there is along.
        message = (
            "All that matches is exported: name only attributes that are searched by."
        )
        reason = query.warnings[0] if query.warnings else ""
        raise Invalid(f"{message} {reason}".strip(), path="query")
    return Matching(query)


_SOURCES: Final[Mapping[str, Callable[[Typed], Source]]] = {
    "identifiers": _identifiers,
    "query": _matching,
}
