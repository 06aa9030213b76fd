"""References: their form, what they may lead to, and what is contained (pure).

References
----------
FHIR R4 2.3.0.1 Literal References; 2.2.2 Contained Resources.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fhirlink.definitions.elements import resource_types
from fhirlink.json_text import walk
from fhirlink.validation.issues import At, Found

_RELATIVE: Final = re.compile(
    r"([A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
_CONDITIONAL: Final = re.compile(r"([A-Za-z]+)\?\S+")


def check_literal(text: str) -> str | None:
    """Return what is wrong with a literal reference that does not begin with ``#``.

    To which types an element may lead is not looked at: not even the standard's own
    examples keep to that.
    """
    relative = _RELATIVE.fullmatch(text) or _CONDITIONAL.fullmatch(text)
    if relative is None:
        if _ABSOLUTE.fullmatch(text) is None:
            return "must be Type/id, an address, a urn: or # and a contained id"
    elif relative[1] not in resource_types():
        return (
            f"must lead to a resource type of FHIR R4, which {relative[1][:64]} is not"
        )
    return None


def check_contained(
    resource: Mapping[str, Any],
    at: At,
    local: Sequence[tuple[str, At]],
    found: Found,
) -> None:
    """Check what a resource contains, and its references to that.

    Parameters
    ----------
    local
        References in it that begin with ``#``, and their places.
    """
    contained = resource.get("contained", ())
    ids = [each.get("id") for each in contained]
    known = {f"#{each}" for each in ids if each is not None}
    for text, place in local:
        if text != "#" and text not in known:
            words = "must lead to a resource that is contained here (ref-1)"
            found.add("invariant", place, words)
    if not contained:
        return
    used = _local_addresses(resource)
    for number, each in enumerate(contained):
        place = ((at, "contained"), number)
        _check_one(each, ids, place, found)
        if f"#{each.get('id')}" not in used and "#" not in _local_addresses(each):
            words = "must be referred to from the resource that contains it (dom-3)"
            found.add("invariant", place, words)


def _check_one(
    each: Mapping[str, Any], ids: Sequence[Any], at: At, found: Found
) -> None:
    if each.get("id") is None:
        found.add("required", (at, "id"), "must be there: what is contained needs one")
    elif ids.count(each["id"]) > 1:
        words = "must be unlike the ids of all else that is contained"
        found.add("invariant", (at, "id"), words)
    if "contained" in each:
        words = "must not be: what is contained contains nothing (dom-2)"
        found.add("invariant", (at, "contained"), words)
    meta = each.get("meta", {})
    for name, rule in (
        ("versionId", "dom-4"),
        ("lastUpdated", "dom-4"),
        ("security", "dom-5"),
    ):
        if name in meta:
            words = f"must not be in what is contained ({rule})"
            found.add("invariant", ((at, "meta"), name), words)


def _local_addresses(resource: Mapping[str, Any]) -> set[str]:
    values = (value for _, value in walk(dict(resource)))
    return {each for each in values if isinstance(each, str) and each.startswith("#")}
