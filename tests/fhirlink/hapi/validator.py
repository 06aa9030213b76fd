"""HAPI's validator of FHIR R4, offline: what it finds wrong with resources.

Whoever needs it first starts it (some seconds); all processes of the run share it. Hand
it many resources in one call. R4's own rules and code systems it knows; of other code
systems it only warns. The first resource of a type takes it a second, others some ms.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx

from fhirlink.json_text import dump
from tests import java
from tests.fhirlink.hapi.kit import KIT, options

ERRORS: Final = frozenset({"error", "fatal"})
TIMEOUT_S: Final = 240.0


class Finding(NamedTuple):
    """What the validator has against a resource.

    Attributes
    ----------
    severity
        ``fatal``, ``error``, ``warning`` or ``information``.
    place
        A FHIRPath.
    rule
        The validator's own name of the rule.
    """

    severity: str
    place: str
    rule: str
    words: str


def validate(
    resources: Iterable[bytes | Mapping[str, Any]],
) -> list[list[Finding]]:
    """Return what is found for each resource, in their order.

    Skips (or fails) the test where there can be no validator. A resource given as bytes
    is validated as it is written; it must stand on one line.
    """
    lines = [each if isinstance(each, bytes) else dump(each) for each in resources]
    assert not any(b"\n" in line for line in lines)
    answer = httpx.post(_url(), content=b"\n".join(lines), timeout=TIMEOUT_S)
    assert answer.status_code == 200, answer.text
    return [[Finding(**each) for each in findings] for findings in answer.json()]


def errors(resources: Iterable[bytes | Mapping[str, Any]]) -> list[list[Finding]]:
    """Return what makes each resource invalid: `validate` without the milder words."""
    return [
        [each for each in findings if each.severity in ERRORS]
        for findings in validate(resources)
    ]


@cache
def _url() -> str:
    home = KIT.install()
    return java.shared_url("fhir-validator", lambda folder: _validator(home, folder))


def _validator(home: Path, data: Path) -> java.Program:
    command = [*options(home, "1g"), "Validator"]
    return java.Program(data, command, lambda url: True, patience_s=TIMEOUT_S)
