"""The description of the service tells of workitems, too."""

import re

import pytest

from tests.worklist.steps import send
from worklist.upsrs.app import PART

pytestmark = pytest.mark.usefixtures("committing")


@pytest.mark.parametrize("dialect", ["", "v1", "v2"])
def test_each_address_is_described_with_its_parameters(dialect: str) -> None:
    answer = send("/api.json", dialect=dialect)
    assert answer.status_code == 200
    described = answer.json()["paths"]
    for path, methods in PART.paths.items():
        (found,) = (
            told for name, told in described.items() if _shape(name) == _shape(path)
        )
        # Azure's dialects are described without what is ours.
        theirs = {each for each in methods if not PART.rows[path, each].is_ours}
        assert {each.upper() for each in found} == (theirs if dialect else {*methods})
        for operation in found.values():
            places = [each["in"] for each in operation["parameters"]]
            assert places.count("path") == len(re.findall(r"\{", path))


def _shape(path: str) -> str:
    """Return a path whatever its variables are called."""
    return re.sub(r"\{\w+\}", "{}", path)
