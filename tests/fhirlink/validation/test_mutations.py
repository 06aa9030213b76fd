"""Whatever resources are made into, checks say what is wrong and never fail.

``PORTAL_MUTATIONS=2000`` asks both referees about that many; that takes a minute.
"""

import copy
import json
import os
import random
from collections.abc import Iterator
from typing import Any, Final

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from fhirlink.json_text import parse
from fhirlink.validation import check
from tests.fhirlink.hapi.validator import Finding, errors
from tests.fhirlink.validation.cases_table import GOOD

NUMBER: Final = int(os.environ.get("PORTAL_MUTATIONS", "200"))
VALUES: Final[tuple[Any, ...]] = (
    *(None, True, 1, 0, -1, 1.5, 10**12, "", "x", "0", "final", "active", "#x"),
    *("2020-01-01", "2020-01-01T10:00:00Z", "Patient/1", "a b", " a", [], {}, [None]),
    *(["x"], [[]], {"text": "x"}, {"id": "x"}, [{"id": "x"}], {"value": 1}, "\u2028"),
    *({"reference": "Patient/1"}, {"coding": [{"code": "x"}]}, {"start": "2020"}),
    {"extension": [{"url": "http://x.example/e", "valueCode": "x"}]},
)
NAMES: Final = (
    "colour",
    "extension",
    "id",
    "value",
    "code",
    "valueString",
    "contained",
)
# What the referee looks at besides structure and rules: see `cases_table.TAKEN`.
ASIDE: Final = (
    *("TERMINOLOGY_", "BUNDLE_", "TYPE_SPECIFIC_CHECKS_DT_IDENTIFIER"),
    *("TYPE_SPECIFIC_CHECKS_DT_ATT_SIZE", "TYPE_SPECIFIC_CHECKS_DT_ATT_HASH"),
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in list(inner):
        yield value, key
        if isinstance(each, dict | list):
            yield from places(each)


def mutated(chance: random.Random) -> dict[str, Any]:
    """Return a good resource with one thing changed, added or taken away."""
    resource: dict[str, Any] = json.loads(json.dumps(chance.choice(GOOD)))
    known = [(at, key) for at, key in places(resource) if key != "div"]
    at, key = chance.choice(known)
    from_, other = chance.choice(known)
    new = copy.deepcopy(chance.choice([chance.choice(VALUES), from_[other]]))
    match chance.randrange(5):
        case 0:
            del at[key]
        case 1 if isinstance(at, dict):
            at[f"_{key}"] = new
        case 2 if isinstance(at, dict):
            at[chance.choice([*NAMES, str(other)])] = new
        case 3 if isinstance(at, list):
            at.insert(0, new)
        case _:
            at[key] = new
    return resource


@pytest.fixture(scope="module")
def bodies() -> list[bytes]:
    chance = random.Random(20261126)
    return [json.dumps(mutated(chance)).encode() for _ in range(NUMBER)]


def test_mutations_are_judged_and_never_raise(bodies: list[bytes]) -> None:
    valid = sum(not check(parse(each)) for each in bodies)
    assert 0.1 * len(bodies) < valid < 0.9 * len(bodies)


def test_what_the_models_of_fhir_resources_refuse_is_refused(
    bodies: list[bytes],
) -> None:
    for body in bodies:
        if not check(parse(body)):
            assert refused_by_model(json.loads(body)) == [], body.decode()


def refused_by_model(resource: dict[str, Any]) -> list[Any]:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as error:
        # Of values in extensions of primitives it knows no extensions.
        places = [each["loc"] for each in error.errors()]
        return [place for place in places if not str(place[-1]).startswith("_value")]
    return []


@pytest.mark.peer("hapi")
def test_what_the_referee_refuses_is_refused(bodies: list[bytes]) -> None:
    for body, findings in zip(bodies, errors(bodies), strict=True):
        against = [each for each in findings if not is_aside(each)]
        assert not against or check(parse(body)), (body.decode(), against)


def is_aside(finding: Finding) -> bool:
    return finding.rule.upper().startswith(ASIDE) or "per-1" in finding.rule


def test_many_changes_at_once_never_raise() -> None:
    chance = random.Random(7)
    for _ in range(NUMBER):
        resource = mutated(chance)
        for _ in range(10):
            at, key = chance.choice(list(places(resource)) or [(resource, "x")])
            at[key] = copy.deepcopy(chance.choice(VALUES))
        check(parse(json.dumps(resource).encode()))
