"""The record as transactions: bounded, in order, and taken by the portal's own FHIR."""

import pytest

from portal.demo.record.bundles import transactions
from portal.demo.record.house import shared_resources
from tests.fhirlink.service import Fhir
from tests.portal.demo.record.reading import all_resources, charts, reference_to


def test_bundles_are_bounded_and_keep_all_resources_in_their_order() -> None:
    resources = all_resources()
    bundles = list(transactions(iter(resources), most=50))
    assert {bundle["type"] for bundle in bundles} == {"transaction"}
    sizes = [len(bundle["entry"]) for bundle in bundles]
    assert set(sizes[:-1]) == {50}
    assert 0 < sizes[-1] <= 50
    entries = [entry for bundle in bundles for entry in bundle["entry"]]
    assert [entry["resource"] for entry in entries] == resources
    assert [entry["request"] for entry in entries] == [
        {"method": "PUT", "url": reference_to(resource)} for resource in resources
    ]


def test_nothing_makes_no_bundle() -> None:
    assert list(transactions([])) == []


@pytest.mark.usefixtures("committing")
def test_portal_takes_a_chart_and_takes_it_again_without_a_change() -> None:
    fhir = Fhir()
    chart = charts()[12]
    for status in ("201", "200"):
        for bundle in transactions([*shared_resources(), *chart]):
            answer = fhir.post("", bundle, Prefer="return=minimal")
            assert answer.status_code == 200, answer.text
            entries = answer.json()["entry"]
            assert {entry["response"]["status"][:3] for entry in entries} == {status}
    for resource in chart[:1] + chart[-1:]:
        kept = fhir.get(reference_to(resource)).json()
        assert kept.pop("meta")["versionId"] == "1"
        assert kept == resource
