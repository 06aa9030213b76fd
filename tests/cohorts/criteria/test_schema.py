"""The JSON Schema that is published and served is that of the types."""

import json
from pathlib import Path

from django.test import Client

from cohorts.criteria.schema import criteria_schema

PUBLISHED = Path(__file__).parents[3] / "docs/criteria.schema.json"


def test_what_is_published_is_what_is_checked() -> None:
    # Write json.dumps(criteria_schema(), indent=1) there where this fails.
    assert json.loads(PUBLISHED.read_text()) == criteria_schema()


def test_anybody_may_have_it() -> None:
    answer = Client().get("/criteria.schema.json")

    assert answer.headers["Content-Type"] == "application/schema+json"
    assert answer.json() == criteria_schema()
    assert Client().post("/criteria.schema.json").status_code == 405
