"""Searches of a record give the same ids as HAPI's server does.

Left out is what HAPI does not do, or does otherwise where FHIR leaves freedom or in
another way than FHIR says: `DIFFERENCES` lists it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

import httpx
import pytest

from fhirlink.access import Seen
from fhirlink.search.matching import matching_ids
from tests.fhirlink.hapi.server import shared_space
from tests.fhirlink.search.drawing import Drawing
from tests.fhirlink.search.records import records
from tests.fhirlink.search.test_oracle import drawn, stored

pytestmark = [pytest.mark.peer("hapi"), pytest.mark.django_db]

SEARCHES: Final = 140
DIFFERENCES: Final[Mapping[str, str]] = {
    ":contains=": "switched off in HAPI, as it is when it is installed",
    ":missing=": "not indexed by HAPI, as it is when it is installed",
    r"_has:\w+:[\w-]+:(?!_has)[\w-]+:": "HAPI knows no modifiers within _has",
    "_source": "HAPI adds the number of the request to every meta.source",
    r"(_tag|_security)(:not)?=[^&]*\|(,|&|$)": "HAPI wants a code with a system",
    "relationship=": "HAPI does no composites of references",
    r"quantity=([^&]*\$)?(sa|eb)": "HAPI does not know these prefixes of quantities",
    r"([\w-]+)=(ge|gt|sa|eq)?\d{4}.*&\1=": "HAPI takes one lower bound of a date",
    r"\._(profile|tag|security)": "HAPI passes these over at the end of a chain",
    r"=(ge|le)\d{4}(-\d\d)?(,|&|$)": "HAPI compares with the far end of the year or"
    " month; FHIR: what lies within it is included (3.1.1.4.2)",
}
_DIFFERS: Final = [re.compile(each) for each in DIFFERENCES]


def is_compared(query: str) -> bool:
    """Return whether both are to find the same."""
    text = unquote(query)
    return not any(each.search(text) for each in _DIFFERS)


def load(client: httpx.Client, space: str, resources: Sequence[Any]) -> None:
    """Put resources into a space of HAPI's."""
    entries = [
        {
            "resource": each,
            "request": {
                "method": "PUT",
                "url": f"{each['resourceType']}/{each['id']}",
            },
        }
        for each in resources
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    answer = client.post(space, json=bundle)
    assert answer.status_code == 200, answer.text[:2000]


def found_there(client: httpx.Client, url: str) -> set[str]:
    """Return the ids of what HAPI finds, on all pages."""
    found: set[str] = set()
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, f"{unquote(url)}: {answer.text[:500]}"
        bundle = answer.json()
        found |= {each["resource"]["id"] for each in bundle.get("entry", [])}
        links = {each["relation"]: each["url"] for each in bundle["link"]}
        url = links.get("next", "")
    return found


def test_searches_find_what_hapi_finds() -> None:
    resources = records()
    space = shared_space()
    searches = [
        (type_, query)
        for type_, query, _ in drawn(Drawing(resources, 5), 3 * SEARCHES)
        if is_compared(query)
    ][:SEARCHES]
    assert len(searches) == SEARCHES
    with httpx.Client(timeout=120, headers={"cache-control": "no-cache"}) as client:
        load(client, space, resources)
        theirs = [
            found_there(client, f"{space}/{type_}?{query}&_count=500")
            for type_, query in searches
        ]
    partition_id = stored(resources)
    seen = Seen(partition_id, "true", [])
    for (type_, query), expected in zip(searches, theirs, strict=True):
        found = {*matching_ids(seen, type_, query, limit=10_000)}
        assert found == expected, f"{type_}?{unquote(query)}"
    assert sum(map(bool, theirs)) > SEARCHES / 4
