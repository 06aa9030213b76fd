"""Resources of the record are valid: by a library's models, and by HAPI's validator."""

from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from portal.demo.record.population import population
from portal.demo.record.record import record_of
from tests.fhirlink.hapi.validator import errors
from tests.portal.demo.record.reading import Resource, all_resources, reference_to

OTHERS = [each for life in population(patients=40, seed=8) for each in record_of(life)]


def shapes() -> list[Resource]:
    """Return a resource for each code and set of elements that there is."""
    found: dict[Any, Resource] = {}
    for each in [*all_resources(), *OTHERS]:
        code = each.get("code") or each.get("medicationCodeableConcept")
        form = each["resourceType"], tuple(each), each.get("status"), str(code)
        found.setdefault(form, each)
    return list(found.values())


def test_models_accept_every_shape() -> None:
    for resource in shapes():
        model: Any = get_fhir_model_class(resource["resourceType"])
        model.model_validate(resource)


@pytest.mark.peer("hapi")
def test_hapi_finds_no_error_in_any_shape() -> None:
    resources = shapes()
    assert len(resources) > 150
    wrong = {
        reference_to(resource): found
        for resource, found in zip(resources, errors(resources), strict=True)
        if found
    }
    assert wrong == {}
