"""Contents of resources on two servers: compared, identified, merged. Pure.

Precedence, field by field: of an ImagingStudy who holds the images says what is in it,
the record says why it was made; of all else who has made it says, and what the other
side alone has is kept.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

import orjson

from fhirlink.definitions.parameters import parameters_of
from fhirlink.json_text import Number

Json = Any
Content = Mapping[str, Any]

OF_IMAGES: Final = frozenset(
    ["status", "modality", "started", "numberOfSeries", "numberOfInstances", "series"]
)
"""Members of an ImagingStudy that the images tell."""

OF_RECORD: Final = frozenset(
    [
        *("basedOn", "encounter", "referrer", "reasonCode", "reasonReference"),
        *("procedureReference", "procedureCode", "location", "note", "description"),
    ]
)
"""Members of an ImagingStudy that the record of a hospital tells, where it does."""

_SERVER_S: Final = frozenset({"versionId", "lastUpdated", "source"})
_UNITED: Final = ("identifier", "endpoint")
_STALE_USES: Final = frozenset({"old", "temp", "secondary"})
_SINGLE: Final = frozenset({"Bundle", "Composition", "QuestionnaireResponse"})
OURS: Final = "urn:ietf:rfc:3986"
SENT: Final = "urn:portal:sent"
"""System of the tag of what was made there by us: known also where no link was kept."""


class Identifier(NamedTuple):
    """By what servers find the same thing."""

    system: str
    value: str

    @property
    def token(self) -> str:
        """Return the value of a search parameter: separators are escaped."""
        return f"{_escaped(self.system)}|{_escaped(self.value)}"


def bare(content: Content) -> dict[str, Any]:
    """Return a resource without what each server says of its own copy."""
    rest = {name: each for name, each in content.items() if name != "id"}
    meta = rest.pop("meta", {})
    meta = {name: each for name, each in meta.items() if name not in _SERVER_S}
    meta = {name: each for name, each in meta.items() if each}
    return {**rest, "meta": meta} if meta else rest


def digest(content: Content) -> bytes:
    """Return a hash that is equal where what two servers hold is."""
    text = orjson.dumps(bare(content), default=_as_written, option=orjson.OPT_SORT_KEYS)
    return sha256(text).digest()


def _as_written(value: object) -> orjson.Fragment:
    assert isinstance(value, Number)  # noqa: S101 as `fhirlink.json_text` reads
    return orjson.Fragment(value.text)


def has_identifier(type_: str) -> bool:
    """Return whether resources of a type can have a business identifier."""
    return "identifier" in parameters_of(type_)


def identifiers_of(content: Content) -> list[Identifier]:
    """Return the identifiers by which a resource may be found, the best first."""
    given = content.get("identifier", [])
    valid = [
        each
        for each in (given if isinstance(given, list) else [given])
        if isinstance(each, dict)
        and isinstance(each.get("system"), str)
        and isinstance(each.get("value"), str)
        and each["system"]
        and each["value"]
    ]
    valid.sort(key=lambda each: each.get("use") in _STALE_USES)
    if content.get("resourceType") == "ImagingStudy":
        valid.sort(key=lambda each: each["system"] != "urn:dicom:uid")
    return [Identifier(each["system"], each["value"]) for each in valid]


def identified(content: Content, namespace: UUID, name: str) -> dict[str, Any]:
    """Return a resource with one identifier at least: of ours, where it has none.

    Parameters
    ----------
    name
        What the identifier is derived from: the same gives the same.
    """
    if identifiers_of(content):
        return dict(content)
    ours = {"system": OURS, "value": f"urn:uuid:{uuid5(namespace, name)}"}
    if content.get("resourceType") in _SINGLE:
        return {**content, "identifier": ours}
    return {**content, "identifier": [*content.get("identifier", []), ours]}


def signed(content: Content, namespace: UUID) -> dict[str, Any]:
    """Return a resource that says that it was made by us."""
    meta = content.get("meta", {})
    tags = [*meta.get("tag", []), {"system": SENT, "code": str(namespace)}]
    return {**content, "meta": {**meta, "tag": tags}}


def is_signed(content: Content, namespace: UUID) -> bool:
    """Return whether a resource was made there by us."""
    tags = content.get("meta", {}).get("tag", [])
    return any(
        each.get("system") == SENT and each.get("code") == str(namespace)
        for each in tags
        if isinstance(each, dict)
    )


def unsigned(content: Content) -> dict[str, Any]:
    """Return a resource without what says who made it there."""
    return without_tags(content, SENT)


def without_tags(content: Content, system: str) -> dict[str, Any]:
    """Return a resource without its tags of a system."""
    meta = dict(content.get("meta", {}))
    tags = [each for each in meta.pop("tag", []) if each.get("system") != system]
    if tags:
        meta["tag"] = tags
    rest = {name: each for name, each in content.items() if name != "meta"}
    return {**rest, "meta": meta} if meta else rest


def references(item: Json) -> Iterator[str]:
    """Yield the addresses that references name."""
    if isinstance(item, list):
        for each in item:
            yield from references(each)
    elif isinstance(item, dict):
        if isinstance(item.get("reference"), str):
            yield item["reference"]
        for each in item.values():
            if isinstance(each, dict | list):
                yield from references(each)


def with_references(item: Json, change: Callable[[str, Json], Json]) -> Json:
    """Return JSON in which each element with a reference is what `change` makes of it.

    Parameters
    ----------
    change
        Takes the address and the element.
    """
    if isinstance(item, list):
        return [with_references(each, change) for each in item]
    if not isinstance(item, dict):
        return item
    whole = {name: with_references(each, change) for name, each in item.items()}
    address = whole.get("reference")
    return change(address, whole) if isinstance(address, str) else whole


def place_of(reference: str) -> tuple[str, str] | None:
    """Return type and id of a reference within a server; None for any other."""
    parts = reference.split("/")
    if len(parts) == 4 and parts[2] == "_history":
        parts = parts[:2]
    if len(parts) != 2 or not parts[0][:1].isupper() or not parts[0].isalpha():
        return None
    return (parts[0], parts[1]) if parts[1] else None


def logical(element: Json, type_: str, identifier: Identifier | None) -> Json:
    """Return a reference to what another server does not have: by its identifier."""
    rest = {name: each for name, each in element.items() if name != "reference"}
    if identifier is not None:
        rest["identifier"] = identifier._asdict()
    elif "identifier" not in rest:
        rest.setdefault("display", type_)
    return {**rest, "type": type_}


def merged(
    ours: Content, theirs: Content, *, ours_wins: bool, known: Collection[str] = ()
) -> dict[str, Any]:
    """Return what both sides say of one resource together.

    Parameters
    ----------
    ours_wins
        Whether it was made here: else what was made there is stronger.
    known
        Members that the stronger side had before: those that it has no more go.
    """
    stronger, weaker = (ours, theirs) if ours_wins else (theirs, ours)
    gone = set(known) - set(stronger)
    whole = {name: each for name, each in weaker.items() if name not in gone}
    whole |= stronger
    if ours.get("resourceType") == "ImagingStudy":
        whole |= {name: ours[name] for name in OF_IMAGES if name in ours}
        whole |= {name: theirs[name] for name in OF_RECORD if name in theirs}
    for name in _UNITED:
        lists = (stronger.get(name), weaker.get(name))
        if all(isinstance(each, list) for each in lists):
            whole[name] = _united(*lists)
    meta = _meta(stronger.get("meta", {}), weaker.get("meta", {}))
    if meta:
        whole["meta"] = meta
    return whole


def _meta(stronger: Content, weaker: Content) -> dict[str, Any]:
    both = {**weaker, **stronger}
    for name in ("tag", "profile", "security"):
        united = _united(stronger.get(name), weaker.get(name))
        if united:
            both[name] = united
    return both


def _united(first: Json, second: Json) -> list[Json]:
    """Return the members of two lists, each once, in the order of the first."""
    found: list[Json] = []
    for each in [*(first or []), *(second or [])]:
        if each not in found:
            found.append(each)
    return found


def _escaped(text: str) -> str:
    for each in "\\|,$":
        text = text.replace(each, f"\\{each}")
    return text
